//! The counterpart of the cheats: servers that do what the RFCs allow, and hardly anybody expects,
//! break no case at the level MUST.

mod common;

use std::sync::Mutex;

use httpdyno_conformance::{
    ConformanceReport, Plan, Requirements, Status, Target, render_failure, run_conformance_blocking,
};
use httpdyno_spec::exchange::Level;
use httpdyno_testkit::{Lawful, Server};

use common::requirements;

/// Runs all protocol cases at the level MUST.
fn check(requirements: &Requirements, oddities: &[Lawful]) -> ConformanceReport {
    let server = Server::with(oddities.iter().copied());
    let mut plan = Plan::new(requirements.clone(), Target::at(server.address()));
    let all = requirements.endpoints.endpoints.iter().map(|endpoint| endpoint.id.clone());
    plan.offered = Some(all.collect());
    let cases = requirements.cases.iter().flat_map(|file| &file.cases);
    let musts = cases.filter(|case| case.level == Level::Must);
    plan.filter.cases = musts.map(|case| case.id.to_string()).collect();
    run_conformance_blocking(plan, |_| {}).expect("a runtime")
}

/// What such a server fails each of three times: a loaded machine lets deadlines pass.
fn failures(requirements: &Requirements, oddities: &[Lawful]) -> Option<String> {
    let mut said = String::new();
    for _ in 0..3 {
        let report = check(requirements, oddities);
        let failed: Vec<String> = report.with_status(Status::Fail).map(render_failure).collect();
        if failed.is_empty() {
            return None;
        }
        said = format!("{oddities:?}:\n{}", failed.join("\n"));
    }
    Some(said)
}

#[test]
fn no_lawful_server_fails_a_must() {
    let requirements = requirements();
    let alone = Lawful::ALL.iter().map(std::slice::from_ref);
    let together: [&[Lawful]; 5] = [
        &[Lawful::ClosesEveryTime, Lawful::LingersLong],
        &[Lawful::AnswersInHttp10, Lawful::LingersLong, Lawful::SendsInTwo],
        &[Lawful::TwoRequestsEach, Lawful::EarlyHints, Lawful::ChunksEverything],
        &[Lawful::ClosesAfterErrors, Lawful::GatewayErrors, Lawful::NotImplemented],
        &[Lawful::TakesBareLf, Lawful::TakesBareCrForSpace, Lawful::JoinsFolds],
    ];
    let servers: Vec<&[Lawful]> = alone.chain(together).collect();
    let next = Mutex::new(servers.into_iter());
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some(oddities) = next.lock().expect("no panic").next() else { break };
                    let failed = failures(&requirements, oddities);
                    wrong.lock().expect("no panic").extend(failed);
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no panic");
    assert!(wrong.is_empty(), "{} servers:\n{}", wrong.len(), wrong.join("\n"));
}

/// Most of what is asked can be seen of a server that never keeps a connection.
#[test]
fn an_announced_close_leaves_few_cases_out() {
    let report = check(&requirements(), &[Lawful::ClosesEveryTime]);
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
