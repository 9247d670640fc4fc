//! A run whose trials follow from one another: a search, a curve. Each is a fresh start, recorded
//! as it ends.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use httpdyno_loadgen::LoadPlan;
use httpdyno_record::{
    CapacityRecord, Ending, Purpose, RecordWriter, RunRecord, TrialOutcome, TrialRecord,
};
use httpdyno_spec::SpecTree;
use httpdyno_spec::units::Span;
use httpdyno_spec::workload::{Arrivals, Workload};
use httpdyno_target::idle_guard::Resting;
use httpdyno_target::{CoreSplit, IdleGuard};
use jiff::Timestamp;

use crate::bench::{BenchError, BenchPlan, BenchSummary, warn};
use crate::departures::Departures;
use crate::entry::Entry;
use crate::event::{Event, Observer, TrialKey};
use crate::guard::{idle_guard, rest_for};
use crate::prepare::prepare;
use crate::run_record::new_run_record;
use crate::trial::{Trial, TrialContext, TrialPlan, run_trial};

/// A run under way.
pub(crate) struct Session<'a> {
    pub(crate) tree: &'a SpecTree,
    pub(crate) plan: &'a BenchPlan,
    pub(crate) cores: CoreSplit,
    pub(crate) stop: &'a AtomicBool,
    observer: &'a mut dyn Observer,
    writer: RecordWriter,
    run: RunRecord,
    departures: Departures,
    made: u32,
    failed: u32,
    invalid: u32,
    guard: Option<IdleGuard>,
}

/// One trial to be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'b> {
    pub(crate) entry: &'b Entry,
    pub(crate) workload: &'b Workload,
    pub(crate) connections: u32,
    pub(crate) purpose: Purpose,
    /// Requests per second; nothing: the workload's own pace.
    pub(crate) offered_per_s: Option<u64>,
    pub(crate) block: u32,
    /// The server's cores; nothing: those of the profile.
    pub(crate) server_cores: Option<&'b [u32]>,
    /// The measured time; nothing: that of the profile.
    pub(crate) measure: Option<Duration>,
}

impl<'a> Session<'a> {
    /// Builds and checks the entries of `plan` and begins a record.
    pub(crate) fn open(
        tree: &'a SpecTree,
        plan: &'a BenchPlan,
        observer: &'a mut dyn Observer,
        stop: &'a AtomicBool,
    ) -> Result<Self, BenchError> {
        let cores = CoreSplit::resolve(&plan.profile.placement)?;
        let mut run = new_run_record(tree, plan, &cores).map_err(BenchError::Digest)?;
        for warning in &run.warnings {
            observer.observe(&Event::Warning(warning.clone()));
        }
        let mut writer = RecordWriter::create(&plan.results, &run)?;
        for prepared in prepare(tree, plan, observer, stop) {
            run.entries.push(prepared.record);
            writer.append_cases(&prepared.cases)?;
        }
        writer.write_run(&run)?;
        let (guard, warning) = idle_guard(&plan.profile, &cores)?;
        warn(observer, &mut run, warning);
        writer.write_run(&run)?;
        let (departures, made, failed, invalid) = (Departures::default(), 0, 0, 0);
        Ok(Self {
            tree,
            plan,
            cores,
            stop,
            observer,
            writer,
            run,
            departures,
            made,
            failed,
            invalid,
            guard,
        })
    }

