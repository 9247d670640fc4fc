//! Known delays against reported latencies.
//!
//! The server's own log is the truth: on a machine with other work it can not keep its delays to
//! the microsecond either, and what it then really did is what the generator has to report.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use httpdyno_loadgen::{
    Arrivals, LoadPlan, LoadReport, Observer, Pacing, Route, Schedule, Started, Stop, Threads,
    ValueKind, ValueSpec, run,
};
use rustix::process::{Signal, kill_process};

use crate::child::{GENERATOR_CORE, Server};
use crate::clear::Cleared;
use crate::truth::{Log, quantile};
use crate::{peers, verdict};

const RATE: f64 = 2000.0;
const CONNECTIONS: usize = 64;
const SECONDS: u64 = 10;
/// Odd, so that one is in the middle.
const ROUNDS: usize = 3;
/// As a generator with a core of its own waits in `bench`: asleep, it would hear of an answer when the
/// kernel has woken it. It is its own idle guard, then, and in no real-time class: from a thread of
/// that class that never sleeps the kernel takes 50 ms of each second at once.
const NEVER_ASLEEP: Duration = Duration::from_secs(3600);
/// As in `bench`, too: hardly ever interrupted by what is of its class.
const PREFERRED: i32 = -10;
const WRK_TIME: Duration = Duration::from_secs(3);

const FIGURES: [(&str, f64); 4] = [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0)];

/// A server and what is intended: p50, p99, p99.9 and maximum in microseconds.
struct Case {
    name: &'static str,
    server: &'static [&'static str],
    /// For so long in the middle of the run the server is stopped.
    sigstop: Option<Duration>,
    intended_us: [f64; 4],
}

const CASES: [Case; 4] = [
    Case {
        name: "constant 2 ms",
        server: &["delay", "constant", "2000"],
        sigstop: None,
        intended_us: [2000.0, 2000.0, 2000.0, 2000.0],
    },
    Case {
        name: "1 ms, 5 % 20 ms",
        server: &["delay", "bimodal", "1000", "20000"],
        sigstop: None,
        intended_us: [1000.0, 20_000.0, 20_000.0, 20_000.0],
    },
    // A tenth of the requests waits, evenly from 0 to 100 ms: the slowest hundredth of all is
    // the slowest tenth of these.
    Case {
        name: "100 ms stall every second",
        server: &["delay", "stall", "1000000", "100000"],
        sigstop: None,
        intended_us: [0.0, 90_000.0, 99_000.0, 100_000.0],
    },
    // A tenth again, of the whole run.
    Case {
        name: "SIGSTOP for 1 s",
        server: &["delay", "constant", "0"],
        sigstop: Some(Duration::from_secs(1)),
        intended_us: [0.0, 900_000.0, 990_000.0, 1_000_000.0],
    },
];

/// Stops a process once and lets it go on; how long it was stopped.
fn stop_once(pid: rustix::process::Pid, after: Duration, lasts: Duration) -> Duration {
    std::thread::sleep(after);
    let begin = std::time::Instant::now();
    kill_process(pid, Signal::STOP).unwrap();
    std::thread::sleep(lasts);
    kill_process(pid, Signal::CONT).unwrap();
    begin.elapsed()
}

/// What wrk prints of the same server, stopped alike.
fn peer(server: &Server, case: &Case) -> Vec<(String, String)> {
    let pid = server.pid();
    let stopper = case
        .sigstop
        .map(|lasts| std::thread::spawn(move || stop_once(pid, Duration::from_secs(1), lasts)));
    let found = peers::wrk_latencies(server.addr, CONNECTIONS, WRK_TIME).unwrap_or_default();
    // Without wrk the server is still to go on.
    stopper.map(|thread| thread.join().unwrap());
    found
}

/// Stops the server in the third second.
struct Stopper {
    pid: rustix::process::Pid,
    lasts: Duration,
    thread: Option<std::thread::JoinHandle<Duration>>,
}

impl Observer for Stopper {
    fn started(&mut self, _: &Started) {
        let (pid, lasts) = (self.pid, self.lasts);
        let after = Duration::from_secs(3);
        self.thread = Some(std::thread::spawn(move || stop_once(pid, after, lasts)));
    }
}

