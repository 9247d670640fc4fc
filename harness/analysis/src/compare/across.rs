//! What must be the same in two records before their figures may be put beside each other.

use std::collections::BTreeMap;
use std::fmt;

use httpdyno_record::{EntryRecord, Role, RunRecord};
use httpdyno_spec::profile::Profile;
use serde::Serialize;

use crate::legible::one_line;

/// Something in which two records differ and should not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Difference {
    /// They were made on two machines, or on one that was changed.
    Machine {
        /// The fingerprint of the candidate's.
        candidate: String,
        /// The fingerprint of the base's.
        base: String,
    },
    /// They were made under two profiles, on other cores, or for other lengths of time.
    Profile {
        /// The candidate's profile.
        candidate: String,
        /// The base's profile.
        base: String,
    },
    /// What was asked of the servers differs.
    Spec {
        /// The digest of the candidate's spec.
        candidate: String,
        /// The digest of the base's spec.
        base: String,
    },
    /// Their databases were not the same, or allowed other numbers of connections.
    Database {
        /// The candidate's, in words.
        candidate: String,
        /// The base's.
        base: String,
    },
    /// One ran its entries as processes, the other in containers.
    Isolation {
        /// How the candidate did.
        candidate: String,
        /// How the base did.
        base: String,
    },
    /// They were measured by two versions of the harness. It is only told: what changed between them is
    /// in the ratio as well.
    Harness {
        /// The candidate's version and revision.
        candidate: String,
        /// The base's.
        base: String,
    },
    /// An entry was not of the same version. That is often what is compared, so it is only told.
    Version {
        /// The candidate's, with the entry's name.
        candidate: String,
        /// The base's.
        base: String,
    },
}

impl Difference {
    /// The flag that accepts it; empty for what is told and never refused.
    #[must_use]
    pub fn flag(&self) -> &'static str {
        match self {
            Self::Machine { .. } => "--across-machines",
            Self::Profile { .. } => "--across-profiles",
            Self::Spec { .. } => "--across-specs",
            Self::Database { .. }
            | Self::Isolation { .. }
            | Self::Harness { .. }
            | Self::Version { .. } => "",
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, a, b) = match self {
            Self::Machine { candidate: a, base: b } => ("two machines (fingerprints", a, b),
            Self::Profile { candidate: a, base: b } => ("two profiles or placements (", a, b),
            Self::Spec { candidate: a, base: b } => ("two versions of the spec (digests", a, b),
            Self::Database { candidate: a, base: b } => {
                return write!(f, "two databases ({a} and {b})");
            }
            Self::Isolation { candidate: a, base: b } => ("two kinds of isolation (", a, b),
            Self::Harness { candidate: a, base: b } => {
                return write!(f, "two versions of the harness ({a} and {b})");
            }
            Self::Version { candidate: a, base: b } => {
                return write!(f, "two versions of an entry ({a} and {b})");
            }
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
            Difference::Database { .. }
            | Difference::Isolation { .. }
            | Difference::Harness { .. }
            | Difference::Version { .. } => false,
        };
        let refused: Vec<Difference> = differences.iter().filter(is_refused).cloned().collect();
        if refused.is_empty() { Ok(()) } else { Err(Refusal(refused)) }
    }
}

pub(crate) fn differences(a: &RunRecord, b: &RunRecord) -> Vec<Difference> {
    let mut found = Vec::new();
    if a.host.fingerprint != b.host.fingerprint {
        let (a, b) = (a.host.fingerprint.clone(), b.host.fingerprint.clone());
        found.push(Difference::Machine { candidate: a, base: b });
    }
    if how(&a.profile) != how(&b.profile) || a.cores != b.cores {
        let (a, b) = (described(a), described(b));
        found.push(Difference::Profile { candidate: a, base: b });
    }
    if a.spec_digest != b.spec_digest {
        let (a, b) = (a.spec_digest.clone(), b.spec_digest.clone());
        found.push(Difference::Spec { candidate: a, base: b });
    }
    if database(a) != database(b) {
        let (a, b) = (told(a, b), told(b, a));
        found.push(Difference::Database { candidate: a, base: b });
    }
    if isolation(a) != isolation(b) {
        let (a, b) = (isolation(a).to_owned(), isolation(b).to_owned());
        found.push(Difference::Isolation { candidate: a, base: b });
    }
    if harness(a) != harness(b) {
        found.push(Difference::Harness { candidate: harness(a), base: harness(b) });
    }
    found
}

/// What the harness says of itself, with as much of its revision as tells it apart.
fn harness(run: &RunRecord) -> String {
    let revision = run.git_revision.as_deref().unwrap_or("of no revision");
    let (hash, dirty) = match revision.strip_suffix("-dirty") {
        Some(hash) => (hash, ", changed"),
        None => (revision, ""),
    };
    let hash: String = hash.chars().take(14).collect();
    one_line(&format!("{} {hash}{dirty}", run.httpdyno_version))
}

/// The entries of both whose versions differ.
pub(crate) fn versions(a: &RunRecord, b: &RunRecord) -> Vec<Difference> {
    let differs = |one: &EntryRecord| {
        let other = b.entries.iter().find(|other| other.entry == one.entry)?;
        let named = |version: &Option<String>| {
            let version = version.as_deref().unwrap_or("no version told");
            one_line(&format!("{} {version}", one.entry))
        };
        (one.version != other.version).then(|| Difference::Version {
            candidate: named(&one.version),
            base: named(&other.version),
        })
    };
    a.entries.iter().filter_map(differs).collect()
}

/// What of a database touches figures, by name.
fn database(run: &RunRecord) -> BTreeMap<String, String> {
    let Some(found) = &run.database else { return BTreeMap::new() };
    let mut facts = found.settings.clone();
    facts.insert("server".to_owned(), found.server_version.clone());
    facts.insert("pool".to_owned(), found.pool.to_string());
    facts.insert("rows".to_owned(), found.rows_sha256.chars().take(8).collect());
    facts.insert("isolated".to_owned(), found.image_digest.is_some().to_string());
    facts
}

/// What of `run`'s database is otherwise in `other`'s.
fn told(run: &RunRecord, other: &RunRecord) -> String {
    let (own, others) = (database(run), database(other));
    if own.is_empty() {
        return "none".to_owned();
    }
    let differs = own.iter().filter(|(name, value)| others.get(*name) != Some(value));
    let told: Vec<String> = differs.map(|(name, value)| format!("{name} {value}")).collect();
    one_line(&told.join(", "))
}

fn isolation(run: &RunRecord) -> &'static str {
    let contained = |entry: &EntryRecord| entry.role == Role::Entry && entry.image_digest.is_some();
    if run.entries.iter().any(contained) { "containers" } else { "processes" }
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
