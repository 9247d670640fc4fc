//! Trials for tests.

use httpdyno_record::{Enforced, Measurement, Purpose, TrialOutcome, TrialRecord};

/// A trial of `entry` that was measured.
pub(crate) fn trial(entry: &str, block: u32, measurement: Measurement) -> TrialRecord {
    TrialRecord {
        trial: 0,
        block,
        entry: entry.to_owned(),
        workload: "json".to_owned(),
        connections: 1,
        purpose: Purpose::Compare,
        offered_per_s: None,
        started_at: jiff::Timestamp::UNIX_EPOCH,
        enforced: Enforced::default(),
        outcome: TrialOutcome::Measured(Box::new(measurement)),
    }
}
