//! Redirects that are followed on request: one exchange from its first request to its last response.

mod support;

use std::time::Duration;

use httpdyno_loadgen::{
    Arrivals, BodyCheck, Churn, LoadPlan, Pacing, RequestSpec, Schedule, Silent, StatusCheck,
    ValueKind, ValueSpec, run,
};
use support::{ENGINES, Request, Server, ok, plan, run_on};

/// How long each of the server's answers takes in tests of latency.
const EACH: Duration = Duration::from_millis(10);

fn to(status: u16, location: &str, more: &str) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status} Elsewhere\r\nLocation: {location}\r\n{more}");
    (head + "Content-Length: 4\r\n\r\ngone").into_bytes()
}

/// `/a` leads to `/b`, that to `/c`, which answers with the method, the target and the body.
fn chain(request: &Request, more: &str) -> Vec<u8> {
    let method = request.line.split(' ').next().unwrap();
    let (path, query) = request.path().split_once('?').unwrap_or((request.path(), ""));
    match path {
        "/a" => to(302, &format!("b?{query}"), more),
        "/b" => to(307, &format!("/c?{query}"), more),
        path => ok(&[format!("{method} {path} {query} ").as_bytes(), &request.body].concat()),
    }
}

/// `GET /a` and up to `most` redirects, `requests` times.
fn following(server: &Server, most: u32, requests: u64) -> LoadPlan {
    LoadPlan { redirects: most, connections: 2, ..plan(server.addr, "/a?x", requests) }
}

#[test]
fn a_request_and_what_follows_from_it_count_once() {
    for more in ["", "Connection: close\r\n"] {
        let server = Server::answering(move |request| chain(request, more));
        for engine in ENGINES {
            for churn in [Churn::Never, Churn::After(1), Churn::After(2)] {
                let mut plan = LoadPlan { churn, ..following(&server, 2, 12) };
                plan.routes[0].expect.body = BodyCheck::Exact(b"GET /c x ".into());
                let report = run_on(engine, &plan);
                let total = &report.total;
                assert_eq!((total.requests, total.ok, report.redirects), (12, 12, 24), "{more}");
                let statuses: Vec<(u16, u64)> = total.status_codes.clone().into_iter().collect();
                assert_eq!(statuses, [(200, 12), (302, 12), (307, 12)]);
                assert_eq!(report.resent, 0, "none was sent twice");
            }
        }
    }
}

#[test]
fn latency_is_that_of_all_together() {
    let server = Server::answering(|request| {
        std::thread::sleep(EACH);
        chain(request, "")
    });
    let open = Pacing::Open {
        arrivals: Arrivals::Constant,
        schedule: Schedule::Rate(100.0),
        spin: Duration::ZERO,
    };
    for engine in ENGINES {
        for pacing in [Pacing::default(), open.clone()] {
            let plan = LoadPlan { pacing, ..following(&server, 5, 8) };
            let total = run_on(engine, &plan).total;
            let least_ns = 3 * EACH.as_nanos() as u64;
            assert!(total.latency.min_ns() >= least_ns, "{total:#?}");
            assert!(total.service.min_ns() >= least_ns, "{total:#?}");
            assert!(total.send_lag.min_ns() < least_ns, "{total:#?}");
        }
    }
}

#[test]
fn values_and_content_go_along_or_stay_as_the_status_says() {
    let server = Server::answering(|request| chain(request, ""));
    for engine in ENGINES {
        for (path, expected) in [("/a", "GET /c {{n}} "), ("/b", "POST /c {{n}} body {{n}}")] {
            let mut plan = following(&server, 5, 9);
            plan.values =
                vec![ValueSpec { name: "n".into(), kind: ValueKind::Sequential { first: 0 } }];
            plan.routes[0].request = RequestSpec {
                method: "POST".into(),
                path: format!("{path}?{{{{n}}}}"),
                body: Some(b"body {{n}}".into()),
                ..RequestSpec::default()
            };
            plan.routes[0].expect.body = BodyCheck::Template(expected.into());
            assert_eq!(run_on(engine, &plan).total.ok, 9, "{path}");
        }
    }
}

#[test]
fn a_redirect_that_cannot_be_followed_is_no_right_response() {
    for (answer, most, followed, why) in [
        (to(302, "/a?x", ""), 3, 9, "status 302 after 3 redirects"),
        (to(301, "https://elsewhere.test/", ""), 3, 0, "leads to another server"),
        (to(308, "http://[", ""), 3, 0, "which is no URL"),
    ] {
        let server = Server::answering(move |_| answer.clone());
        for engine in ENGINES {
            let mut plan = following(&server, most, 3);
            plan.routes[0].expect.status = StatusCheck::Success;
            let report = run_on(engine, &plan);
            let total = &report.total;
            assert_eq!((total.ok, total.mismatches.status, report.redirects), (0, 3, followed));
            assert!(total.examples[0].detail.contains(why), "{:?}", total.examples);
        }
    }
}

#[test]
fn without_a_location_or_unless_asked_a_redirect_is_a_response_like_any_other() {
    let bare = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n".to_vec();
    for (answer, most) in [(bare, 5), (to(302, "/b", ""), 0)] {
        let server = Server::answering(move |_| answer.clone());
        for engine in ENGINES {
            let mut plan = following(&server, most, 3);
            plan.routes[0].expect.status = StatusCheck::Is(302);
            let report = run_on(engine, &plan);
            assert_eq!((report.total.ok, report.redirects), (3, 0));
        }
    }
}

#[test]
fn an_exchange_that_breaks_on_its_way_is_one_error() {
    let server = Server::start(|mut stream| {
        use std::io::Write as _;
        for request in support::Requests::of(&stream) {
            let answer =
                if request.path().starts_with("/b") { Vec::new() } else { chain(&request, "") };
            if answer.is_empty() || stream.write_all(&answer).is_err() {
                return;
            }
        }
    });
    for engine in ENGINES {
        let report = run_on(engine, &following(&server, 5, 6));
        let errors = report.total.errors.get("closed-before-response");
        assert_eq!((report.total.requests, errors, report.redirects), (6, Some(&6), 6));
    }
}

#[test]
fn bytes_behind_a_redirect_are_blamed_on_it() {
    let server = Server::answering(|request| [chain(request, ""), b"more".to_vec()].concat());
    for engine in ENGINES {
        let report = run_on(engine, &following(&server, 5, 4));
        assert_eq!(report.total.errors.get("unsolicited"), Some(&4), "{report:#?}");
    }
}

#[test]
fn redirects_and_pipelining_exclude_each_other() {
    let server = Server::answering(|_| ok(b""));
    let plan = LoadPlan { pipeline: 2, ..following(&server, 1, 1) };
    let refused = run(plan, &std::sync::atomic::AtomicBool::new(false), &mut Silent);
    let error = refused.unwrap_err().to_string();
    assert!(error.contains("where redirects are followed"), "{error}");
}
