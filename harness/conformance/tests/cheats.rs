//! The verifier is itself tested: the perfect server passes every case, each broken or cheating
//! one fails exactly the cases it breaks, and there is no case that none of them fails.

mod common;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use httpdyno_conformance::{
    ConformanceReport, Plan, Requirements, Status, Target, render_failure, run_conformance_blocking,
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

/// What a server with this quirk fails other than what it declares, with the reasons.
fn difference(quirk: Quirk, requirements: &Requirements) -> Option<String> {
    let cases: &[&str] = match quirk {
        Quirk::Wire(_) | Quirk::Connection(_) => &[],
        // The testkit cheats with requests that have `Accept`, as those of protocol cases do not.
        Quirk::Cheat(_) | Quirk::FileCheat(_) => &["app"],
    };
    let report = check(requirements, &Server::with([quirk]), cases);
    let (found, declared) = (failed(&report), quirk.breaks().iter().copied().collect());
    if found == declared {
        return None;
    }
    let reasons = report.verdicts.iter().filter(|v| !declared.contains(v.id.as_str()));
    let reasons: Vec<String> = reasons
        .filter(|v| found.contains(v.id.as_str()))
        .map(|v| format!("\n    {} ({}): {}", v.id, v.observed, v.why.join("; ")))
        .collect();
    let missed: Vec<&&str> = declared.difference(&found).collect();
    Some(format!("{}: passes {missed:?}, fails beside:{}", quirk.name(), reasons.concat()))
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
