//! A run: opened, its trials made one after another, closed. Which trials, `bench`, `capacity` and
//! `scale` say.

mod asked;
mod place;
mod summary;

pub(crate) use asked::Asked;
pub use summary::RunSummary;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use httpdyno_analysis::drift;
use httpdyno_loadgen::{LoadPlan, SecondReport};
use httpdyno_record::rows::decide;
use httpdyno_record::{
    CapacityRecord, ClaimRecord, Design, Ending, EntryRecord, RecordWriter, RunRecord,
    TrialOutcome, TrialRecord,
};
use httpdyno_spec::SpecTree;
use httpdyno_spec::units::Span;
use httpdyno_spec::workload::{Pacing, Workload};
use httpdyno_target::database::StartDatabaseError;
use httpdyno_target::idle_guard::Resting;
use httpdyno_target::{CoreSplit, IdleGuard};
use jiff::Timestamp;

use crate::ceiling::NULL_SERVER;
use crate::database::{RunDatabase, needs_database};
use crate::departures::Departures;
use crate::entry::Entry;
use crate::error::RunError;
use crate::event::{Event, Observer, TrialKey};
use crate::guard::{idle_guard, rest_beside_database, rest_for};
use crate::lacks;
use crate::null_servers::NullServers;
use crate::plan::RunPlan;
use crate::prepare::prepare;
use crate::run_record::new_run_record;
use crate::trial::{Trial, TrialContext, TrialError, TrialPlan, run_trial};
use place::Place;
use summary::Unmeasured;

/// A run under way, and all that its trials have in common.
pub(crate) struct Run<'a> {
    pub(crate) tree: &'a SpecTree,
    pub(crate) plan: &'a RunPlan,
    pub(crate) cores: CoreSplit,
    pub(crate) stop: &'a AtomicBool,
    /// Those that may be measured.
    pub(crate) entries: Vec<&'a Entry>,
    /// The ceiling; none where none was asked for.
    pub(crate) null_servers: Option<NullServers>,
    /// Offered to entries where a workload needs it.
    pub(crate) database: Option<RunDatabase>,
    /// All trials until now, without their histograms.
    pub(crate) trials: Vec<TrialRecord>,
    guard: Option<IdleGuard>,
    place: Place,
    observer: &'a mut dyn Observer,
    writer: RecordWriter,
    unmeasured: Unmeasured,
    record: RunRecord,
    departures: Departures,
    /// Trials that are planned until now.
    planned: u32,
}

impl<'a> Run<'a> {
    /// Builds and checks the entries of `plan`, starts what trials need beside them, and begins a
    /// record.
    pub(crate) fn open(
        tree: &'a SpecTree,
        plan: &'a RunPlan,
        observer: &'a mut dyn Observer,
        stop: &'a AtomicBool,
    ) -> Result<Self, RunError> {
        let cores = CoreSplit::resolve(&plan.profile.placement)?;
        let record = new_run_record(tree, plan, &cores).map_err(RunError::Digest)?;
        for warning in &record.warnings {
            observer.observe(&Event::Warning(warning.clone()));
        }
        let writer = RecordWriter::create(&plan.results, &record)?;
        let unmeasured = Unmeasured(Some(writer.folder().to_owned()));
        let mut run = Self {
            tree,
            plan,
            cores,
            stop,
            entries: Vec::new(),
            null_servers: None,
            database: None,
            trials: Vec::new(),
            guard: None,
            place: Place::default(),
            observer,
            writer,
            unmeasured,
            record,
            departures: Departures::default(),
            planned: 0,
        };
        run.prepare()?;
        Ok(run)
    }

    fn prepare(&mut self) -> Result<(), RunError> {
        let (tree, plan) = (self.tree, self.plan);
        for prepared in prepare(tree, plan, self.observer, self.stop)? {
            if prepared.record.excluded.is_none() {
                self.entries.push(prepared.entry);
            }
            self.record.entries.push(prepared.record);
            self.writer.append_cases(&prepared.cases)?;
        }
        let (null_servers, warning) = NullServers::prepare(plan, tree.root.clone(), self.stop);
        self.record.entries.extend(null_servers.iter().flat_map(NullServers::records));
        self.null_servers = null_servers;
        self.warn(warning)?;
        self.database = start_database(tree, plan, &self.cores)?;
        self.record.database = self.database.as_ref().map(RunDatabase::record);
        self.writer.write_run(&self.record)?;
        self.guard = idle_guard(&plan.profile, &self.cores)?;
        let (lacks, warning) = lacks::find_out(&plan.profile, &self.cores, self.guard.as_ref());
        self.record.lacks = lacks;
        self.warn(warning)?;
        self.place = Place::with_the_generator(&self.cores.generator);
        Ok(())
    }

