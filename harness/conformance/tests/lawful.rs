//! The counterpart of the cheats: servers that do what the RFCs allow, and hardly anybody expects,
//! break no case at the level MUST.

mod common;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use httpdyno_conformance::{
    ConformanceReport, Plan, Requirements, Status, Target, preflight, render_failure,
    run_conformance_blocking,
};
use httpdyno_spec::case::{Case, Delivery};
use httpdyno_spec::exchange::Level;
use httpdyno_testkit::{ConnectionQuirk, Lawful, Quirk, Server};

use common::requirements;

/// Runs the protocol cases that are asked for.
fn check(
    requirements: &Requirements,
    oddities: &[Lawful],
    asked: &dyn Fn(&Case) -> bool,
) -> ConformanceReport {
    let server = Server::with(oddities.iter().copied());
    let mut plan = Plan::new(requirements.clone(), Target::at(server.address()));
    let all = requirements.endpoints.endpoints.iter().map(|endpoint| endpoint.id.clone());
    plan.offered = Some(all.collect());
    run(plan, requirements, oddities, asked)
}

/// The same of a page that somebody's own server has: it knows nothing of the contract.
fn check_on_page(
    requirements: &Requirements,
    quirks: &[Quirk],
    asked: &dyn Fn(&Case) -> bool,
) -> ConformanceReport {
    let server = Server::with(quirks.iter().copied().chain([Lawful::HasRootPage.into()]));
    let (address, authority) = (server.address(), server.authority());
    let target = preflight(&[address], &authority, Some("/")).expect("a page");
    let mut plan = Plan::new(requirements.clone(), target);
    plan.offered = Some(BTreeSet::new());
    plan.cases_on_page = true;
    run(plan, requirements, quirks, asked)
}

fn run(
    mut plan: Plan,
    requirements: &Requirements,
    quirks: &[impl std::fmt::Debug],
    asked: &dyn Fn(&Case) -> bool,
) -> ConformanceReport {
    let cases = requirements.cases.iter().flat_map(|file| &file.cases);
    let cases: Vec<String> =
        cases.filter(|case| asked(case)).map(|case| case.id.to_string()).collect();
    assert!(!cases.is_empty(), "nothing to ask {quirks:?}");
    plan.filter.cases = cases;
    run_conformance_blocking(plan, |_| {}).expect("a runtime")
}

/// Says what fails or is warned of each of three times: a loaded machine lets deadlines pass.
fn rightly_judged(report: impl Fn() -> ConformanceReport) -> Result<(), String> {
    let mut said = String::new();
    for _ in 0..3 {
        let report = report();
        let right = |status| matches!(status, Status::Pass | Status::NotApplicable);
        let wrong = report.verdicts.iter().filter(|verdict| !right(verdict.status));
        let wrong: Vec<String> = wrong.map(render_failure).collect();
        if wrong.is_empty() {
            return Ok(());
        }
        said = wrong.join("\n");
    }
    Err(said)
}

fn is_must(case: &Case) -> bool {
    case.level == Level::Must
}

#[test]
fn no_lawful_server_fails_a_must() {
    let requirements = requirements();
    let alone = Lawful::ALL.iter().map(std::slice::from_ref);
    let together: [&[Lawful]; 5] = [
        &[Lawful::ClosesEveryTime, Lawful::LingersLong],
        &[Lawful::AnswersInHttp10, Lawful::SendsInTwo, Lawful::BadMethod],
        &[Lawful::TwoRequestsEach, Lawful::EarlyHints, Lawful::ChunksEverything],
        &[Lawful::ClosesAfterErrors, Lawful::GatewayErrors, Lawful::NotImplemented],
        &[Lawful::TakesBareLf, Lawful::TakesBareCrForSpace, Lawful::JoinsFolds],
    ];
    let servers: Vec<&[Lawful]> = alone.chain(together).collect();
    all_are_rightly_judged(&servers, |oddities| check(&requirements, oddities, &is_must));
}

