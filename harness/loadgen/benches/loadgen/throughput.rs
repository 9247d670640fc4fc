//! Requests per CPU-second of the generator, on one core against one server core.

use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use httpdyno_loadgen::{BodyCheck, EngineChoice, LoadPlan, Route, Silent, Stop, Threads, run};

use crate::child::{GENERATOR_CORE, SERVER_CORE, Server};
use crate::guard::IdleGuard;
use crate::serve::BODY;
use crate::{bare, peers, verdict};

const CONNECTIONS: usize = 64;
const WARMUP: Duration = Duration::from_millis(500);
const TIME: Duration = Duration::from_secs(2);
const ROUNDS: usize = 5;

/// What so many requests cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) requests: u64,
    pub(crate) elapsed: Duration,
    /// Of the generator.
    pub(crate) cpu: Duration,
}

impl Cost {
    fn per_cpu_second(&self) -> f64 {
        self.requests as f64 / self.cpu.as_secs_f64()
    }

    fn per_second(&self) -> f64 {
        self.requests as f64 / self.elapsed.as_secs_f64()
    }
}

/// How long to load before the measurement, and in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    pub(crate) warmup: Duration,
    pub(crate) measured: Duration,
}

/// One generator under test.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    measure: fn(SocketAddr, Times) -> Option<Cost>,
}

pub(crate) const CONTENDERS: [Contender; 7] = [
    Contender {
        name: BARE,
        measure: |addr, times| Some(bare::run(addr, CONNECTIONS, times.warmup, times.measured)),
    },
    Contender {
        name: OURS,
        measure: |addr, times| {
            ours(addr, times, EngineChoice::IoUring, BodyCheck::Exact(BODY.to_vec()))
        },
    },
    Contender {
        name: "httpdyno io_uring, json",
        measure: |addr, times| {
            ours(addr, times, EngineChoice::IoUring, BodyCheck::Json(BODY.to_vec()))
        },
    },
    Contender {
        name: "httpdyno epoll, exact",
        measure: |addr, times| {
            ours(addr, times, EngineChoice::Epoll, BodyCheck::Exact(BODY.to_vec()))
        },
    },
    // None of these has a warm-up.
    Contender { name: WRK, measure: |addr, times| peers::wrk(addr, CONNECTIONS, times.measured) },
    Contender {
        name: "h2load",
        measure: |addr, times| peers::h2load(addr, CONNECTIONS, times.measured),
    },
    Contender { name: OHA, measure: |addr, times| peers::oha(addr, CONNECTIONS, times.measured) },
];

const BARE: &str = "bare io_uring loop";
const OURS: &str = "httpdyno io_uring, exact";
const WRK: &str = "wrk";
const OHA: &str = "oha";

/// What requests per CPU-second have to be, as a multiple of a contender's.
const TARGETS: [(&str, f64); 3] = [(WRK, 1.3), (OHA, 2.3), (BARE, 0.95)];

fn ours(addr: SocketAddr, times: Times, engine: EngineChoice, body: BodyCheck) -> Option<Cost> {
    let mut plan = LoadPlan::new(addr, Route::get("/json"));
    plan.routes[0].expect.body = body;
    plan.connections = CONNECTIONS;
    plan.threads = Threads::Pinned(vec![GENERATOR_CORE]);
    plan.warmup = times.warmup;
    plan.stop = Stop { duration: Some(times.measured), requests: None };
    plan.engine = engine;
    let report = run(plan, &AtomicBool::new(false), &mut Silent).unwrap();
    assert!(report.total.settlement().is_clean(), "{:?}", report.total.examples);
    Some(Cost {
        requests: report.total.ok,
        elapsed: Duration::from_nanos(report.elapsed_ns),
        cpu: Duration::from_nanos(report.generator.cpu_ns()),
    })
}

/// One contender alone, for a profiler: `one NAME ADDRESS SECONDS`. Gives its requests.
pub(crate) fn one(arguments: &[String]) {
    let [name, addr, seconds] = arguments else { panic!("expected NAME ADDRESS SECONDS") };
    let contender = CONTENDERS.iter().find(|one| one.name == name).expect("a contender");
    let measured = Duration::from_secs(seconds.parse().unwrap());
    let times = Times { warmup: Duration::ZERO, measured };
    let cost = (contender.measure)(addr.parse().unwrap(), times).unwrap();
    println!(
        "{} requests {:.0} req/s {:.0} req/cpu-s",
        cost.requests,
        cost.per_second(),
        cost.per_cpu_second()
    );
}

