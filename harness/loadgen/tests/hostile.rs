//! Hostile servers: each is a counted, named error; nothing hangs, memory is bounded.

mod support;

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use httpdyno_loadgen::{BodyCheck, LoadPlan, LoadReport, Stop};
use support::{ENGINES, Requests, Server, await_read, ok, plan, run_on, tight_limits};

/// A plan of ten requests on two connections.
fn ten(server: &Server) -> LoadPlan {
    LoadPlan { limits: tight_limits(), connections: 2, ..plan(server.addr, "/", 10) }
}

/// Ten requests at once that give up on their responses after a while.
fn impatient(server: &Server) -> LoadPlan {
    LoadPlan { timeout: Duration::from_millis(500), connections: 10, ..ten(server) }
}

/// All ten requests timed out, at this stage. (On a machine so busy that a server's thread
/// gets no turn for half a second, single ones time out at an earlier stage.)
fn expect_timeout(report: &LoadReport, name: &str) {
    let errors = &report.total.errors;
    assert!(errors.keys().all(|cause| cause.starts_with("timeout-")), "{errors:?}");
    assert_eq!((report.total.error_count(), report.total.responses), (10, 0), "{errors:?}");
    assert!(errors.contains_key(name), "{name}: {errors:?}");
}

/// A server that answers each request with these bytes and leaves the connection open.
fn saying(bytes: impl Into<Vec<u8>>) -> Server {
    let bytes = bytes.into();
    Server::answering(move |_| bytes.clone())
}

/// All ten requests failed by this name.
fn expect_error(report: &LoadReport, name: &str) {
    let errors = &report.total.errors;
    assert_eq!(errors.get(name), Some(&10), "{name}: {errors:?}");
    assert_eq!((report.total.responses, errors.len()), (0, 1), "{name}: {errors:?}");
    assert!(!report.total.examples.is_empty());
}

#[test]
fn malformed_heads_and_bodies_fail_by_name() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (bytes, name) in [
        ("HELLO\r\n".to_string(), "bad-status-line"),
        (format!("HTTP/1.1 200 OK\r\nX: {}", "y".repeat(10_000)), "head-too-large"),
        (format!("HTTP/1.1 200 OK\r\n{}", "a: b\r\n".repeat(10_000)), "too-many-fields"),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n".into(), "negative-content-length"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n".into(),
            "content-length-overflow",
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n".into(), "body-too-long"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n".into(),
            "content-lengths-differ",
        ),
        (format!("{chunked}ffffffffffffffffff\r\n"), "chunk-size-overflow"),
        (format!("{chunked}ffffffffffffffff\r\n"), "body-too-long"),
        (format!("{chunked}z\r\n"), "bad-chunk-size"),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n".into(), "unexpected-upgrade"),
        ("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100), "too-many-interim"),
    ] {
        let server = saying(bytes);
        for engine in ENGINES {
            expect_error(&run_on(engine, &ten(&server)), name);
        }
    }
}

#[test]
fn a_missing_length_lasts_until_the_close_and_else_times_out() {
    let server = saying("HTTP/1.1 200 OK\r\n\r\nbody");
    let closing = Server::start(|mut stream| {
        if Requests::of(&stream).next().is_some() {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nbody");
        }
    });
    for engine in ENGINES {
        expect_timeout(&run_on(engine, &impatient(&server)), "timeout-in-body");
        let mut plan = ten(&closing);
        plan.routes[0].expect.body = BodyCheck::Exact(b"body".to_vec());
        let report = run_on(engine, &plan);
        assert_eq!(report.total.ok, 10, "{:?}", report.total);
        assert_eq!(report.connections.closed_as_announced, 10);
    }
}