fn measure(server: &Server, case: &Case) -> LoadReport {
    let mut plan = LoadPlan::new(server.addr, Route::get("/{{n}}"));
    plan.values = vec![ValueSpec { name: "n".into(), kind: ValueKind::Sequential { first: 0 } }];
    plan.connections = CONNECTIONS;
    plan.threads = Threads::Pinned(vec![GENERATOR_CORE]);
    plan.stop = Stop { duration: Some(Duration::from_secs(SECONDS)), requests: None };
    plan.pacing = Pacing::Open {
        arrivals: Arrivals::Constant,
        schedule: Schedule::Rate(RATE),
        spin: NEVER_ASLEEP,
    };
    plan.nice = PREFERRED;
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

/// One figure of one run, in microseconds: what the server's log says, and what the generator did.
#[derive(Clone, Copy)]
struct Compared {
    true_us: f64,
    found_us: f64,
}

impl Compared {
    fn error_us(self) -> f64 {
        self.found_us - self.true_us
    }

    fn allowed_us(self) -> f64 {
        (self.true_us * 0.02).max(20.0)
    }

    /// Beyond 1 or -1 it is wrong.
    fn error_of_allowed(self) -> f64 {
        self.error_us() / self.allowed_us()
    }
}

/// One run: all figures against the log.
fn compare(server: &Server, case: &Case) -> [Compared; 4] {
    let report = measure(server, case);
    let truth = Log::fetch(server.addr).latencies_ns((1e9 / RATE) as u64);
    let thread = &report.generator.threads[0];
    println!(
        "{} ({} answers, {} errors; generator: niceness {}, preempted {} times, {:.2} ms)",
        case.name,
        truth.len(),
        report.total.error_count(),
        thread.nice,
        thread.preemptions.unwrap_or(0),
        thread.run_delay_ns.unwrap_or(0) as f64 / 1e6
    );
    FIGURES.map(|(_, q)| Compared {
        true_us: quantile(&truth, q) as f64 / 1e3,
        found_us: report.total.latency.quantile_ns(q) as f64 / 1e3,
    })
}

/// The run in the middle of all: what the host takes from either core in one run says nothing of
/// the generator, what it is off in most is its own.
fn middle(mut runs: Vec<Compared>) -> Compared {
    runs.sort_by(|a, b| a.error_of_allowed().total_cmp(&b.error_of_allowed()));
    runs[runs.len() / 2]
}

pub(crate) fn print() {
    let _cleared = Cleared::core(GENERATOR_CORE);
    println!(
        "open loop, constant {RATE} requests/s for {SECONDS} s, {CONNECTIONS} connections, the \
         run in the middle of {ROUNDS}, in us; truth: the server's log; wrk: closed loop"
    );
    let (mut right, mut right_in_one, mut all) = (0, 0, 0);
    for case in &CASES {
        // A server of its own for each run: its log is of one.
        let rounds: Vec<_> =
            (0..ROUNDS).map(|_| compare(&Server::start(case.server), case)).collect();
        let peer = peer(&Server::start(case.server), case);
        for (n, (name, _)) in FIGURES.iter().enumerate() {
            let runs: Vec<Compared> = rounds.iter().map(|figures| figures[n]).collect();
            let runs_right = runs.iter().filter(|it| it.error_of_allowed().abs() <= 1.0).count();
            let figure = middle(runs);
            let is_right = figure.error_of_allowed().abs() <= 1.0;
            right += usize::from(is_right);
            right_in_one += runs_right;
            all += 1;
            let wrk = peer.iter().find(|(p, _)| p == name).map_or("-", |(_, text)| text);
            println!(
                "  {name:<6} intended {:>9.0}  truth {:>10.1}  found {:>10.1}  error {:>8.1} \
                 (allowed {:>7.1}) {:<4} {runs_right} of {ROUNDS} runs; wrk {wrk}",
                case.intended_us[n],
                figure.true_us,
                figure.found_us,
                figure.error_us(),
                figure.allowed_us(),
                if is_right { "ok" } else { "OFF" }
            );
        }
    }
    println!("of single runs: {right_in_one} of {}", all * ROUNDS);
    verdict::print(
        "figures within 2 % or 20 us of the truth",
        format!("{right} of {all}"),
        "all",
        right == all,
    );
}
