//! A made-up trial for tests, which say of it only what they are about.

use httpdyno_record::{Enforced, Measurement, Purpose, TrialOutcome, TrialRecord};
use jiff::Timestamp;

/// The first trial of an entry in a closed loop that found `measurement`.
pub(crate) fn trial(measurement: Measurement) -> TrialRecord {
    TrialRecord {
        trial: 0,
        block: 0,
        entry: "x".to_owned(),
        workload: "json".to_owned(),
        connections: 16,
        purpose: Purpose::Compare,
        offered_per_s: None,
        started_at: Timestamp::UNIX_EPOCH,
        enforced: Enforced::default(),
        outcome: TrialOutcome::Measured(Box::new(measurement)),
    }
}
