//! What a search for the capacity came to, for a terminal.

use std::fmt::Write as _;

use comfy_table::Table;
use httpdyno_analysis::capacity::closed_loop;
use httpdyno_record::capacity::{Shown, VOID};
use httpdyno_record::lack::weak_kinds;
use httpdyno_record::{
    CapacityRecord, CapacitySearch, Figure, Objective, Purpose, Record, Recovery, TrialRecord,
};

use crate::quantity::{count, duration, percent};
use crate::series::COST;
use crate::style::{Palette, styled};
use crate::text_table::{WIDTH, plain_table, wrapped};
use crate::weak::{LEGEND, mark_of};

/// The objective, a row for each entry, latency against offered load, and recovery.
#[must_use]
pub fn render(record: &Record, found: &CapacityRecord) -> String {
    let heading = format!("highest rate with {}", objective(&found.objective));
    let mut text = String::new();
    for warning in &record.run.warnings {
        let _ = writeln!(text, "{}", styled(Palette::WARNING, &format!("warning: {warning}")));
    }
    let _ = writeln!(text, "{}", styled(Palette::HEADING, &heading));
    let _ = writeln!(text, "{}\n", searches(record, &found.searches).trim_fmt());
    for search in &found.searches {
        text.push_str(&curve(record, search));
        if let Some(recovery) = &search.recovery {
            let _ = writeln!(text, "{}: {}\n", search.entry, recovery_line(recovery));
        }
    }
    text
}

/// An objective in words: `p99 <= 10.0 ms, errors <= 0.0 %, goodput >= 99.5 %`.
#[must_use]
pub fn objective(objective: &Objective) -> String {
    let milli = objective.percentile_milli;
    let percentile = match milli % 1000 {
        0 => format!("p{}", milli / 1000),
        part => format!("p{}.{}", milli / 1000, format!("{part:03}").trim_end_matches('0')),
    };
    format!(
        "{percentile} <= {}, errors <= {}, goodput >= {}",
        duration(objective.latency_ns),
        percent(objective.errors_ppm.into()),
        percent(objective.goodput_ppm.into())
    )
}

fn searches(record: &Record, all: &[CapacitySearch]) -> Table {
    let header =
        ["entry", "point", "req/s", "95 % interval", "of closed loop", "ended", "probes", "soak"];
    let row = |one: &CapacitySearch| {
        let none = || "-".to_owned();
        let (rate, interval) = match one.shown() {
            Shown::Nothing => (none(), none()),
            Shown::Below(missed) => (format!("below {}", count(missed)), none()),
            Shown::AtLeast(met) => (format!("at least {}", count(met)), none()),
            Shown::Within { low_per_s, rate_per_s, high_per_s } => {
                (count(rate_per_s), format!("{} .. {}", count(low_per_s), count(high_per_s)))
            }
        };
        let of_closed_loop = match (one.shown(), closed_loop(record, one)) {
            (Shown::Within { rate_per_s: rate, .. }, Some(closed)) => percent(share(rate, closed)),
            _ => none(),
        };
        let probes = one.steps.iter().filter(|step| !step.soak && step.answer != VOID).count();
        let soak = one.steps.iter().rev().find(|step| step.soak);
        vec![
            one.entry.clone(),
            format!("{}, {} connections", one.workload, one.connections),
            rate,
            interval,
            of_closed_loop,
            one.ending.clone(),
            probes.to_string(),
            soak.map_or_else(
                || "-".to_owned(),
                |step| format!("{} at {}", step.answer, count(step.offered_per_s)),
            ),
        ]
    };
    plain_table(header, all.iter().map(row), 2)
}

/// `part` of `whole` in parts per million; 0 of nothing.
fn share(part: u64, whole: u64) -> u64 {
    let ppm = (u128::from(part) * 1_000_000).checked_div(u128::from(whole)).unwrap_or(0);
    u64::try_from(ppm).unwrap_or(u64::MAX)
}

/// What can be said of a tail that has no other start beside it.
const EACH_A_START: &str = "each row is one start, whose tail says nothing of another's";

/// Latency against offered load, each trial a row; nothing where none was made.
fn curve(record: &Record, search: &CapacitySearch) -> String {
    let mut trials: Vec<_> = record
        .trials
        .iter()
        .filter(|trial| trial.purpose == Purpose::Curve)
        .filter(|trial| trial.entry == search.entry && trial.workload == search.workload)
        .collect();
    if trials.is_empty() {
        return String::new();
    }
    trials.sort_by_key(|trial| trial.offered_per_s);
    let header =
        ["offered/s", "of capacity", "answered/s", "p50", "p99", "p99.9", "CPU/req", "gates"];
    let table = plain_table(header, trials.iter().map(|trial| at_rate(record, trial, search)), 0);
    let heading = format!("{}, latency against offered load", search.entry);
    let is_weak = trials.iter().any(|trial| !weak_kinds(&record.run, trial).is_empty());
    let notes: Vec<&str> =
        is_weak.then_some(LEGEND).into_iter().chain([COST, EACH_A_START]).collect();
    let notes = notes.join("; ");
    let (heading, notes) = (styled(Palette::HEADING, &heading), wrapped(&notes, WIDTH));
    format!("{heading}\n{}\n{notes}\n\n", table.trim_fmt())
}

fn at_rate(record: &Record, trial: &TrialRecord, search: &CapacitySearch) -> Vec<String> {
    let weak = weak_kinds(&record.run, trial);
    let offered = trial.offered_per_s.unwrap_or(0);
    let of_capacity = match search.shown() {
        Shown::Within { rate_per_s, .. } => percent(share(offered, rate_per_s)),
        _ => "-".to_owned(),
    };
    let mut cells = vec![count(offered), of_capacity];
    match trial.measurement() {
        None => cells.extend(["-", "-", "-", "-", "-", "failed"].map(str::to_owned)),
        Some(it) => {
            let gates: Vec<&str> = it.failed_gates.iter().map(|one| one.gate.as_str()).collect();
            let or_void = |text: String, figure: Figure| match it.is_valid_for(figure) {
                true => format!("{}{text}", mark_of(&weak, figure)),
                false => "void".to_owned(),
            };
            cells.extend([
                or_void(count(it.responses_per_s()), Figure::Throughput),
                or_void(duration(it.latency.p50_ns), Figure::Latency),
                or_void(duration(it.latency.p99_ns), Figure::Tail),
                or_void(duration(it.latency.p999_ns), Figure::Tail),
                // That of a server that somebody else runs is not known.
                match it.server_cpu_ns_per_response() {
                    0 => "not measured".to_owned(),
                    ns => or_void(duration(ns), Figure::Cost),
                },
                gates.join(", "),
            ]);
        }
    }
    cells
}

/// What an overload did, in words.
pub(crate) fn recovery_line(recovery: &Recovery) -> String {
    let overload = format!(
        "after {} of {} req/s, at {} req/s",
        duration(recovery.overload_ns),
        count(recovery.overload_per_s),
        count(recovery.after_per_s)
    );
    match recovery.recovered_ns {
        Some(0) => format!("{overload}, the latency was met at once"),
        Some(ns) => format!("{overload}, the latency was met again within {}", duration(ns)),
        None => {
            format!("{overload}, the latency was not met within {}", duration(recovery.watched_ns))
        }
    }
}
