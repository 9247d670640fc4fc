//! What the cases found, entry by entry, as snapshots in the entries' own folders: a change of
//! behaviour is a readable difference.

mod support;

use std::path::{Path, PathBuf};

use httpdyno_record::CaseRecord;
use httpdyno_report::conformance_snapshot;
use httpdyno_runner::{ConformOptions, Entry, conform_entry};
use httpdyno_spec::SpecTree;
use httpdyno_testkit::tell_skipped;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("workspace root").to_owned()
}

#[test]
fn every_entry_conforms_and_behaves_as_reviewed() {
    let tree = SpecTree::load(&root()).expect("the repository's spec");
    // One for all entries, one after the other; without it only what needs none is compared.
    let mut database = support::database();
    let wanted = tree.implementations.iter().filter(|one| support::is_wanted(one.id.as_str()));
    for implementation in wanted {
        let of_implementation = tree.entries().filter(|entry| entry.manifest == implementation);
        let entries: Vec<Entry> =
            of_implementation.map(|entry| Entry::resolve(&tree, &entry)).collect();
        if !support::builds(implementation, &entries[0].context) {
            continue;
        }
        let cases: Vec<CaseRecord> = entries
            .iter()
            .flat_map(|entry| {
                let mut check = || {
                    conform_entry(
                        &tree,
                        entry,
                        &ConformOptions::default(),
                        database.as_mut(),
                        |_| (),
                    )
                    .unwrap_or_else(|error| panic!("{}: {error}", entry.id))
                };
                let mut cases = check();
                let once = failures(&cases);
                if !once.is_empty() {
                    // A machine that writes out what earlier tests built may hold a database up for
                    // longer than a server waits. `bench` checks once more as well, and that counts.
                    eprintln!("{} is checked once more: {once:#?}", entry.id);
                    cases = check();
                }
                let failed = failures(&cases);
                assert!(failed.is_empty(), "{} does not conform: {failed:#?}", entry.id);
                cases
            })
            .collect();
        if database.is_none() && entries.iter().any(|entry| entry.uses_database(&tree)) {
            tell_skipped(&format!("{}: not compared without PostgreSQL", implementation.id));
            continue;
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(&entries[0].context.folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings
            .bind(|| insta::assert_snapshot!("conformance", conformance_snapshot::render(&cases)));
    }
}

/// The cases that an entry may not fail.
fn failures(cases: &[CaseRecord]) -> Vec<String> {
    let failed = cases.iter().filter(|case| case.status.fails_entry());
    failed.map(|case| format!("{} {}: {}", case.case, case.observed, case.reason)).collect()
}
