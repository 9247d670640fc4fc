//! `conformance.jsonl`: one line per entry and case.

use std::fmt;

use httpdyno_spec::exchange::Level;
pub use httpdyno_spec::status::CaseStatus;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How one case ended for one entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CaseRecord {
    /// The entry, or the URL that was checked.
    pub entry: String,
    /// The case's permanent name.
    pub case: String,
    /// One line that says what was tried.
    pub title: String,
    /// How strongly it is asked for.
    pub level: Level,
    /// Where it is asked for.
    pub source: String,
    /// What is required.
    pub requires: String,
    /// How it ended.
    pub status: CaseStatus,
    /// What happened, in a few stable words.
    pub observed: String,
    /// Why it did not pass, what was expected, or why it does not apply; empty for a pass.
    pub reason: String,
    /// The allowed outcomes in words; empty for a pass.
    pub expected: String,
    /// What was sent, escaped and bounded (shorter for a pass).
    pub sent: String,
    /// What came back, escaped and bounded (shorter for a pass).
    pub received: String,
    /// How long it took.
    pub duration_ns: u64,
}

/// How many cases ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConformanceCounts {
    /// See [`CaseStatus::Pass`].
    pub passed: u32,
    /// See [`CaseStatus::Fail`].
    pub failed: u32,
    /// See [`CaseStatus::Warn`].
    pub warned: u32,
    /// See [`CaseStatus::Info`].
    pub informed: u32,
    /// See [`CaseStatus::KnownDeviation`].
    pub known_deviations: u32,
    /// See [`CaseStatus::UnexpectedPass`].
    pub unexpected_passes: u32,
    /// See [`CaseStatus::NotApplicable`].
    pub not_applicable: u32,
}

impl ConformanceCounts {
    /// Counts `cases`.
    #[must_use]
    pub fn of<'a>(cases: impl IntoIterator<Item = &'a CaseRecord>) -> Self {
        let mut counts = Self::default();
        for case in cases {
            *counts.slot(case.status) += 1;
        }
        counts
    }

    /// How many ended as `status`.
    #[must_use]
    pub fn get(mut self, status: CaseStatus) -> u32 {
        *self.slot(status)
    }

    fn slot(&mut self, status: CaseStatus) -> &mut u32 {
        match status {
            CaseStatus::Pass => &mut self.passed,
            CaseStatus::Fail => &mut self.failed,
            CaseStatus::Warn => &mut self.warned,
            CaseStatus::Info => &mut self.informed,
            CaseStatus::KnownDeviation => &mut self.known_deviations,
            CaseStatus::UnexpectedPass => &mut self.unexpected_passes,
            CaseStatus::NotApplicable => &mut self.not_applicable,
        }
    }

    /// Cases that apply to the entry.
    #[must_use]
    pub fn applicable(&self) -> u32 {
        self.passed
            + self.failed
            + self.warned
            + self.informed
            + self.known_deviations
            + self.unexpected_passes
    }

    /// Whether the entry as a whole may be measured.
    #[must_use]
    pub fn is_conformant(&self) -> bool {
        self.failed == 0 && self.unexpected_passes == 0
    }
}

impl fmt::Display for ConformanceCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} passed", self.passed, self.applicable())?;
        for status in CaseStatus::ALL.into_iter().skip(1) {
            match self.get(status) {
                0 => {}
                count => write!(f, ", {count} {status}")?,
            }
        }
        Ok(())
    }
}
