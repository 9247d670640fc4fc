//! A comparison as a table for a terminal.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use httpdyno_record::{Ending, EntryRecord, Record, Role};

mod apart;

use crate::comparison::{Comparison, Figures, Invalid, Point, Row};
use crate::quantity::{bytes, count, duration};
use crate::style::{Palette, styled};

/// The whole text: the validity line first, then a table for each point, then what did not count.
#[must_use]
pub fn render(record: &Record, comparison: &Comparison) -> String {
    let mut text = header(record);
    for point in &comparison.points {
        let _ = writeln!(
            text,
            "{}",
            styled(
                Palette::HEADING,
                &format!("{}, {} connections", point.workload, point.connections)
            )
        );
        let _ = writeln!(text, "{}\n", table(point, comparison.baseline.as_deref()));
        for apart in [apart::database(point), apart::routes(point)].into_iter().flatten() {
            let _ = writeln!(text, "{apart}\n");
        }
    }
    text.push_str(&notes(record, comparison));
    text
}

fn header(record: &Record) -> String {
    let run = &record.run;
    let mut text = format!(
        "profile {}, seed {}, {} blocks of {} each after {} warm-up; server on cores {:?}, \
         generator on cores {:?}\n{}, {} cores, {} ({})\n",
        run.profile.id,
        run.seed,
        run.profile.blocks,
        run.profile.measure,
        run.profile.warmup,
        run.cores.server,
        run.cores.generator,
        run.host.cpu_model,
        run.host.cores,
        run.host.kernel,
        run.host.fingerprint,
    );
    let mut warn = |warning: &str| {
        let _ = writeln!(text, "{}", styled(Palette::WARNING, &format!("warning: {warning}")));
    };
    if !run.profile.publishable {
        warn("this profile is for a first look; its figures are not for publication");
    }
    run.warnings.iter().for_each(|warning| warn(warning));
    match run.ending {
        Ending::Complete => {}
        Ending::Interrupted => warn("the run was interrupted; some trials are missing"),
        Ending::Unfinished => warn("the run did not come to its end; some trials are missing"),
    }
    text.push('\n');
    text
}

/// Nothing but a line below the header.
const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

fn table(point: &Point, baseline: Option<&str>) -> Table {
    let header = [
        "entry",
        "req/s",
        "min .. max",
        "ratio",
        "95 % interval",
        "verdict",
        "p50",
        "p99",
        "p99.9",
        "CPU/req",
        "peak RSS",
        "trials",
    ];
    plain_table(&header, point.rows.iter().map(|row| cells(row, baseline)).collect())
}

/// A table of texts, the first column to the left and the others to the right.
fn plain_table(header: &[&str], rows: Vec<Vec<String>>) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header);
    table.add_rows(rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn cells(row: &Row, baseline: Option<&str>) -> Vec<String> {
    let Some(figures) = &row.figures else {
        let mut cells = vec!["-".to_owned(); 12];
        cells[0].clone_from(&row.entry);
        cells[11] = format!("0 of {}", row.trials);
        return cells;
    };
    let Figures { throughput_per_s: rate, latency, .. } = figures;
    let [ratio, interval, verdict] = match &row.versus_baseline {
        Some(versus) => [
            three_decimals(versus.ratio_ppm),
            format!("{} .. {}", three_decimals(versus.low_ppm), three_decimals(versus.high_ppm)),
            versus.verdict.clone(),
        ],
        None if baseline == Some(&row.entry) => ["1", "", "baseline"].map(str::to_owned),
        None if row.role != Role::Entry => ["-", "-", "not ranked"].map(str::to_owned),
        None => ["-", "-", "too few blocks"].map(str::to_owned),
    };
    vec![
        row.entry.clone(),
        count(rate.median),
        format!("{} .. {}", count(rate.min), count(rate.max)),
        ratio,
        interval,
        verdict,
        known(latency.p50_ns, duration),
        known(latency.p99_ns, duration),
        known(latency.p999_ns, duration),
        known(figures.server_cpu_ns.median, duration),
        known(figures.peak_rss_bytes, bytes),
        format!("{} of {}", figures.trials, row.trials),
    ]
}

/// A figure that is never 0 where it was measured: pgbench, say, tells of none.
fn known(value: u64, shown: fn(u64) -> String) -> String {
    if value == 0 { "-".to_owned() } else { shown(value) }
}

/// Parts per million as a ratio: `1 234 567` is `1.235`.
fn three_decimals(ppm: u64) -> String {
    let thousandths = (ppm + 500) / 1000;
    format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
}

/// Conformance, and everything that is not a number.
fn notes(record: &Record, comparison: &Comparison) -> String {
    let mut text = String::new();
    for entry in &record.run.entries {
        let _ = writeln!(text, "{}", conformance_line(entry));
    }
    for (entry, cause, trials, message) in invalid_trials(comparison) {
        let _ = writeln!(
            text,
            "{} {trials} of {entry}, {cause}: {message}",
            styled(Palette::WARNING, "not a number:"),
        );
    }
    text
}

/// Each entry and cause once, in order of appearance, with the trials it hit and the first message.
fn invalid_trials(comparison: &Comparison) -> Vec<(&str, &str, String, &str)> {
    let mut found: Vec<(&str, &str, u32, &str)> = Vec::new();
    for row in comparison.points.iter().flat_map(|point| &point.rows) {
        for Invalid { cause, message } in &row.invalid {
            let same = |(entry, known, ..): &&mut (&str, &str, u32, &str)| {
                *entry == row.entry && known == cause
            };
            match found.iter_mut().find(same) {
                Some((_, _, trials, _)) => *trials += 1,
                None => found.push((&row.entry, cause, 1, message)),
            }
        }
    }
    let in_words = |trials| match trials {
        1 => "1 trial".to_owned(),
        _ => format!("{trials} trials"),
    };
    let shown = |(entry, cause, trials, message)| (entry, cause, in_words(trials), message);
    found.into_iter().map(shown).collect()
}

fn conformance_line(entry: &EntryRecord) -> String {
    let version = entry.version.as_deref().unwrap_or("version unknown");
    let conformance = match &entry.conformance {
        Some(counts) => format!("conformance {counts}"),
        None => "conformance not checked".to_owned(),
    };
    let line = format!("{} ({version}): {conformance}", entry.entry);
    match &entry.excluded {
        Some(reason) => {
            format!("{line}\n{} {reason}", styled(Palette::WARNING, "  not measured:"))
        }
        None => line,
    }
}
