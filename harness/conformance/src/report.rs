//! The verdicts of one run.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::verdict::{Status, Verdict};

/// The verdicts of one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConformanceReport {
    /// Where the random values of the run came from.
    pub seed: u64,
    /// Whether an unmet SHOULD failed the entry.
    pub strict: bool,
    /// How long the run took, in microseconds.
    pub duration_us: u64,
    /// One verdict for each selected case, in the order of the spec.
    pub verdicts: Vec<Verdict>,
    /// How the server died when no case asked alone did it again, and which were asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unexplained_deaths: Vec<String>,
}

impl ConformanceReport {
    /// Whether the entry passes: no failure, and no pass where the manifest says failure.
    #[must_use]
    pub fn passed(&self) -> bool {
        !self.verdicts.iter().any(|v| v.status.fails_entry())
    }

    /// How many verdicts there are of each status (those that occur).
    #[must_use]
    pub fn counts(&self) -> BTreeMap<Status, usize> {
        let mut counts = BTreeMap::new();
        for verdict in &self.verdicts {
            *counts.entry(verdict.status).or_default() += 1;
        }
        counts
    }

    /// The verdicts of that status, in the order of the spec.
    pub fn with_status(&self, status: Status) -> impl Iterator<Item = &Verdict> {
        self.verdicts.iter().filter(move |v| v.status == status)
    }

    /// What is stable between runs of the same server: one line per case with its id, status and
    /// what was observed (but not how a known deviation showed itself: that may be up to chance).
    #[must_use]
    pub fn snapshot_text(&self) -> String {
        let widest =
            |text: fn(&Verdict) -> usize| self.verdicts.iter().map(text).max().unwrap_or(0);
        let (id, status) = (widest(|v| v.id.as_str().len()), widest(|v| v.status.as_str().len()));
        let mut text = String::new();
        for v in &self.verdicts {
            let observed = match v.status {
                Status::KnownDeviation => "",
                _ => v.observed.as_str(),
            };
            let line = format!("{:id$}  {:status$}  {observed}", v.id, v.status);
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text
    }
}
