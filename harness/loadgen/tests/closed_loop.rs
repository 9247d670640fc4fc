//! The closed loop: every request answered, checked and counted, on both engines.

mod support;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use httpdyno_loadgen::{
    BodyCheck, Churn, Expectation, FlatRule, IntegerMember, LoadPlan, Pacing, RecordsCheck,
    RequestSpec, Route, StatusCheck, Threads, ValueKind, ValueSpec,
};
use httpdyno_stats::Effect;
use support::{ENGINES, Requests, Server, ok, plan, run_on, serve};

#[test]
fn every_request_is_answered_and_counted() {
    let server = Server::answering(|_| ok(b"hello"));
    for engine in ENGINES {
        let mut plan = plan(server.addr, "/", 500);
        plan.connections = 7;
        plan.routes[0].expect.body = BodyCheck::Exact(b"hello".to_vec());
        let report = run_on(engine, &plan);
        assert_eq!((report.total.requests, report.total.ok), (500, 500));
        assert!(report.total.settlement().is_clean());
        assert_eq!(report.connections.established, 7);
        assert_eq!((report.total.status.success, report.total.body_bytes), (500, 2500));
        assert_eq!(report.received_bytes, 500 * ok(b"hello").len() as u64);
        assert_eq!(report.in_flight_at_stop, 0);
        assert!(report.total.latency.min_ns() > 0 && report.generator.cpu_ns() > 0);
    }
}

#[test]
fn the_warm_up_ends_when_the_rate_is_flat_and_not_before() {
    let server = Server::answering(|_| ok(b""));
    for engine in ENGINES {
        let mut plan = plan(server.addr, "/", 1);
        plan.stop.duration = Some(Duration::from_millis(200));
        plan.stop.requests = None;
        plan.warmup = Duration::from_secs(60);
        // So lenient that a loaded machine is flat soon; six parts of 100 ms are the least.
        plan.flat = Some(FlatRule { least_windows: 3, tolerance: Effect::from_percent(1_000) });
        let report = run_on(engine, &plan);
        assert_eq!(report.warmup.flat, Some(true));
        assert!(report.warmup.elapsed_ns >= 600_000_000, "{:?}", report.warmup);
        assert!(report.warmup.elapsed_ns < 60_000_000_000, "{:?}", report.warmup);
        assert!(report.elapsed_ns >= 200_000_000 && report.total.ok > 0);

        // What nobody can be in this time is said.
        plan.warmup = Duration::from_millis(900);
        plan.flat = Some(FlatRule { least_windows: 3, tolerance: Effect::NONE });
        let report = run_on(engine, &plan);
        assert_eq!((report.warmup.flat, report.warmup.elapsed_ns), (Some(false), 900_000_000));
    }
}

#[test]
fn a_duration_ends_the_window_and_warm_up_is_not_in_it() {
    let seen = std::sync::Arc::new(Mutex::new(0u64));
    let count = std::sync::Arc::clone(&seen);
    let server = Server::answering(move |_| {
        *count.lock().unwrap() += 1;
        ok(b"")
    });
    for engine in ENGINES {
        *seen.lock().unwrap() = 0;
        let mut plan = plan(server.addr, "/", 1);
        plan.warmup = Duration::from_millis(100);
        plan.stop.duration = Some(Duration::from_millis(300));
        plan.stop.requests = None;
        plan.connections = 2;
        let report = run_on(engine, &plan);
        assert!(report.elapsed_ns >= 300_000_000);
        assert!(report.in_flight_at_start <= 2 && report.in_flight_at_stop <= 2);
        assert!(report.total.ok > 0 && report.total.ok < *seen.lock().unwrap());
    }
}

#[test]
fn several_threads_share_connections_and_requests() {
    let server = Server::answering(|_| ok(b""));
    for engine in ENGINES {
        let mut plan = plan(server.addr, "/", 1001);
        plan.connections = 5;
        plan.threads = Threads::Unpinned(3);
        let report = run_on(engine, &plan);
        assert_eq!(report.total.ok, 1001);
        let shares: Vec<u64> = report.generator.threads.iter().map(|t| t.connections).collect();
        assert_eq!(shares, [2, 2, 1]);
    }
}

