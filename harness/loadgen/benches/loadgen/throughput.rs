//! Requests per CPU-second of the generator, on one core against one server core.

use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use httpdyno_loadgen::{BodyCheck, EngineChoice, LoadPlan, Route, Silent, Stop, Threads, run};

use crate::child::{GENERATOR_CORE, SERVER_CORE, Server};
use crate::guard::IdleGuard;
use crate::serve::BODY;
use crate::{bare, peers};

const CONNECTIONS: usize = 64;
const WARMUP: Duration = Duration::from_millis(500);
const TIME: Duration = Duration::from_secs(3);
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

/// One generator under test.
struct Contender {
    name: &'static str,
    measure: fn(SocketAddr) -> Option<Cost>,
}

const CONTENDERS: [Contender; 6] = [
    Contender {
        name: "bare io_uring loop",
        measure: |addr| Some(bare::run(addr, CONNECTIONS, WARMUP, TIME)),
    },
    Contender {
        name: "httpdyno io_uring, exact",
        measure: |addr| ours(addr, EngineChoice::IoUring, BodyCheck::Exact(BODY.to_vec())),
    },
    Contender {
        name: "httpdyno io_uring, json",
        measure: |addr| ours(addr, EngineChoice::IoUring, BodyCheck::Json(BODY.to_vec())),
    },
    Contender {
        name: "httpdyno epoll, exact",
        measure: |addr| ours(addr, EngineChoice::Epoll, BodyCheck::Exact(BODY.to_vec())),
    },
    Contender { name: "wrk", measure: |addr| peers::wrk(addr, CONNECTIONS, TIME) },
    Contender { name: "oha", measure: |addr| peers::oha(addr, CONNECTIONS, TIME) },
];

fn ours(addr: SocketAddr, engine: EngineChoice, body: BodyCheck) -> Option<Cost> {
    let mut plan = LoadPlan::new(addr, Route::get("/json"));
    plan.routes[0].expect.body = body;
    plan.connections = CONNECTIONS;
    plan.threads = Threads::Pinned(vec![GENERATOR_CORE]);
    plan.warmup = WARMUP;
    plan.stop = Stop { duration: Some(TIME), requests: None };
    plan.engine = engine;
    let report = run(plan, &AtomicBool::new(false), &mut Silent).unwrap();
    assert!(report.total.settlement().is_clean(), "{:?}", report.total.examples);
    Some(Cost {
        requests: report.total.ok,
        elapsed: Duration::from_nanos(report.elapsed_ns),
        cpu: Duration::from_nanos(report.generator.cpu_ns()),
    })
}

pub(crate) fn print() {
    let _guard = IdleGuard::start(&[SERVER_CORE, GENERATOR_CORE]);
    let server = Server::start(&["fixed"]);
    let mut results: Vec<(&str, Vec<Cost>, [Duration; 2])> = CONTENDERS
        .iter()
        .map(|contender| (contender.name, Vec::new(), [Duration::ZERO; 2]))
        .collect();
    // Rounds, so that a change of the machine's mood falls on all alike.
    for round in 0..ROUNDS {
        for n in 0..CONTENDERS.len() {
            let n = (n + round) % CONTENDERS.len();
            let (before, begin) = (server.cpu(), Instant::now());
            results[n].1.extend((CONTENDERS[n].measure)(server.addr));
            results[n].2[0] += server.cpu() - before;
            results[n].2[1] += begin.elapsed();
        }
    }
    println!(
        "GET of a small JSON response, {CONNECTIONS} connections, {ROUNDS} rounds of {TIME:?}; \
         medians"
    );
    println!(
        "{:<26} {:>12} {:>8} {:>14} {:>8} {:>9} {:>12}",
        "", "requests/s", "cpu", "req/cpu-s", "spread", "of bare", "server cpu"
    );
    let median = |costs: &[Cost], value: fn(&Cost) -> f64| {
        let mut values: Vec<f64> = costs.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        (values[values.len() / 2], values[0], values[values.len() - 1])
    };
    let bare = median(&results[0].1, Cost::per_cpu_second).0;
    for (name, costs, [used, wall]) in results {
        if costs.is_empty() {
            println!("{name:<26} not installed");
            continue;
        }
        let (rate, ..) = median(&costs, Cost::per_second);
        let share = median(&costs, |cost| cost.cpu.as_secs_f64() / cost.elapsed.as_secs_f64()).0;
        let (per_cpu, low, high) = median(&costs, Cost::per_cpu_second);
        println!(
            "{name:<26} {rate:>12.0} {:>7.0}% {per_cpu:>14.0} {:>7.1}% {:>9.3} {:>11.0}%",
            share * 100.0,
            (high - low) / per_cpu * 100.0,
            per_cpu / bare,
            used.as_secs_f64() / wall.as_secs_f64() * 100.0
        );
    }
}
