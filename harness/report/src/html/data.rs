//! What the page's charts and tables are made of, as the page's script reads it.
//!
//! Entries and workloads are referred to by their place, so that a long name stands once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use httpdyno_record::{CapacityRecord, EntryRecord, Record, Role, TrialRecord};
use serde::Serialize;

use crate::columns::{PageColumn, page_columns};
use crate::comparison::Comparison;
use crate::curve::INVERSE_TAILS_MILLI;
use crate::html::points::Point;
use crate::html::series::{Asked, Capacity, Load, Scale};
use crate::html::trials::Trials;
use crate::legible::{legible, one_line};
use crate::series::Quantity;

/// Everything but the verdicts.
#[derive(Serialize)]
pub(super) struct Data {
    entries: Vec<Entry>,
    workloads: Vec<Workload>,
    /// Workloads with points of the comparison, or with trials beside it.
    used_workloads: Vec<usize>,
    /// Entries with trials.
    measured: Vec<usize>,
    /// The entry that the others are compared with.
    baseline: Option<usize>,
    /// 1 / (1 - quantile) of each step of a latency curve, in thousandths.
    inverse_tails_milli: Vec<u64>,
    /// The columns of the tables of points.
    columns: Vec<PageColumn>,
    points: Vec<Point>,
    trials: Trials,
    /// Why trials are no numbers.
    causes: Vec<String>,
    loads: Vec<Load>,
    scales: Vec<Scale>,
    capacities: Vec<Capacity>,
    /// The objective of the capacities.
    objective: Option<Asked>,
    /// What figures of the database are put beside, such as pgbench.
    reference: Option<String>,
    composites: Vec<Composite>,
}

/// One figure over several points.
#[derive(Serialize)]
struct Composite {
    quantity: Quantity,
    points: Vec<String>,
    of: u32,
    blocks: u32,
    scores: Vec<Score>,
}

/// Lower end, estimate and upper end in parts per million, and the points that it served.
#[derive(Serialize)]
struct Score {
    entry: usize,
    ratio: [u64; 3],
    covered: u32,
}

#[derive(Serialize)]
struct Entry {
    entry: String,
    name: String,
    language: String,
    framework: String,
    role: Role,
    tags: Vec<String>,
    conformance: bool,
}

#[derive(Serialize)]
struct Workload {
    id: String,
    summary: String,
    endpoints: Vec<String>,
}

/// The places of entries and workloads.
pub(super) struct Places<'a> {
    pub(super) record: &'a Record,
    workloads: Vec<String>,
}

impl<'a> Places<'a> {
    /// Of `record`, whose older versions do not list their workloads.
    pub(super) fn of(record: &'a Record) -> Self {
        let mut workloads: Vec<String> =
            record.run.workloads.iter().map(|workload| workload.id.clone()).collect();
        let tried: BTreeSet<&String> = record.trials.iter().map(|trial| &trial.workload).collect();
        let missing: Vec<String> =
            tried.into_iter().filter(|id| !workloads.contains(id)).cloned().collect();
        workloads.extend(missing);
        Self { record, workloads }
    }

    pub(super) fn entry(&self, name: &str) -> Option<usize> {
        self.record.run.entries.iter().position(|entry| entry.entry == name)
    }

    pub(super) fn workload(&self, id: &str) -> Option<usize> {
        self.workloads.iter().position(|known| known == id)
    }
}

