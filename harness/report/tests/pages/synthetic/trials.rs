//! Trials: the comparison, a curve over offered rates, and one over numbers of cores.

use httpdyno_record::{
    DatabaseUse, Enforced, GateFailure, LatencySummary, Measurement, Purpose, RouteMeasurement,
    RunRecord, ServerResources, TrialOutcome, TrialRecord,
};
use httpdyno_stats::histogram::Histogram;

use super::noise::Noise;
use super::{EXCLUDED, Shape, failed, steal_gate, trial_record, uses_database};
use crate::texts::HOSTILE;

pub(super) fn all(run: &RunRecord, shape: Shape, noise: &mut Noise) -> Vec<TrialRecord> {
    let mut trials = Vec::new();
    for block in 0..shape.blocks {
        for workload in shape.workloads {
            for connections in shape.connections {
                compare(run, shape, (block, workload, *connections, None), noise, &mut trials);
            }
            for number in 0..shape.rates {
                let rate = Some(5_000 * u64::from(number + 1));
                let at = (block, *workload, shape.connections[0], rate);
                compare(run, shape, at, noise, &mut trials);
            }
        }
    }
    curves(run, shape, noise, &mut trials);
    scales(run, shape, noise, &mut trials);
    trials
}

/// A trial of each entry at one point of one block, at its own pace or at a rate.
fn compare(
    run: &RunRecord,
    shape: Shape,
    (block, workload, connections, offered): (u32, &str, u32, Option<u64>),
    noise: &mut Noise,
    trials: &mut Vec<TrialRecord>,
) {
    let block_effect = noise.factor(0.02);
    let point = (workload, connections);
    let pgbench = uses_database(workload).then_some(shape.entries + 1);
    for index in measured(shape).chain(pgbench) {
        let own = rate(index, shape, point) * block_effect * noise.factor(0.01);
        let rate = offered.map_or(own, |offered| offered as f64);
        let mut outcome = outcome(index, block, rate, point, shape, noise);
        if let (TrialOutcome::Measured(one), true) = (&mut outcome, pgbench.is_some()) {
            add_database(one, index <= shape.entries, shape, noise);
        }
        let name = &run.entries[index].entry;
        let purpose = if offered.is_some() { Purpose::FixedRate } else { Purpose::Compare };
        let number = trials.len() as u32;
        let mut trial = trial_record(number, block, name, point, purpose, outcome);
        trial.offered_per_s = offered;
        trials.push(trial);
    }
}

/// Every entry but the one that was left out; the null server too.
fn measured(shape: Shape) -> impl Iterator<Item = usize> {
    (0..=shape.entries).filter(move |index| *index != EXCLUDED || *index == shape.entries)
}

/// Neighbours are alike in pairs, so that there are ties.
fn rate(index: usize, shape: Shape, (workload, connections): (&str, u32)) -> f64 {
    let by_entry = match index {
        null if null == shape.entries => 2.4,
        pgbench if pgbench > shape.entries => 1.1,
        index => 1.0 / (1.0 + 0.15 * (index / 2) as f64),
    };
    let by_workload = if workload == "json" { 1.0 } else { 1.3 };
    let by_connections = 1.0 - 0.5 / f64::from(connections).sqrt();
    180_000.0 * by_entry * by_workload * by_connections
}

fn outcome(
    index: usize,
    block: u32,
    rate: f64,
    (workload, connections): (&str, u32),
    shape: Shape,
    noise: &mut Noise,
) -> TrialOutcome {
    // Apart, so that it moves nothing of what is drawn for the others.
    let mut apart = Noise::new(u64::from(connections));
    let noise = if index == 2 && block == 1 { &mut apart } else { noise };
    let mut measured = measurement(rate, f64::from(connections) * 1e9 / rate, shape, noise);
    // All that is lost is lost in one block: of every pair four fifths of the blocks are left.
    if block == 0 && noise.share() < 0.3 {
        measured.failed_gates.push(steal_gate());
    }
    if index == 2 && block == 0 {
        // A failed trial takes its row: at one point, so that the others show this entry too.
        if (workload, connections) == ("plaintext", 256) {
            return failed(&format!("the server ended: {HOSTILE}"));
        }
        measured.failed_gates = vec![GateFailure { message: HOSTILE.to_owned(), ..steal_gate() }];
    }
    measured.server.idle_rss_bytes = Some((4 + index as u64) << 20);
    measured.server_peak_rss_bytes = (8 + 3 * index as u64 + u64::from(connections) / 32) << 20;
    TrialOutcome::Measured(Box::new(measured))
}

