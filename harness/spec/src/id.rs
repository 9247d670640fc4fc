//! Permanent, hand-written identifiers.

use std::borrow::Cow;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why a text is not a valid identifier.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{kind} `{found}` is not valid: {rule}")]
pub struct InvalidId {
    kind: &'static str,
    found: String,
    rule: &'static str,
}

/// Lower-case words of letters and digits joined by single `-`, starting with a letter.
fn is_slug(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $check:expr, $rule:literal, $pattern:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks `text` and takes it as an identifier.
            ///
            /// # Errors
            /// When the text breaks the rule for this kind of identifier.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
                let found = text.into();
                let check: fn(&str) -> bool = $check;
                if check(&found) {
                    Ok(Self(found))
                } else {
                    Err(InvalidId { kind: $kind, found, rule: $rule })
                }
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "pattern": $pattern })
            }
        }
    };
}

macro_rules! slug {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        identifier!(
            $(#[$doc])* $name, $kind, is_slug,
            "lower-case letters, digits and single `-`, starting with a letter",
            r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
        );
    };
}

slug!(
    /// Names an endpoint of the application contract, e.g. `cached-queries`.
    EndpointId, "endpoint id"
);
slug!(
    /// Names an implementation; equals the name of its folder.
    ImplementationId, "implementation id"
);
slug!(
    /// Names a variant of an implementation: the same code in another configuration.
    VariantId, "variant id"
);
slug!(
    /// Names a workload file.
    WorkloadId, "workload id"
);
slug!(
    /// Names a hardware profile file.
    ProfileId, "profile id"
);
slug!(
    /// Names a route inside a workload.
    RouteId, "route id"
);
slug!(
    /// Names a published claim.
    ClaimId, "claim id"
);
slug!(
    /// Names a comparison, a factor or a level within a claim.
    FactorId, "id within a claim"
);

identifier!(
    /// Names a case for ever: `h1/<group>/<name>` for HTTP/1.1 protocol cases,
    /// `app/<endpoint>/<name>` for rules of the application.
    CaseId,
    "case id",
    |text| {
        let parts: Vec<&str> = text.split('/').collect();
        parts.len() == 3
            && matches!(parts[0], "h1" | "app")
            && parts[1..].iter().all(|part| is_slug(part))
    },
    "three parts joined by `/`, the first `h1` or `app`, the others lower-case words joined by `-`",
    r"^(h1|app)(/[a-z][a-z0-9]*(-[a-z0-9]+)*){2}$"
);

/// One row of a comparison: an implementation in one of its variants.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId {
    /// The implementation.
    pub implementation: ImplementationId,
    /// The variant; absent for an implementation that declares none.
    pub variant: Option<VariantId>,
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.variant {
            Some(variant) => f.pad(&format!("{}@{variant}", self.implementation)),
            None => f.pad(self.implementation.as_str()),
        }
    }
}

impl std::str::FromStr for EntryId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let (implementation, variant) = match text.split_once('@') {
            Some((implementation, variant)) => (implementation, Some(variant)),
            None => (text, None),
        };
        Ok(Self {
            implementation: ImplementationId::new(implementation)?,
            variant: variant.map(VariantId::new).transpose()?,
        })
    }
}
