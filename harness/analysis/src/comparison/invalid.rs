//! Why trials are no numbers.

use httpdyno_record::{Figure, TrialOutcome, TrialRecord};
use serde::Serialize;

/// Why a trial is not a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Invalid {
    /// `gate` and its name, or the stage that failed.
    pub cause: String,
    /// What happened, in words.
    pub message: String,
    /// The kinds of figures that are void; none named means all.
    pub voids: Vec<Figure>,
}

/// Why a trial is not a number; nothing where it is one. The first gate that failed speaks for all.
pub(super) fn why_invalid(trial: &TrialRecord) -> Option<Invalid> {
    match &trial.outcome {
        TrialOutcome::Failed { stage, reason } => Some(Invalid {
            cause: format!("failed at {stage}"),
            message: reason.clone(),
            voids: vec![],
        }),
        TrialOutcome::Measured(measurement) => {
            measurement.failed_gates.first().map(|failed| Invalid {
                cause: format!("gate {}", failed.gate),
                message: failed.message.clone(),
                voids: failed.voids.clone(),
            })
        }
    }
}
