//! How runs end: exactly a number of requests, a server that dies, what is under way at the end.

mod support;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use httpdyno_loadgen::{
    Arrivals, LoadPlan, MoreAddresses, Pacing, Patience, Schedule, Step, Stop, Threads,
};
use support::{ENGINES, Requests, Server, await_until, ok, plan, run_on, serve};

/// Nothing but a number of requests ends it.
fn only(requests: u64, plan: LoadPlan) -> LoadPlan {
    LoadPlan { stop: Stop { duration: None, requests: Some(requests) }, ..plan }
}

fn open(schedule: Schedule) -> Pacing {
    Pacing::Open { arrivals: Arrivals::Constant, schedule, spin: Duration::ZERO }
}

#[test]
fn a_number_of_requests_is_exactly_what_is_sent_and_reported() {
    let seen = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&seen);
    let server = Server::answering(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        ok(b"")
    });
    for engine in ENGINES {
        for (requests, connections, threads, pipeline) in
            [(1, 1, 1, 1), (3, 8, 2, 1), (1, 4, 4, 4), (101, 7, 3, 4)]
        {
            for rate in [None, Some(2000.0)] {
                seen.store(0, Ordering::SeqCst);
                let mut plan = only(requests, plan(server.addr, "/", 1));
                (plan.connections, plan.pipeline) = (connections, pipeline);
                plan.threads = Threads::Unpinned(threads);
                if let Some(rate) = rate {
                    plan.pacing = open(Schedule::Rate(rate));
                }
                let report = run_on(engine, &plan);
                let total = &report.total;
                assert_eq!((total.requests, total.ok), (requests, requests), "{report:#?}");
                assert_eq!(seen.load(Ordering::SeqCst), requests);
                assert_eq!((report.in_flight_at_start, report.never_sent), (0, 0));
            }
        }
        // What was under way when a warm-up ended is not in it either.
        let mut plan = only(50, plan(server.addr, "/", 1));
        plan.connections = 8;
        plan.warmup = Duration::from_millis(100);
        let report = run_on(engine, &plan);
        assert_eq!((report.total.requests, report.total.ok), (50, 50));
    }
}

#[test]
fn a_server_that_dies_ends_a_number_of_requests_closed_and_open() {
    for engine in ENGINES {
        for pacing in [Pacing::default(), open(Schedule::Rate(2000.0))] {
            let answered = AtomicU64::new(0);
            // After 20 answers nothing comes any more, on any connection.
            let server = Server::start(move |mut stream| {
                for _ in Requests::of(&stream) {
                    if answered.fetch_add(1, Ordering::SeqCst) < 20 {
                        let _ = stream.write_all(&ok(b""));
                    }
                }
            });
            let mut plan = only(1000, plan(server.addr, "/", 1));
            plan.connections = 2;
            plan.pacing = pacing;
            plan.timeout = Duration::from_secs(10);
            plan.patience.silence = Some(Duration::from_millis(400));
            let report = run_on(engine, &plan);
            assert_eq!(report.ended_by_silence_ns, Some(400_000_000), "{report:#?}");
            assert_eq!((report.total.ok, report.in_flight_at_stop), (20, 2));
            assert_eq!(report.total.requests + report.never_sent, 1000);
        }
    }
}

#[test]
fn a_schedule_that_ends_ends_the_run_and_idle_time_is_no_silence() {
    let server = Server::answering(|_| ok(b""));
    for engine in ENGINES {
        let mut plan = only(1000, plan(server.addr, "/", 1));
        plan.patience.silence = Some(Duration::from_secs(1));
        let step = |rate, ms| Step { rate, lasts: Duration::from_millis(ms) };
        // A pause longer than the patience, in which nothing is due.
        let steps = vec![step(100.0, 100), step(0.0, 2_000), step(100.0, 100), step(0.0, 1)];
        plan.pacing = open(Schedule::Steps(steps));
        let report = run_on(engine, &plan);
        assert_eq!((report.total.ok, report.never_sent), (20, 980));
        assert_eq!(report.ended_by_silence_ns, None);
    }
}

#[test]
fn what_is_under_way_at_the_end_is_awaited_and_counts_in_no_figure() {
    // The third request on a connection is answered late, or never.
    for (late_ms, answered) in [(700, 2), (60_000, 0)] {
        let server = Server::start(move |mut stream| {
            let deadline = stream.try_clone().unwrap();
            for (n, _) in Requests::of(&stream).enumerate() {
                if n == 2 {
                    // Until it is late, or the client has gone.
                    deadline.set_read_timeout(Some(Duration::from_millis(late_ms))).unwrap();
                    let _ = deadline.peek(&mut [0]);
                }
                if stream.write_all(&ok(b"")).is_err() {
                    return;
                }
            }
        });
        for engine in ENGINES {
            let mut plan = plan(server.addr, "/", 1);
            plan.connections = 2;
            plan.stop = Stop { duration: Some(Duration::from_millis(200)), requests: None };
            let bound = Duration::from_millis(if answered > 0 { 20_000 } else { 300 });
            plan.patience = Patience { after_window: bound, silence: None };
            let report = run_on(engine, &plan);
            let after = report.after_window.expect("they were awaited");
            assert_eq!((report.in_flight_at_stop, after.answered), (2, answered), "{report:#?}");
            assert_eq!((report.total.ok, report.total.requests), (4, 6));
            assert!(report.elapsed_ns < 20_000_000_000);
            // Unasked, nobody waits.
            plan.patience = Patience::default();
            assert_eq!(run_on(engine, &plan).after_window, None);
        }
    }
}

