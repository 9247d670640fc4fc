//! Ten thousand connections: all up, no error, and what they cost in memory.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use httpdyno_loadgen::{EngineChoice, LoadPlan, Route, Silent, Stop, Threads, run};

use crate::child::{GENERATOR_CORE, Server};
use crate::verdict;

const CONNECTIONS: usize = 10_000;

/// Peak and current resident memory of this process, in MB.
fn resident_mb(field: &str) -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

pub(crate) fn print() {
    println!(
        "{:<12} {:>12} {:>8} {:>12} {:>12}",
        "", "established", "errors", "requests/s", "peak MB"
    );
    for engine in [EngineChoice::Epoll, EngineChoice::IoUring] {
        let server = Server::start(&["delay", "constant", "0"]);
        let mut plan = LoadPlan::new(server.addr, Route::get("/json"));
        plan.connections = CONNECTIONS;
        plan.threads = Threads::Pinned(vec![GENERATOR_CORE]);
        plan.warmup = Duration::from_secs(1);
        plan.stop = Stop { duration: Some(Duration::from_secs(3)), requests: None };
        plan.engine = engine;
        let report = run(plan, &AtomicBool::new(false), &mut Silent).unwrap();
        println!(
            "{:<12} {:>12} {:>8} {:>12.0} {:>12.1}",
            report.engine,
            report.connections.established,
            report.total.error_count() + report.total.mismatches.total(),
            report.total.ok as f64 * 1e9 / report.elapsed_ns as f64,
            resident_mb("VmHWM")
        );
        let failed = report.total.error_count() + report.total.mismatches.total();
        let met = report.connections.established == CONNECTIONS as u64 && failed == 0;
        verdict::print(
            &format!("{}: {CONNECTIONS} connections, errors", report.engine),
            failed.to_string(),
            "0",
            met,
        );
    }
    let peak = resident_mb("VmHWM");
    verdict::print("memory at its peak", format!("{peak:.1} MB"), "< 200 MB", peak < 200.0);
}
