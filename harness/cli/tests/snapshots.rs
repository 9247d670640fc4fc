//! What the cases found, entry by entry, as snapshots in the entries' own folders: a change of
//! behaviour is a readable difference.

mod support;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use httpdyno_record::CaseRecord;
use httpdyno_report::conformance_snapshot::{FILE, render, to_file};
use httpdyno_runner::{ConformOptions, Entry, conform_entry};
use httpdyno_spec::SpecTree;
use httpdyno_spec::id::EntryId;
use httpdyno_spec::manifest::Manifest;
use httpdyno_target::database::Database;
use httpdyno_testkit::tell_skipped;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("workspace root").to_owned()
}

/// As many entries are checked at a time as `bench` checks: most cases wait.
const AT_ONCE: usize = 4;

/// An entry, and what its cases found.
type Checked = (Entry, Vec<CaseRecord>);

#[test]
fn every_entry_conforms_and_behaves_as_reviewed() {
    let tree = SpecTree::load(&root()).expect("the repository's spec");
    let entries = built(&tree);
    // Without PostgreSQL only what needs none is compared.
    let mut databases: Vec<Database> = (0..AT_ONCE).map_while(|_| support::database()).collect();
    let has_database = !databases.is_empty();
    let mut checked = side_by_side(&tree, entries, &mut databases);
    // A machine that writes out what earlier tests built, or whose cores the other entries have, may
    // hold one up for longer than a check waits. What it does alone counts, as in `bench`.
    databases.truncate(1);
    let held_up: Vec<EntryId> = tree
        .implementations
        .iter()
        .flat_map(|implementation| held_up(&tree, implementation, &checked))
        .collect();
    let again: Vec<Entry> = checked
        .extract_if(.., |(entry, _)| held_up.contains(&entry.id))
        .map(|(entry, _)| entry)
        .collect();
    let alone = again.into_iter().flat_map(|one| side_by_side(&tree, vec![one], &mut databases));
    checked.extend(alone);
    let failed: Vec<String> = checked.iter().flat_map(|(_, cases)| failures(cases)).collect();
    assert!(failed.is_empty(), "these do not conform: {failed:#?}");
    for implementation in &tree.implementations {
        compare(&tree, implementation, &checked, has_database);
    }
}

/// The entries to check in every variant, built.
fn built(tree: &SpecTree) -> Vec<Entry> {
    let wanted = tree.implementations.iter().filter(|one| support::is_wanted(one.id.as_str()));
    wanted
        .flat_map(|implementation| {
            let of_implementation = tree.entries().filter(|entry| entry.manifest == implementation);
            let mut entries: Vec<Entry> =
                of_implementation.map(|entry| Entry::resolve(tree, &entry)).collect();
            if !support::builds(implementation, &entries[0].context) {
                entries.clear();
            }
            entries
        })
        .collect()
}

/// Checks `entries`, as many at a time as there are databases (at least one).
fn side_by_side(tree: &SpecTree, entries: Vec<Entry>, databases: &mut [Database]) -> Vec<Checked> {
    let entries = Mutex::new(entries);
    let checked = Mutex::new(Vec::new());
    let check = |mut database: Option<&mut Database>| loop {
        let next = entries.lock().expect("nobody panics with it").pop();
        let Some(entry) = next else { break };
        let options = ConformOptions::default();
        let cases = conform_entry(tree, &entry, &options, database.as_deref_mut(), |_| ())
            .unwrap_or_else(|error| panic!("{}: {error}", entry.id));
        checked.lock().expect("nobody panics with it").push((entry, cases));
    };
    if databases.is_empty() {
        check(None);
    }
    let check = &check;
    std::thread::scope(|scope| {
        for database in databases {
            scope.spawn(move || check(Some(database)));
        }
    });
    checked.into_inner().expect("nobody panicked with it")
}

/// The entries of an implementation to be checked once more: those that fail a case, or all of them
/// where they behave otherwise than before.
fn held_up(tree: &SpecTree, implementation: &Manifest, checked: &[Checked]) -> Vec<EntryId> {
    let variants = variants(tree, implementation, checked);
    let fails = |(_, cases): &&&Checked| !failures(cases).is_empty();
    let failing: Vec<EntryId> =
        variants.iter().filter(fails).map(|(it, _)| it.id.clone()).collect();
    let Some((first, _)) = variants.first() else { return failing };
    let before = std::fs::read_to_string(first.context.folder.join(FILE)).unwrap_or_default();
    let again = match (failing.is_empty(), before == to_file(&rendered(&variants))) {
        (true, true) => return failing,
        (true, false) => variants.iter().map(|(entry, _)| entry.id.clone()).collect(),
        (false, _) => failing,
    };
    for (entry, cases) in variants.iter().filter(|(entry, _)| again.contains(&entry.id)) {
        eprintln!("{} is checked once more: {:#?}", entry.id, failures(cases));
    }
    again
}

/// What was checked of an implementation, in the manifest's order, whichever was done first.
fn variants<'a>(
    tree: &SpecTree,
    implementation: &Manifest,
    checked: &'a [Checked],
) -> Vec<&'a Checked> {
    let of_variant = |id: &EntryId| checked.iter().find(|(entry, _)| entry.id == *id);
    let ids = tree.entries().filter(|entry| entry.manifest.id == implementation.id);
    ids.filter_map(|entry| of_variant(&Entry::resolve(tree, &entry).id)).collect()
}

fn rendered(variants: &[&Checked]) -> String {
    let cases: Vec<CaseRecord> =
        variants.iter().flat_map(|(_, cases)| cases.iter().cloned()).collect();
    render(&cases)
}

/// Compares what the cases found of all variants of `implementation` with its snapshot.
fn compare(tree: &SpecTree, implementation: &Manifest, checked: &[Checked], has_database: bool) {
    let variants = variants(tree, implementation, checked);
    let Some((first, _)) = variants.first() else { return };
    if !has_database && variants.iter().any(|(entry, _)| entry.uses_database(tree)) {
        tell_skipped(&format!("{}: not compared without PostgreSQL", implementation.id));
        return;
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(&first.context.folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("conformance", rendered(&variants)));
}

/// The cases that an entry may not fail.
fn failures(cases: &[CaseRecord]) -> Vec<String> {
    let failed = cases.iter().filter(|case| case.status.fails_entry());
    failed
        .map(|case| format!("{}: {}: {}: {}", case.entry, case.case, case.observed, case.reason))
        .collect()
}
