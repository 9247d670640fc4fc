//! What searches for the capacity came to: each found what its curve was made from.

use httpdyno_record::{
    CapacityRecord, CapacitySearch, CapacityStep, Objective, Purpose, Recovery, RunRecord,
    TrialRecord,
};

use super::Shape;

pub(super) fn of(run: &RunRecord, shape: Shape, trials: &[TrialRecord]) -> CapacityRecord {
    let objective = Objective {
        percentile_milli: 99_000,
        latency_ns: 10_000_000,
        errors_ppm: 0,
        goodput_ppm: 995_000,
    };
    let step = |offered_per_s: u64, answer: &str| CapacityStep {
        trial: 0,
        offered_per_s,
        soak: false,
        answer: answer.to_owned(),
        why: String::new(),
    };
    let curve = |entry: &str| {
        let own = trials.iter().filter(|it| it.purpose == Purpose::Curve && it.entry == entry);
        own.filter_map(|trial| trial.offered_per_s).max()
    };
    let searches = run.entries[..shape.entries].iter().enumerate().filter_map(|(index, entry)| {
        let rate = curve(&entry.entry)?;
        let found = if index == 1 { 0 } else { rate };
        Some(CapacitySearch {
            entry: entry.entry.clone(),
            workload: shape.workloads[0].to_owned(),
            connections: shape.connections[0],
            closed_loop_per_s: rate * 100 / 97,
            ending: if index == 1 { "never-met" } else { "confirmed" }.to_owned(),
            rate_per_s: found,
            low_per_s: found * 98 / 100,
            high_per_s: found * 101 / 100,
            steps: vec![
                step(rate, if index == 1 { "missed" } else { "met" }),
                step(rate * 2, "missed"),
            ],
            recovery: (index == 0).then_some(Recovery {
                overload_per_s: rate * 3 / 2,
                overload_ns: 2_000_000_000,
                after_per_s: rate / 2,
                recovered_ns: Some(1_000_000_000),
                watched_ns: 8_000_000_000,
            }),
        })
    });
    CapacityRecord { objective, searches: searches.collect() }
}
