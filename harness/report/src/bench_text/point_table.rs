//! One point as a table.

use httpdyno_record::{Figure, Record, Role};

use crate::comparison::{Point, Row};
use crate::figures::{ONE_START, known};
use crate::legible::one_line;
use crate::quantity::{bytes_in_mib, count, duration, durations, ns_in_us, ratio};
use crate::ranking::{Rank, abridged};
use crate::text_table::{Column, fitting};

/// Heading, how expendable it is where there is no room, and the cell of a row.
type Kind = (&'static str, u8, fn(&Row, &Shown<'_>) -> Option<String>);

/// What the cells of a row are made from, beside the row.
struct Shown<'a> {
    record: &'a Record,
    point: &'a Point,
    baseline: Option<&'a str>,
}

const KINDS: [Kind; 14] = [
    ("entry", 0, |row, _| Some(one_line(&row.entry))),
    ("rank", 6, |row, _| row.rank.as_ref().map(ranks)),
    ("ties", 0, |row, _| row.rank.as_ref().map(|rank| abridged(&rank.groups))),
    ("ratio", 0, |row, shown| match row.versus(shown.point.ranked_by) {
        Some(versus) => {
            let weak = row.mark(shown.point.ranked_by.figure());
            Some(format!("{weak}{}", ratio(versus.ratio_ppm)))
        }
        None if row.why_void(shown.point.ranked_by.figure()).is_some() => {
            row.why_void(shown.point.ranked_by.figure())
        }
        None => (shown.baseline == Some(&row.entry)).then(|| "1".to_owned()),
    }),
    ("95 %", 0, |row, shown| {
        let versus = row.versus(shown.point.ranked_by)?;
        Some(format!("{}..{}", ratio(versus.low_ppm), ratio(versus.high_ppm)))
    }),
    ("verdict", 2, |row, shown| match row.versus(shown.point.ranked_by) {
        Some(versus) => Some(versus.verdict.clone()),
        None if row.why_void(shown.point.ranked_by.figure()).is_some() => Some("void".to_owned()),
        None if shown.baseline == Some(&row.entry) => Some("baseline".to_owned()),
        None if row.role != Role::Entry => Some("reference".to_owned()),
        None => Some("no pairs".to_owned()),
    }),
    ("req/s", 0, |row, _| {
        let rate = row.figures.and_then(|it| it.throughput_per_s).map(|it| count(it.median));
        marked(row, rate, Figure::Throughput)
    }),
    ("CPU us", 0, |row, _| {
        let cpu = row.figures.and_then(|it| known(it.server_cpu_ns?.median)).map(ns_in_us);
        marked(row, cpu, Figure::Cost)
    }),
    ("MiB", 3, |row, _| {
        let rss = known(row.figures?.peak_rss_bytes).map(bytes_in_mib)?;
        Some(format!("{}{rss}", row.mark(Figure::Cost)))
    }),
    ("p50", 4, |row, _| {
        let p50 = row.figures.and_then(|it| known(it.latency?.p50_ns)).map(duration);
        marked(row, p50, Figure::Latency)
    }),
    ("p99, 95 %", 1, |row, _| {
        let p99 = row.figures.and_then(|it| it.latency?.p99_interval_ns);
        let p99 = p99.map(|[low, high]| durations(low, high));
        marked(row, p99, Figure::Tail).or_else(|| no_tail(row))
    }),
    ("p99.9, 95 %", 7, |row, _| {
        let p999 = row.figures.and_then(|it| it.latency?.p999_interval_ns);
        let p999 = p999.map(|[low, high]| durations(low, high));
        marked(row, p999, Figure::Tail).or_else(|| no_tail(row))
    }),
    ("cases", 5, |row, shown| cases(shown.record, &row.entry)),
    ("trials", 8, |row, _| {
        Some(format!("{} of {}", row.figures.map_or(0, |it| it.trials), row.trials))
    }),
];

/// A figure with its mark, or what took it.
fn marked(row: &Row, text: Option<String>, figure: Figure) -> Option<String> {
    let text = text.map(|text| format!("{}{text}", row.mark(figure)));
    text.or_else(|| row.why_void(figure))
}

/// Why a row without anything void has no tail: one start says nothing of another.
fn no_tail(row: &Row) -> Option<String> {
    row.figures?.latency.map(|_| ONE_START.to_owned())
}

/// The table in at most `width` letters, and the columns that it has no room for.
pub(super) fn table(
    record: &Record,
    point: &Point,
    baseline: Option<&str>,
    width: usize,
) -> (String, Vec<&'static str>) {
    let is_null = |role| matches!(role, Role::NullServer | Role::NullProcess);
    let rows: Vec<&Row> = point.rows.iter().filter(|row| !is_null(row.role)).collect();
    let shown = Shown { record, point, baseline };
    let column = |(heading, expendable, cell): &Kind| Column {
        heading,
        expendable: *expendable,
        cells: rows.iter().map(|row| cell(row, &shown).unwrap_or_else(|| "-".to_owned())).collect(),
    };
    fitting(KINDS.iter().map(column).collect(), width)
}

/// `3`, or `2-4` where it cannot be told.
fn ranks(rank: &Rank) -> String {
    if rank.best == rank.worst {
        return rank.best.to_string();
    }
    format!("{}-{}", rank.best, rank.worst)
}

fn cases(record: &Record, name: &str) -> Option<String> {
    let entry = record.run.entries.iter().find(|entry| entry.entry == name)?;
    let counts = entry.conformance.as_ref()?;
    Some(format!("{}/{}", counts.passed, counts.applicable()))
}