fn measurement(rate: f64, latency_ns: f64, shape: Shape, noise: &mut Noise) -> Measurement {
    let mut latency = Histogram::new();
    for _ in 0..shape.values {
        let tail = if noise.share() < 0.01 { 1.0 + 20.0 * noise.share() } else { 1.0 };
        latency.record((latency_ns * 0.9 * noise.factor(0.25) * tail) as u64);
    }
    let responses = rate as u64;
    Measurement {
        elapsed_ns: 1_000_000_000,
        responses,
        received_bytes: responses * 150,
        latency: LatencySummary {
            mean_ns: latency.mean_ns() as u64,
            p50_ns: latency.quantile_ns(0.5),
            p90_ns: latency.quantile_ns(0.9),
            p99_ns: latency.quantile_ns(0.99),
            p999_ns: latency.quantile_ns(0.999),
            max_ns: latency.max_ns(),
        },
        latency_hdr: latency.to_hdr_v2().into(),
        established: 16,
        littles_law_ppm: Some(900),
        server_cpu_ns: (970_000_000.0 * noise.factor(0.01)) as u64,
        generator_cpu_ns: 600_000_000,
        server_peak_rss_bytes: 8 << 20,
        start_to_ready_ns: (4_000_000.0 * noise.factor(0.3)) as u64,
        engine: "epoll".to_owned(),
        server: ServerResources {
            user_ns: Some(350_000_000),
            system_ns: Some(620_000_000),
            threads: Some(2),
            voluntary_switches: Some(12_000),
            syscalls: Some(90_000),
            syscalls_responses: Some(30_000),
            syscalls_window_ns: Some(300_000_000),
            ..ServerResources::default()
        },
        ..Measurement::default()
    }
}

/// A few routes of different costs, each with a share of the responses, and what the database did.
fn add_database(measured: &mut Measurement, is_server: bool, shape: Shape, noise: &mut Noise) {
    measured.database = Some(DatabaseUse {
        cpu_ns: is_server.then(|| (800_000_000.0 * noise.factor(0.02)) as u64),
        statements: Some(measured.responses * 7),
        rows: Some(measured.responses * 40),
        ..DatabaseUse::default()
    });
    if !is_server {
        return;
    }
    for (route, factor) in [("db", 1), ("queries-20", 6), ("fortunes", 3)] {
        let mut latency = Histogram::new();
        for _ in 0..shape.values / 10 {
            let median = (measured.latency.p50_ns * factor) as f64;
            latency.record((median * noise.factor(0.4)) as u64);
        }
        measured.routes.push(RouteMeasurement {
            route: route.to_owned(),
            responses: measured.responses / 3,
            latency_hdr: latency.to_hdr_v2().into(),
            ..RouteMeasurement::default()
        });
    }
}

/// Latency rises without bound towards the capacity, as in a queue with one server.
fn curves(run: &RunRecord, shape: Shape, noise: &mut Noise, trials: &mut Vec<TrialRecord>) {
    let point = (shape.workloads[0], shape.connections[0]);
    for index in measured(shape).filter(|index| *index != shape.entries) {
        let capacity = rate(index, shape, point);
        for percent in [20, 40, 60, 80, 90, 97] {
            let offered = capacity * f64::from(percent) / 100.0;
            let service_ns = 1e9 / capacity;
            let latency_ns = service_ns * 100.0 / f64::from(100 - percent);
            let measured = measurement(offered, latency_ns * 8.0, shape, noise);
            let outcome = TrialOutcome::Measured(Box::new(measured));
            let (number, name) = (trials.len() as u32, &run.entries[index].entry);
            let mut trial = trial_record(number, 0, name, point, Purpose::Curve, outcome);
            trial.offered_per_s = Some(offered as u64);
            trials.push(trial);
        }
    }
}

fn scales(run: &RunRecord, shape: Shape, noise: &mut Noise, trials: &mut Vec<TrialRecord>) {
    let point = (shape.workloads[0], shape.connections[0]);
    for index in measured(shape).filter(|index| *index != shape.entries) {
        for cores in [1_u32, 2, 4, 8] {
            for block in 0..3 {
                let speedup = f64::from(cores).powf(0.95 - 0.03 * (index % 7) as f64);
                let rate = rate(index, shape, point) * speedup * noise.factor(0.02);
                let outcome =
                    TrialOutcome::Measured(Box::new(measurement(rate, 90_000.0, shape, noise)));
                let (number, name) = (trials.len() as u32, &run.entries[index].entry);
                let mut trial = trial_record(number, block, name, point, Purpose::Scale, outcome);
                trial.enforced = Enforced {
                    cores: Some((0..cores).collect()),
                    workers: Some(cores),
                    ..Enforced::default()
                };
                trials.push(trial);
            }
        }
    }
}
