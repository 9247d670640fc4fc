//! Every entry with a database, while that fails: nothing hangs, nothing is wrong, and all goes on
//! afterwards without a restart.

use std::path::Path;

use httpdyno_record::CaseRecord;
use httpdyno_runner::{Entry, check_faults};
use httpdyno_spec::SpecTree;
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

/// Each in its default variant: variants differ in how they wait for clients, not for the database.
#[test]
fn every_entry_outlives_what_happens_to_its_database() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("workspace root");
    let tree = SpecTree::load(root).expect("the repository's spec");
    let Some(mut database) = database() else { return };
    let mut wrong = Vec::new();
    let is_default = |entry: &httpdyno_spec::Entry<'_>| {
        entry.variant.is_none_or(|variant| variant.default)
            && is_wanted(entry.manifest.value.id.as_str())
    };
    for entry in tree.entries().filter(is_default) {
        let entry = Entry::resolve(&tree, &entry);
        if !entry.uses_database(&tree) {
            continue;
        }
        httpdyno_target::build(&entry.manifest, &entry.context)
            .unwrap_or_else(|error| panic!("{}: {error}", entry.id));
        let cases = check_faults(&tree, &entry, &mut database, |_| ())
            .unwrap_or_else(|error| panic!("{}: {error}", entry.id));
        assert_eq!(cases.len(), 7, "{}: {cases:#?}", entry.id);
        wrong.extend(failed(&entry, &cases));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    database.stop().expect("nothing is left");
}
