//! One point as a table, and the line below it that says how far to trust it.

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use httpdyno_record::{Record, Role};

use crate::comparison::{Point, Row};
use crate::container_tax::ContainerTax;
use crate::drift::Drift;
use crate::quantity::{bytes, count, duration, percent, ratio};
use crate::ranking::Rank;
use crate::series::Quantity;
use crate::versus::Versus;

/// Nothing but a line below the header.
const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

const COLUMNS: [&str; 14] = [
    "entry",
    "rank",
    "ties",
    "ratio",
    "95 % interval",
    "verdict",
    "req/s",
    "CPU/req",
    "memory",
    "p50",
    "p99",
    "p99.9",
    "cases",
    "trials",
];

pub(super) fn table(record: &Record, point: &Point, baseline: Option<&str>) -> Table {
    let is_null = |role| matches!(role, Role::NullServer | Role::NullProcess);
    let rows = point.rows.iter().filter(|row| !is_null(row.role));
    plain_table(&COLUMNS, rows.map(|row| cells(record, point, row, baseline)).collect())
}

/// A table of texts, the first column to the left and the others to the right.
pub(super) fn plain_table(header: &[&str], rows: Vec<Vec<String>>) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header);
    table.add_rows(rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn cells(record: &Record, point: &Point, row: &Row, baseline: Option<&str>) -> Vec<String> {
    let [ratio, interval, verdict] = against(point, row, baseline);
    let figures = row.figures.as_ref();
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let rate = figures.and_then(|it| it.throughput_per_s).map(|it| count(it.median));
    let cpu = figures.and_then(|it| it.server_cpu_ns).and_then(|it| known(it.median, duration));
    let latency = figures.and_then(|it| it.latency);
    vec![
        row.entry.clone(),
        row.rank.as_ref().map_or_else(|| "not ranked".to_owned(), ranks),
        or_dash(row.rank.as_ref().map(|rank| rank.groups.clone())),
        ratio,
        interval,
        verdict,
        or_dash(rate),
        or_dash(cpu),
        or_dash(figures.and_then(|it| known(it.peak_rss_bytes, bytes))),
        or_dash(latency.and_then(|it| known(it.p50_ns, duration))),
        or_dash(latency.and_then(|it| known(it.p99_ns, duration))),
        or_dash(latency.and_then(|it| known(it.p999_ns, duration))),
        or_dash(cases(record, &row.entry)),
        format!("{} of {}", figures.map_or(0, |it| it.trials), row.trials),
    ]
}

/// A figure that is never 0 where it was measured: pgbench, say, tells of none.
fn known(value: u64, shown: fn(u64) -> String) -> Option<String> {
    (value > 0).then(|| shown(value))
}

/// Ratio, interval and verdict of what the point is ranked by.
fn against(point: &Point, row: &Row, baseline: Option<&str>) -> [String; 3] {
    let versus = match point.ranked_by {
        Quantity::Throughput => row.versus_baseline.as_ref(),
        Quantity::CpuPerRequest => row.cpu_versus_baseline.as_ref(),
        Quantity::LatencyP99 => row.p99_versus_baseline.as_ref(),
    };
    match versus {
        Some(Versus { ratio_ppm, low_ppm, high_ppm, verdict, .. }) => [
            ratio(*ratio_ppm),
            format!("{} .. {}", ratio(*low_ppm), ratio(*high_ppm)),
            verdict.clone(),
        ],
        None if baseline == Some(&row.entry) => ["1", "", "baseline"].map(str::to_owned),
        None if row.role != Role::Entry => ["-", "-", "reference"].map(str::to_owned),
        None => ["-", "-", "no pairs"].map(str::to_owned),
    }
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

/// How far to trust the table: valid trials, headroom, drift, what could have been seen.
pub(super) fn validity(point: &Point) -> String {
    let entries = || point.rows.iter().filter(|row| row.role == Role::Entry);
    let made: u32 = entries().map(|row| row.trials).sum();
    let valid: u32 = entries().filter_map(|row| Some(row.figures?.trials)).sum();
    let mut parts = vec![format!("validity: {valid} of {made} trials")];
    parts.push(headroom(point));
    parts.extend(point.container_tax.as_ref().map(ContainerTax::text));
    parts.extend(point.drift.as_ref().map(drift));
    let detectable = entries()
        .filter_map(|row| match point.ranked_by {
            Quantity::Throughput => row.versus_baseline.as_ref(),
            Quantity::CpuPerRequest => row.cpu_versus_baseline.as_ref(),
            Quantity::LatencyP99 => row.p99_versus_baseline.as_ref(),
        })
        .map(|versus| versus.detectable_ppm)
        .max();
    parts.extend(
        detectable
            .map(|ppm| format!("differences of {} would have been found", percent(ppm.into()))),
    );
    if !point.not_served.is_empty() {
        parts.push(format!(
            "not ranked here, since they do not serve it: {}",
            point.not_served.join(", ")
        ));
    }
    for row in entries() {
        parts.extend(row.not_ranked.as_ref().map(|why| format!("{} not ranked: {why}", row.entry)));
    }
    parts.join("; ")
}

fn headroom(point: &Point) -> String {
    let fastest = |role: Role| {
        let rows = point.rows.iter().filter(|row| row.role == role);
        let measured = rows.filter_map(|row| {
            let rate = row.figures?.throughput_per_s?.median;
            Some((rate, row.entry.as_str()))
        });
        measured.max()
    };
    let best = fastest(Role::Entry);
    let of = |what: &str, role: Role| match (fastest(role), best) {
        (Some((ceiling, _)), Some((rate, name))) if ceiling > 0 => {
            let share = u128::from(rate) * 1_000_000 / u128::from(ceiling);
            let share = percent(u64::try_from(share).unwrap_or(u64::MAX));
            Some(format!("{what} {} req/s, {name} reaches {share} of it", count(ceiling)))
        }
        (Some((ceiling, _)), _) => Some(format!("{what} {} req/s", count(ceiling))),
        (None, _) => None,
    };
    // The null server asks no database, and pgbench speaks no HTTP: each is half of the way.
    let with_database = point.rows.iter().any(|row| row.database.is_some());
    let what = match with_database {
        true => "ceiling of HTTP without the database (null server)",
        false => "ceiling (null server)",
    };
    let not_measured = || "ceiling not measured".to_owned();
    let mut found = of(what, Role::NullServer).unwrap_or_else(not_measured);
    if let Some(database) = of("of the database without HTTP (pgbench)", Role::Reference) {
        found.push_str("; ceiling ");
        found.push_str(&database);
    }
    found
}

fn drift(drift: &Drift) -> String {
    let change = drift.trend_ppm.unwrap_or(drift.observed_ppm);
    let what = drift.quantity.name();
    if drift.exceeds {
        return format!(
            "the machine drifted: {what} of the last block is {} of the first",
            ratio(change)
        );
    }
    format!("no drift ({what}, last to first block {})", ratio(change))
}
