//! What can become of a case: the statuses of verdicts, wherever one is found, recorded or shown.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a case ended.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum CaseStatus {
    /// An allowed outcome.
    Pass,
    /// A MUST that was not met (or a SHOULD under `--strict`).
    Fail,
    /// A SHOULD that was not met.
    Warn,
    /// A MAY that was not met.
    Info,
    /// Not met, and the manifest says so with a reason.
    KnownDeviation,
    /// Met, although the manifest says that it is not.
    UnexpectedPass,
    /// It does not apply to this entry.
    NotApplicable,
}

impl CaseStatus {
    /// Every status, in the order of summaries.
    pub const ALL: [Self; 7] = [
        Self::Pass,
        Self::Fail,
        Self::UnexpectedPass,
        Self::Warn,
        Self::Info,
        Self::KnownDeviation,
        Self::NotApplicable,
    ];

    /// In a word, as it stands in records, reports and snapshots.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::KnownDeviation => "known-deviation",
            Self::UnexpectedPass => "unexpected-pass",
            Self::NotApplicable => "not-applicable",
        }
    }

    /// Whether an entry with such a case fails as a whole.
    #[must_use]
    pub fn fails_entry(self) -> bool {
        matches!(self, Self::Fail | Self::UnexpectedPass)
    }
}

impl fmt::Display for CaseStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
