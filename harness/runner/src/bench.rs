//! The trials of a comparison: pilots, then blocks in which every entry meets every point.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use httpdyno_record::rows::decide;
use httpdyno_record::{Figure, Purpose, TrialRecord};
use httpdyno_spec::SpecTree;
use httpdyno_spec::workload::Workload;
use jiff::Timestamp;

use crate::ceiling::{NULL_SERVER, Shape};
use crate::claims::Part;
use crate::database::RunDatabase;
use crate::design::block_time;
use crate::entry::Entry;
use crate::error::RunError;
use crate::event::Observer;
use crate::null_servers::{NULL_PROCESS, NullServers};
use crate::plan::RunPlan;
use crate::rates;
use crate::reference::{self, PGBENCH};
use crate::run::{Asked, Run, RunSummary};
use crate::schedule::{self, Point, Slot, Who, schedule};
use crate::trial::COUNTING_TIME;

/// Makes the run and writes its record; `stop` ends it early and keeps what was measured.
///
/// Call it from a thread that outlives the run: servers die with the thread that started them.
///
/// # Errors
/// When the run cannot be made at all, or its record cannot be written.
pub fn bench(
    tree: &SpecTree,
    plan: &RunPlan,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<RunSummary, RunError> {
    bench_part(tree, plan, None, observer, stop)
}

/// The same of a part of all points, and of the entries that are wanted at each.
pub(crate) fn bench_part(
    tree: &SpecTree,
    plan: &RunPlan,
    part: Option<&Part>,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<RunSummary, RunError> {
    let mut run = Run::open(tree, plan, observer, stop)?;
    run.tests(part.map(|part| part.claims.clone()).unwrap_or_default())?;
    let referred = run.database.as_ref().filter(|_| plan.workloads.iter().any(reference::applies));
    if let Some(reference) = referred.map(reference::entry_record) {
        run.add_entry(reference)?;
    }
    let mut bench = Bench {
        null_servers: run.null_servers.take(),
        run,
        shapes: BTreeMap::new(),
        null_rates: BTreeMap::new(),
        null_costs: BTreeMap::new(),
        part,
    };
    if !bench.run.lacks_a_side() {
        bench.learn_shapes()?;
        bench.all_stages()?;
    }
    bench.run.close()
}

/// A comparison under way.
struct Bench<'a> {
    run: Run<'a>,
    /// The ceiling; none where none was asked for.
    null_servers: Option<NullServers>,
    /// What the null server answers, by workload.
    shapes: BTreeMap<String, Shape>,
    /// The null server's rates, by block and position of the point.
    null_rates: BTreeMap<(u32, usize), u64>,
    /// Its CPU time per response there, in nanoseconds.
    null_costs: BTreeMap<(u32, usize), u64>,
    /// What of all points is wanted; nothing means everything.
    part: Option<&'a Part>,
}

impl<'a> Bench<'a> {
    /// For each workload the response of the first entry that serves it.
    fn learn_shapes(&mut self) -> Result<(), RunError> {
        if self.null_servers.is_none() {
            return Ok(());
        }
        let folder = self.run.folder().join("null-responses");
        for workload in &self.run.plan.workloads {
            let mut entries = self.run.entries.iter();
            let Some(&entry) = entries.find(|entry| serves(entry, workload)) else { continue };
            let context = self.run.context();
            let database = context.database_for(workload).map(RunDatabase::ready);
            let mut given = context.given();
            given.database = database.transpose()?;
            match Shape::learn(self.run.tree, entry, given, workload, &folder) {
                Ok(shape) => {
                    self.shapes.insert(workload.id.to_string(), shape);
                }
                Err(reason) => self.run.warn(Some(format!(
                    "no null server for workload `{}`: {} was to show the shape of its response, \
                     but {reason}",
                    workload.id, entry.id
                )))?,
            }
        }
        Ok(())
    }

    /// Pilot and blocks. Ends early, without an error, where somebody stops the run.
    fn all_stages(&mut self) -> Result<(), RunError> {
        let plan = self.run.plan;
        let profile = &plan.profile;
        let mut points = if plan.own_pace { self.own_pace() } else { Vec::new() };
        if let Some(rates) = &profile.fixed_rates {
            if !rates.shares_ppm.is_empty() {
                self.pace_pilot(rates.connections)?;
            }
            for workload in &plan.workloads {
                points.extend(rates::points(rates, &workload.id, &self.run.trials));
            }
        }
        let Some(budgeted) = plan.budget else {
            return self.stage(&points, 0, profile.blocks);
        };
        let load = profile.idle.duration()
            + profile.warmup.duration()
            + profile.measure.duration()
            + COUNTING_TIME;
        let per_block = block_time(self.slots(&points, 0, 1).len(), load);
        let design = budgeted.before_pilot(per_block)?;
        self.run.designed(design)?;
        let begun = Instant::now();
        let compared_from = self.run.trials.len();
        self.stage(&points, 0, design.pilot_blocks)?;
        if self.run.is_stopped() {
            return Ok(());
        }
        let per_block = begun.elapsed() / design.pilot_blocks.max(1);
        let mut compared: Vec<TrialRecord> = self.run.trials[compared_from..]
            .iter()
            .filter(|trial| ![NULL_SERVER, NULL_PROCESS, PGBENCH].contains(&trial.entry.as_str()))
            .cloned()
            .collect();
        decide(&mut compared);
        let design = budgeted.after_pilot(&design, &compared, per_block)?;
        self.run.designed(design)?;
        self.stage(&points, design.pilot_blocks, design.blocks - design.pilot_blocks)
    }

    fn own_pace(&self) -> Vec<Point> {
        let of_workload = |workload: &Workload| {
            let workload = workload.id.clone();
            self.run.plan.profile.connections.iter().map(move |&connections| Point {
                workload: workload.clone(),
                connections,
                rate_per_s: None,
            })
        };
        let all = self.run.plan.workloads.iter().flat_map(of_workload);
        all.filter(|point| self.part.is_none_or(|part| part.has(point))).collect()
    }

    /// Whether an entry is measured at a point.
    fn applies(&self, entry: &Entry, point: &Point) -> bool {
        let id = entry.id.to_string();
        serves(entry, self.workload(point)) && self.part.is_none_or(|part| part.wants(&id, point))
    }

    fn slots(&self, points: &[Point], first_block: u32, blocks: u32) -> Vec<Slot> {
        let design = schedule::Design {
            points: points.len(),
            entries: self.run.entries.len(),
            first_block,
            blocks,
            null_server: self.null_servers.is_some(),
            null_process: self.null_servers.as_ref().is_some_and(NullServers::runs_both_ways),
            seed: self.run.plan.seed,
        };
        let entries = &self.run.entries;
        schedule(design, |entry, point| self.applies(entries[entry], &points[point]))
    }

    fn workload(&self, point: &Point) -> &'a Workload {
        let found = self.run.plan.workloads.iter().find(|workload| workload.id == point.workload);
        found.expect("points are made of the plan's workloads")
    }

    /// One trial of each entry at the workloads' own pace: how much each can do, for choosing
    /// rates that all can keep.
    fn pace_pilot(&mut self, connections: u32) -> Result<(), RunError> {
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
        self.trials(&points, &slots, Some(Purpose::Pilot))
    }

    /// `blocks` blocks, the first of which has the number `first`.
    fn stage(&mut self, points: &[Point], first: u32, blocks: u32) -> Result<(), RunError> {
        let slots = self.slots(points, first, blocks);
        self.trials(points, &slots, None)
    }

    fn trials(
        &mut self,
        points: &[Point],
        slots: &[Slot],
        purpose: Option<Purpose>,
    ) -> Result<(), RunError> {
        if self.run.is_stopped() {
            return Ok(());
        }
        let blocks = slots.iter().map(|slot| slot.block + 1).max().unwrap_or(0);
        self.run.announce(slots.len(), blocks);
        let mut before = None;
        for slot in slots {
            let point = &points[slot.point];
            // Where a point of a block begins: its trials stand side by side.
            if before != Some((slot.block, slot.point)) && purpose.is_none() {
                before = Some((slot.block, slot.point));
                self.reference(point, slot.block)?;
            }
            if self.run.is_stopped() {
                return Ok(());
            }
            self.trial(point, *slot, purpose)?;
        }
        Ok(())
    }

    /// One trial of whoever has this place in the schedule.
    fn trial(
        &mut self,
        point: &Point,
        slot: Slot,
        purpose: Option<Purpose>,
    ) -> Result<(), RunError> {
        let workload = self.workload(point);
        let null_server = self.null_servers.as_ref().map(|servers| servers.entry(slot.who));
        let shape = self.shapes.get(workload.id.as_str());
        let (entry, shape) = match (slot.who, &null_server, shape) {
            (Who::Entry(entry), ..) => (self.run.entries[entry], None),
            (Who::NullServer | Who::NullProcess, Some(entry), Some(_)) => (entry, shape),
            // Nobody has shown what it is to answer.
            (Who::NullServer | Who::NullProcess, ..) => return Ok(()),
        };
        let arrivals = self.run.plan.profile.fixed_rates.as_ref().map(|rates| rates.arrivals);
        let at_rate = point.rate_per_s.map(|_| Purpose::FixedRate);
        let asked = Asked {
            purpose: purpose.or(at_rate).unwrap_or(Purpose::Compare),
            rate: point.rate_per_s.map(|rate| (rate, arrivals.unwrap_or_default())),
            block: slot.block,
            point: slot.point,
            shape,
            null_per_s: self.null_rates.get(&(slot.block, slot.point)).copied(),
            null_cost_ns: self.null_costs.get(&(slot.block, slot.point)).copied(),
            ..Asked::of(entry, workload, point.connections)
        };
        let trial = self.run.trial(asked)?;
        // A null server that was disturbed shows no ceiling and no floor, and accuses no entry.
        let of_null = trial.as_ref().filter(|_| slot.who == Who::NullServer);
        let place = (slot.block, slot.point);
        if let Some(measured) = of_null.and_then(|trial| trial.valid_for(Figure::Throughput)) {
            self.null_rates.insert(place, measured.responses_per_s());
        }
        let cost = of_null
            .and_then(|trial| trial.valid_for(Figure::Cost))
            .and_then(|measured| measured.server_cpu_ns.checked_div(measured.responses));
        self.null_costs.extend(cost.map(|cost| (place, cost)));
        Ok(())
    }

    /// Runs pgbench where a point asks for what it does, once in each block.
    fn reference(&mut self, point: &Point, block: u32) -> Result<(), RunError> {
        let workload = self.workload(point);
        let database = self.run.database.as_ref().filter(|_| reference::applies(workload));
        let (Some(database), None) = (database, point.rate_per_s) else { return Ok(()) };
        let started_at = Timestamp::now();
        let measure = self.run.plan.profile.measure.duration();
        let beside = self.run.rest_beside_database();
        let (outcome, enforced) = reference::measure(database, &self.run.cores, measure);
        drop(beside);
        if self.run.is_stopped() {
            return Ok(());
        }
        let trial = TrialRecord {
            trial: self.run.next_number(),
            block,
            entry: PGBENCH.to_owned(),
            workload: point.workload.to_string(),
            connections: point.connections,
            purpose: Purpose::Compare,
            offered_per_s: None,
            started_at,
            enforced,
            outcome,
        };
        self.run.keep(&trial, None)
    }
}

fn serves(entry: &Entry, workload: &Workload) -> bool {
    let used: Vec<_> = workload.endpoints().cloned().collect();
    entry.serves(&used)
}