#[test]
fn wrong_responses_are_counted_by_cause_and_are_no_throughput() {
    let server = Server::answering(|request| match request.path() {
        "/status" => b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n".to_vec(),
        "/length" => ok(b"right answer and more"),
        "/short" => ok(b"right"),
        "/body" => ok(b"right anSwer"),
        _ => b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
               5\r\nright\r\nc\r\n answer, too\r\n0\r\n\r\n"
            .to_vec(),
    });
    for engine in ENGINES {
        for (path, status, length, body) in [
            ("/status", 10, 0, 0),
            ("/length", 0, 10, 0),
            ("/short", 0, 10, 0),
            ("/body", 0, 0, 10),
            ("/chunked", 0, 10, 0),
        ] {
            let mut plan = plan(server.addr, path, 10);
            plan.routes[0].expect.body = BodyCheck::Exact(b"right answer".to_vec());
            let total = run_on(engine, &plan).total;
            let found = (total.mismatches.status, total.mismatches.length, total.mismatches.body);
            assert_eq!(found, (status, length, body), "{path} {:?}", total.examples);
            assert_eq!((total.ok, total.responses, total.examples.len()), (0, 10, 5));
        }
    }
}

#[test]
fn what_goes_wrong_in_the_warm_up_is_told_apart_from_the_window() {
    let left = std::sync::Arc::new(Mutex::new(0_u64));
    let of_server = std::sync::Arc::clone(&left);
    let server = Server::answering(move |_| {
        let mut left = of_server.lock().unwrap();
        *left = left.saturating_sub(1);
        match *left {
            0 => ok(b""),
            _ => b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n".to_vec(),
        }
    });
    for engine in ENGINES {
        *left.lock().unwrap() = 4;
        let mut plan = plan(server.addr, "/", 20);
        plan.warmup = Duration::from_secs(1);
        plan.connections = 1;
        let report = run_on(engine, &plan);
        assert_eq!(report.warmup_errors, [("wrong-status".to_owned(), 3)].into());
        assert!(report.total.settlement().is_clean() && !report.is_clean());
    }
}

#[test]
fn an_example_shows_the_place_and_the_bytes() {
    let server = Server::answering(|_| ok(b"right\r\nanSwer"));
    let mut plan = plan(server.addr, "/", 1);
    plan.routes[0].expect.body = BodyCheck::Exact(b"right\r\nanswer".to_vec());
    let total = run_on(ENGINES[0], &plan).total;
    assert_eq!(total.examples[0].detail, "differs at byte 9: found `Swer`, expected `swer`");
}

