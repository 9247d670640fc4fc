//! The open loop: what is due is due, whatever the server does.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use httpdyno_loadgen::{Arrivals, LoadPlan, OpenLoopReport, Pacing, Schedule, Step, Stop, Threads};
use support::{ENGINES, Requests, Server, ok, plan, run_on};

fn open(server: &Server, schedule: Schedule, millis: u64) -> LoadPlan {
    LoadPlan {
        pacing: Pacing::Open {
            arrivals: Arrivals::Constant,
            schedule,
            spin: Duration::from_micros(50),
        },
        stop: Stop { duration: Some(Duration::from_millis(millis)), requests: None },
        connections: 4,
        ..plan(server.addr, "/", 1)
    }
}

#[test]
fn a_constant_rate_offers_exactly_its_number() {
    let server = Server::answering(|_| ok(b""));
    for engine in ENGINES {
        for threads in [1, 3] {
            let mut plan = open(&server, Schedule::Rate(500.0), 400);
            plan.threads = Threads::Unpinned(threads);
            plan.warmup = Duration::from_millis(50);
            let report = run_on(engine, &plan);
            let open_loop = report.open_loop.as_ref().unwrap();
            assert_eq!((open_loop.offered, report.total.ok), (200, 200), "{report:#?}");
            assert_eq!(report.elapsed_ns, 400_000_000);
            assert_eq!((open_loop.unsent, report.in_flight_at_stop), (0, 0));
            assert!(open_loop.completed_in_window <= 200);
            assert_eq!(report.littles_law_residual_ppm, None);
        }
    }
}

#[test]
fn ramps_and_steps_offer_their_integral() {
    let server = Server::answering(|_| ok(b""));
    let ms = Duration::from_millis;
    let step = |rate, lasts| Step { rate, lasts: ms(lasts) };
    for engine in ENGINES {
        for (schedule, offered) in [
            (Schedule::Ramp { from: 0.0, to: 1000.0, over: ms(400) }, 200),
            (Schedule::Steps(vec![step(500.0, 100), step(0.0, 100), step(250.0, 100)]), 100),
        ] {
            let report = run_on(engine, &open(&server, schedule, 400));
            assert_eq!(report.open_loop.unwrap().offered, offered);
            assert_eq!(report.total.ok, offered);
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_poisson_arrivals() {
    let server = Server::answering(|_| ok(b""));
    let offered = |engine, seed| {
        let mut plan = open(&server, Schedule::Rate(1000.0), 300);
        let Pacing::Open { arrivals, .. } = &mut plan.pacing else { unreachable!() };
        *arrivals = Arrivals::Poisson;
        plan.seed = seed;
        run_on(engine, &plan).open_loop.unwrap().offered
    };
    let first = offered(ENGINES[0], 1);
    assert_eq!(first, offered(ENGINES[1], 1));
    assert!((2..20).any(|seed| offered(ENGINES[1], seed) != first));
}

/// Coordinated omission: while the server stalls, requests keep being due, and their latency
/// counts from then.
#[test]
fn a_stall_is_seen_by_every_request_that_was_due_in_it() {
    let count = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&count);
    let stall = std::sync::Mutex::new(());
    let server = Server::answering(move |_| {
        // All connections stall together, once.
        let _serial = stall.lock().unwrap();
        if counter.fetch_add(1, Ordering::SeqCst) == 50 {
            std::thread::sleep(Duration::from_millis(300));
        }
        ok(b"")
    });
    for engine in ENGINES {
        count.store(0, Ordering::SeqCst);
        let report = run_on(engine, &open(&server, Schedule::Rate(500.0), 1000));
        let total = &report.total;
        assert_eq!(total.ok, 500);
        // 150 requests were due in the stall; those due in its first 200 ms, 100 of them,
        // waited for 100 ms or more. In the closed loop it would be four.
        let waited = total.latency.count_above(99_000_000);
        assert!(waited >= 99, "{waited}");
        assert!(total.latency.max_ns() >= 298_000_000, "{}", total.latency.max_ns());
        // Only four requests were sent when the server stalled: the time from the sending
        // alone would hide the rest.
        assert!(total.service.count_above(99_000_000) < waited, "{total:?}");
        let open_loop = report.open_loop.unwrap();
        assert!(open_loop.late >= 99);
        // They waited for the server, not for the generator.
        assert!(open_loop.waited >= 99, "{open_loop:?}");
        assert!(total.send_lag.count_above(99_000_000) < waited, "{total:?}");
    }
}

/// Nothing is dropped silently: what could not be sent is counted.
#[test]
fn what_could_not_be_sent_is_counted() {
    let server = Server::start(|stream| Requests::of(&stream).for_each(drop));
    for engine in ENGINES {
        let mut plan = open(&server, Schedule::Rate(1000.0), 300);
        plan.connections = 2;
        plan.timeout = Duration::from_millis(200);
        let report = run_on(engine, &plan);
        let OpenLoopReport { offered, unsent, completed_in_window, .. } = report.open_loop.unwrap();
        assert_eq!((offered, completed_in_window), (300, 0));
        assert_eq!(report.total.requests + unsent, 300);
        assert!(unsent > 250, "{unsent}");
        let timeouts = report.total.errors["timeout-before-response"];
        assert_eq!(timeouts + report.in_flight_at_stop, report.total.requests);
    }
}

#[test]
fn a_number_of_requests_ends_the_open_loop_too() {
    let server = Server::answering(|_| ok(b""));
    for engine in ENGINES {
        let mut plan = open(&server, Schedule::Rate(2000.0), 20_000);
        plan.stop.requests = Some(150);
        let report = run_on(engine, &plan);
        assert_eq!((report.total.requests, report.total.ok), (150, 150));
        assert_eq!(report.open_loop.unwrap().unsent, 0);
        assert!(report.elapsed_ns < 10_000_000_000);
    }
}

#[test]
fn the_realtime_class_is_only_what_was_asked_for_and_changes_no_count() {
    let server = Server::answering(|_| ok(b""));
    for engine in ENGINES {
        for realtime in [false, true] {
            let mut plan = open(&server, Schedule::Rate(500.0), 200);
            plan.realtime = realtime;
            let report = run_on(engine, &plan);
            assert_eq!(report.total.ok, 100);
            let thread = &report.generator.threads[0];
            // The system may refuse it, but nobody gets it unasked.
            assert!(realtime || !thread.realtime);
            assert!(thread.preemptions.is_some() && thread.run_delay_ns.is_some());
        }
    }
}
