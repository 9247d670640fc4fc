//! Why a run could not be made.

use httpdyno_record::WriteError;
use httpdyno_target::cores::CoreError;
use httpdyno_target::database::StartDatabaseError;

use crate::load_plan::WorkloadError;

/// Why a run could not be made. What fails under test is recorded instead.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The profile does not fit this machine.
    #[error(transparent)]
    Cores(#[from] CoreError),
    /// The record cannot be written.
    #[error(transparent)]
    Record(#[from] WriteError),
    /// A workload cannot be put as load.
    #[error("workload `{workload}`: {source}")]
    Workload {
        /// The workload.
        workload: String,
        /// What is wrong with it.
        source: WorkloadError,
    },
    /// The budget does not allow the experiment.
    #[error(transparent)]
    Budget(#[from] httpdyno_stats::stein::PlanError),
    /// The idle guard cannot be started.
    #[error("cannot start the idle guard: {0}; choose a profile with `idle_guard: false`")]
    IdleGuard(std::io::Error),
    /// The database cannot be started, or not be removed.
    #[error(transparent)]
    Database(#[from] StartDatabaseError),
    /// A file that the run depends on cannot be read.
    #[error("cannot read the spec for its digest: {0}")]
    Digest(std::io::Error),
}
