//! What becomes of requests whose connection ends, and of bytes that nobody asked for.

mod support;

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use httpdyno_loadgen::{LoadPlan, RequestSpec, StatusCheck, Stop};
use support::{ENGINES, Requests, Server, ok, plan, run_on};

const CLOSING: &[u8] = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// Sends `answer` to the first request of each connection, reads the rest, and closes.
fn once(answer: &'static [u8]) -> Server {
    Server::start(move |mut stream| {
        if Requests::of(&stream).next().is_some() {
            let _ = stream.write_all(answer);
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        }
    })
}

#[test]
fn requests_pipelined_behind_a_close_are_sent_again() {
    for (answer, method) in [
        (CLOSING, "GET"),
        // Not processed, says the announcement: even these may be repeated.
        (CLOSING, "POST"),
        // Closed without a word.
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "GET"),
        // Closed to end the body.
        (b"HTTP/1.1 200 OK\r\n\r\nbody", "GET"),
    ] {
        let server = once(answer);
        for engine in ENGINES {
            let mut plan = LoadPlan { pipeline: 4, connections: 2, ..plan(server.addr, "/", 12) };
            plan.routes[0].request.method = method.into();
            let report = run_on(engine, &plan);
            assert_eq!((report.total.requests, report.total.ok), (12, 12), "{method} {report:#?}");
            assert!(report.resent > 0 && report.total.settlement().is_clean());
        }
    }
}

#[test]
fn what_may_not_be_done_twice_is_not_sent_again_after_an_unannounced_close() {
    let server = once(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    for engine in ENGINES {
        let mut plan = LoadPlan { pipeline: 4, ..plan(server.addr, "/", 8) };
        plan.routes[0].request.method = "POST".into();
        let report = run_on(engine, &plan);
        assert_eq!(report.total.requests, 8);
        assert!(report.total.error_count() > 0 && report.resent == 0, "{report:#?}");
    }
}

#[test]
fn a_client_that_says_close_closes_and_sends_nothing_more() {
    let most = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&most);
    // It keeps connections, whatever is said.
    let server = Server::start(move |mut stream| {
        for (n, _) in (1..).zip(Requests::of(&stream)) {
            seen.fetch_max(n, Ordering::SeqCst);
            let _ = stream.write_all(&ok(b""));
        }
    });
    for engine in ENGINES {
        for (value, pipeline) in [("close", 1), ("TE, Close", 4)] {
            for rate in [None, Some(5000.0)] {
                let mut plan = LoadPlan { connections: 2, pipeline, ..plan(server.addr, "/", 9) };
                plan.routes[0].request.headers = vec![("connection".into(), value.into())];
                if let Some(rate) = rate {
                    plan.pacing = httpdyno_loadgen::Pacing::Open {
                        arrivals: httpdyno_loadgen::Arrivals::Constant,
                        schedule: httpdyno_loadgen::Schedule::Rate(rate),
                        spin: Duration::ZERO,
                    };
                }
                let report = run_on(engine, &plan);
                assert_eq!((report.total.ok, most.swap(0, Ordering::SeqCst)), (9, 1));
            }
        }
    }
}

#[test]
fn bytes_behind_a_response_blame_its_exchange_and_nothing_that_was_not_sent() {
    let seen = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&seen);
    // Only the answer to the fifth request has more than it says.
    let server = Server::answering(move |_| {
        let is_fifth = count.fetch_add(1, Ordering::SeqCst) == 4;
        if is_fifth { [ok(b"one"), b"more".to_vec()].concat() } else { ok(b"one") }
    });
    for engine in ENGINES {
        seen.store(0, Ordering::SeqCst);
        let report = run_on(engine, &plan(server.addr, "/", 10));
        let total = &report.total;
        assert_eq!((total.requests, total.ok, seen.load(Ordering::SeqCst)), (10, 9, 10));
        assert_eq!(total.errors.get("unsolicited"), Some(&1), "{report:#?}");
        assert_eq!(total.examples[0].request, 4);
    }
}

#[test]
fn what_a_user_agent_has_to_take_is_taken_and_counted() {
    for (head, name) in [
        ("HTTP/1.1 200 OK\r\nX: a\r\n b", "obs-fold"),
        ("HTTP/1.3 200 OK", "later-minor-version"),
        ("HTTP/1.1 799 Odd", "status-above-599"),
    ] {
        let bytes = format!("{head}\r\nContent-Length: 0\r\n\r\n").into_bytes();
        let server = Server::answering(move |_| bytes.clone());
        for engine in ENGINES {
            let mut plan = plan(server.addr, "/", 10);
            let report = run_on(engine, &plan);
            assert_eq!(report.oddities.get(name), Some(&10), "{report:#?}");
            assert_eq!((report.oddities.len(), report.total.responses), (1, 10));
            let server_errors = if name == "status-above-599" { 10 } else { 0 };
            assert_eq!(report.total.status.server_error, server_errors);
            assert_eq!(report.total.ok, 10 - server_errors);
            plan.routes[0].expect.status = StatusCheck::Any;
            assert_eq!(run_on(engine, &plan).total.ok, 10);
        }
    }
}

/// Resident memory of this process, in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[test]
fn a_body_that_the_peer_does_not_take_is_there_once() {
    const BODY: usize = 8 << 20;
    let server = Server::start(|mut stream| {
        // The first bytes, then nothing until the client goes.
        let _ = stream.read(&mut [0; 1]);
        let _ = stream.set_read_timeout(Some(Duration::from_millis(1500)));
        let _ = rustix::event::poll(
            &mut [rustix::event::PollFd::new(&stream, rustix::event::PollFlags::RDHUP)],
            Some(&rustix::event::Timespec { tv_sec: 60, tv_nsec: 0 }),
        );
    });
    for engine in ENGINES {
        for (path, pipeline) in [("/", 1), ("/", 3), ("/{{id}}", 1), ("/{{id}}", 3)] {
            let mut plan = LoadPlan { connections: 64, pipeline, ..plan(server.addr, path, 1) };
            plan.routes[0].request = RequestSpec {
                method: "POST".into(),
                path: path.into(),
                headers: Vec::new(),
                body: Some(vec![b'x'; BODY]),
            };
            plan.values = vec![httpdyno_loadgen::ValueSpec {
                name: "id".into(),
                kind: httpdyno_loadgen::ValueKind::Sequential { first: 1 },
            }];
            plan.stop = Stop { duration: Some(Duration::from_millis(700)), requests: None };
            let before = resident();
            let watch = std::thread::spawn(move || {
                let since = std::time::Instant::now();
                let mut peak = 0;
                while since.elapsed() < Duration::from_millis(800) {
                    peak = peak.max(resident());
                    std::thread::sleep(Duration::from_millis(10));
                }
                peak
            });
            let report = run_on(engine, &plan);
            assert_eq!(report.in_flight_at_stop, 64 * pipeline as u64);
            let more = watch.join().unwrap().saturating_sub(before);
            // 64 copies would be 512 MiB.
            assert!(more < 12 * BODY as u64, "{engine:?} {path} {pipeline}: {} MiB", more >> 20);
        }
    }
}