    /// The entries that may be measured.
    pub(crate) fn entries(&self) -> Vec<&'a Entry> {
        let may_be = |entry: &&Entry| {
            let name = entry.id.to_string();
            self.run.entries.iter().any(|one| one.entry == name && one.excluded.is_none())
        };
        self.plan.entries.iter().filter(may_be).collect()
    }

    /// Tells observers what is to come.
    pub(crate) fn announce(&mut self, trials: usize, blocks: u32) {
        let trials = u32::try_from(trials).unwrap_or(u32::MAX);
        let profile = &self.plan.profile;
        let load_time = (profile.warmup.duration() + profile.measure.duration()) * trials;
        self.observer.observe(&Event::MeasuringStarted { trials, blocks, load_time });
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// Makes one trial and records it; nothing where the run was stopped meanwhile.
    pub(crate) fn trial(&mut self, asked: Asked<'_>) -> Result<Option<TrialRecord>, BenchError> {
        if self.is_stopped() {
            return Ok(None);
        }
        let key = TrialKey {
            trial: self.made,
            of: self.made + 1,
            block: asked.block,
            entry: asked.entry.id.clone(),
            workload: asked.workload.id.clone(),
            connections: asked.connections,
            offered_per_s: asked.offered_per_s,
        };
        self.observer.observe(&Event::TrialStarted(key));
        let started_at = Timestamp::now();
        let Trial { outcome, histogram_log, enforced } = self.run(asked)?;
        if self.is_stopped() {
            return Ok(None);
        }
        match &outcome {
            TrialOutcome::Failed { .. } => self.failed += 1,
            TrialOutcome::Measured(measured) if !measured.is_valid() => self.invalid += 1,
            TrialOutcome::Measured(_) => {}
        }
        let mut trial = TrialRecord {
            trial: self.made,
            block: asked.block,
            entry: asked.entry.id.to_string(),
            workload: asked.workload.id.to_string(),
            connections: asked.connections,
            purpose: asked.purpose,
            offered_per_s: asked.offered_per_s,
            started_at,
            enforced,
            outcome,
        };
        let cores = asked.server_cores.unwrap_or(&self.cores.server);
        trial.enforced.workers.get_or_insert(u32::try_from(cores.len()).unwrap_or(u32::MAX));
        self.made += 1;
        self.departures.note(&trial);
        self.writer.append_trial(&trial, histogram_log.as_deref())?;
        self.observer.observe(&Event::TrialFinished(Box::new(trial.clone())));
        Ok(Some(trial))
    }

    fn run(&self, asked: Asked<'_>) -> Result<Trial, BenchError> {
        let mut profile = self.plan.profile.clone();
        if let Some(measure) = asked.measure {
            profile.measure = Span(measure);
        }
        let mut cores = self.cores.clone();
        if let Some(server) = asked.server_cores {
            cores.server = server.to_vec();
        }
        let context = TrialContext {
            guard: self.guard.as_ref(),
            ..TrialContext::new(self.tree, &profile, &cores, self.stop)
        };
        let plan = TrialPlan {
            entry: asked.entry,
            workload: asked.workload,
            connections: asked.connections,
            rate: asked.offered_per_s.map(|rate| (rate, Arrivals::Poisson)),
            seed: self.plan.seed ^ (u64::from(asked.block) << 32),
            shape: None,
            null_per_s: None,
            null_cost_ns: None,
        };
        run_trial(context, plan).map_err(|source| BenchError::Workload {
            workload: asked.workload.id.to_string(),
            source,
        })
    }

    /// The idle guard rests on the generator's cores while they are busy with `load`.
    pub(crate) fn rest_for(&self, load: &LoadPlan) -> Option<Resting<'_>> {
        rest_for(load, self.guard.as_ref(), &self.cores)
    }

    /// Records what a search has come to so far.
    pub(crate) fn write_capacity(&self, capacity: &CapacityRecord) -> Result<(), BenchError> {
        Ok(self.writer.write_capacity(capacity)?)
    }

    /// Adds what a reader must know.
    pub(crate) fn warn(&mut self, warning: String) {
        warn(self.observer, &mut self.run, Some(warning));
    }

    /// Ends the record.
    pub(crate) fn close(mut self) -> Result<BenchSummary, BenchError> {
        drop(self.guard.take());
        for warning in self.departures.warnings() {
            self.warn(warning);
        }
        let ending = if self.is_stopped() { Ending::Interrupted } else { Ending::Complete };
        self.run.finished_at = Some(Timestamp::now());
        self.run.ending = ending;
        self.writer.write_run(&self.run)?;
        let folder: PathBuf = self.writer.folder().to_owned();
        self.observer.observe(&Event::Finished { ending, folder: folder.clone() });
        let excluded = self.run.entries.iter().filter(|entry| entry.excluded.is_some()).count();
        Ok(BenchSummary {
            folder,
            ending,
            excluded: u32::try_from(excluded).unwrap_or(u32::MAX),
            failed_trials: self.failed,
            invalid_trials: self.invalid,
        })
    }
}