impl Data {
    /// Of `record`.
    pub(super) fn of(
        record: &Record,
        comparison: &Comparison,
        capacity: Option<&CapacityRecord>,
    ) -> Self {
        let places = Places::of(record);
        let point_places = point_places(comparison);
        let by_point = by_point(record, &point_places);
        let points = comparison.points.iter().zip(&by_point);
        let points: Vec<Point> =
            points.map(|(point, rows)| Point::of(comparison, point, rows, &places)).collect();
        let (trials, causes) = Trials::of(record, &point_places, &places);
        let tried: HashSet<&str> = record.trials.iter().map(|it| it.entry.as_str()).collect();
        let has_trials = |entry: &EntryRecord| tried.contains(entry.entry.as_str());
        let entries = record.run.entries.iter().enumerate();
        let measured =
            entries.filter(|(_, entry)| has_trials(entry)).map(|(place, _)| place).collect();
        let (loads, scales) = (Load::all(record, &places), Scale::all(record, &places));
        let capacities = Capacity::all(record, capacity, &places);
        let mut used: BTreeSet<usize> = points.iter().map(|point| point.workload).collect();
        used.extend(loads.iter().map(|load| load.workload));
        used.extend(scales.iter().map(|scale| scale.workload));
        used.extend(capacities.iter().map(|capacity| capacity.workload));
        let reference = record.run.entries.iter().find(|entry| entry.role == Role::Reference);
        Self {
            entries: record.run.entries.iter().map(|entry| Entry::of(record, entry)).collect(),
            workloads: places.workloads.iter().map(|id| Workload::of(record, id)).collect(),
            used_workloads: used.into_iter().collect(),
            measured,
            baseline: comparison.baseline.as_deref().and_then(|name| places.entry(name)),
            inverse_tails_milli: INVERSE_TAILS_MILLI.to_vec(),
            columns: page_columns(),
            points,
            trials,
            causes,
            loads,
            scales,
            capacities,
            objective: capacity.map(Asked::of),
            reference: reference.map(|entry| one_line(&entry.entry)),
            composites: comparison.composites.iter().map(|it| Composite::of(it, &places)).collect(),
        }
    }
}

impl Composite {
    fn of(composite: &crate::composite::Composite, places: &Places<'_>) -> Self {
        let scores = composite.scores.iter().filter_map(|score| {
            let ratio = [score.low_ppm, score.ratio_ppm, score.high_ppm];
            Some(Score { entry: places.entry(&score.entry)?, ratio, covered: score.covered })
        });
        Self {
            quantity: composite.quantity,
            points: composite.points.iter().map(|point| one_line(point)).collect(),
            of: composite.of,
            blocks: composite.blocks,
            scores: scores.collect(),
        }
    }
}

impl Entry {
    fn of(record: &Record, entry: &EntryRecord) -> Self {
        Self {
            entry: one_line(&entry.entry),
            name: one_line(&entry.name),
            language: one_line(&entry.language),
            framework: one_line(&entry.framework),
            role: entry.role,
            tags: entry.tags.iter().map(|tag| one_line(tag)).collect(),
            conformance: record.cases.iter().any(|case| case.entry == entry.entry),
        }
    }
}

impl Workload {
    fn of(record: &Record, id: &str) -> Self {
        let known = record.run.workloads.iter().find(|workload| workload.id == id);
        Self {
            id: one_line(id),
            summary: known.map(|it| legible(&it.summary)).unwrap_or_default(),
            endpoints: known.map(|it| it.endpoints.clone()).unwrap_or_default(),
        }
    }
}

/// The trials of each point of `comparison`, by entry: gone through once, however many points there
/// are.
fn by_point<'a>(
    record: &'a Record,
    points: &HashMap<PointKey<'_>, usize>,
) -> Vec<BTreeMap<&'a str, Vec<&'a TrialRecord>>> {
    let mut found: Vec<BTreeMap<&str, Vec<&TrialRecord>>> = vec![BTreeMap::new(); points.len()];
    for trial in &record.trials {
        if let Some(&point) = point_key(trial).and_then(|key| points.get(&key)) {
            found[point].entry(&trial.entry).or_default().push(trial);
        }
    }
    found
}

/// What tells points apart.
pub(super) type PointKey<'a> = (&'a str, u32, Option<u64>);

/// The places of the points of a comparison.
fn point_places(comparison: &Comparison) -> HashMap<PointKey<'_>, usize> {
    let points = comparison.points.iter().enumerate();
    let key = |point: &'_ crate::comparison::Point| (point.connections, point.offered_per_s);
    points
        .map(|(place, point)| {
            let (connections, offered) = key(point);
            ((point.workload.as_str(), connections, offered), place)
        })
        .collect()
}

/// The point of the comparison that a trial would be of; nothing of one that is not compared.
pub(super) fn point_key(trial: &TrialRecord) -> Option<PointKey<'_>> {
    trial.purpose.is_compared().then_some((
        trial.workload.as_str(),
        trial.connections,
        trial.offered_per_s,
    ))
}
