//! What a run makes of what the cases show.

mod common;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use httpdyno_conformance::{
    ConformanceReport, Filter, Plan, Status, Target, Verdict, run_conformance_blocking,
};
use httpdyno_spec::id::{CaseId, EndpointId};
use httpdyno_spec::manifest::KnownDeviation;
use httpdyno_testkit::{Cheat, End, FileCheat, Quirk, Script, ScriptedResponder, Server, Step};

use common::requirements;

fn plan(server: &Server, cases: &[&str]) -> Plan {
    let mut plan = Plan::new(requirements(), Target::at(server.address()));
    plan.filter.cases = cases.iter().map(|&case| case.to_owned()).collect();
    plan
}

fn run(plan: Plan) -> ConformanceReport {
    run_conformance_blocking(plan, |_| {}).expect("a runtime")
}

/// The status of the only case selected.
fn status(plan: Plan) -> Status {
    let report = run(plan);
    assert_eq!(report.verdicts.len(), 1, "{}", report.snapshot_text());
    report.verdicts[0].status
}

fn all_endpoints(plan: &Plan) -> BTreeSet<EndpointId> {
    plan.requirements.endpoints.endpoints.iter().map(|endpoint| endpoint.id.clone()).collect()
}

fn deviation(case: &str) -> Vec<KnownDeviation> {
    let case = CaseId::new(case).expect("an id");
    vec![KnownDeviation { case, reason: "because".into(), variants: Vec::new(), varies: false }]
}

#[test]
fn levels_strictness_and_known_deviations_weigh() {
    let (must, should) = ("app/static/range", "app/static/accept-encoding-star");
    let broken: [Quirk; 2] = [FileCheat::IgnoresRange.into(), FileCheat::NoStarCoding.into()];
    let (perfect, broken) = (Server::perfect(), Server::with(broken));
    assert_eq!(status(plan(&perfect, &[must])), Status::Pass);
    assert_eq!(status(plan(&broken, &[must])), Status::Fail);
    assert_eq!(status(plan(&broken, &[should])), Status::Warn);
    let mut strict = plan(&broken, &[should]);
    strict.strict = true;
    assert_eq!(status(strict), Status::Fail);
    for (server, expected) in
        [(&broken, Status::KnownDeviation), (&perfect, Status::UnexpectedPass)]
    {
        let mut known = plan(server, &[must]);
        known.known_deviations = deviation(must);
        let report = run(known);
        assert_eq!(report.verdicts[0].status, expected);
        assert_eq!(report.verdicts[0].reason.as_deref(), Some("because"));
        assert_eq!(report.passed(), expected == Status::KnownDeviation);
        assert_ne!(report.verdicts[0].observed, "");
        let snapshot = report.snapshot_text();
        assert_eq!(snapshot.trim_end().ends_with(expected.as_str()), report.passed());
    }
}

#[test]
fn what_is_not_offered_does_not_apply() {
    let server = Server::perfect();
    let mut without_echo = plan(&server, &["app/echo/answer", "app/json/answer"]);
    let json = EndpointId::new("json").expect("an id");
    without_echo.offered = Some(BTreeSet::from([json]));
    let report = run(without_echo);
    let statuses: Vec<Status> = report.verdicts.iter().map(|v| v.status).collect();
    assert_eq!(statuses, [Status::Pass, Status::NotApplicable]);
    let reason = report.verdicts[1].reason.as_deref();
    assert_eq!(reason, Some("the endpoint `echo` is not offered"));

    let nothing = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    let nothing = ScriptedResponder::start([Script::answer(nothing, End::Again)]);
    let mut unknown = Plan::new(requirements(), Target::at(nothing.address()));
    unknown.filter.cases = vec!["app/json".into(), "app/users".into()];
    let report = run(unknown);
    assert!(report.verdicts.iter().all(|v| v.status == Status::NotApplicable));
    assert!(report.passed() && report.verdicts.len() > 10);
}

#[test]
fn a_filter_selects_by_case_and_by_endpoint() {
    let server = Server::perfect();
    let mut only = plan(&server, &[]);
    only.filter = Filter {
        endpoints: vec![EndpointId::new("upload").expect("an id")],
        cases: vec!["*/chunked".into(), "*/answer".into()],
    };
    let report = run(only);
    let app: Vec<&str> = report.verdicts.iter().map(|v| v.id.as_str()).collect();
    assert!(app.starts_with(&["app/upload/answer", "app/upload/chunked"]), "{app:?}");
    assert!(report.passed());
    assert!(run(plan(&server, &["app/none"])).verdicts.is_empty());
}

