//! From a record to the numbers of each cell of a claim, block by block.

use std::collections::BTreeSet;

use httpdyno_record::{Purpose, Record, TrialRecord};
use httpdyno_spec::claim::{Arm, Cell, Claim, Measured};

use super::CellBlocks;
use crate::number::Number;
use crate::pairs::pairs;
use crate::series::numbers;

/// What `record` has of each of [`Claim::cells`]; trials whose figure a gate made void are no
/// numbers.
#[must_use]
pub fn gather(claim: &Claim, record: &Record) -> Vec<CellBlocks> {
    claim.cells().iter().map(|cell| of_cell(cell, record)).collect()
}

fn of_cell(cell: &Cell<'_>, record: &Record) -> CellBlocks {
    let of = |arm: &Arm| {
        let trials: Vec<&TrialRecord> = trials(arm, record).collect();
        numbers(&trials, &arm.entry, number(cell.figure))
    };
    let blocks = pairs(of(&cell.subject), of(&cell.baseline));
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

/// What of a trial a claim speaks of.
fn number(figure: Measured) -> Number {
    match figure {
        Measured::Throughput => Number::Rate,
        Measured::MeanLatency => Number::MeanLatency,
        Measured::P99Latency => Number::P99Latency,
        Measured::SlowestResponse => Number::SlowestResponse,
        Measured::Cost => Number::CpuPerResponse,
        Measured::PeakMemory => Number::PeakMemory,
        Measured::IdleMemory => Number::IdleMemory,
    }
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
    let valid = made.iter().filter(|trial| number(figure).of(trial).is_some()).count();
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
                    .filter(|gate| gate.makes_void(number(figure).figure()))
                    .map(|gate| gate.gate.as_str()),
            ),
        }
    }
    let causes: Vec<&str> = causes.into_iter().collect();
    let because =
        if causes.is_empty() { String::new() } else { format!(" ({})", causes.join(", ")) };
    format!("{valid} of {} trials of {name} have a {figure} that counts{because}", made.len())
}