/// All rounds of one contender.
struct Rounds {
    name: &'static str,
    costs: Vec<Cost>,
    server_cpu: Duration,
    wall: Duration,
}

impl Rounds {
    /// Median, smallest and largest.
    fn spread(&self, value: impl Fn(&Cost) -> f64) -> [f64; 3] {
        let mut values: Vec<f64> = self.costs.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        [values[values.len() / 2], values[0], values[values.len() - 1]]
    }

    fn print(&self, bare: f64) {
        let name = self.name;
        if self.costs.is_empty() {
            println!("{name:<26} not installed");
            return;
        }
        let [rate, ..] = self.spread(Cost::per_second);
        let [share, ..] = self.spread(|cost| cost.cpu.as_secs_f64() / cost.elapsed.as_secs_f64());
        let [per_cpu, low, high] = self.spread(Cost::per_cpu_second);
        println!(
            "{name:<26} {rate:>12.0} {:>7.0}% {per_cpu:>14.0} {:>7.1}% {:>9.3} {:>11.0}%",
            share * 100.0,
            (high - low) / per_cpu * 100.0,
            per_cpu / bare,
            self.server_cpu.as_secs_f64() / self.wall.as_secs_f64() * 100.0
        );
    }
}

fn measure() -> Vec<Rounds> {
    let _guard = IdleGuard::start(&[SERVER_CORE, GENERATOR_CORE]);
    let server = Server::start(&["null"]);
    let none = |contender: &Contender| Rounds {
        name: contender.name,
        costs: Vec::new(),
        server_cpu: Duration::ZERO,
        wall: Duration::ZERO,
    };
    let mut results: Vec<Rounds> = CONTENDERS.iter().map(none).collect();
    // Rounds, so that a change of the machine's mood falls on all alike.
    for round in 0..ROUNDS {
        for n in 0..CONTENDERS.len() {
            let n = (n + round) % CONTENDERS.len();
            let (before, begin) = (server.cpu(), Instant::now());
            let times = Times { warmup: WARMUP, measured: TIME };
            results[n].costs.extend((CONTENDERS[n].measure)(server.addr, times));
            results[n].server_cpu += server.cpu() - before;
            results[n].wall += begin.elapsed();
        }
    }
    results
}

pub(crate) fn print() {
    let results = measure();
    println!(
        "GET of a small JSON response from the null server, {CONNECTIONS} connections, {ROUNDS} \
         rounds of {TIME:?}; medians"
    );
    println!(
        "{:<26} {:>12} {:>8} {:>14} {:>8} {:>9} {:>12}",
        "", "requests/s", "cpu", "req/cpu-s", "spread", "of bare", "server cpu"
    );
    let bare = results[0].spread(Cost::per_cpu_second)[0];
    results.iter().for_each(|rounds| rounds.print(bare));
    let find = |name: &str| results.iter().find(|rounds| rounds.name == name).expect("measured");
    for (peer, target) in TARGETS {
        let (ours, theirs) = (find(OURS), find(peer));
        if theirs.costs.is_empty() {
            continue;
        }
        // Neighbours in one round had the same machine: the median of their ratios, not the
        // ratio of their medians.
        let mut ratios: Vec<f64> = ours
            .costs
            .iter()
            .zip(&theirs.costs)
            .map(|(ours, theirs)| ours.per_cpu_second() / theirs.per_cpu_second())
            .collect();
        ratios.sort_by(f64::total_cmp);
        let ratio = ratios[ratios.len() / 2];
        verdict::print(
            &format!("requests per CPU-second, ours to: {peer}"),
            format!("{ratio:.3}"),
            &format!(">= {target}"),
            ratio >= target,
        );
    }
    let oha = find(OHA);
    if !oha.costs.is_empty() {
        let ceiling = bare / oha.spread(Cost::per_cpu_second)[0];
        println!("     (the bare loop, which does nothing but move bytes: {ceiling:.3} of oha's)");
    }
}
