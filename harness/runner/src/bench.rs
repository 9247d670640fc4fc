//! Driving a run: build, check, measure, record.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use httpdyno_record::{
    Ending, Purpose, RecordWriter, RunRecord, TrialOutcome, TrialRecord, WriteError,
};
use httpdyno_spec::SpecTree;
use httpdyno_spec::profile::Profile;
use httpdyno_spec::workload::{Pacing, Workload};
use httpdyno_target::cores::CoreError;
use httpdyno_target::{CoreSplit, IdleGuard};
use jiff::Timestamp;

use crate::entry::Entry;
use crate::event::{Event, Observer, TrialKey};
use crate::load_plan::WorkloadError;
use crate::prepare::{Prepared, prepare};
use crate::run_record::new_run_record;
use crate::schedule::{Point, Slot, schedule};
use crate::trial::{Trial, TrialContext, run_trial};

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
    /// The idle guard cannot be started.
    #[error("cannot start the idle guard: {0}; choose a profile with `idle_guard: false`")]
    IdleGuard(std::io::Error),
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
    /// Trials that a gate made invalid.
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
    writer.write_run(&run)?;

    let measured: Vec<&Entry> =
        prepared.iter().filter(|one| one.record.excluded.is_none()).map(|one| one.entry).collect();
    let context = TrialContext { tree, profile: &plan.profile, cores: &cores, stop };
    let mut drive = Drive { plan, context, writer: &mut writer, observer, failed: 0, invalid: 0 };
    let ending = drive.measure(&measured)?;
    let (failed_trials, invalid_trials) = (drive.failed, drive.invalid);

    run.finished_at = Some(Timestamp::now());
    run.ending = ending;
    writer.write_run(&run)?;
    let folder = writer.folder().to_owned();
    observer.observe(&Event::Finished { ending, folder: folder.clone() });
    let excluded = count(&run, |entry| entry.excluded.is_some());
    Ok(BenchSummary { folder, ending, excluded, failed_trials, invalid_trials })
}

fn count(run: &RunRecord, which: impl Fn(&httpdyno_record::EntryRecord) -> bool) -> u32 {
    u32::try_from(run.entries.iter().filter(|entry| which(entry)).count()).unwrap_or(u32::MAX)
}

/// The measuring part of a run.
struct Drive<'a> {
    plan: &'a BenchPlan,
    context: TrialContext<'a>,
    writer: &'a mut RecordWriter,
    observer: &'a mut dyn Observer,
    failed: u32,
    invalid: u32,
}

impl Drive<'_> {
    fn measure(&mut self, entries: &[&Entry]) -> Result<Ending, BenchError> {
        let profile = &self.plan.profile;
        let workloads: BTreeMap<&str, &Workload> =
            self.plan.workloads.iter().map(|workload| (workload.id.as_str(), workload)).collect();
        let points = self.points();
        let slots =
            schedule(points.len(), entries.len(), profile.blocks, self.plan.seed, |e, p| {
                let workload = workloads[points[p].workload.as_str()];
                let used: Vec<_> =
                    workload.routes.iter().map(|route| route.endpoint.clone()).collect();
                entries[e].serves(&used)
            });
        let trials = u32::try_from(slots.len()).unwrap_or(u32::MAX);
        let load_time = (profile.warmup.duration() + profile.measure.duration()) * trials;
        self.observer.observe(&Event::MeasuringStarted { trials, load_time });
        let _guard = self.idle_guard()?;
        for (number, slot) in slots.iter().enumerate() {
            if self.context.stop.load(Ordering::SeqCst) {
                return Ok(Ending::Interrupted);
            }
            let point = &points[slot.point];
            let key = TrialKey {
                trial: u32::try_from(number).unwrap_or(u32::MAX),
                of: trials,
                block: slot.block,
                entry: entries[slot.entry].id.clone(),
                workload: point.workload.clone(),
                connections: point.connections,
            };
            let workload = workloads[point.workload.as_str()];
            self.trial(key, entries[slot.entry], workload, slot)?;
        }
        let stopped = self.context.stop.load(Ordering::SeqCst);
        Ok(if stopped { Ending::Interrupted } else { Ending::Complete })
    }

    fn points(&self) -> Vec<Point> {
        let profile = &self.plan.profile;
        let of_workload = |workload: &Workload| {
            let workload = workload.id.clone();
            profile
                .connections
                .iter()
                .map(move |&connections| Point { workload: workload.clone(), connections })
        };
        self.plan.workloads.iter().flat_map(of_workload).collect()
    }

    fn idle_guard(&self) -> Result<Option<IdleGuard>, BenchError> {
        if !self.plan.profile.idle_guard {
            return Ok(None);
        }
        let cores = self.context.cores.measured();
        IdleGuard::start(&cores).map(Some).map_err(BenchError::IdleGuard)
    }

    /// Makes one trial and records it. A trial that was cut short by `stop` is not recorded: it
    /// says nothing about the server.
    fn trial(
        &mut self,
        key: TrialKey,
        entry: &Entry,
        workload: &Workload,
        slot: &Slot,
    ) -> Result<(), BenchError> {
        self.observer.observe(&Event::TrialStarted(key.clone()));
        let started_at = Timestamp::now();
        // The same seed for all entries of a block and point: they get the same requests.
        let seed = self.plan.seed ^ (u64::from(slot.block) << 32) ^ slot.point as u64;
        let Trial { outcome, histogram_log, enforced } =
            run_trial(self.context, entry, workload, key.connections, seed).map_err(|source| {
                BenchError::Workload { workload: workload.id.to_string(), source }
            })?;
        if self.context.stop.load(Ordering::SeqCst) {
            return Ok(());
        }
        match &outcome {
            TrialOutcome::Failed { .. } => self.failed += 1,
            TrialOutcome::Measured(measured) if !measured.is_valid() => self.invalid += 1,
            TrialOutcome::Measured(_) => {}
        }
        let trial = TrialRecord {
            trial: key.trial,
            block: key.block,
            entry: key.entry.to_string(),
            workload: key.workload.to_string(),
            connections: key.connections,
            purpose: Purpose::Compare,
            offered_per_s: offered_per_s(workload),
            started_at,
            enforced,
            outcome,
        };
        self.writer.append_trial(&trial, histogram_log.as_deref())?;
        self.observer.observe(&Event::TrialFinished(Box::new(trial)));
        Ok(())
    }
}

/// The rate that a workload asks for itself.
fn offered_per_s(workload: &Workload) -> Option<u64> {
    match &workload.pacing {
        Pacing::Open(open) => Some(open.rate_per_s),
        Pacing::Closed | Pacing::Think(_) => None,
    }
}
