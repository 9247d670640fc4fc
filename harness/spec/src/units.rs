//! Quantities with their unit written beside the number, as the YAML files have them.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A duration such as `250us`, `400ms`, `2s` or `10m`: a whole number and a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(pub Duration);

/// A number of bytes such as `86B`, `10KiB` or `2MiB`: a whole number and a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ByteSize(pub u64);

/// Why a text is not a quantity.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{found}` is not {expected}")]
pub struct InvalidQuantity {
    found: String,
    expected: &'static str,
}

const SPAN_UNITS: [(&str, u64); 4] =
    [("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000)];
const SIZE_UNITS: [(&str, u64); 4] =
    [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

fn parse_with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let (_, scale) =
        units.iter().find(|(name, _)| *name == unit.strip_prefix(' ').unwrap_or(unit))?;
    number.parse::<u64>().ok()?.checked_mul(*scale)
}

/// Writes `value` in the largest unit that divides it, so that reading gives it back.
fn write_with_unit(value: u64, units: &[(&str, u64)]) -> String {
    let (name, scale) = units
        .iter()
        .rev()
        .find(|(_, scale)| value != 0 && value.is_multiple_of(*scale))
        .unwrap_or(&units[0]);
    format!("{}{name}", value / scale)
}

macro_rules! quantity {
    ($name:ident, $units:expr, $expected:literal, $pattern:literal, $make:expr, $value:expr) => {
        impl TryFrom<String> for $name {
            type Error = InvalidQuantity;
            fn try_from(found: String) -> Result<Self, InvalidQuantity> {
                match parse_with_unit(&found, &$units) {
                    Some(value) => Ok($make(value)),
                    None => Err(InvalidQuantity { found, expected: $expected }),
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidQuantity;
            fn from_str(text: &str) -> Result<Self, InvalidQuantity> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(quantity: $name) -> String {
                write_with_unit($value(quantity), &$units)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&String::from(*self))
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "pattern": $pattern,
                    "description": $expected,
                })
            }
        }
    };
}

quantity!(
    Span,
    SPAN_UNITS,
    "a duration: a whole number with us, ms, s or m, such as `400ms`",
    r"^[0-9]+ ?(us|ms|s|m)$",
    |ns| Span(Duration::from_nanos(ns)),
    |span: Span| u64::try_from(span.0.as_nanos()).unwrap_or(u64::MAX)
);
quantity!(
    ByteSize,
    SIZE_UNITS,
    "a size: a whole number with B, KiB, MiB or GiB, such as `10KiB`",
    r"^[0-9]+ ?(B|KiB|MiB|GiB)$",
    ByteSize,
    |size: ByteSize| size.0
);

impl Span {
    /// The standard library's duration.
    #[must_use]
    pub fn duration(self) -> Duration {
        self.0
    }
}
