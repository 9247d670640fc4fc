//! No gate chooses by the outcome: what is published under each is the truth, simulated.
//!
//! Every trial has 10 % of noise of its own; the limit of a gate lies so near that it fails in about
//! one trial of ten, and always in those at one end. Thirteen blocks.

use std::collections::BTreeMap;

use httpdyno_record::gate::{Gate, Scope};
use httpdyno_record::rows::decide;
use httpdyno_record::{
    Figure, GateFailure, GeneratorUse, LatencySummary, Measurement, OpenLoopUse, RateChange,
    TrialRecord, WarmupOutcome,
};
use httpdyno_spec::profile::Gates;
use httpdyno_stats::Seeded;
use httpdyno_target::CoreSplit;

use super::{Seen, cost_floor, failed_gates};
use crate::made_up;

const RUNS: usize = 2_000;
const BLOCKS: u32 = 13;

/// Of a figure that is 1 in truth, in hundred-thousandths.
const TRUTH: f64 = 100_000.0;

/// A gate: its name, what is published under it, and a trial whose noise is so many standard
/// deviations.
type Case = (Gate, Figure, fn(f64) -> Measurement);

const CASES: [Case; 12] = [
    // The ceiling is at 1.25, its allowed share at 1.125.
    (Gate::Headroom, Figure::Throughput, |noise| rate(noise)),
    (Gate::Generator, Figure::Throughput, |noise| {
        let mut one = rate(noise);
        one.generator.cpu_share_ppm = (840_000.0 * (1.0 + 0.1 * noise)) as u64;
        one
    }),
    (Gate::GeneratorDelay, Figure::Throughput, |noise| {
        let mut one = rate(noise);
        one.generator.run_delay_ns = Some((20_000_000.0 * (-0.32 * noise).exp()) as u64);
        one
    }),
    (Gate::ServerUnsaturated, Figure::Throughput, |noise| {
        let mut one = rate(noise);
        one.server_cpu_ns = (800_000_000.0 * (1.0 + 0.1 * noise)) as u64;
        one.generator.cpu_share_ppm = 900_000;
        one
    }),
    (Gate::LittlesLaw, Figure::Throughput, |noise| {
        let littles_law_ppm = Some((15_000.0 * (-0.22 * noise).exp()) as u64);
        Measurement { littles_law_ppm, ..rate(noise) }
    }),
    (Gate::WarmUp, Figure::Throughput, |noise| {
        let warmup = WarmupOutcome { elapsed_ns: 1, flat: Some(noise > -1.28) };
        Measurement { warmup, ..rate(noise) }
    }),
    (Gate::Window, Figure::Throughput, |noise| {
        let ppm = (60_000.0 * (-0.4 * noise).exp()) as i64;
        let change = Some(RateChange { parts: 50, ppm, low_ppm: 1, high_ppm: 2 * ppm });
        Measurement { change, ..rate(noise) }
    }),
    (Gate::NobodyBusy, Figure::Throughput, |noise| {
        let mut one = rate(noise);
        one.server_cpu_ns = (800_000_000.0 * (1.0 + 0.1 * noise)) as u64;
        one
    }),
    (Gate::ServerDelay, Figure::Throughput, |noise| {
        let mut one = rate(noise);
        one.server.waited_for_others_ns = Some((66_000_000.0 * (-0.32 * noise).exp()) as u64);
        one
    }),
    (Gate::Offered, Figure::Cost, |noise| {
        let mut one = open(noise);
        let missing = (350.0 * (0.28 * noise).exp()) as u64;
        let open_loop = OpenLoopUse {
            offered: 100_000,
            completed_in_window: 100_000 - missing,
            ..OpenLoopUse::default()
        };
        one.generator.open_loop = Some(open_loop);
        one
    }),
    (Gate::SendLag, Figure::Latency, |noise| {
        let mut one = open(noise);
        one.generator.send_lag.p90_ns = 8_800;
        one
    }),
    // The null server costs 0.88 of what the entry costs.
    (Gate::CostFloor, Figure::Cost, |noise| open(noise)),
];

fn factor(noise: f64) -> f64 {
    (0.1 * noise).exp()
}

/// A closed loop whose only noise is that of its rate.
fn rate(noise: f64) -> Measurement {
    Measurement {
        elapsed_ns: 1_000_000_000,
        responses: (TRUTH * factor(noise)) as u64,
        errors: BTreeMap::new(),
        established: 16,
        server_cpu_ns: 900_000_000,
        ..Measurement::default()
    }
}

/// An open loop whose only noise is that of its cost and its latency.
fn open(noise: f64) -> Measurement {
    let open_loop =
        OpenLoopUse { offered: 1_000, completed_in_window: 1_000, ..OpenLoopUse::default() };
    let p50_ns = (TRUTH * factor(noise)) as u64;
    Measurement {
        elapsed_ns: 1_000_000_000,
        responses: 1_000,
        server_cpu_ns: (TRUTH * factor(noise)) as u64 * 1_000,
        established: 16,
        latency: LatencySummary { p50_ns, ..LatencySummary::default() },
        generator: GeneratorUse { open_loop: Some(open_loop), ..GeneratorUse::default() },
        ..Measurement::default()
    }
}