/// Nor where the cases are asked of a page: then most that has content is none of the server's
/// concern, and it may leave it unread.
#[test]
fn no_lawful_server_fails_a_must_on_its_own_page() {
    let requirements = requirements();
    let servers: [&[Quirk]; 8] = [
        &[Lawful::AnswersBeforeContent.into()],
        &[Lawful::EndsWithUnreadContent.into()],
        &[Lawful::RefusesContentOfGet.into()],
        &[Lawful::JoinsFolds.into(), Lawful::WaitsForHugeContent.into()],
        &[Lawful::ClosesOnBrokenContent.into()],
        &[Lawful::GatewayErrors.into()],
        &[Lawful::ClosesEveryTime.into(), Lawful::WantsLength.into()],
        &[ConnectionQuirk::AnyMethodIsFine.into()],
    ];
    // An application may do with a method what it likes, but not take `get` for GET. What is cut at
    // every byte is tried above, and takes long.
    let asked = |case: &Case| {
        let of_methods = matches!(case.id.as_str(), "h1/methods/connect" | "h1/methods/trace");
        is_must(case) && !of_methods && case.delivery == Delivery::Whole
    };
    all_are_rightly_judged(&servers, |quirks| check_on_page(&requirements, quirks, &asked));
}

fn all_are_rightly_judged<Q: std::fmt::Debug + Sync>(
    servers: &[&[Q]],
    report: impl Fn(&[Q]) -> ConformanceReport + Sync,
) {
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(&quirks) = servers.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = rightly_judged(|| report(quirks));
                    let failed = found.err().map(|failed| format!("{quirks:?}:\n{failed}"));
                    wrong.lock().expect("no panic").extend(failed);
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no panic");
    assert!(wrong.is_empty(), "{} servers:\n{}", wrong.len(), wrong.join("\n"));
}

/// What is no fault is no warning either, also where a SHOULD is in sight.
#[test]
fn what_the_rfcs_leave_open_is_no_warning() {
    let rows: [(Lawful, &[&str]); 15] = [
        (Lawful::HundredRequestsEach, &["h1/connection/thousand-requests"]),
        (Lawful::TwoRequestsEach, &["h1/connection/keep-alive", "h1/connection/open-after-errors"]),
        (Lawful::ClosesEveryTime, &["h1/connection", "h1/pipelining/half-close", "h1/methods"]),
        (Lawful::ClosesAfterErrors, &["h1/connection/open-after-errors", "h1/methods/options"]),
        (Lawful::LingersLong, &["h1/pipelining/garbage-stops", "h1/request-line/no-version"]),
        (Lawful::SpeaksHttp2, &["h1/upgrade/http-2-preface"]),
        (Lawful::NeverCodes, &["h1/fields/list-in-two-lines"]),
        (Lawful::TakesAnyMajorVersion, &["h1/request-line/version-9-9"]),
        (Lawful::ClosesOnConnect, &["h1/methods/connect"]),
        (Lawful::NotImplemented, &["h1/methods", "h1/pipelining/errors-between"]),
        (Lawful::BadMethod, &["h1/methods", "h1/pipelining/errors-between"]),
        (Lawful::Traces, &["h1/methods/trace"]),
        (Lawful::RefusesExpectations, &["h1/expect/unknown", "h1/expect/no-expectation"]),
        (Lawful::SeveralContinues, &["h1/expect"]),
        (Lawful::GatewayErrors, &["h1/chunked/bare-lf"]),
    ];
    let requirements = requirements();
    let mut wrong = Vec::new();
    for (oddity, cases) in rows {
        let asked = |case: &Case| {
            let id = case.id.as_str();
            cases.iter().any(|row| id == *row || id.starts_with(&format!("{row}/")))
        };
        let found = rightly_judged(|| check(&requirements, &[oddity], &asked));
        wrong.extend(found.err().map(|failed| format!("{oddity:?}:\n{failed}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Most of what is asked can be seen of a server that never keeps a connection.
#[test]
fn an_announced_close_leaves_few_cases_out() {
    let report = check(&requirements(), &[Lawful::ClosesEveryTime], &is_must);
    let left_out: Vec<&str> =
        report.with_status(Status::NotApplicable).map(|verdict| verdict.id.as_str()).collect();
    let passed = report.with_status(Status::Pass).count();
    assert!(left_out.contains(&"h1/pipelining/two"), "{left_out:?}");
    assert!(left_out.len() * 5 < passed, "{passed} pass, not applicable are {left_out:?}");
    let two = report.verdicts.iter().find(|verdict| verdict.id.as_str() == "h1/pipelining/two");
    let two = two.expect("a verdict");
    assert_eq!(two.observed, "close announced");
    assert!(two.reason.as_deref().is_some_and(|why| why.contains("Connection: close")));
}
