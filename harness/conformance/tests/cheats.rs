//! The verifier is itself tested: the perfect server passes every case, each broken or cheating
//! one fails exactly the cases it breaks, and there is no case that none of them fails.

mod common;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use httpdyno_conformance::{
    ConformanceReport, Plan, Requirements, Status, Target, Verdict, render_failure,
    run_conformance_blocking,
};
use httpdyno_spec::endpoint::Need;
use httpdyno_testkit::{Quirk, Server};

use common::requirements;

fn check(requirements: &Requirements, server: &Server, cases: &[&str]) -> ConformanceReport {
    let offered = requirements.endpoints.endpoints.iter().map(|e| e.id.clone());
    let mut plan = Plan::new(requirements.clone(), Target::at(server.address()));
    plan.offered = Some(offered.collect());
    plan.filter.cases = cases.iter().map(|&case| case.to_owned()).collect();
    run_conformance_blocking(plan, |_| {}).expect("a runtime")
}

fn failed(report: &ConformanceReport) -> BTreeSet<&str> {
    let fails = |status| matches!(status, Status::Fail | Status::Warn | Status::Info);
    report.verdicts.iter().filter(|v| fails(v.status)).map(|v| v.id.as_str()).collect()
}

#[test]
fn the_perfect_server_passes_everything() {
    let requirements = requirements();
    let report = check(&requirements, &Server::perfect(), &[]);
    let passed = |status| matches!(status, Status::Pass | Status::NotApplicable);
    let not_passed: Vec<String> =
        report.verdicts.iter().filter(|v| !passed(v.status)).map(render_failure).collect();
    assert!(not_passed.is_empty(), "{}", not_passed.join("\n"));
    let left_out = report.with_status(Status::NotApplicable);
    let reasons: BTreeSet<&str> = left_out.map(|v| v.observed.as_str()).collect();
    assert_eq!(reasons, BTreeSet::from(["no database"]));
}

#[test]
fn each_broken_server_fails_exactly_the_cases_it_breaks() {
    let requirements = requirements();
    let quirks: Vec<Quirk> = Quirk::all().collect();
    let next = AtomicUsize::new(0);
    let mut wrong: Vec<String> = Vec::new();
    std::thread::scope(|scope| {
        // A run mostly waits for deadlines, so that several fit on one core.
        let run = || {
            let mut wrong = Vec::new();
            while let Some(&quirk) = quirks.get(next.fetch_add(1, Ordering::Relaxed)) {
                wrong.extend(difference(quirk, &requirements));
            }
            wrong
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
        for thread in threads {
            wrong.extend(thread.join().expect("no check panics"));
        }
    });
    wrong.sort();
    assert!(wrong.is_empty(), "{} servers:\n{}", wrong.len(), wrong.join("\n"));
}

/// How often a difference must show: on a loaded machine, parts that are sent apart may arrive
/// together, so that a fault which only a cut shows stays hidden, and a deadline may pass.
const ATTEMPTS: usize = 3;

/// What a server with this quirk fails other than what it declares, each time it is asked.
fn difference(quirk: Quirk, requirements: &Requirements) -> Option<String> {
    let declared: BTreeSet<String> = quirk.breaks().iter().map(ToString::to_string).collect();
    let mut open: Vec<String> = match quirk {
        Quirk::Wire(_) | Quirk::Connection(_) => Vec::new(),
        // The testkit cheats with requests that have `Accept`, as those of protocol cases do not.
        Quirk::Cheat(_) | Quirk::FileCheat(_) => vec!["app".to_owned()],
    };
    let mut said = String::new();
    for _ in 0..ATTEMPTS {
        let cases: Vec<&str> = open.iter().map(String::as_str).collect();
        let report = check(requirements, &Server::with([quirk]), &cases);
        let found = failed(&report);
        let differs = |v: &&Verdict| {
            let applies = v.status != Status::NotApplicable;
            applies && found.contains(v.id.as_str()) != declared.contains(v.id.as_str())
        };
        let different: Vec<&Verdict> = report.verdicts.iter().filter(differs).collect();
        if different.is_empty() {
            return None;
        }
        open = different.iter().map(|verdict| verdict.id.to_string()).collect();
        let line = |v: &&Verdict| {
            format!("\n    {} {} ({}): {}", v.id, v.status, v.observed, v.why.join("; "))
        };
        said = different.iter().map(line).collect();
    }
    Some(format!("{}: what differs from what it declares:{said}", quirk.name()))
}

#[test]
fn every_case_is_failed_by_some_server() {
    let requirements = requirements();
    let broken: BTreeSet<&str> = Quirk::all().flat_map(|quirk| quirk.breaks()).copied().collect();
    let endpoints = &requirements.endpoints;
    let without_database =
        endpoints.endpoints.iter().filter(|e| !e.needs.contains(&Need::Database));
    let checks = without_database.flat_map(|endpoint| &endpoint.checks).map(|check| &check.id);
    let rules = endpoints.every_response.iter().map(|rule| &rule.id);
    let cases = requirements.cases.iter().flat_map(|file| &file.cases).map(|case| &case.id);
    let all: BTreeSet<&str> = checks.chain(rules).chain(cases).map(|id| id.as_str()).collect();
    let never: Vec<&&str> = all.difference(&broken).collect();
    assert!(never.is_empty(), "no server fails {never:#?}");
    let unknown: Vec<&&str> = broken.difference(&all).collect();
    assert!(unknown.is_empty(), "no such case: {unknown:#?}");
}