fn gates_of(gate: Gate, measurement: &Measurement) -> Vec<GateFailure> {
    let (server, generator) = (vec![0], vec![1]);
    let cores = CoreSplit { server, generator, database: Vec::new(), shared: false };
    let floor = (gate == Gate::CostFloor).then_some(88_000);
    let mut failed = failed_gates(&Seen {
        measurement,
        gates: &Gates { flat_ppm: 100_000, ..Gates::default() },
        connections: 16,
        server_cores: 1,
        measured_cores: 2,
        cores: &cores,
        misfits: &[],
        uses_database: false,
        waits_by_contract: false,
        is_peak: measurement.generator.open_loop.is_none(),
        null_per_s: (gate == Gate::Headroom).then_some(125_000),
    });
    failed.extend(cost_floor(measurement, floor));
    failed
}

fn trial(gate: Gate, block: u32, mut measurement: Measurement) -> TrialRecord {
    measurement.failed_gates = gates_of(gate, &measurement);
    TrialRecord { trial: block, block, ..made_up::trial(measurement) }
}

/// Nearly normal: the sum of twelve uniform numbers.
fn normal(random: &mut Seeded) -> f64 {
    (0..12).map(|_| random.below(1 << 20) as f64 / f64::from(1 << 20)).sum::<f64>() - 6.0
}

fn number(measured: &Measurement, figure: Figure) -> f64 {
    match figure {
        Figure::Cost => measured.server_cpu_ns_per_response() as f64,
        Figure::Latency | Figure::Tail => measured.latency.p50_ns as f64,
        Figure::Throughput => measured.responses_per_s() as f64,
    }
}

/// The median of what is valid; nothing of nothing.
fn median(trials: &[TrialRecord], figure: Figure) -> Option<f64> {
    let valid = trials.iter().filter_map(|trial| trial.valid_for(figure));
    let mut numbers: Vec<f64> = valid.map(|measured| number(measured, figure)).collect();
    numbers.sort_by(f64::total_cmp);
    let high = *numbers.get(numbers.len() / 2)?;
    Some(f64::midpoint(numbers[(numbers.len() - 1) / 2], high))
}

/// How far the mean of what was published lies from the truth, in per cent, and in how many runs
/// something was.
fn bias_percent(medians: &[Option<f64>]) -> (f64, usize) {
    let published: Vec<f64> = medians.iter().copied().flatten().collect();
    let logs: f64 = published.iter().map(|median| (median / TRUTH).ln()).sum();
    (100.0 * logs / published.len() as f64, published.len())
}

#[test]
fn each_gate_of_rows_is_simulated() {
    let mut simulated = CASES.map(|(gate, ..)| gate);
    simulated.sort_unstable();
    assert_eq!(simulated.to_vec(), Gate::of(Scope::Row).collect::<Vec<_>>());
}

#[test]
fn the_published_median_is_the_truth_under_each_gate() {
    let mut random = Seeded::new(15);
    for (gate, figure, of_noise) in CASES {
        let (mut trial_by_trial, mut by_row) = (Vec::new(), Vec::new());
        let (mut failed, mut chosen) = (0, 0);
        for _ in 0..RUNS {
            let mut of_block = |block| trial(gate, block, of_noise(normal(&mut random)));
            let mut trials: Vec<TrialRecord> = (0..BLOCKS).map(&mut of_block).collect();
            let gates = |trial: &TrialRecord| trial.measurement().map(|it| it.failed_gates.clone());
            let all: Vec<GateFailure> = trials.iter().filter_map(gates).flatten().collect();
            assert!(all.iter().all(|one| one.is(gate)), "{gate}: {all:?}");
            failed += all.len();
            trial_by_trial.push(median(&trials, figure));
            decide(&mut trials);
            let valid = trials.iter().filter(|trial| trial.valid_for(figure).is_some()).count();
            chosen += usize::from(valid != 0 && valid != trials.len());
            by_row.push(median(&trials, figure));
        }
        let share = failed as f64 / (RUNS as f64 * f64::from(BLOCKS));
        assert!((0.05..0.2).contains(&share), "{gate} fails in {share} of the trials");
        assert_eq!(chosen, 0, "{gate} chose among the trials of a row");
        let ((before, _), (bias, published)) =
            (bias_percent(&trial_by_trial), bias_percent(&by_row));
        println!("{gate}: {before:.2} % trial by trial, {bias:.2} % by row, {published} published");
        assert!(before.abs() > 1.0, "{gate}: choosing trials is {before} % off");
        assert!(bias.abs() < 0.7 && bias.abs() < before.abs() / 2.0, "{gate}: {bias} % off");
        assert!(published * 2 > RUNS, "{gate}: published in {published} of {RUNS} runs");
    }
}
