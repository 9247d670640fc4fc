//! The measuring part of a run: pilots, blocks, trials, in order.

mod beside;
mod one;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use httpdyno_record::rows::decide;
use httpdyno_record::{Design, Ending, Purpose, RecordWriter, RunRecord, TrialRecord, WriteError};
use httpdyno_spec::workload::Workload;
use httpdyno_target::{allowed_cores, pin_current_thread};

use crate::bench::{BenchError, BenchPlan};
use crate::ceiling::{NULL_SERVER, Shape};
use crate::database::RunDatabase;
use crate::departures::Departures;
use crate::design::block_time;
use crate::drift;
use crate::entry::Entry;
use crate::event::{Event, Observer};
use crate::null_servers::{NULL_PROCESS, NullServers};
use crate::rates;
use crate::reference::PGBENCH;
use crate::schedule::{self, Point, Slot, Who, schedule};
use crate::trial::{COUNTING_TIME, TrialContext};

/// Drives the trials of a run.
pub(crate) struct Drive<'a> {
    plan: &'a BenchPlan,
    context: TrialContext<'a>,
    writer: &'a mut RecordWriter,
    run: &'a mut RunRecord,
    observer: &'a mut dyn Observer,
    entries: Vec<&'a Entry>,
    /// The ceiling; none where none was asked for.
    null_servers: Option<NullServers>,
    /// What the null server answers, by workload.
    shapes: BTreeMap<String, Shape>,
    /// The null server's rates, by block and position of the point.
    null_rates: BTreeMap<(u32, usize), u64>,
    /// Its CPU time per response there, in nanoseconds.
    null_costs: BTreeMap<(u32, usize), u64>,
    /// All trials until now, without their histograms.
    trials: Vec<TrialRecord>,
    departures: Departures,
    /// Trials that are planned until now.
    planned: u32,
    measured: Measured,
}

/// What measuring came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) ending: Ending,
    pub(crate) failed_trials: u32,
    pub(crate) invalid_trials: u32,
}

/// Trials were stopped from outside.
struct Stopped;

impl<'a> Drive<'a> {
    pub(crate) fn new(
        plan: &'a BenchPlan,
        context: TrialContext<'a>,
        writer: &'a mut RecordWriter,
        run: &'a mut RunRecord,
        observer: &'a mut dyn Observer,
        entries: Vec<&'a Entry>,
    ) -> Self {
        let measured = Measured { ending: Ending::Complete, failed_trials: 0, invalid_trials: 0 };
        let (null_servers, shapes, null_rates) = (None, BTreeMap::new(), BTreeMap::new());
        let null_costs = BTreeMap::new();
        let (trials, departures, planned) = (Vec::new(), Departures::default(), 0);
        Self {
            plan,
            context,
            writer,
            run,
            observer,
            entries,
            null_servers,
            shapes,
            null_rates,
            null_costs,
            trials,
            departures,
            planned,
            measured,
        }
    }

    /// Makes all trials.
    ///
    /// # Errors
    /// When a trial cannot be made or recorded; what servers do wrong is in the record.
    pub(crate) fn measure(
        mut self,
        null_servers: Option<NullServers>,
    ) -> Result<Measured, BenchError> {
        self.null_servers = null_servers;
        let _place = Place::with_the_generator(&self.context.cores.generator);
        self.learn_shapes()?;
        if self.all_stages()?.is_err() {
            self.measured.ending = Ending::Interrupted;
        }
        for warning in self.departures.warnings() {
            self.warn(warning)?;
        }
        // What counts is decided of whole rows, as every report does.
        let mut decided = std::mem::take(&mut self.trials);
        decide(&mut decided);
        let void = decided.iter().filter(|trial| one::is_void(trial)).count();
        self.measured.invalid_trials = u32::try_from(void).unwrap_or(u32::MAX);
        let limit = self.plan.profile.gates.drift_ppm;
        if let Some(warning) = drift::warning(&decided, limit) {
            self.warn(warning)?;
        }
        Ok(self.measured)
    }

    fn warn(&mut self, warning: String) -> Result<(), WriteError> {
        self.observer.observe(&Event::Warning(warning.clone()));
        self.run.warnings.push(warning);
        self.writer.write_run(self.run)
    }

    /// For each workload the response of the first entry that serves it.
    fn learn_shapes(&mut self) -> Result<(), BenchError> {
        if self.null_servers.is_none() {
            return Ok(());
        }
        let folder = self.writer.folder().join("null-responses");
        for workload in &self.plan.workloads {
            let Some(entry) = self.entries.iter().find(|entry| serves(entry, workload)) else {
                continue;
            };
            let (tree, mut given) = (self.context.tree, self.context.given());
            let database = self.context.database_for(workload).map(RunDatabase::ready);
            given.database = database.transpose()?;
            match Shape::learn(tree, entry, given, workload, &folder) {
                Ok(shape) => {
                    self.shapes.insert(workload.id.to_string(), shape);
                }
                Err(reason) => self.warn(format!(
                    "no null server for workload `{}`: {} was to show the shape of its response, \
                     but {reason}",
                    workload.id, entry.id
                ))?,
            }
        }
        Ok(())
    }

