//! Every entry with a database, while that fails: nothing hangs, nothing is wrong, and all goes on
//! afterwards without a restart.

use std::path::Path;
use std::sync::Mutex;

use httpdyno_record::CaseRecord;
use httpdyno_runner::{Entry, check_faults};
use httpdyno_spec::SpecTree;
use httpdyno_target::BuildError;
use httpdyno_target::database::{Database, DatabaseSource, StartDatabaseError};

/// `HTTPDYNO_ONLY=python-flask,rust-may` tests these alone, for a change that touches no other.
fn is_wanted(implementation: &str) -> bool {
    std::env::var("HTTPDYNO_ONLY")
        .map_or(true, |only| only.split(',').any(|one| one == implementation))
}

/// Nothing (and a line that says so) when this machine has no PostgreSQL. With
/// `HTTPDYNO_REQUIRE_POSTGRES=1` its absence fails the test instead.
fn database() -> Option<Database> {
    match Database::start(&DatabaseSource::Private { bin_dir: None }, &[]) {
        Ok(database) => Some(database),
        Err(error @ StartDatabaseError::NoBinaries { .. }) => {
            let required = std::env::var_os("HTTPDYNO_REQUIRE_POSTGRES");
            assert!(required.is_none_or(|value| value != "1"), "{error}");
            println!("skipped: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

fn failed(entry: &Entry, cases: &[CaseRecord]) -> Vec<String> {
    let failed = cases.iter().filter(|case| case.status.fails_entry());
    failed.map(|case| format!("{}: {}: {}", entry.id, case.case, case.reason)).collect()
}

/// The entries to test, built. Each in its default variant: variants differ in how they wait for
/// clients, not for the database.
fn built(tree: &SpecTree) -> Vec<Entry> {
    let is_default = |entry: &httpdyno_spec::Entry<'_>| {
        entry.variant.is_none_or(|variant| variant.default)
            && is_wanted(entry.manifest.value.id.as_str())
    };
    let entries = tree.entries().filter(is_default).map(|entry| Entry::resolve(tree, &entry));
    let builds = |entry: &Entry| match httpdyno_target::build(&entry.manifest, &entry.context) {
        Ok(()) => true,
        // Rust is here; whoever changes an entry in another language has that one too.
        Err(BuildError::NotRunnable { command, .. }) if !command.starts_with("cargo ") => {
            println!("skipped, for want of its toolchain: {} (`{command}`)", entry.id);
            false
        }
        Err(error) => panic!("{}: {error}", entry.id),
    };
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
        assert_eq!(cases.len(), 7, "{}: {cases:#?}", entry.id);
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
    let databases: Vec<Database> = (0..AT_ONCE).map_while(|_| database()).collect();
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
