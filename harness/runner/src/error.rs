//! Why a run or a check could not be made.

use std::path::{Path, PathBuf};

use httpdyno_record::WriteError;
use httpdyno_target::cores::CoreError;
use httpdyno_target::database::{DatabaseError, StartDatabaseError};

use crate::load_plan::WorkloadError;

fn rest(kept: Option<&Path>) -> String {
    let Some(folder) = kept else { return String::new() };
    let folder = folder.display();
    format!("; what was recorded before is kept in {folder}, and `report` reads it")
}

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
    /// This machine lacks something that a run needs: open files, ports, memory.
    #[error("{what}; nothing is said of the server{}", rest(kept.as_deref()))]
    Machine {
        /// What, and what to do.
        what: String,
        /// Where the trials lie that were recorded before; none where there was none.
        kept: Option<PathBuf>,
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

impl ConformError {
    /// Whether something failed that is not the server's, so that nothing is said of it.
    #[must_use]
    pub fn is_of_this_machine(&self) -> bool {
        match self {
            Self::Start(error) => error.is_ours(),
            Self::Run(_) => true,
            _ => false,
        }
    }
}

/// Why there are no verdicts.
#[derive(Debug, thiserror::Error)]
pub enum ConformError {
    /// The server did not start.
    #[error(transparent)]
    Start(#[from] httpdyno_target::StartError),
    /// The checker itself could not run.
    #[error("cannot run the cases: {0}")]
    Run(#[from] std::io::Error),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The database cannot be started again.
    #[error(transparent)]
    StartDatabase(#[from] StartDatabaseError),
    /// It is somebody else's.
    #[error(
        "faults need a database of the harness's own, since they kill it; use `--database private`"
    )]
    NoFaults,
    /// What the server is keeps it from being checked.
    #[error(transparent)]
    Obstacle(#[from] httpdyno_conformance::Obstacle),
    /// The URL is none that can be checked.
    #[error("`{url}` cannot be checked: {reason}; give a URL such as http://127.0.0.1:8080")]
    Url {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
}
