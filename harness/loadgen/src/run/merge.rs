//! One report from the results of all workers.

use std::collections::BTreeMap;

use httpdyno_stats::Histogram;

use crate::clock::as_ns;
use crate::compile::CompiledPlan;
use crate::driver::WorkerResult;
use crate::observer::SecondReport;
use crate::plan::{Pacing, Threads};
use crate::report::{
    ConnectionReport, GeneratorReport, LoadReport, OpenLoopReport, RouteReport, ThreadReport,
    WarmupReport,
};

const VERSION: u32 = 1;

/// Responses below which Little's law is not tried.
const LITTLE_SAMPLES: u64 = 10;

pub(super) fn merge(plan: &CompiledPlan, engine: &str, workers: Vec<WorkerResult>) -> LoadReport {
    let names: Vec<String> = plan.plan.routes.iter().map(|route| route.name.clone()).collect();
    let mut report = empty(plan, engine, &names);
    let mut open_loop = OpenLoopReport::default();
    let mut passed_ns = 0;
    let silences = workers.iter().map(|worker| worker.longest_silence_ns);
    report.longest_silence_ns = silences.min().unwrap_or(0);
    for (n, worker) in workers.into_iter().enumerate() {
        report.elapsed_ns = report.elapsed_ns.max(worker.elapsed_ns);
        report.warmup.elapsed_ns = report.warmup.elapsed_ns.max(worker.warmed_ns);
        passed_ns += u128::from(worker.cpu.passed_ns);
        report.interrupted |= worker.interrupted;
        report.received_bytes += worker.tally.received_bytes;
        report.sent_bytes += worker.tally.sent_bytes;
        report.in_flight_at_start += worker.in_flight_at_start;
        report.in_flight_at_stop += worker.in_flight_at_stop;
        report.never_sent += worker.never_sent;
        report.resent += worker.tally.resent;
        report.redirects += worker.tally.redirects;
        if let Some(one) = worker.after_window {
            let all = report.after_window.get_or_insert_default();
            all.answered += one.answered;
            all.failed += one.failed;
        }
        if worker.gave_up {
            report.ended_by_silence_ns = plan.plan.patience.silence.map(as_ns);
        }
        for (name, count) in &worker.tally.oddities {
            *report.oddities.entry((*name).to_string()).or_default() += count;
        }
        report.generator.threads.push(thread(plan, n, &worker));
        add_connections(&mut report.connections, &worker);
        report.audited.extend(worker.kept.into_iter().map(|kept| kept.audited(plan)));
        for (cause, count) in &worker.warmup_errors {
            *report.warmup_errors.entry(cause.clone()).or_default() += count;
        }
        add_open_loop(&mut open_loop, &worker.tally.open_loop);
        add_seconds(&mut report.seconds, &worker.seconds);
        add_tenths(&mut report.tenths, &worker.tenths, n == 0);
        for (all, one) in report.routes.iter_mut().zip(worker.tally.reports(&names)) {
            report.total.merge(&one);
            all.merge(&one);
        }
    }
    if matches!(plan.plan.pacing, Pacing::Open { .. }) {
        report.open_loop = Some(open_loop);
    }
    let share = u128::from(report.generator.cpu_ns()) * 1_000_000 / u128::max(passed_ns, 1);
    // The clock of CPU time and that of the wall need not go at the very same pace.
    report.generator.cpu_share_ppm = u64::try_from(share).unwrap_or(u64::MAX).min(1_000_000);
    little(plan, &mut report);
    report
}

fn empty(plan: &CompiledPlan, engine: &str, names: &[String]) -> LoadReport {
    let route = |name: &str| RouteReport { name: name.to_string(), ..RouteReport::default() };
    LoadReport {
        version: VERSION,
        engine: engine.to_string(),
        elapsed_ns: 0,
        warmup: WarmupReport::default(),
        warmup_errors: BTreeMap::new(),
        interrupted: false,
        total: route("total"),
        routes: names.iter().map(|name| route(name)).collect(),
        connections: ConnectionReport {
            wanted: plan.plan.connections as u64,
            ..ConnectionReport::default()
        },
        received_bytes: 0,
        sent_bytes: 0,
        in_flight_at_start: 0,
        in_flight_at_stop: 0,
        after_window: None,
        never_sent: 0,
        ended_by_silence_ns: None,
        resent: 0,
        redirects: 0,
        oddities: BTreeMap::new(),
        open_loop: None,
        mean_concurrency_milli: 0,
        littles_law_residual_ppm: None,
        seconds: Vec::new(),
        tenths: Vec::new(),
        longest_silence_ns: 0,
        generator: GeneratorReport::default(),
        audited: Vec::new(),
    }
}

