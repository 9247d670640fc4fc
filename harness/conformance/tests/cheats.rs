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
use httpdyno_testkit::{Quirk, Server, WireQuirk};

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
    // Again alone, as below: here too the machine may stand still beyond a deadline.
    let again = report.verdicts.iter().filter(|v| !passed(v.status));
    let again: Vec<&str> = again.map(|verdict| verdict.id.as_str()).collect();
    if !again.is_empty() {
        let report = check(&requirements, &Server::perfect(), &again);
        let not_passed = report.verdicts.iter().filter(|v| !passed(v.status));
        let not_passed: Vec<String> = not_passed.map(render_failure).collect();
        assert!(not_passed.is_empty(), "{}", not_passed.join("\n"));
    }
    let left_out = report.with_status(Status::NotApplicable);
    let reasons: BTreeSet<&str> = left_out.map(|v| v.observed.as_str()).collect();
    assert_eq!(reasons, BTreeSet::from(["no database"]));
}

/// How much of the spec each broken server is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// The groups of the cases that it declares: a neighbour is what a quirk fails by mistake.
    Groups,
    /// Everything: what a change of the engine or of the scripted server may need.
    All,
}

/// Set to `all`, every broken server is asked every case.
const SCOPE: &str = "HTTPDYNO_CHEATS";

impl Scope {
    fn chosen() -> Self {
        match std::env::var(SCOPE).as_deref() {
            Err(_) | Ok("") => Self::Groups,
            Ok("all") => Self::All,
            Ok(other) => panic!("{SCOPE} is `{other}`; leave it out, or set it to `all`"),
        }
    }

    /// The filter for a server that declares these cases.
    fn cases(self, quirk: Quirk, declared: &BTreeSet<String>) -> Vec<String> {
        match (self, quirk) {
            (Self::Groups, _) => {
                let group = |id: &String| match id.rsplit_once('/') {
                    // Weighed over the answers to all checks.
                    Some(("app/every-response", _)) => "app/".to_owned(),
                    Some((group, _)) => format!("{group}/"),
                    None => id.clone(),
                };
                let groups: BTreeSet<String> = declared.iter().map(group).collect();
                groups.into_iter().collect()
            }
            (Self::All, Quirk::Cheat(_) | Quirk::FileCheat(_)) => {
                // They cheat with requests that have `Accept`, as those of protocol cases do not.
                vec!["app".to_owned()]
            }
            (Self::All, _) => Vec::new(),
        }
    }
}

#[test]
fn each_broken_server_fails_exactly_the_cases_it_breaks() {
    let (requirements, scope) = (requirements(), Scope::chosen());
    let quirks: Vec<Quirk> = Quirk::all().collect();
    let next = AtomicUsize::new(0);
    let differing = |quirk: Quirk, attempts| {
        let declared = declared(quirk);
        let cases = scope.cases(quirk, &declared);
        difference(quirk, &declared, cases, &requirements, attempts)
    };
    let mut suspects: Vec<Quirk> = Vec::new();
    std::thread::scope(|threads| {
        // A run mostly waits for deadlines, so that many fit on one core.
        let run = || {
            let mut suspects = Vec::new();
            while let Some(&quirk) = quirks.get(next.fetch_add(1, Ordering::Relaxed)) {
                suspects.extend(differing(quirk, 1).map(|_| quirk));
            }
            suspects
        };
        let threads: Vec<_> = (0..THREADS).map(|_| threads.spawn(run)).collect();
        for thread in threads {
            suspects.extend(thread.join().expect("no check panics"));
        }
    });
    suspects.sort();
    // Alone: some quirks are about time, which the others took.
    let wrong: Vec<String> =
        suspects.iter().filter_map(|&quirk| differing(quirk, ATTEMPTS)).collect();
    assert!(wrong.is_empty(), "{} servers:\n{}", wrong.len(), wrong.join("\n"));
}

/// What the test above would say of a quirk whose declaration is wrong.
#[test]
fn a_declaration_that_is_wrong_by_one_case_is_told() {
    let requirements = requirements();
    let quirk = Quirk::from(WireQuirk::AcceptsInvalidHost);
    let right = declared(quirk);
    let told = |declared: &BTreeSet<String>| {
        let cases = Scope::Groups.cases(quirk, declared);
        difference(quirk, declared, cases, &requirements, ATTEMPTS)
    };
    assert_eq!(told(&right), None);
    for missing in ["h1/host/path", "h1/host/space"] {
        let mut fewer = right.clone();
        fewer.remove(missing);
        let said = told(&fewer).unwrap_or_else(|| panic!("nothing said without {missing}"));
        assert!(said.contains(&format!("{missing} fail")), "{said}");
    }
    for surplus in ["h1/host/missing", "h1/fields/no-colon"] {
        let mut more = right.clone();
        more.insert(surplus.to_owned());
        let said = told(&more).unwrap_or_else(|| panic!("nothing said with {surplus}"));
        assert!(said.contains(&format!("{surplus} pass")), "{said}");
    }
}

/// How many broken servers are asked at the same time.
const THREADS: usize = 16;

/// How often a difference must show: on a loaded machine, parts that are sent apart may arrive
/// together, so that a fault which only a cut shows stays hidden, and a deadline may pass.
const ATTEMPTS: usize = 3;

fn declared(quirk: Quirk) -> BTreeSet<String> {
    quirk.breaks().iter().map(ToString::to_string).collect()
}

/// What a server with this quirk fails other than what is declared, each time it is asked.
fn difference(
    quirk: Quirk,
    declared: &BTreeSet<String>,
    mut open: Vec<String>,
    requirements: &Requirements,
    attempts: usize,
) -> Option<String> {
    let mut said = String::new();
    for _ in 0..attempts {
        let cases: Vec<&str> = open.iter().map(String::as_str).collect();
        let report = check(requirements, &Server::with([quirk]), &cases);
        let found = failed(&report);
        let differs = |v: &&Verdict| {
            // A case whose cause is another one does not apply: then it is not broken, either.
            let applies = v.status != Status::NotApplicable || declared.contains(v.id.as_str());
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
