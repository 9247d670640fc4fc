//! How late the open loop sends at half of what the server can do.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use httpdyno_loadgen::{Arrivals, LoadPlan, Pacing, Route, Schedule, Silent, Stop, Threads, run};

use crate::child::{GENERATOR_CORE, SERVER_CORE, Server};
use crate::guard::IdleGuard;

pub(crate) fn print() {
    let _guard = IdleGuard::start(&[SERVER_CORE]);
    let server = Server::start(&["fixed"]);
    let mut plan = LoadPlan::new(server.addr, Route::get("/json"));
    plan.connections = 64;
    plan.threads = Threads::Pinned(vec![GENERATOR_CORE]);
    plan.warmup = Duration::from_millis(500);
    plan.stop = Stop { duration: Some(Duration::from_secs(3)), requests: None };
    let go = |plan: &LoadPlan| run(plan.clone(), &AtomicBool::new(false), &mut Silent).unwrap();
    let closed = go(&plan);
    let capacity = closed.total.ok as f64 * 1e9 / closed.elapsed_ns as f64;
    println!("closed loop: {capacity:.0} requests/s; open loop at half of it, in us");
    println!(
        "{:<24} {:>8} {:>8} {:>8} {:>8} {:>8} {:>9} {:>7} {:>11}",
        "", "lag p50", "p99", "p99.9", "max", "late", "unsent", "cpu", "preempted"
    );
    for (arrivals, spin) in [
        (Arrivals::Constant, Duration::from_micros(100)),
        (Arrivals::Poisson, Duration::from_micros(100)),
        (Arrivals::Poisson, Duration::ZERO),
    ] {
        plan.pacing = Pacing::Open { arrivals, schedule: Schedule::Rate(capacity / 2.0), spin };
        let report = go(&plan);
        let lag = &report.total.send_lag;
        let us = |ns: u64| format!("{:.1}", ns as f64 / 1e3);
        let open = report.open_loop.as_ref().unwrap();
        println!(
            "{:<24} {:>8} {:>8} {:>8} {:>8} {:>8} {:>9} {:>6.0}% {:>8.2} ms",
            format!("{arrivals:?}, spin {spin:?}"),
            us(lag.quantile_ns(0.5)),
            us(lag.quantile_ns(0.99)),
            us(lag.quantile_ns(0.999)),
            us(lag.max_ns()),
            open.late,
            open.unsent,
            report.generator.cpu_share_ppm as f64 / 1e4,
            report.generator.threads[0].run_delay_ns.unwrap_or(0) as f64 / 1e6
        );
    }
}
