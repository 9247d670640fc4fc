//! Known delays against reported latencies.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use httpdyno_loadgen::{
    Arrivals, LoadPlan, LoadReport, Observer, Pacing, Route, Schedule, Started, Stop, Threads, run,
};
use rustix::process::{Signal, kill_process};

use crate::child::{GENERATOR_CORE, Server};
use crate::peers;

const RATE: f64 = 2000.0;
const CONNECTIONS: usize = 64;
const SECONDS: u64 = 10;

/// A server and what theory says of it: p50, p99, p99.9 and maximum in microseconds.
struct Case {
    name: &'static str,
    server: &'static [&'static str],
    /// For so long in the middle of the run the server is stopped.
    sigstop: Option<Duration>,
    theory_us: [f64; 4],
}

const CASES: [Case; 4] = [
    Case {
        name: "constant 2 ms",
        server: &["delay", "constant", "2000"],
        sigstop: None,
        theory_us: [2000.0, 2000.0, 2000.0, 2000.0],
    },
    Case {
        name: "1 ms, 5 % 20 ms",
        server: &["delay", "bimodal", "1000", "20000"],
        sigstop: None,
        theory_us: [1000.0, 20_000.0, 20_000.0, 20_000.0],
    },
    // A tenth of the requests waits, evenly from 0 to 100 ms: the slowest hundredth of all is
    // the slowest tenth of these.
    Case {
        name: "100 ms stall every second",
        server: &["delay", "stall", "1000000", "100000"],
        sigstop: None,
        theory_us: [0.0, 90_000.0, 99_000.0, 100_000.0],
    },
    // A tenth again, of the whole run.
    Case {
        name: "SIGSTOP for 1 s",
        server: &["delay", "constant", "0"],
        sigstop: Some(Duration::from_secs(1)),
        theory_us: [0.0, 900_000.0, 990_000.0, 1_000_000.0],
    },
];

/// Stops the server once, in the third second, and lets it go on.
struct Stopper {
    pid: rustix::process::Pid,
    lasts: Duration,
    thread: Option<std::thread::JoinHandle<Duration>>,
}

impl Observer for Stopper {
    fn started(&mut self, _: &Started) {
        let (pid, lasts) = (self.pid, self.lasts);
        self.thread = Some(std::thread::spawn(move || {
            std::thread::sleep(Duration::from_secs(3));
            let begin = std::time::Instant::now();
            kill_process(pid, Signal::STOP).unwrap();
            std::thread::sleep(lasts);
            kill_process(pid, Signal::CONT).unwrap();
            begin.elapsed()
        }));
    }
}

fn measure(server: &Server, case: &Case) -> LoadReport {
    let mut plan = LoadPlan::new(server.addr, Route::get("/"));
    plan.connections = CONNECTIONS;
    plan.threads = Threads::Pinned(vec![GENERATOR_CORE]);
    plan.warmup = Duration::from_millis(500);
    plan.stop = Stop { duration: Some(Duration::from_secs(SECONDS)), requests: None };
    plan.pacing = Pacing::Open {
        arrivals: Arrivals::Constant,
        schedule: Schedule::Rate(RATE),
        // Always awake, like the server: what remains is the way there and back.
        spin: Duration::from_millis(1),
    };
    let stop = AtomicBool::new(false);
    let Some(lasts) = case.sigstop else {
        return run(plan, &stop, &mut httpdyno_loadgen::Silent).unwrap();
    };
    let mut stopper = Stopper { pid: server.pid(), lasts, thread: None };
    let report = run(plan, &stop, &mut stopper).unwrap();
    let stopped = stopper.thread.map(|thread| thread.join().unwrap());
    println!("(the server was stopped for {stopped:?})");
    report
}

pub(crate) fn print() {
    println!(
        "open loop, constant {RATE} requests/s for {SECONDS} s, {CONNECTIONS} connections; us; \
         wrk: closed loop"
    );
    for case in &CASES {
        let server = Server::start(case.server);
        let report = measure(&server, case);
        let latency = &report.total.latency;
        let found = [0.5, 0.99, 0.999, 1.0].map(|q| latency.quantile_ns(q) as f64 / 1e3);
        println!("{} (errors: {})", case.name, report.total.error_count());
        let peer = case
            .sigstop
            .is_none()
            .then(|| peers::wrk_latencies(server.addr, CONNECTIONS, Duration::from_secs(5)))
            .flatten()
            .unwrap_or_default();
        for (n, name) in ["p50", "p99", "p99.9", "max"].iter().enumerate() {
            let theory = case.theory_us[n];
            let error = found[n] - theory;
            let allowed = (theory * 0.02).max(20.0);
            let verdict = if error.abs() <= allowed { "ok" } else { "off" };
            let wrk = peer.iter().find(|(p, _)| p == name).map_or("-", |(_, text)| text);
            println!(
                "  {name:<6} theory {theory:>10.1}  found {:>10.1}  error {error:>8.1} \
                 (allowed {allowed:>7.1}) {verdict:<4} wrk {wrk}",
                found[n]
            );
        }
    }
}
