//! What became of one case.

use std::fmt;
use std::time::Duration;

use httpdyno_spec::exchange::Level;
use httpdyno_spec::id::CaseId;
use serde::{Deserialize, Serialize};

use crate::excerpt::Excerpt;

/// What became of one case, as it counts for the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// What was asked for was seen.
    Pass,
    /// A MUST was not met (or a SHOULD, in a strict run): the entry fails.
    Fail,
    /// A SHOULD was not met.
    Warn,
    /// A MAY was not met.
    Info,
    /// The case does not apply to this entry; the reason says why.
    NotApplicable,
    /// The case failed, as the entry's manifest says it does.
    KnownDeviation,
    /// The case passed although the manifest says that it fails: the manifest is out of date.
    UnexpectedPass,
}

impl Status {
    /// All of them, in the order of summaries.
    pub const ALL: [Self; 7] = [
        Self::Pass,
        Self::Fail,
        Self::Warn,
        Self::Info,
        Self::NotApplicable,
        Self::KnownDeviation,
        Self::UnexpectedPass,
    ];

    /// The status as it stands in reports and snapshots.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::NotApplicable => "not-applicable",
            Self::KnownDeviation => "known-deviation",
            Self::UnexpectedPass => "unexpected-pass",
        }
    }

    /// Whether an entry with such a verdict does not pass.
    #[must_use]
    pub fn fails_the_entry(self) -> bool {
        matches!(self, Self::Fail | Self::UnexpectedPass)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What became of one case, with what shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// The case's permanent name.
    pub id: CaseId,
    /// One line that says what was tried.
    pub title: String,
    /// How strongly it is asked for.
    pub level: Level,
    /// Where it is asked for, e.g. `RFC 9112 section 3.2`.
    pub source: String,
    /// What is required there, in one sentence.
    pub requires: String,
    /// What became of it.
    pub status: Status,
    /// What was seen, as a short label that is the same in every run of the same server: no
    /// dates, ports or varying sizes. It goes into reviewed snapshots.
    pub observed: String,
    /// The accepted outcomes, as text.
    pub expected: String,
    /// Why the case does not apply, or why it is known to fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What did not hold, one line for each accepted outcome; empty when one held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<String>,
    /// What was sent.
    pub sent: Excerpt,
    /// What came back.
    pub received: Excerpt,
    /// How long the case took, in microseconds.
    pub duration_us: u64,
}

impl Verdict {
    /// How long the case took.
    #[must_use]
    pub fn duration(&self) -> Duration {
        Duration::from_micros(self.duration_us)
    }
}
