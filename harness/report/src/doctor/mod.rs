//! A profile's declaration against the machine: what is enforced, what is only hoped for, what
//! does not fit. Pure: facts in, findings out.

mod choice;
mod rules;
mod text;

use httpdyno_record::{Host, Lack, Privilege};
use httpdyno_spec::profile::Profile;
use serde::Serialize;

pub use choice::best_profile;
pub use text::render;

/// What a profile and the machine have to do with each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// The profile.
    pub profile: String,
    /// One finding for each subject, in the order in which they matter.
    pub findings: Vec<Finding>,
}

/// One subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is about, e.g. `frequency`.
    pub subject: &'static str,
    /// How the matter stands.
    pub standing: Standing,
    /// What was found, beside what was declared.
    pub found: String,
    /// What to do about it; empty where nothing need be done.
    pub remedy: String,
}

/// How a matter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The kernel or the harness sees to it.
    Enforced,
    /// Nobody sees to it; figures are right as long as it happens to be so.
    HopedFor,
    /// The profile cannot be run here as it is declared.
    Unfit,
    /// It is there for those who want it.
    Available,
    /// It is not there; what needs it is left out and said to be.
    Unavailable,
}

/// What may change from one minute to the next, and what else is installed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Surroundings {
    /// Share of the measured cores' time that the hypervisor took just now.
    pub steal_ppm: Option<u64>,
    /// Share of the measured cores' time that others used just now.
    pub busy_ppm: Option<u64>,
    /// Why the system calls of servers cannot be counted, and the remedy; absent where they can.
    pub syscalls_not_counted: Option<String>,
    /// What a run by this user could not have.
    pub lacks: Vec<Lack>,
    /// The container engine, with its version.
    pub container_engine: Option<String>,
    /// The newest PostgreSQL, with its version.
    pub postgresql: Option<String>,
}

impl Surroundings {
    /// What is lacking, where it is this.
    pub(crate) fn lack(&self, privilege: Privilege) -> Option<&Lack> {
        self.lacks.iter().find(|lack| lack.privilege == privilege)
    }
}

impl Diagnosis {
    /// Looks at `profile` on `host`.
    #[must_use]
    pub fn of(profile: &Profile, host: &Host, around: &Surroundings) -> Self {
        Self { profile: profile.id.to_string(), findings: rules::all(profile, host, around) }
    }

    /// Whether the profile can be run as it is declared.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.count(Standing::Unfit) == 0
    }

    /// How many findings stand so.
    #[must_use]
    pub fn count(&self, standing: Standing) -> usize {
        self.findings.iter().filter(|finding| finding.standing == standing).count()
    }
}

#[cfg(test)]
mod tests;