fn thread(plan: &CompiledPlan, n: usize, worker: &WorkerResult) -> ThreadReport {
    ThreadReport {
        core: match &plan.plan.threads {
            Threads::Pinned(cores) => cores.get(n).copied(),
            Threads::Unpinned(_) => None,
        },
        connections: worker.connections as u64,
        cpu_ns: worker.cpu.total_ns,
        user_ns: worker.cpu.user_ns,
        system_ns: worker.cpu.system_ns,
        run_delay_ns: worker.cpu.run_delay_ns,
        preemptions: worker.cpu.preemptions,
        realtime: worker.realtime,
        nice: worker.nice,
        waits: worker.tally.waits,
    }
}

fn add_connections(all: &mut ConnectionReport, worker: &WorkerResult) {
    let one = &worker.tally.connections;
    all.established += worker.established as u64;
    all.reconnects += one.reconnects;
    all.churned += one.churned;
    all.closed_as_announced += one.closed_as_announced;
    all.closed_while_idle += one.closed_while_idle;
    all.resets += one.resets;
    all.unsolicited += one.unsolicited;
    for (cause, count) in &one.connect_errors {
        *all.connect_errors.entry(cause.clone()).or_default() += count;
    }
    for (cause, count) in &worker.establish_errors {
        *all.establish_errors.entry(cause.clone()).or_default() += count;
    }
}

fn add_open_loop(all: &mut OpenLoopReport, one: &OpenLoopReport) {
    all.offered += one.offered;
    all.late += one.late;
    all.waited += one.waited;
    all.unsent += one.unsent;
    all.completed_in_window += one.completed_in_window;
}

fn add_seconds(all: &mut Vec<SecondReport>, one: &[SecondReport]) {
    for second in one {
        while all.len() as u64 <= second.second {
            let number = all.len() as u64;
            all.push(SecondReport { second: number, ..SecondReport::default() });
        }
        all[second.second as usize].merge(second);
    }
}

/// A tenth counts where all workers have it.
fn add_tenths(all: &mut Vec<u64>, one: &[u64], is_first: bool) {
    if is_first {
        all.extend(one);
    } else {
        all.truncate(one.len());
        all.iter_mut().zip(one).for_each(|(sum, tenth)| *sum += tenth);
    }
}

/// Little's law (Little 1961): mean number in the system = rate times mean time in it, where the
/// rate is that of what `latency` holds, in `elapsed_ns`.
fn mean_in_system(latency: &Histogram, elapsed_ns: u64) -> f64 {
    latency.mean_ns() * latency.count() as f64 / elapsed_ns as f64
}

// A mean of at most 60 s times a rate: far from the limits of either type.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn little(plan: &CompiledPlan, report: &mut LoadReport) {
    if report.elapsed_ns == 0 {
        return;
    }
    let found = mean_in_system(&report.total.latency, report.elapsed_ns);
    report.mean_concurrency_milli = (found * 1000.0).round() as u64;
    // The law is one of means: those of a handful say nothing.
    if plan.plan.pacing == Pacing::default() && report.total.latency.count() >= LITTLE_SAMPLES {
        let expected = (plan.plan.connections * plan.plan.pipeline) as f64;
        let residual = (expected - found) / expected;
        report.littles_law_residual_ppm = Some((residual * 1e6).round() as i64);
    }
}

#[cfg(test)]
mod tests {
    use super::{Histogram, add_tenths, mean_in_system};

    #[test]
    fn tenths_are_those_that_all_workers_have() {
        let mut all = Vec::new();
        add_tenths(&mut all, &[5, 6, 7], true);
        add_tenths(&mut all, &[1, 2], false);
        add_tenths(&mut all, &[10, 10, 10], false);
        assert_eq!(all, [16, 18]);
    }

    #[test]
    fn the_mean_number_in_the_system_is_the_rate_times_the_mean_time() {
        let mut latency = Histogram::new();
        // Eight connections, each busy for a whole second: four with 500 requests of 2 ms, four
        // with 100 of 10 ms.
        for (count, ns) in [(2000, 2_000_000), (400, 10_000_000)] {
            (0..count).for_each(|_| latency.record(ns));
        }
        let found = mean_in_system(&latency, 1_000_000_000);
        // The histogram keeps three digits.
        assert!((found / 8.0 - 1.0).abs() < 0.001, "{found}");
        // The same in twice the time: each was idle for half of it.
        let found = mean_in_system(&latency, 2_000_000_000);
        assert!((found / 4.0 - 1.0).abs() < 0.001, "{found}");
    }
}
