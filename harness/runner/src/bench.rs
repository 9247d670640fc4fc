//! Driving a run: build, check, measure, record.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use httpdyno_record::{Ending, RecordWriter, RunRecord, WriteError};
use httpdyno_spec::SpecTree;
use httpdyno_spec::profile::Profile;
use httpdyno_spec::workload::Workload;
use httpdyno_target::cores::CoreError;
use httpdyno_target::database::StartDatabaseError;
use httpdyno_target::{CoreSplit, DatabaseSource};
use jiff::Timestamp;

use crate::database::{RunDatabase, needs_database};
use crate::design::BudgetedDesign;
use crate::drive::Drive;
use crate::entry::Entry;
use crate::event::{Event, Observer};
use crate::guard::idle_guard;
use crate::load_plan::WorkloadError;
use crate::null_servers::NullServers;
use crate::prepare::{Prepared, prepare};
use crate::reference;
use crate::run_record::new_run_record;
use crate::trial::TrialContext;

/// What is to be measured, fully resolved.
#[derive(Clone, Debug)]
pub struct BenchPlan {
    /// The entries, in the order they were asked for.
    pub entries: Vec<Entry>,
    /// The profile, with what the command line changed in it.
    pub profile: Profile,
    /// The workloads of the profile.
    pub workloads: Vec<Workload>,
    /// The seed of every random choice.
    pub seed: u64,
    /// Where records are put.
    pub results: PathBuf,
    /// The command as typed, for the record.
    pub command_line: Vec<String>,
    /// `httpdyno` itself, which is the null server too; without it there is no ceiling.
    pub null_server: Option<PathBuf>,
    /// A budget of time in place of the profile's number of blocks.
    pub budget: Option<BudgetedDesign>,
    /// Whether the workloads run at their own pace, beside the profile's fixed rates.
    pub own_pace: bool,
    /// Where workloads that need a database find one; none where there are no such workloads.
    pub database: Option<DatabaseSource>,
    /// Whether entries are checked, too, for what they do while their database fails. It must be a
    /// private one.
    pub faults: bool,
    /// What a reader of the results must know, beside what the run finds out itself.
    pub warnings: Vec<String>,
}

/// Why a run could not be made. What fails under test is recorded instead.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
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

/// What came of a run as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BenchSummary {
    /// Where the record lies.
    pub folder: PathBuf,
    /// How the run ended.
    pub ending: Ending,
    /// Entries that were not measured.
    pub excluded: u32,
    /// Trials in which the server failed.
    pub failed_trials: u32,
    /// Trials of which a gate made every figure void.
    pub invalid_trials: u32,
}

/// Makes the run and writes its record; `stop` ends it early and keeps what was measured.
///
/// Call it from a thread that outlives the run: servers die with the thread that started them.
///
/// # Errors
/// When the run cannot be made at all, or its record cannot be written.
pub fn bench(
    tree: &SpecTree,
    plan: &BenchPlan,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<BenchSummary, BenchError> {
    let cores = CoreSplit::resolve(&plan.profile.placement)?;
    let mut run = new_run_record(tree, plan, &cores).map_err(BenchError::Digest)?;
    for warning in &run.warnings {
        observer.observe(&Event::Warning(warning.clone()));
    }
    let mut writer = RecordWriter::create(&plan.results, &run)?;
    let prepared = prepare(tree, plan, observer, stop);
    for Prepared { record, cases, .. } in &prepared {
        run.entries.push(record.clone());
        writer.append_cases(cases)?;
    }
    let (null_servers, warning) = NullServers::prepare(plan, tree.root.clone(), stop);
    run.entries.extend(null_servers.iter().flat_map(NullServers::records));
    warn(observer, &mut run, warning);
    writer.write_run(&run)?;

    let entries: Vec<&Entry> =
        prepared.iter().filter(|one| one.record.excluded.is_none()).map(|one| one.entry).collect();
    let database = start_database(tree, plan, &cores)?;
    run.database = database.as_ref().map(RunDatabase::record);
    let referred = database.as_ref().filter(|_| plan.workloads.iter().any(reference::applies));
    run.entries.extend(referred.map(reference::entry_record));
    writer.write_run(&run)?;
    let (guard, warning) = idle_guard(&plan.profile, &cores)?;
    warn(observer, &mut run, warning);
    writer.write_run(&run)?;
    let context = TrialContext {
        database: database.as_ref(),
        guard: guard.as_ref(),
        ..TrialContext::new(tree, &plan.profile, &cores, stop)
    };
    let drive = Drive::new(plan, context, &mut writer, &mut run, &mut *observer, entries);
    let measured = drive.measure(null_servers)?;
    drop(guard);

    if let Some(Err(error)) = database.map(RunDatabase::stop) {
        run.warnings.push(error.to_string());
    }
    run.finished_at = Some(Timestamp::now());
    run.ending = measured.ending;
    writer.write_run(&run)?;
    let folder = writer.folder().to_owned();
    let ending = measured.ending;
    observer.observe(&Event::Finished { ending, folder: folder.clone() });
    let excluded = count(&run, |entry| entry.excluded.is_some());
    let (failed_trials, invalid_trials) = (measured.failed_trials, measured.invalid_trials);
    Ok(BenchSummary { folder, ending, excluded, failed_trials, invalid_trials })
}

/// Tells observers and readers of the record what they must know, if there is something.
pub(crate) fn warn(observer: &mut dyn Observer, run: &mut RunRecord, warning: Option<String>) {
    if let Some(warning) = warning {
        observer.observe(&Event::Warning(warning.clone()));
        run.warnings.push(warning);
    }
}

/// The database of the trials, where a workload needs one.
fn start_database(
    tree: &SpecTree,
    plan: &BenchPlan,
    cores: &CoreSplit,
) -> Result<Option<RunDatabase>, StartDatabaseError> {
    let wanted = plan.workloads.iter().any(|workload| needs_database(tree, workload));
    let source = plan.database.as_ref().filter(|_| wanted);
    let pool = plan.profile.database.pool;
    source.map(|source| RunDatabase::start(source, &cores.database, pool)).transpose()
}

fn count(run: &RunRecord, which: impl Fn(&httpdyno_record::EntryRecord) -> bool) -> u32 {
    u32::try_from(run.entries.iter().filter(|entry| which(entry)).count()).unwrap_or(u32::MAX)
}