#[test]
fn think_time_counts_from_the_response_and_delays_no_first_request() {
    const THINK: Duration = Duration::from_millis(400);
    let times = Arc::new(std::sync::Mutex::new(Vec::new()));
    let told = Arc::clone(&times);
    // Every connection is closed, unannounced, 200 ms after its answer.
    let server = Server::start(move |mut stream| {
        if Requests::of(&stream).next().is_some() {
            told.lock().unwrap().push(std::time::Instant::now());
            let _ = stream.write_all(&ok(b""));
            let _ = stream.set_read_timeout(Some(THINK / 2));
            let _ = stream.peek(&mut [0]);
        }
    });
    let elapsed = |engine| {
        times.lock().unwrap().clear();
        let mut plan = only(4, plan(server.addr, "/", 1));
        plan.pacing = Pacing::Closed { think: THINK };
        let report = run_on(engine, &plan);
        assert_eq!(report.total.ok, 4);
        let elapsed = Duration::from_nanos(report.elapsed_ns);
        assert!(elapsed >= 3 * THINK - Duration::from_millis(2), "{elapsed:?}");
        for pair in times.lock().unwrap().windows(2) {
            assert!(pair[1] - pair[0] >= THINK - Duration::from_millis(20), "{pair:?}");
        }
        elapsed
    };
    for engine in ENGINES {
        // The first at once, and three pauses; restarted at each reconnect they are 1.8 s and never less,
        // while a busy machine makes them longer at times.
        let most = 3 * THINK + Duration::from_millis(550);
        let mut taken = Vec::new();
        let is_soon = (0..5).any(|_| {
            taken.push(elapsed(engine));
            taken.last() < Some(&most)
        });
        assert!(is_soon, "{taken:?}");
    }
}

#[test]
fn all_addresses_are_tried_and_connections_spread_on_request() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let nobody = std::net::SocketAddr::from(([127, 0, 0, 2], port));
    let second = std::net::TcpListener::bind(("127.0.0.3", port)).unwrap();
    let counts = [Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0))];
    let addresses = [listener.local_addr().unwrap(), second.local_addr().unwrap()];
    for (listener, count) in [listener, second].into_iter().zip(&counts) {
        let count = Arc::clone(count);
        // These threads end with the test's process; each waits most of the time.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || serve(stream, &|_| ok(b"")));
            }
        });
    }
    // One that had nothing to send may be accepted only after the end.
    let took = || {
        let all = || counts.iter().map(|count| count.load(Ordering::SeqCst)).sum::<u64>();
        await_until("all connections are accepted", || all() >= 4);
        counts.each_ref().map(|count| count.swap(0, Ordering::SeqCst))
    };
    for engine in ENGINES {
        let mut plan = LoadPlan { connections: 4, ..plan(nobody, "/", 40) };
        plan.more_addresses = MoreAddresses { others: addresses.to_vec(), spread: false };
        let report = run_on(engine, &plan);
        assert_eq!((report.total.ok, report.connections.established), (40, 4));
        assert_eq!(took(), [4, 0], "the first that can be connected to");
        plan.target = addresses[0];
        plan.more_addresses = MoreAddresses { others: vec![addresses[1]], spread: true };
        assert_eq!(run_on(engine, &plan).total.ok, 40);
        assert_eq!(took(), [2, 2]);
    }
}

#[test]
fn an_address_that_does_not_answer_is_not_waited_for_as_long_as_a_request() {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    // Further SYNs stay without an answer when the queue is full.
    socket.listen(0).unwrap();
    let silent = socket.local_addr().unwrap().as_socket().unwrap();
    let mut held = Vec::new();
    let attempt = Duration::from_millis(500);
    while let Ok(stream) = std::net::TcpStream::connect_timeout(&silent, attempt) {
        held.push(stream);
        assert!(held.len() < 1000, "the queue is never full");
    }
    let server = Server::answering(|_| ok(b""));
    for engine in ENGINES {
        let mut plan = LoadPlan { connections: 4, ..plan(silent, "/", 40) };
        plan.timeout = Duration::from_secs(600);
        plan.more_addresses = MoreAddresses { others: vec![server.addr], spread: false };
        let began = std::time::Instant::now();
        let report = run_on(engine, &plan);
        assert_eq!((report.total.ok, report.connections.established), (40, 4));
        assert_eq!(report.connections.establish_errors.keys().collect::<Vec<_>>(), ["timed-out"]);
        assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    }
}
