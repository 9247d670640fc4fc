//! How late the open loop sends at half of what the server can do.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use httpdyno_loadgen::{
    Arrivals, LoadPlan, LoadReport, Pacing, Route, Schedule, Silent, Stop, Threads, run,
};

use crate::child::{GENERATOR_CORE, SERVER_CORE, Server};
use crate::clear::Cleared;
use crate::floor;
use crate::guard::IdleGuard;
use crate::realtime::{self, Unlimited};
use crate::verdict;

/// Of the send lag at the 99.9th percentile, in nanoseconds.
const TARGET_NS: u64 = 50_000;

const TIME: Duration = Duration::from_secs(4);

/// How long before a request is due the thread stops sleeping.
const SPIN: Duration = Duration::from_micros(100);

fn go(plan: &LoadPlan) -> LoadReport {
    run(plan.clone(), &AtomicBool::new(false), &mut Silent).unwrap()
}

pub(crate) fn print() {
    let _cleared = Cleared::core(GENERATOR_CORE);
    // None on the generator's core: a thread that always spins would lose time to it, in the
    // real-time class 5 % in one piece.
    let _guard = IdleGuard::start(&[SERVER_CORE]);
    let unlimited = Unlimited::start();
    let server = Server::start(&["null"]);
    let alone = realtime::promote(&server) && unlimited.granted();
    let mut plan = LoadPlan::new(server.addr, Route::get("/json"));
    plan.connections = 64;
    plan.threads = Threads::Pinned(vec![GENERATOR_CORE]);
    plan.warmup = Duration::from_millis(500);
    plan.stop = Stop { duration: Some(Duration::from_secs(1)), requests: None };
    let closed = go(&plan);
    let capacity = closed.total.ok as f64 * 1e9 / closed.elapsed_ns as f64;
    println!("closed loop: {capacity:.0} requests/s; open loop at half of it, in us");
    println!(
        "{:<32} {:>8} {:>8} {:>8} {:>8} {:>8} {:>9} {:>7} {:>20}",
        "", "lag p50", "p99", "p99.9", "max", "waited", "unsent", "cpu", "preempted"
    );
    plan.stop.duration = Some(TIME);
    let mut worst = 0;
    for (arrivals, spin, realtime) in [
        (Arrivals::Constant, SPIN, true),
        (Arrivals::Poisson, SPIN, true),
        (Arrivals::Constant, SPIN, false),
        (Arrivals::Poisson, SPIN, false),
        (Arrivals::Poisson, Duration::ZERO, false),
    ] {
        plan.pacing = Pacing::Open { arrivals, schedule: Schedule::Rate(capacity / 2.0), spin };
        plan.realtime = realtime;
        let report = go(&plan);
        line(arrivals, spin, &report);
        // Those that have their core to themselves, where that can be had.
        if spin > Duration::ZERO && realtime == alone {
            worst = worst.max(report.total.send_lag.quantile_ns(0.999));
        }
    }
    let floor = floor::measure(TIME, capacity / 2.0, capacity, alone);
    println!(
        "a thread that only reads the clock, away for {:.2} ms: p99.9 {:.1}",
        floor.away.as_nanos() as f64 / 1e6,
        floor.p99_9_ns as f64 / 1e3
    );
    let class = if alone { "real-time" } else { "ordinary" };
    verdict::print(
        &format!("send lag p99.9, spinning, {class} class, worse of two"),
        format!("{:.1} us", worst as f64 / 1e3),
        "< 50 us",
        worst < TARGET_NS,
    );
}

fn line(arrivals: Arrivals, spin: Duration, report: &LoadReport) {
    let lag = &report.total.send_lag;
    let us = |ns: u64| format!("{:.1}", ns as f64 / 1e3);
    let open = report.open_loop.as_ref().unwrap();
    let thread = &report.generator.threads[0];
    let class = if thread.realtime { ", real-time" } else { "" };
    println!(
        "{:<32} {:>8} {:>8} {:>8} {:>8} {:>8} {:>9} {:>6.0}% {:>5} times, {:>5.2} ms",
        format!("{arrivals:?}, spin {spin:?}{class}"),
        us(lag.quantile_ns(0.5)),
        us(lag.quantile_ns(0.99)),
        us(lag.quantile_ns(0.999)),
        us(lag.max_ns()),
        open.waited,
        open.unsent,
        report.generator.cpu_share_ppm as f64 / 1e4,
        thread.preemptions.unwrap_or(0),
        thread.run_delay_ns.unwrap_or(0) as f64 / 1e6
    );
}