    /// Pilot and blocks.
    fn all_stages(&mut self) -> Result<Result<(), Stopped>, BenchError> {
        let mut points = if self.plan.own_pace { self.own_pace() } else { Vec::new() };
        if let Some(rates) = &self.plan.profile.fixed_rates {
            if !rates.shares_ppm.is_empty() && self.pace_pilot(rates.connections)?.is_err() {
                return Ok(Err(Stopped));
            }
            for workload in &self.plan.workloads {
                points.extend(rates::points(rates, &workload.id, &self.trials));
            }
        }
        let Some(budgeted) = self.plan.budget else {
            return self.stage(&points, 0, self.plan.profile.blocks);
        };
        let profile = &self.plan.profile;
        let load = profile.idle.duration()
            + profile.warmup.duration()
            + profile.measure.duration()
            + COUNTING_TIME;
        let per_block = block_time(self.slots(&points, 0, 1).len(), load);
        let design = budgeted.before_pilot(per_block)?;
        self.designed(design)?;
        let begun = Instant::now();
        let compared_from = self.trials.len();
        if self.stage(&points, 0, design.pilot_blocks)?.is_err() {
            return Ok(Err(Stopped));
        }
        let per_block = begun.elapsed() / design.pilot_blocks.max(1);
        let mut compared: Vec<TrialRecord> = self.trials[compared_from..]
            .iter()
            .filter(|trial| ![NULL_SERVER, NULL_PROCESS, PGBENCH].contains(&trial.entry.as_str()))
            .cloned()
            .collect();
        decide(&mut compared);
        let design = budgeted.after_pilot(&design, &compared, per_block)?;
        self.designed(design)?;
        self.stage(&points, design.pilot_blocks, design.blocks - design.pilot_blocks)
    }

    fn designed(&mut self, design: Design) -> Result<(), WriteError> {
        self.run.design = Some(design);
        self.observer.observe(&Event::Designed(design));
        self.writer.write_run(self.run)
    }

    fn own_pace(&self) -> Vec<Point> {
        let of_workload = |workload: &Workload| {
            let workload = workload.id.clone();
            self.plan.profile.connections.iter().map(move |&connections| Point {
                workload: workload.clone(),
                connections,
                rate_per_s: None,
            })
        };
        self.plan.workloads.iter().flat_map(of_workload).collect()
    }

    fn slots(&self, points: &[Point], first_block: u32, blocks: u32) -> Vec<Slot> {
        let design = schedule::Design {
            points: points.len(),
            entries: self.entries.len(),
            first_block,
            blocks,
            null_server: self.null_servers.is_some(),
            null_process: self.null_servers.as_ref().is_some_and(NullServers::runs_both_ways),
            seed: self.plan.seed,
        };
        schedule(design, |entry, point| serves(self.entries[entry], self.workload(&points[point])))
    }

    fn workload(&self, point: &Point) -> &'a Workload {
        let found = self.plan.workloads.iter().find(|workload| workload.id == point.workload);
        found.expect("points are made of the plan's workloads")
    }

    /// One trial of each entry at the workloads' own pace: how much each can do, for choosing
    /// rates that all can keep.
    fn pace_pilot(&mut self, connections: u32) -> Result<Result<(), Stopped>, BenchError> {
        let mut points = self.own_pace();
        points.retain(|point| point.connections == connections);
        let mut slots = self.slots(&points, 0, 1);
        slots.retain(|slot| matches!(slot.who, Who::Entry(_)));
        let mut seen = Vec::new();
        slots.retain(|slot| {
            let is_new = !seen.contains(&(slot.point, slot.who));
            seen.push((slot.point, slot.who));
            is_new
        });
        self.run(&points, &slots, Some(Purpose::Pilot))
    }

    /// `blocks` blocks, the first of which has the number `first`.
    fn stage(
        &mut self,
        points: &[Point],
        first: u32,
        blocks: u32,
    ) -> Result<Result<(), Stopped>, BenchError> {
        let slots = self.slots(points, first, blocks);
        self.run(points, &slots, None)
    }

    fn run(
        &mut self,
        points: &[Point],
        slots: &[Slot],
        purpose: Option<Purpose>,
    ) -> Result<Result<(), Stopped>, BenchError> {
        let profile = &self.plan.profile;
        let trials = u32::try_from(slots.len()).unwrap_or(u32::MAX);
        self.planned = self.planned.saturating_add(trials);
        let load_time = (profile.warmup.duration() + profile.measure.duration()) * trials;
        let blocks = slots.iter().map(|slot| slot.block + 1).max().unwrap_or(0);
        self.observer.observe(&Event::MeasuringStarted { trials, blocks, load_time });
        let mut before = None;
        for slot in slots {
            let stopped = || self.context.stop.load(Ordering::SeqCst);
            if stopped() {
                return Ok(Err(Stopped));
            }
            let point = &points[slot.point];
            // Where a point of a block begins: its trials stand side by side.
            if before != Some((slot.block, slot.point)) && purpose.is_none() {
                before = Some((slot.block, slot.point));
                self.reference(point, slot.block)?;
            }
            self.trial(point, *slot, purpose)?;
        }
        let stopped = self.context.stop.load(Ordering::SeqCst);
        Ok(if stopped { Err(Stopped) } else { Ok(()) })
    }
}

fn serves(entry: &Entry, workload: &Workload) -> bool {
    let used: Vec<_> = workload.routes.iter().map(|route| route.endpoint.clone()).collect();
    entry.serves(&used)
}

/// Keeps the thread that drives the run, and reads counters at the edges of windows, off the
/// server's cores. Where that is refused, it stays where it is.
struct Place {
    before: Vec<u32>,
}

impl Place {
    fn with_the_generator(cores: &[u32]) -> Self {
        let before = allowed_cores().unwrap_or_default();
        let _ = pin_current_thread(cores);
        Self { before }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = pin_current_thread(&self.before);
    }
}

/// A time in nanoseconds, at most the largest number.
pub(crate) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
