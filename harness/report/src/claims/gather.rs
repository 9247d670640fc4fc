//! From a record to the numbers of each cell of a claim, block by block.

use std::collections::{BTreeMap, BTreeSet};

use httpdyno_record::{Figure, Measurement, Purpose, Record, TrialRecord};
use httpdyno_spec::claim::{Arm, Cell, Claim, Measured};
use httpdyno_stats::PairedBlock;

use super::CellBlocks;

/// What `record` has of each of [`Claim::cells`]; trials whose figure a gate made void are no
/// numbers.
#[must_use]
pub fn gather(claim: &Claim, record: &Record) -> Vec<CellBlocks> {
    claim.cells().iter().map(|cell| of_cell(cell, record)).collect()
}

fn of_cell(cell: &Cell<'_>, record: &Record) -> CellBlocks {
    let subject = numbers(&cell.subject, cell.figure, record);
    let baseline = numbers(&cell.baseline, cell.figure, record);
    let mut blocks = BTreeMap::new();
    for (block, a) in subject {
        if let Some(b) = baseline.get(&block) {
            blocks.insert(block, PairedBlock { a, b: b.clone() });
        }
    }
    let why_missing = (blocks.len() < 2).then(|| {
        let sides = [&cell.subject, &cell.baseline];
        sides.map(|arm| why(arm, cell.figure, record)).join("; ")
    });
    let pilot = record.run.design.map_or(0, |design| match design.budget_ns {
        Some(_) => design.pilot_blocks,
        None => 0,
    });
    let not_here =
        [&cell.subject, &cell.baseline].into_iter().any(|arm| excluded(arm, record).is_some());
    CellBlocks { blocks, pilot, why_missing, not_here }
}

/// Why an entry was not measured at all.
fn excluded<'a>(arm: &Arm, record: &'a Record) -> Option<&'a str> {
    let entry = record.run.entries.iter().find(|entry| entry.entry == arm.entry)?;
    entry.excluded.as_deref()
}

/// Trials of the comparison of one side of a cell.
fn trials<'a>(arm: &'a Arm, record: &'a Record) -> impl Iterator<Item = &'a TrialRecord> {
    record.trials.iter().filter(move |trial| {
        trial.purpose == Purpose::Compare
            && trial.entry == arm.entry
            && trial.workload == arm.workload.as_str()
            && trial.connections == arm.connections
    })
}

fn numbers(arm: &Arm, figure: Measured, record: &Record) -> BTreeMap<u32, Vec<u64>> {
    let mut by_block: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
    for trial in trials(arm, record) {
        if let Some(number) = number(trial, figure) {
            by_block.entry(trial.block).or_default().push(number);
        }
    }
    by_block
}

/// The kind of figure that a gate must not have made void.
fn kind(figure: Measured) -> Figure {
    match figure {
        Measured::Throughput => Figure::Throughput,
        Measured::MeanLatency => Figure::Latency,
        Measured::P99Latency | Measured::SlowestResponse => Figure::Tail,
        Measured::Cost | Measured::PeakMemory | Measured::IdleMemory => Figure::Cost,
    }
}

/// In a unit so fine that rounding says nothing: responses per 1000 s, picoseconds, nanoseconds,
/// bytes.
fn number(trial: &TrialRecord, figure: Measured) -> Option<u64> {
    let measured: &Measurement = trial.valid_for(kind(figure))?;
    let number = match figure {
        Measured::Throughput => over(measured.responses, 1_000_000_000_000, measured.elapsed_ns),
        Measured::Cost => over(measured.server_cpu_ns, 1_000, measured.responses),
        Measured::MeanLatency => Some(measured.latency.mean_ns),
        Measured::P99Latency => Some(measured.latency.p99_ns),
        Measured::SlowestResponse => Some(measured.latency.max_ns),
        Measured::PeakMemory => Some(measured.server_peak_rss_bytes),
        Measured::IdleMemory => measured.server.idle_rss_bytes,
    };
    number.filter(|&number| number > 0)
}

fn over(of: u64, times: u128, by: u64) -> Option<u64> {
    u64::try_from((u128::from(of) * times).checked_div(u128::from(by))?).ok()
}

/// Why one side has too few numbers.
fn why(arm: &Arm, figure: Measured, record: &Record) -> String {
    let name = &arm.entry;
    if let Some(reason) = excluded(arm, record) {
        return format!("{name} was not measured: {reason}");
    }
    let made: Vec<&TrialRecord> = trials(arm, record).collect();
    if made.is_empty() {
        return format!("no trial of {name} at {}, {} connections", arm.workload, arm.connections);
    }
    let valid = made.iter().filter(|trial| number(trial, figure).is_some()).count();
    let mut causes: BTreeSet<&str> = BTreeSet::new();
    for trial in &made {
        match trial.measurement() {
            None => {
                causes.insert("the server failed");
            }
            Some(measured) => causes.extend(
                measured
                    .failed_gates
                    .iter()
                    .filter(|gate| gate.makes_void(kind(figure)))
                    .map(|gate| gate.gate.as_str()),
            ),
        }
    }
    let causes: Vec<&str> = causes.into_iter().collect();
    let because =
        if causes.is_empty() { String::new() } else { format!(" ({})", causes.join(", ")) };
    format!("{valid} of {} trials of {name} have a {figure} that counts{because}", made.len())
}
