//! Why nothing could be proved.

use std::io;
use std::path::PathBuf;

use httpdyno_record::{Figure, ReadError, Record, TrialOutcome, TrialRecord};
use httpdyno_stats::RatioError;

use crate::error::RunError;

/// Why nothing could be proved.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// A run could not be made.
    #[error(transparent)]
    Bench(#[from] RunError),
    /// Its record cannot be read back.
    #[error(transparent)]
    Record(#[from] ReadError),
    /// Nothing says what a request costs.
    #[error("no valid trial without a planted cost: {reason}")]
    NoCost {
        /// The first thing that went wrong.
        reason: String,
    },
    /// A run whose trials cannot be compared.
    #[error("{folder}: {source}; {reason}")]
    Incomparable {
        /// Where its record lies.
        folder: PathBuf,
        /// What is missing.
        source: RatioError,
        /// The first thing that went wrong.
        reason: String,
    },
    /// A workload that the entry does not serve.
    #[error("entry `{entry}` does not serve workload `{workload}`: nothing can be planted there")]
    NotServed {
        /// The entry's id.
        entry: String,
        /// The workload's.
        workload: String,
    },
    /// The summary cannot be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The summary.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl ProveError {
    pub(super) fn no_cost(trials: &[TrialRecord]) -> Self {
        Self::NoCost { reason: why_not(trials) }
    }

    pub(super) fn incomparable(record: &Record, source: RatioError) -> Self {
        let reason = why_not(&record.trials);
        Self::Incomparable { folder: record.folder.clone(), source, reason }
    }
}

/// The first thing that went wrong.
fn why_not(trials: &[TrialRecord]) -> String {
    let reason = |trial: &TrialRecord| match &trial.outcome {
        TrialOutcome::Failed { stage, reason } => Some(format!("failed at {stage}: {reason}")),
        TrialOutcome::Measured(measured) => {
            let mut failed = measured.failed_gates.iter();
            failed.find(|gate| gate.makes_void(Figure::Cost)).map(|gate| gate.message.clone())
        }
    };
    trials.iter().find_map(reason).unwrap_or_else(|| "no trial was made".to_owned())
}