#[test]
fn silence_at_every_stage_times_out_by_stage() {
    for (bytes, name) in [
        ("", "timeout-before-response"),
        ("HTTP/1.1 200", "timeout-in-head"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "timeout-in-body"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "timeout-in-body"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r", "timeout-in-body"),
    ] {
        let server = saying(bytes);
        for engine in ENGINES {
            expect_timeout(&run_on(engine, &impatient(&server)), name);
        }
    }
}

/// What the server does when it has read a request.
fn ending(bytes: &'static [u8], reset: bool) -> Server {
    Server::start(move |mut stream| {
        if Requests::of(&stream).next().is_some() {
            let _ = stream.write_all(bytes);
            if reset {
                reset_now(&stream);
            }
        }
    })
}

/// Ends the connection with RST. On Linux what had arrived before can still be read.
fn reset_now(stream: &TcpStream) {
    socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO)).unwrap();
    // Connecting to nowhere dissolves the association (connect(2)), clones or not; after a
    // plain close the clone that the server keeps would hold the connection open.
    rustix::net::connect_unspec(stream).unwrap();
}

#[test]
fn closes_at_every_stage_fail_by_stage() {
    for (bytes, name) in [
        (&b""[..], "closed-before-response"),
        (b"HTTP/1.1 200 OK\r\nCont", "closed-in-head"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "closed-in-body"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "closed-in-chunked-body"),
    ] {
        let server = ending(bytes, false);
        for engine in ENGINES {
            expect_error(&run_on(engine, &ten(&server)), name);
        }
    }
}

#[test]
fn resets_at_every_stage_fail_by_stage() {
    for (bytes, name) in [
        (&b""[..], "reset-before-response"),
        (b"HTTP/1.1 200 OK\r\nCont", "reset-in-head"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "reset-in-body"),
    ] {
        let server = ending(bytes, true);
        for engine in ENGINES {
            let report = run_on(engine, &ten(&server));
            expect_error(&report, name);
            assert_eq!(report.connections.resets, 10);
        }
    }
}

#[test]
fn bytes_nobody_asked_for_are_an_error() {
    let mut twice = ok(b"one");
    twice.extend(ok(b"two"));
    let server = saying(twice);
    for engine in ENGINES {
        let report = run_on(engine, &ten(&server));
        // Of two requests on a connection one is answered and the next one fails.
        assert_eq!(report.total.errors.get("unsolicited"), Some(&report.total.error_count()));
        assert!(report.total.error_count() >= 4, "{:?}", report.total.errors);
    }
}

/// Bytes on connections that wait for work (open loop, long before anything is due).
#[test]
fn bytes_on_idle_connections_are_counted() {
    let server = Server::start(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
        Requests::of(&stream).for_each(drop);
    });
    for engine in ENGINES {
        let mut plan = ten(&server);
        plan.pacing = httpdyno_loadgen::Pacing::Open {
            arrivals: httpdyno_loadgen::Arrivals::Constant,
            schedule: httpdyno_loadgen::Schedule::Rate(1.0),
            spin: Duration::ZERO,
        };
        plan.stop = Stop { duration: Some(Duration::from_millis(300)), requests: None };
        let report = run_on(engine, &plan);
        assert!(report.connections.unsolicited > 0, "{report:#?}");
    }
}

#[test]
fn chunked_ends_split_at_every_byte_are_understood() {
    let whole = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    let server = Server::start(move |mut stream| {
        stream.set_nodelay(true).unwrap();
        for (n, _) in Requests::of(&stream).enumerate() {
            let at = 1 + n % (whole.len() - 1);
            if stream.write_all(&whole[..at]).is_err() {
                return;
            }
            // So that two segments are two reads.
            await_read(&stream);
            if stream.write_all(&whole[at..]).is_err() {
                return;
            }
        }
    });
    for engine in ENGINES {
        let mut plan = plan(server.addr, "/", 2 * whole.len() as u64);
        plan.routes[0].expect.body = BodyCheck::Exact(b"abc".to_vec());
        let total = run_on(engine, &plan).total;
        assert_eq!(total.ok, total.requests, "{:?}", total.examples);
    }
}

