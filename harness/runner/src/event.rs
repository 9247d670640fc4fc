//! What a run tells the world while it goes on. Every observer consumes this one type.

use std::path::PathBuf;
use std::time::Duration;

use httpdyno_loadgen::SecondReport;
use httpdyno_record::{CaseRecord, ConformanceCounts, Design, Ending, TrialRecord};
use httpdyno_spec::id::{EntryId, ImplementationId, WorkloadId};

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// An implementation is being built.
    BuildStarted(ImplementationId),
    /// A build came to its end.
    BuildFinished {
        /// What was built.
        implementation: ImplementationId,
        /// The version that really runs, or why there is none.
        result: Result<String, String>,
    },
    /// An entry is being checked.
    ConformanceStarted(EntryId),
    /// One case came to its end.
    CaseFinished {
        /// The entry.
        entry: EntryId,
        /// The case and what came of it.
        case: Box<CaseRecord>,
    },
    /// All cases of an entry came to their end.
    ConformanceFinished {
        /// The entry.
        entry: EntryId,
        /// How they ended.
        counts: ConformanceCounts,
    },
    /// An entry will not be measured.
    Excluded {
        /// The entry.
        entry: EntryId,
        /// Why.
        reason: String,
    },
    /// How many blocks there will be under a budget, before the pilot and again after it.
    Designed(Design),
    /// All that is known before the first trial of a stage.
    MeasuringStarted {
        /// Trials to come.
        trials: u32,
        /// Blocks, with those that were before.
        blocks: u32,
        /// How long the load alone will take.
        load_time: Duration,
    },
    /// A trial begins.
    TrialStarted(TrialKey),
    /// A second of the window of the trial under way is over.
    SecondFinished(Box<SecondReport>),
    /// A trial came to its end.
    TrialFinished(Box<TrialRecord>),
    /// What a reader of the results must know.
    Warning(String),
    /// The run is over.
    Finished {
        /// How it ended.
        ending: Ending,
        /// Where its record lies.
        folder: PathBuf,
    },
}

/// Which trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialKey {
    /// Its number in the run, counted from 0.
    pub trial: u32,
    /// Trials in all.
    pub of: u32,
    /// Its block, counted from 0.
    pub block: u32,
    /// The entry.
    pub entry: EntryId,
    /// The workload.
    pub workload: WorkloadId,
    /// Connections held.
    pub connections: u32,
    /// Requests offered per second; absent where the workload paces itself.
    pub offered_per_s: Option<u64>,
}

/// Somebody who wants to know: a terminal, a log.
pub trait Observer {
    /// Takes notice of `event`. It is called on the thread that drives the run, so it returns soon.
    fn observe(&mut self, event: &Event);
}

impl<F: FnMut(&Event)> Observer for F {
    fn observe(&mut self, event: &Event) {
        self(event);
    }
}
