//! The rows of each point of the comparison.

use std::collections::BTreeMap;

use httpdyno_analysis::used::Used;
use httpdyno_record::{Figure, Record, TrialRecord, WeakFigure};
use serde::Serialize;

use crate::columns::{Value, page_cells};
use crate::comparison::{self, Comparison, DatabaseFigures, RouteFigures};
use crate::figures;
use crate::html::data::Places;
use crate::legible::one_line;
use crate::line::{Line, triple};
use crate::series::Quantity;

/// One workload at one number of connections.
#[derive(Serialize)]
pub(super) struct Point {
    pub(super) workload: usize,
    connections: u32,
    /// Requests offered per second; absent where the workload paces itself.
    offered: Option<u64>,
    ranked_by: Quantity,
    rows: Vec<Row>,
}

/// One entry there. Spreads are least, median, most; ratios are lower end, estimate, upper end.
#[derive(Serialize)]
struct Row {
    entry: usize,
    /// What stands in the table, one for each of the page's columns.
    cells: Vec<Option<Value>>,
    rate: Option<[u64; 3]>,
    cpu: Option<[u64; 3]>,
    ratio: Option<[u64; 3]>,
    verdict: Option<String>,
    groups: String,
    not_ranked: Option<String>,
    latency: Option<Latency>,
    curve: Option<Vec<u64>>,
    rss: Option<u64>,
    /// What stands in the cells of figures that it does not have, by kind.
    void: BTreeMap<String, String>,
    /// The kinds of figures that are weaker than they should be, and why.
    weak: BTreeMap<String, String>,
    used: Used,
    /// The database's part, where one was used.
    database: Option<Database>,
    /// Each route apart, of a workload with several.
    routes: Vec<Route>,
    invalid: Vec<Cause>,
}

#[derive(Serialize)]
struct Database {
    /// Statements per second: least, median, most.
    statements: Option<[u64; 3]>,
    /// CPU nanoseconds of the database per right response, likewise.
    cpu: Option<[u64; 3]>,
    /// Throughput to the reference's in parts per million, and its interval where there is one.
    of_reference: Option<u64>,
    interval: Option<[u64; 2]>,
}

#[derive(Serialize)]
struct Route {
    route: String,
    responses: u64,
    #[serde(flatten)]
    latency: Latency,
}

/// What is above the median as lower end, estimate, upper end over the starts.
#[derive(Serialize)]
struct Latency {
    p50: u64,
    p90: Option<[u64; 3]>,
    p99: Option<[u64; 3]>,
    p999: Option<[u64; 3]>,
    /// Of a start's largest: lower end, the largest of all, upper end.
    max: Option<[u64; 3]>,
}

/// Why trials are no numbers, and how many.
#[derive(Serialize)]
struct Cause {
    cause: String,
    trials: u32,
}

impl Point {
    /// `rows` are the trials of the point by entry.
    pub(super) fn of(
        comparison: &Comparison,
        point: &comparison::Point,
        rows: &BTreeMap<&str, Vec<&TrialRecord>>,
        places: &Places<'_>,
    ) -> Self {
        let known = point.rows.iter().filter_map(|row| Some((places.entry(&row.entry)?, row)));
        let known = known.map(|(entry, row)| {
            let own = rows.get(row.entry.as_str()).map_or(&[][..], Vec::as_slice);
            Row::of(places.record, entry, Line::of(comparison, point, row), (own, row))
        });
        Self {
            workload: places.workload(&point.workload).unwrap_or_default(),
            connections: point.connections,
            offered: point.offered_per_s,
            ranked_by: point.ranked_by,
            rows: known.collect(),
        }
    }
}

impl Row {
    fn of(
        record: &Record,
        entry: usize,
        line: Line,
        (own, row): (&[&TrialRecord], &comparison::Row),
    ) -> Self {
        let cells = page_cells(&line, record);
        let causes = line.causes.into_iter();
        let kinds = [Figure::Throughput, Figure::Latency, Figure::Tail, Figure::Cost];
        let why = |kind: Figure| Some((kind.to_string(), row.why_void(kind)?));
        Self {
            entry,
            cells,
            rate: line.rate,
            cpu: line.cpu,
            ratio: line.ratio,
            verdict: line.verdict,
            groups: line.groups,
            not_ranked: line.not_ranked,
            latency: line.latency.as_ref().map(Latency::of),
            curve: row.curve.clone(),
            rss: line.rss,
            void: kinds.into_iter().filter_map(why).collect(),
            weak: line.weak.iter().map(why_weak).collect(),
            used: Used::of(own),
            database: row.database.as_ref().map(Database::of),
            routes: row.routes.iter().map(Route::of).collect(),
            invalid: causes.map(|(cause, trials)| Cause { cause, trials }).collect(),
        }
    }
}

fn why_weak(weak: &WeakFigure) -> (String, String) {
    let without = weak.without.iter().map(|privilege| privilege.consequence());
    (weak.figure.to_string(), without.collect::<Vec<_>>().join("; "))
}

impl Latency {
    fn of(of: &figures::Latency) -> Self {
        let tail = |ns: Option<u64>, interval: Option<[u64; 2]>| {
            interval.zip(ns).map(|([low, high], mid)| [low, mid, high])
        };
        Self {
            p50: of.p50_ns,
            p90: tail(of.p90_ns, of.p90_interval_ns),
            p99: tail(of.p99_ns, of.p99_interval_ns),
            p999: tail(of.p999_ns, of.p999_interval_ns),
            max: tail(of.max_ns, of.max_interval_ns),
        }
    }
}

impl Database {
    fn of(figures: &DatabaseFigures) -> Self {
        let reference = figures.versus_reference.as_ref();
        let paired = reference.and_then(|reference| reference.paired.as_ref());
        let plain = reference.map(|reference| reference.ratio_ppm);
        Self {
            statements: figures.statements_per_s.map(triple),
            cpu: figures.cpu_ns.map(triple),
            of_reference: paired.map(|paired| paired.ratio_ppm).or(plain),
            interval: paired.map(|paired| [paired.low_ppm, paired.high_ppm]),
        }
    }
}

impl Route {
    fn of(figures: &RouteFigures) -> Self {
        Self {
            route: one_line(&figures.route),
            responses: figures.responses,
            latency: Latency::of(&figures.latency),
        }
    }
}
