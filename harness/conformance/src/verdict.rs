//! What became of one case.

use std::time::Duration;

use httpdyno_spec::exchange::Level;
use httpdyno_spec::id::CaseId;
pub use httpdyno_spec::status::CaseStatus as Status;
use serde::{Deserialize, Serialize};

use crate::excerpt::Excerpt;

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
