//! What an experiment measures: each comparison as the author had it, and with each factor changed
//! alone.

use super::{Claim, Comparison, Experiment, Factor, Level, Measured};
use crate::id::WorkloadId;

/// One side of a comparison: an entry at a point.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arm {
    /// The entry, in full.
    pub entry: String,
    /// What is asked of it.
    pub workload: WorkloadId,
    /// Connections held.
    pub connections: u32,
}

/// One comparison at one level of one factor, or as the author had it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell<'a> {
    /// What is compared.
    pub comparison: &'a Comparison,
    /// What was changed; nothing as the author had it.
    pub changed: Option<(&'a Factor, &'a Level)>,
    /// What is counted or timed.
    pub figure: Measured,
    /// Whose figure is divided.
    pub subject: Arm,
    /// Whose figure it is divided by.
    pub baseline: Arm,
}

impl Claim {
    /// Every comparison as the author had it, then with each factor at each other level, the rest
    /// as the author had it; nothing where there is no experiment.
    #[must_use]
    pub fn cells(&self) -> Vec<Cell<'_>> {
        self.experiment.iter().flat_map(Experiment::cells).collect()
    }
}

impl Experiment {
    fn cells(&self) -> impl Iterator<Item = Cell<'_>> {
        let changes = self.factors.iter().flat_map(|factor| {
            let others = factor.levels.iter().filter(|level| level.id != factor.author);
            others.map(move |level| Some((factor, level)))
        });
        let changes: Vec<_> = std::iter::once(None).chain(changes).collect();
        self.comparisons.iter().flat_map(move |comparison| {
            let changes = changes.clone();
            changes.into_iter().map(move |changed| self.cell(comparison, changed))
        })
    }

    fn cell<'a>(
        &'a self,
        comparison: &'a Comparison,
        changed: Option<(&'a Factor, &'a Level)>,
    ) -> Cell<'a> {
        let level = changed.map(|(_, level)| level);
        let arm = |entry: &String| Arm {
            entry: level.and_then(|level| level.entries.get(entry)).unwrap_or(entry).clone(),
            workload: level
                .and_then(|level| level.workloads.get(&comparison.workload))
                .unwrap_or(&comparison.workload)
                .clone(),
            connections: level.and_then(|level| level.connections).unwrap_or(self.connections),
        };
        Cell {
            comparison,
            changed,
            figure: comparison.figure.unwrap_or(self.figure),
            subject: arm(&comparison.subject),
            baseline: arm(&comparison.baseline),
        }
    }
}