#[test]
fn every_verdict_is_observed_once_and_the_report_keeps_the_order_of_the_spec() {
    let server = Server::with([Cheat::OtherText]);
    let seen = Mutex::new(Vec::new());
    let observer = |verdict: &Verdict| seen.lock().expect("no panic").push(verdict.id.clone());
    let cases = ["app/plaintext", "app/every-response", "h1/host"];
    let mut plan = plan(&server, &cases);
    // Else an endpoint whose first check fails counts as one that is not offered.
    plan.offered = Some(all_endpoints(&plan));
    let report = run_conformance_blocking(plan, observer).expect("a runtime");
    let ids: Vec<CaseId> = report.verdicts.iter().map(|v| v.id.clone()).collect();
    let mut seen = seen.into_inner().expect("no panic");
    assert_eq!(seen.len(), ids.len());
    seen.sort();
    let mut sorted = ids.clone();
    sorted.sort();
    assert_eq!(seen, sorted);
    assert_eq!(ids[0].as_str(), "app/plaintext/answer");
    assert!(ids.last().is_some_and(|id| id.as_str().starts_with("h1/host/")));
    assert!(report.counts()[&Status::Fail] > 0 && !report.passed());

    let json = serde_json::to_string(&report).expect("JSON");
    assert_eq!(serde_json::from_str::<ConformanceReport>(&json).expect("a report"), report);
}

#[test]
fn the_snapshot_of_the_same_server_is_the_same() {
    let broken: [Quirk; 2] = [FileCheat::IgnoresRange.into(), FileCheat::WeakTags.into()];
    let snapshot = |seed| {
        let server = Server::with(broken);
        let mut plan = plan(&server, &["app/static", "h1/target", "h1/host", "app/users"]);
        plan.seed = seed;
        run(plan).snapshot_text()
    };
    let first = snapshot(1);
    assert_eq!(first, snapshot(2));
    let line = first.lines().find(|line| line.starts_with("app/static/range-suffix "));
    let words: Vec<&str> = line.expect("a line").split_whitespace().collect();
    assert_eq!(words, ["app/static/range-suffix", "fail", "200"]);
}

#[test]
fn a_check_that_fails_waits_for_all_that_it_sent() {
    // What the server still works on would fail the next check, too.
    let slow = Duration::from_millis(400);
    let refusal = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n".to_vec();
    let at_once = Script::answer(refusal.clone(), End::Close);
    let steps = vec![Step::ReadRequest, Step::Pause(slow), Step::Send(refusal)];
    let server = ScriptedResponder::start([at_once, Script { steps, end: End::Close }]);
    let mut plan = Plan::new(requirements(), Target::at(server.address()));
    plan.filter.cases = vec!["app/delay/concurrent".into()];
    plan.offered = Some(all_endpoints(&plan));
    let begin = Instant::now();
    let report = run(plan);
    assert_eq!(report.verdicts[0].status, Status::Fail, "{}", report.snapshot_text());
    assert!(begin.elapsed() >= slow, "it ended after {:?}", begin.elapsed());
}

#[test]
fn hostile_servers_neither_hang_a_run_nor_grow_it() {
    let silent = Script { steps: vec![Step::ReadRequest], end: End::Silence };
    let forever = |bytes: &[u8]| Script {
        steps: vec![Step::ReadRequest, Step::SendForEver(bytes.to_vec())],
        end: End::Close,
    };
    let endless_head = forever(b"X-Endless: xxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n");
    let chunks = forever(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n");
    let reset = Script { steps: vec![], end: End::Reset };
    for script in [silent, endless_head, chunks, reset] {
        let server = ScriptedResponder::start([script.clone()]);
        let mut plan = Plan::new(requirements(), Target::at(server.address()));
        plan.offered = Some(all_endpoints(&plan));
        plan.filter.cases =
            vec!["app/plaintext/answer".into(), "app/echo/large".into(), "h1/host".into()];
        plan.deadline = Duration::from_secs(2);
        let begin = Instant::now();
        let report = run(plan);
        assert!(begin.elapsed() < Duration::from_secs(30), "{script:?}");
        let passed: Vec<_> = report.with_status(Status::Pass).map(|v| v.id.as_str()).collect();
        let may_pass = |id: &&str| id.starts_with("h1/");
        assert!(passed.iter().all(may_pass) && !report.passed(), "{script:?}: {passed:?}");
        let longest = report.verdicts.iter().map(|v| v.received.text.len()).max();
        assert!(longest.is_some_and(|length| length <= 4 * 4096));
    }
}