/// A byte at a time, slower than the timeout allows.
#[test]
fn a_dripping_server_times_out() {
    let server = Server::start(|mut stream| {
        for _ in Requests::of(&stream) {
            for byte in ok(b"drop by drop") {
                if stream.write_all(&[byte]).is_err() {
                    return;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    });
    for engine in ENGINES {
        expect_timeout(&run_on(engine, &impatient(&server)), "timeout-in-head");
    }
}

/// A body that never ends, as fast as it can be sent.
#[test]
fn an_endless_body_is_cut_off() {
    for head in ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"]
    {
        let is_chunked = head.contains("chunked");
        let server = Server::start(move |mut stream| {
            let piece = if is_chunked {
                format!("1000\r\n{}\r\n", "x".repeat(0x1000))
            } else {
                "x".repeat(0x1000)
            };
            if Requests::of(&stream).next().is_some() && stream.write_all(head.as_bytes()).is_ok() {
                while stream.write_all(piece.as_bytes()).is_ok() {}
            }
        });
        for engine in ENGINES {
            expect_error(&run_on(engine, &ten(&server)), "body-too-long");
        }
    }
}

/// A server that never reads: large requests can not be sent to the end.
#[test]
fn a_server_that_does_not_read_times_out() {
    let (open, closed) = std::sync::mpsc::channel::<()>();
    let closed = std::sync::Mutex::new(closed);
    let server = Server::start(move |stream| {
        // Held open, unread, until the test is over.
        let _ = closed.lock().unwrap().recv();
        drop(stream);
    });
    for engine in ENGINES {
        let mut plan = impatient(&server);
        plan.stop.requests = Some(4);
        plan.routes[0].request.method = "POST".into();
        plan.routes[0].request.body = Some(vec![b'x'; 8 << 20]);
        let report = run_on(engine, &plan);
        assert_eq!(report.total.errors.get("timeout-before-response"), Some(&4), "{report:#?}");
    }
    drop(open);
}

/// An early answer to a request that is still being sent must not corrupt what follows.
#[test]
fn early_answers_to_large_requests() {
    let server = Server::start(|mut stream| {
        let mut first = [0; 1024];
        use std::io::Read;
        while matches!(stream.read(&mut first), Ok(read) if read > 0) {
            let answer =
                b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
            if stream.write_all(answer).is_err() {
                return;
            }
            // Reads the rest, as a polite server does before it closes.
            std::io::copy(&mut stream, &mut std::io::sink()).ok();
        }
    });
    for engine in ENGINES {
        let mut plan = ten(&server);
        plan.timeout = Duration::from_secs(10);
        plan.routes[0].request.method = "POST".into();
        plan.routes[0].request.body = Some(vec![b'x'; 8 << 20]);
        plan.routes[0].expect.status = httpdyno_loadgen::StatusCheck::Is(413);
        let report = run_on(engine, &plan);
        assert_eq!(report.total.ok, 10, "{:?}", report.total.examples);
    }
}

#[test]
fn a_server_that_dies_leaves_errors_not_a_hang() {
    for engine in ENGINES {
        let server = Server::answering(|_| ok(b""));
        let addr = server.addr;
        let (tx, rx) = std::sync::mpsc::channel();
        let killer = std::thread::spawn(move || {
            rx.recv().unwrap();
            drop(server);
        });
        struct Kill(Option<std::sync::mpsc::Sender<()>>);
        impl httpdyno_loadgen::Observer for Kill {
            fn started(&mut self, _: &httpdyno_loadgen::Started) {
                self.0.take().unwrap().send(()).unwrap();
            }
        }
        let mut plan = LoadPlan { engine, connections: 4, ..plan(addr, "/", 1) };
        // As long as a server with five threads may take to end on a machine that is busy.
        plan.stop = Stop { duration: Some(Duration::from_secs(2)), requests: None };
        let stop = std::sync::atomic::AtomicBool::new(false);
        let report = httpdyno_loadgen::run(plan, &stop, &mut Kill(Some(tx))).unwrap();
        killer.join().unwrap();
        support::check_books(&report);
        let refused = report.connections.connect_errors.get("refused").copied().unwrap_or(0);
        assert!(refused > 0, "{report:#?}");
        // Attempts back off: four connections in two seconds.
        assert!(refused < 200, "{refused}");
    }
}
