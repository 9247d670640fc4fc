//! Every entry with a database, in every variant, while that fails: nothing hangs, nothing is wrong, and all goes on
//! afterwards without a restart.

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use httpdyno_record::CaseRecord;
use httpdyno_runner::{Entry, check_faults, fault_ids};
use httpdyno_spec::SpecTree;
use httpdyno_target::database::Database;

fn failed(entry: &Entry, cases: &[CaseRecord]) -> Vec<String> {
    let failed = cases.iter().filter(|case| case.status.fails_entry());
    failed.map(|case| format!("{}: {}: {}", entry.id, case.case, case.reason)).collect()
}

/// The entries to test in every variant, built: a variant may wait in another way (with other
/// threads, on another runtime), and so fail in another.
fn built(tree: &SpecTree) -> Vec<Entry> {
    let uses_database =
        |entry: &Entry| support::is_wanted(entry.manifest.id.as_str()) && entry.uses_database(tree);
    let all = tree.entries().map(|entry| Entry::resolve(tree, &entry)).filter(uses_database);
    let mut built = BTreeMap::new();
    let mut is_built = |entry: &Entry| {
        let build = || support::builds(&entry.manifest, &entry.context);
        *built.entry(entry.manifest.id.clone()).or_insert_with(build)
    };
    all.filter(|entry| is_built(entry)).collect()
}

/// An entry, and what it did wrong.
type Wrong = (Entry, Vec<String>);

/// Takes entries until there are none, with a database of its own; those that did something wrong.
fn test(tree: &SpecTree, entries: &Mutex<Vec<Entry>>, mut database: Database) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    loop {
        let next = entries.lock().expect("nobody panics with it").pop();
        let Some(entry) = next else { break };
        let begin = Instant::now();
        let cases = check_faults(tree, &entry, &mut database, None, |_| ())
            .unwrap_or_else(|error| panic!("{}: {error}", entry.id));
        println!("{}: {} s", entry.id, begin.elapsed().as_secs());
        assert_eq!(cases.len(), fault_ids().count(), "{}: {cases:#?}", entry.id);
        let failed = failed(&entry, &cases);
        if !failed.is_empty() {
            println!("{}: {failed:#?}", entry.id);
            wrong.push((entry, failed));
        }
    }
    database.stop().expect("nothing is left");
    wrong
}

/// Those of `entries` that did something wrong, tested with as many at a time as there are databases.
fn side_by_side(tree: &SpecTree, entries: Vec<Entry>, databases: Vec<Database>) -> Vec<Wrong> {
    let entries = Mutex::new(entries);
    std::thread::scope(|scope| {
        let start = |database| scope.spawn(|| test(tree, &entries, database));
        let tests: Vec<_> = databases.into_iter().map(start).collect();
        tests.into_iter().flat_map(|test| test.join().expect("no panic")).collect()
    })
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
    let mut wrong = side_by_side(&tree, built(&tree), databases);
    if !wrong.is_empty() {
        // The others may have left too little of the machine: alone, as `bench` does it.
        let entries = wrong.into_iter().map(|(entry, _)| entry).collect();
        wrong = side_by_side(&tree, entries, support::database().into_iter().collect());
    }
    let wrong: Vec<String> = wrong.into_iter().flat_map(|(_, failed)| failed).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
