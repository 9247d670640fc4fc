//! What tells points apart, and the trials of one.

use httpdyno_record::{Record, TrialRecord};

/// The workload, the connections held, and the rate that is offered, where one is.
pub type PointKey = (String, u32, Option<u64>);

/// The point that `trial` is of.
#[must_use]
pub fn key(trial: &TrialRecord) -> PointKey {
    (trial.workload.clone(), trial.connections, trial.offered_per_s)
}

/// The trials of `record` at a point, those that are compared.
#[must_use]
pub fn trials_at<'a>(record: &'a Record, at: &PointKey) -> Vec<&'a TrialRecord> {
    let trials = record.trials.iter().filter(|trial| trial.purpose.is_compared());
    let is_here = |trial: &&TrialRecord| {
        (&trial.workload, trial.connections, trial.offered_per_s) == (&at.0, at.1, at.2)
    };
    trials.filter(is_here).collect()
}
