//! What must be the same in two records before their figures may be put beside each other.

use std::fmt;

use httpdyno_record::RunRecord;
use httpdyno_spec::profile::Profile;
use serde::Serialize;

/// Something in which two records differ and should not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Difference {
    /// They were made on two machines, or on one that was changed.
    Machine {
        /// The fingerprint of A's.
        a: String,
        /// The fingerprint of B's.
        b: String,
    },
    /// They were made under two profiles, on other cores, or for other lengths of time.
    Profile {
        /// A's profile.
        a: String,
        /// B's profile.
        b: String,
    },
    /// What was asked of the servers differs.
    Spec {
        /// The digest of A's spec.
        a: String,
        /// The digest of B's spec.
        b: String,
    },
}

impl Difference {
    /// The flag that accepts it.
    #[must_use]
    pub fn flag(&self) -> &'static str {
        match self {
            Self::Machine { .. } => "--across-machines",
            Self::Profile { .. } => "--across-profiles",
            Self::Spec { .. } => "--across-specs",
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, a, b) = match self {
            Self::Machine { a, b } => ("two machines (fingerprints", a, b),
            Self::Profile { a, b } => ("two profiles or placements (", a, b),
            Self::Spec { a, b } => ("two versions of the spec (digests", a, b),
        };
        let space = if what.ends_with('(') { "" } else { " " };
        write!(f, "{what}{space}{} and {})", short(a), short(b))
    }
}

/// The beginning of a digest says enough.
fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

/// What the caller accepts by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Two machines.
    pub machines: bool,
    /// Two profiles.
    pub profiles: bool,
    /// Two versions of the spec.
    pub specs: bool,
}

/// Why two records are not compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the records are from {}, so the ratio would be of that as much as of the servers; \
     if that is what you want, say so with {}",
    listed(.0.iter().map(Difference::to_string)),
    listed(.0.iter().map(|one| one.flag().to_owned()))
)]
pub struct Refusal(pub Vec<Difference>);

fn listed(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(" and ")
}

impl Allowed {
    /// # Errors
    /// The differences that are not accepted.
    pub(super) fn check(self, differences: &[Difference]) -> Result<(), Refusal> {
        let is_refused = |one: &&Difference| match one {
            Difference::Machine { .. } => !self.machines,
            Difference::Profile { .. } => !self.profiles,
            Difference::Spec { .. } => !self.specs,
        };
        let refused: Vec<Difference> = differences.iter().filter(is_refused).cloned().collect();
        if refused.is_empty() { Ok(()) } else { Err(Refusal(refused)) }
    }
}

pub(crate) fn differences(a: &RunRecord, b: &RunRecord) -> Vec<Difference> {
    let mut found = Vec::new();
    if a.host.fingerprint != b.host.fingerprint {
        let (a, b) = (a.host.fingerprint.clone(), b.host.fingerprint.clone());
        found.push(Difference::Machine { a, b });
    }
    if how(&a.profile) != how(&b.profile) || a.cores != b.cores {
        let (a, b) = (described(a), described(b));
        found.push(Difference::Profile { a, b });
    }
    if a.spec_digest != b.spec_digest {
        let (a, b) = (a.spec_digest.clone(), b.spec_digest.clone());
        found.push(Difference::Spec { a, b });
    }
    found
}

/// The profile as far as it decides what one trial is: which points there are, and how often, is
/// not part of that.
fn how(profile: &Profile) -> Profile {
    let mut how = profile.clone();
    how.workloads.clear();
    how.connections.clear();
    how.blocks = 1;
    how.summary.clear();
    how
}

pub(crate) fn described(run: &RunRecord) -> String {
    format!("{} on {:?} of {}", run.profile.id, run.cores.server, run.profile.measure)
}
