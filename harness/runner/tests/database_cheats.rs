//! The checks of rows are themselves tested, on real PostgreSQL: the perfect server passes them,
//! each cheat fails exactly what it breaks, and there is no check that none of them fails.

mod support;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use httpdyno_record::{CaseRecord, CaseStatus};
use httpdyno_runner::{ConformOptions, Filter, conform_url};
use httpdyno_spec::SpecTree;
use httpdyno_spec::endpoint::{Endpoint, Need};
use httpdyno_spec::profile::DATABASE_POOL;
use httpdyno_target::Database;
use httpdyno_testkit::{DatabaseCheat, Server};
use support::{database, line, tree};

fn with_database(tree: &SpecTree) -> impl Iterator<Item = &Endpoint> {
    let all = tree.endpoints.value.endpoints.iter();
    all.filter(|endpoint| endpoint.needs.contains(&Need::Database))
}

/// The checks of these endpoints against a server with that cheat.
fn check(
    tree: &SpecTree,
    database: &mut Database,
    cheat: Option<DatabaseCheat>,
    endpoints: impl Iterator<Item = String>,
) -> Vec<CaseRecord> {
    database.reset().expect("the seeded rows");
    let server = Server::with_database(&database.url(), DATABASE_POOL, cheat);
    let cases = endpoints.map(|endpoint| format!("app/{endpoint}")).collect();
    let filter = Filter { cases, ..Filter::default() };
    // One at a time, so that a cheat with requests at the same time shows where they are asked for.
    let options = ConformOptions { filter, jobs: Some(1), ..ConformOptions::default() };
    let url = format!("http://{}", server.address());
    conform_url(tree, &url, &options, Some(database)).expect("verdicts")
}

/// What a server with this cheat fails other than what it declares. Of the endpoints that it
/// touches: each has code of its own.
fn difference(tree: &SpecTree, database: &mut Database, cheat: DatabaseCheat) -> Option<String> {
    let declared: BTreeSet<&str> = cheat.breaks().iter().copied().collect();
    let touched: BTreeSet<String> =
        declared.iter().filter_map(|id| Some(id.split('/').nth(1)?.to_owned())).collect();
    let cases = check(tree, database, Some(cheat), touched.into_iter());
    let differs = |case: &&CaseRecord| {
        if cheat.may_break().contains(&case.case.as_str()) {
            return false;
        }
        let wanted = match declared.contains(case.case.as_str()) {
            true => CaseStatus::Fail,
            false => CaseStatus::Pass,
        };
        case.status != wanted
    };
    let different: Vec<String> = cases.iter().filter(differs).map(line).collect();
    (!different.is_empty()).then(|| {
        format!("{}: what differs from what it declares:{}", cheat.name(), different.concat())
    })
}

#[test]
fn the_perfect_server_passes_every_check_of_rows() {
    let Some(mut database) = database() else { return };
    let tree = tree();
    let all = with_database(&tree).map(|endpoint| endpoint.id.to_string());
    let cases = check(&tree, &mut database, None, all);
    let wanted: usize = with_database(&tree).map(|endpoint| endpoint.checks.len()).sum();
    assert_eq!(cases.len(), wanted);
    let failed: String =
        cases.iter().filter(|case| case.status != CaseStatus::Pass).map(line).collect();
    assert!(failed.is_empty(), "{failed}");
    database.stop().expect("nothing is left");
}

#[test]
fn each_cheat_fails_exactly_the_checks_it_breaks() {
    let tree = tree();
    let next = AtomicUsize::new(0);
    let mut wrong: Vec<String> = Vec::new();
    std::thread::scope(|scope| {
        // Each with a database of its own: they change rows and count statements.
        let run = || {
            let Some(mut database) = database() else { return Vec::new() };
            let mut wrong = Vec::new();
            let all = DatabaseCheat::ALL;
            while let Some(&cheat) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                // What chance or load does once is no difference: it must repeat.
                let found: Option<Vec<String>> =
                    (0..3).map(|_| difference(&tree, &mut database, cheat)).collect();
                wrong.extend(found.into_iter().flatten().last());
            }
            wrong
        };
        let threads = [scope.spawn(run), scope.spawn(run)];
        for thread in threads {
            wrong.extend(thread.join().expect("no check panics"));
        }
    });
    wrong.sort();
    assert!(wrong.is_empty(), "{} servers:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_check_of_rows_is_failed_by_some_cheat() {
    let tree = tree();
    let broken: BTreeSet<&str> =
        DatabaseCheat::ALL.iter().flat_map(|cheat| cheat.breaks()).copied().collect();
    let all: BTreeSet<&str> = with_database(&tree)
        .flat_map(|endpoint| &endpoint.checks)
        .map(|check| check.id.as_str())
        .collect();
    let never: Vec<_> = all.symmetric_difference(&broken).collect();
    assert!(never.is_empty(), "never failed, or no such check: {never:#?}");
}

#[test]
fn without_sight_of_the_database_what_needs_it_does_not_apply() {
    let Some(database) = database() else { return };
    let tree = tree();
    let server = Server::with_database(&database.url(), DATABASE_POOL, None);
    let cases = vec!["app/db".to_owned(), "app/fortunes".to_owned()];
    let filter = Filter { cases, ..Filter::default() };
    let options = ConformOptions { filter, ..ConformOptions::default() };
    let url = format!("http://{}", server.address());
    let cases = conform_url(&tree, &url, &options, None).expect("verdicts");
    for case in &cases {
        let behind = ["stored", "fresh", "read-each-time", "changed", "read-at-once", "server"];
        let looks_behind = behind.iter().any(|end| case.case.ends_with(end));
        let wanted = if looks_behind { CaseStatus::NotApplicable } else { CaseStatus::Pass };
        assert_eq!(case.status, wanted, "{}", line(case));
        assert_eq!(case.reason.contains("behind the server"), looks_behind, "{}", line(case));
    }
}