#[test]
fn templated_requests_are_all_different_and_checked_by_their_own_values() {
    let seen = std::sync::Arc::new(Mutex::new(std::collections::HashSet::new()));
    let record = std::sync::Arc::clone(&seen);
    let server = Server::answering(move |request| {
        record.lock().unwrap().insert(request.path().to_string());
        let id = request.path().rsplit('/').next().unwrap();
        ok(format!("{{\"name\": \"user-{id}\", \"id\": {id}}}").as_bytes())
    });
    for engine in ENGINES {
        seen.lock().unwrap().clear();
        let mut plan = plan(server.addr, "/users/{{id}}", 200);
        plan.connections = 3;
        let kind = ValueKind::Sequential { first: 1000 };
        plan.values = vec![ValueSpec { name: "id".into(), kind }];
        plan.routes[0].expect.body =
            BodyCheck::Json(br#"{"id":{{id}},"name":"user-{{id}}"}"#.to_vec());
        assert_eq!(run_on(engine, &plan).total.ok, 200);
        let seen = seen.lock().unwrap();
        assert!(seen.len() == 200 && seen.contains("/users/1000") && seen.contains("/users/1199"));
    }
}

#[test]
fn records_are_judged_by_shape_and_range_however_they_come() {
    let server = Server::answering(|request| {
        let body: &[u8] = match request.path() {
            "/low" => br#"[{"id":0,"n":1},{"id":2,"n":3}]"#,
            "/few" => br#"[{"id":1,"n":1}]"#,
            _ => br#"[{"id":1,"n":1},{"n":3,"id":2}]"#,
        };
        if request.path() == "/chunked" {
            let (head, tail) = body.split_at(9);
            let chunk =
                |part: &[u8]| [format!("{:x}\r\n", part.len()).as_bytes(), part, b"\r\n"].concat();
            let start = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            return [&start[..], &chunk(head), &chunk(tail), b"0\r\n\r\n"].concat();
        }
        ok(body)
    });
    for engine in ENGINES {
        for (path, right) in [("/", 10), ("/chunked", 10), ("/low", 0), ("/few", 0)] {
            let mut plan = plan(server.addr, path, 10);
            let member = |name: &str| IntegerMember { name: name.into(), min: 1, max: 3 };
            let members = vec![member("id"), member("n")];
            plan.routes[0].expect.body =
                BodyCheck::Records(RecordsCheck { count: Some(2), members });
            let total = run_on(engine, &plan).total;
            assert_eq!((total.ok, total.mismatches.body), (right, 10 - right), "{path}");
        }
    }
}

/// A server that answers all requests alike is caught when requests differ.
#[test]
fn a_fixed_answer_is_caught() {
    let server = Server::answering(|_| ok(br#"{"id":5}"#));
    for engine in ENGINES {
        let mut plan = plan(server.addr, "/users/{{id}}", 50);
        let kind = ValueKind::RandomInteger { min: 1, max: 1_000_000 };
        plan.values = vec![ValueSpec { name: "id".into(), kind }];
        plan.routes[0].expect.body = BodyCheck::Json(br#"{"id":{{id}}}"#.to_vec());
        let total = run_on(engine, &plan).total;
        assert_eq!((total.ok, total.mismatches.body), (0, 50));
    }
}

fn post(body: &[u8], check: BodyCheck) -> Route {
    let headers = vec![("Content-Type".into(), "application/json".into())];
    let body = Some(body.to_vec());
    let request = RequestSpec { method: "POST".into(), path: "/echo".into(), headers, body };
    let expect = Expectation { status: StatusCheck::Is(200), body: check };
    Route { name: "echo".into(), weight: 1, request, expect }
}

#[test]
fn echoes_small_and_large() {
    let server = Server::answering(|request| ok(&request.body));
    for engine in ENGINES {
        for size in [0, 10, 5_000, 300_000] {
            let body = format!("{{\"v\":\"{{{{word}}}}\",\"pad\":\"{}\"}}", "x".repeat(size));
            for check in [BodyCheck::Echo, BodyCheck::EchoJson] {
                let mut plan = plan(server.addr, "/echo", 40);
                plan.routes = vec![post(body.as_bytes(), check)];
                plan.connections = 4;
                let kind = ValueKind::RandomText { length: 20 };
                plan.values = vec![ValueSpec { name: "word".into(), kind }];
                plan.body_sample.large_per_mille = 1000;
                let total = run_on(engine, &plan).total;
                assert_eq!(total.ok, 40, "{size} {:?}", total.examples);
            }
        }
    }
}

#[test]
fn of_large_bodies_a_share_is_compared_and_the_length_always() {
    let server = Server::answering(|request| match request.path() {
        "/short" => ok(&vec![b'y'; 99_999]),
        _ => ok(&vec![b'y'; 100_000]),
    });
    for engine in ENGINES {
        let large = |path, per_mille| {
            let mut plan = plan(server.addr, path, 200);
            plan.routes[0].expect.body = BodyCheck::Exact(vec![b'x'; 100_000]);
            plan.body_sample.large_per_mille = per_mille;
            run_on(engine, &plan).total
        };
        let some = large("/", 250).mismatches.body;
        assert!((20..=90).contains(&some), "{some}");
        assert_eq!(large("/", 0).ok, 200);
        assert_eq!(large("/", 1000).mismatches.body, 200);
        assert_eq!(large("/short", 0).mismatches.length, 200);
    }
}

#[test]
fn weights_divide_the_requests() {
    let server = Server::answering(|_| ok(b""));
    for engine in ENGINES {
        let mut plan = plan(server.addr, "/a", 3000);
        plan.routes.push(Route { weight: 2, ..Route::get("/b") });
        plan.connections = 4;
        let report = run_on(engine, &plan);
        let [a, b] = &report.routes[..] else { panic!() };
        assert_eq!((a.name.as_str(), a.requests + b.requests), ("/a", 3000));
        // Binomial: mean 1000, standard deviation 26.
        assert!(a.requests.abs_diff(1000) < 130, "{}", a.requests);
    }
}

#[test]
fn head_requests_have_no_body_whatever_the_length_says() {
    let server = Server::answering(|_| b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n".to_vec());
    for engine in ENGINES {
        let mut plan = plan(server.addr, "/", 20);
        plan.routes[0].request.method = "HEAD".into();
        plan.routes[0].expect.body = BodyCheck::Length(500);
        assert_eq!(run_on(engine, &plan).total.ok, 20);
    }
}

#[test]
fn pipelined_requests_are_timed_and_checked_one_by_one() {
    let server = Server::answering(|request| ok(request.path().as_bytes()));
    for engine in ENGINES {
        let mut plan = plan(server.addr, "/{{n}}", 640);
        plan.pipeline = 16;
        plan.connections = 2;
        let kind = ValueKind::Sequential { first: 0 };
        plan.values = vec![ValueSpec { name: "n".into(), kind }];
        plan.routes[0].expect.body = BodyCheck::Template(b"/{{n}}".to_vec());
        let report = run_on(engine, &plan);
        assert_eq!((report.total.ok, report.total.latency.count()), (640, 640));
    }
}

#[test]
fn connections_are_renewed_after_so_many_responses() {
    for engine in ENGINES {
        let server = Server::answering(|_| ok(b""));
        let mut plan = plan(server.addr, "/", 100);
        plan.churn = Churn::After(10);
        plan.connections = 2;
        let report = run_on(engine, &plan);
        assert_eq!(report.total.ok, 100);
        assert!((9..=10).contains(&report.connections.churned), "{:?}", report.connections);
        assert!((8..=10).contains(&report.connections.reconnects), "{:?}", report.connections);
    }
}

#[test]
fn think_time_keeps_the_rate_down() {
    let server = Server::answering(|_| ok(b""));
    for engine in ENGINES {
        let mut plan = plan(server.addr, "/", 30);
        plan.connections = 3;
        plan.pacing = Pacing::Closed { think: Duration::from_millis(20) };
        let begin = Instant::now();
        let report = run_on(engine, &plan);
        assert_eq!(report.total.ok, 30);
        // Ten requests on each connection, each but the first after thinking.
        assert!(begin.elapsed() >= Duration::from_millis(9 * 20), "{:?}", begin.elapsed());
        assert_eq!(report.littles_law_residual_ppm, None);
    }
}

/// Half a second of the closed loop on eight connections.
fn on_eight(server: &Server) -> LoadPlan {
    let duration = Some(Duration::from_millis(500));
    let stop = httpdyno_loadgen::Stop { duration, requests: None };
    LoadPlan { connections: 8, stop, ..plan(server.addr, "/", 1) }
}

#[test]
fn littles_law_holds() {
    let server = Server::answering(|_| {
        std::thread::sleep(Duration::from_millis(2));
        ok(b"")
    });
    for engine in ENGINES {
        let report = run_on(engine, &on_eight(&server));
        let residual = report.littles_law_residual_ppm.unwrap();
        // Nothing is counted twice; what is missing is the responses under way at the end: one
        // of 250 on each connection, or more of the window on a machine that is overloaded.
        assert!((-10_000..400_000).contains(&residual), "{residual} {report:#?}");
    }
}

#[test]
fn a_connection_without_an_answer_is_missing_from_littles_law() {
    for engine in ENGINES {
        let is_first = AtomicBool::new(true);
        let server = Server::start(move |stream| {
            if is_first.swap(false, Ordering::SeqCst) {
                Requests::of(&stream).for_each(drop);
            } else {
                serve(stream, &|_| ok(b""));
            }
        });
        let report = run_on(engine, &on_eight(&server));
        let residual = report.littles_law_residual_ppm.unwrap();
        // One of eight is 125,000; nothing is counted twice.
        assert!(residual >= 115_000, "{residual} {report:#?}");
    }
}