    /// Tells observers and readers of the record what they must know, if there is something.
    pub(crate) fn warn(&mut self, warning: Option<String>) -> Result<(), RunError> {
        if let Some(warning) = warning {
            self.observer.observe(&Event::Warning(warning.clone()));
            self.record.warnings.push(warning);
        }
        Ok(self.writer.write_run(&self.record)?)
    }

    /// Adds a row for somebody who is measured beside the entries.
    pub(crate) fn add_entry(&mut self, entry: EntryRecord) -> Result<(), RunError> {
        self.record.entries.push(entry);
        Ok(self.writer.write_run(&self.record)?)
    }

    /// Published claims that it is to test.
    pub(crate) fn tests(&mut self, claims: Vec<ClaimRecord>) -> Result<(), RunError> {
        self.record.claims = claims;
        Ok(self.writer.write_run(&self.record)?)
    }

    /// What its trials have in common.
    pub(crate) fn context(&self) -> TrialContext<'_> {
        TrialContext {
            database: self.database.as_ref(),
            guard: self.guard.as_ref(),
            ..TrialContext::new(self.tree, &self.plan.profile, &self.cores, self.stop)
        }
    }

    /// The idle guard rests on the generator's cores while they are busy with `load`.
    pub(crate) fn rest_for(&self, load: &LoadPlan) -> Option<Resting<'_>> {
        rest_for(load, self.guard.as_ref(), &self.cores)
    }

    /// It rests beside a database, where it must.
    pub(crate) fn rest_beside_database(&self) -> Option<Resting<'_>> {
        rest_beside_database(self.guard.as_ref(), &self.cores)
    }

    /// Where the record lies.
    pub(crate) fn folder(&self) -> &Path {
        self.writer.folder()
    }

    /// Tells what is to come.
    pub(crate) fn announce(&mut self, trials: usize, blocks: u32) {
        let trials = u32::try_from(trials).unwrap_or(u32::MAX);
        self.planned = self.planned.saturating_add(trials);
        let profile = &self.plan.profile;
        let load_time = (profile.warmup.duration() + profile.measure.duration()) * trials;
        self.observer.observe(&Event::MeasuringStarted { trials, blocks, load_time });
    }

    /// How many blocks there will be.
    pub(crate) fn designed(&mut self, design: Design) -> Result<(), RunError> {
        self.record.design = Some(design);
        self.observer.observe(&Event::Designed(design));
        Ok(self.writer.write_run(&self.record)?)
    }

    /// Whether somebody's own service that was to be measured beside another one cannot be: what is left
    /// has nothing to be compared with.
    pub(crate) fn lacks_a_side(&self) -> bool {
        let sides = self.plan.entries.iter().filter(|entry| entry.service.is_some()).count();
        sides > 0 && self.entries.len() < self.plan.entries.len()
    }

    /// Somebody stopped it.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// Makes one trial and records it. One that was cut short from outside is not recorded: it says
    /// nothing about the server.
    pub(crate) fn trial(&mut self, asked: Asked<'_>) -> Result<Option<TrialRecord>, RunError> {
        if self.is_stopped() {
            return Ok(None);
        }
        let number = self.next_number();
        let offered_per_s = asked.rate.map(|(rate, _)| rate);
        let offered_per_s = offered_per_s.or(offered_by(asked.workload));
        self.observer.observe(&Event::TrialStarted(TrialKey {
            trial: number,
            of: self.planned.max(number.saturating_add(1)),
            block: asked.block,
            entry: asked.entry.id.clone(),
            workload: asked.workload.id.clone(),
            connections: asked.connections,
            offered_per_s,
        }));
        let started_at = Timestamp::now();
        let Trial { outcome, histogram_log, mut enforced } = self.make(asked)?;
        if self.is_stopped() {
            return Ok(None);
        }
        if let Some(cores) = asked.server_cores {
            let workers = u32::try_from(cores.len()).unwrap_or(u32::MAX);
            enforced.workers.get_or_insert(workers);
        }
        let trial = TrialRecord {
            trial: number,
            block: asked.block,
            entry: asked.entry.id.to_string(),
            workload: asked.workload.id.to_string(),
            connections: asked.connections,
            purpose: asked.purpose,
            offered_per_s,
            started_at,
            enforced,
            outcome,
        };
        self.keep(&trial, histogram_log.as_deref())?;
        Ok(Some(trial))
    }

    fn make(&mut self, asked: Asked<'_>) -> Result<Trial, RunError> {
        let mut profile = self.plan.profile.clone();
        if let Some(measure) = asked.measure {
            profile.measure = Span(measure);
        }
        let mut cores = self.cores.clone();
        if let Some(server) = asked.server_cores {
            cores.server = server.to_vec();
        }
        let context = TrialContext {
            database: self.database.as_ref(),
            guard: self.guard.as_ref(),
            ..TrialContext::new(self.tree, &profile, &cores, self.stop)
        };
        let plan = TrialPlan {
            entry: asked.entry,
            workload: asked.workload,
            connections: asked.connections,
            rate: asked.rate,
            seed: self.plan.seed ^ (u64::from(asked.block) << 32) ^ asked.point as u64,
            shape: asked.shape,
            null_per_s: asked.null_per_s,
            null_cost_ns: asked.null_cost_ns,
        };
        let mut told = |second: &SecondReport| {
            self.observer.observe(&Event::SecondFinished(Box::new(second.clone())));
        };
        run_trial(context, plan, &mut told).map_err(|error| match error {
            TrialError::Workload(source) => {
                RunError::Workload { workload: asked.workload.id.to_string(), source }
            }
            TrialError::Machine(what) => {
                let kept = (!self.trials.is_empty()).then(|| self.writer.folder().to_owned());
                RunError::Machine { what, kept }
            }
        })
    }

    /// The number of the next trial.
    pub(crate) fn next_number(&self) -> u32 {
        u32::try_from(self.trials.len()).unwrap_or(u32::MAX)
    }

    /// Records a trial and tells of it.
    pub(crate) fn keep(
        &mut self,
        trial: &TrialRecord,
        histogram_log: Option<&str>,
    ) -> Result<(), RunError> {
        self.departures.note(trial);
        self.writer.append_trial(trial, histogram_log)?;
        self.unmeasured.0 = None;
        let mut kept = trial.clone();
        if let TrialOutcome::Measured(measured) = &mut kept.outcome {
            measured.latency_hdr.clear();
            measured.routes.clear();
        }
        self.trials.push(kept);
        self.observer.observe(&Event::TrialFinished(Box::new(trial.clone())));
        Ok(())
    }

    /// Records what a search has come to so far.
    pub(crate) fn write_capacity(&self, capacity: &CapacityRecord) -> Result<(), RunError> {
        Ok(self.writer.write_capacity(capacity)?)
    }

    /// Ends it and its record.
    pub(crate) fn close(mut self) -> Result<RunSummary, RunError> {
        for warning in self.departures.warnings(&self.record.lacks) {
            self.warn(Some(warning))?;
        }
        // What counts is decided of whole rows, as every report does.
        let mut decided = std::mem::take(&mut self.trials);
        decide(&mut decided);
        let limit_ppm = self.plan.profile.gates.drift_ppm;
        self.warn(drift::warning(&decided, NULL_SERVER, limit_ppm))?;
        drop(self.guard.take());
        drop(self.place);
        let stopped = self.database.take().map(RunDatabase::stop);
        self.record.warnings.extend(stopped.and_then(Result::err).map(|error| error.to_string()));
        let ending = match self.stop.load(Ordering::SeqCst) {
            true => Ending::Interrupted,
            false => Ending::Complete,
        };
        self.record.finished_at = Some(Timestamp::now());
        self.record.ending = ending;
        self.writer.write_run(&self.record)?;
        let folder = self.writer.folder().to_owned();
        // Why nothing was measured stands in it; who has told that removes it.
        self.unmeasured.0.take();
        self.observer.observe(&Event::Finished { ending, folder: folder.clone() });
        Ok(RunSummary::of(folder, ending, &self.record.entries, &decided))
    }
}

/// The rate that a workload asks for itself.
fn offered_by(workload: &Workload) -> Option<u64> {
    match &workload.pacing {
        Pacing::Open(open) => Some(open.rate_per_s),
        Pacing::Closed | Pacing::Think(_) => None,
    }
}

/// The database of the trials, where a workload needs one.
fn start_database(
    tree: &SpecTree,
    plan: &RunPlan,
    cores: &CoreSplit,
) -> Result<Option<RunDatabase>, StartDatabaseError> {
    let wanted = plan.workloads.iter().any(|workload| needs_database(tree, workload));
    let source = plan.database.as_ref().filter(|_| wanted);
    let pool = plan.profile.database.pool;
    source.map(|source| RunDatabase::start(source, &cores.database, pool)).transpose()
}
