//! Every entry with a database, while that fails: nothing hangs, nothing is wrong, and all goes on
//! afterwards without a restart.

mod support;

use std::path::Path;
use std::sync::Mutex;

use httpdyno_record::CaseRecord;
use httpdyno_runner::{Entry, check_faults, fault_ids};
use httpdyno_spec::SpecTree;
use httpdyno_target::database::Database;

fn failed(entry: &Entry, cases: &[CaseRecord]) -> Vec<String> {
    let failed = cases.iter().filter(|case| case.status.fails_entry());
    failed.map(|case| format!("{}: {}: {}", entry.id, case.case, case.reason)).collect()
}

/// The entries to test, built. Each in its default variant: variants differ in how they wait for
/// clients, not for the database.
fn built(tree: &SpecTree) -> Vec<Entry> {
    let is_default = |entry: &httpdyno_spec::Entry<'_>| {
        entry.variant.is_none_or(|variant| variant.default)
            && support::is_wanted(entry.manifest.value.id.as_str())
    };
    let entries = tree.entries().filter(is_default).map(|entry| Entry::resolve(tree, &entry));
    let builds = |entry: &Entry| support::builds(&entry.manifest, &entry.context);
    entries.filter(|entry| entry.uses_database(tree)).filter(builds).collect()
}

/// Takes entries until there are none, with a database of its own; what was wrong.
fn test(tree: &SpecTree, entries: &Mutex<Vec<Entry>>, mut database: Database) -> Vec<String> {
    let mut wrong = Vec::new();
    loop {
        let next = entries.lock().expect("nobody panics with it").pop();
        let Some(entry) = next else { break };
        let cases = check_faults(tree, &entry, &mut database, |_| ())
            .unwrap_or_else(|error| panic!("{}: {error}", entry.id));
        assert_eq!(cases.len(), fault_ids().count(), "{}: {cases:#?}", entry.id);
        wrong.extend(failed(&entry, &cases));
    }
    database.stop().expect("nothing is left");
    wrong
}

/// Most of a fault is waiting, so several entries suffer at the same time.
const AT_ONCE: usize = 4;

#[test]
fn every_entry_outlives_what_happens_to_its_database() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("workspace root");
    let tree = SpecTree::load(root).expect("the repository's spec");
    let databases: Vec<Database> = (0..AT_ONCE).map_while(|_| support::database()).collect();
    if databases.is_empty() {
        return;
    }
    let entries = Mutex::new(built(&tree));
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let start = |database| scope.spawn(|| test(&tree, &entries, database));
        let tests: Vec<_> = databases.into_iter().map(start).collect();
        tests.into_iter().flat_map(|test| test.join().expect("no panic")).collect()
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}
