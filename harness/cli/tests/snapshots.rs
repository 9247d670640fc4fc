//! What the cases found, entry by entry, as snapshots in the entries' own folders: a change of
//! behaviour is a readable difference.

mod support;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use httpdyno_record::{CaseRecord, CaseStatus};
use httpdyno_runner::{ConformOptions, Entry, conform_entry};
use httpdyno_spec::SpecTree;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("workspace root").to_owned()
}

/// How a known deviation shows itself is left out: what an engine does where it is at a loss often
/// depends on how its reads fall.
fn line(case: &CaseRecord) -> String {
    match case.status {
        CaseStatus::KnownDeviation => case.status.to_string(),
        _ => format!("{:15} {}", case.status.to_string(), case.observed),
    }
}

/// One line for each case; where variants differ, one for each variant below it.
fn snapshot(of_variants: &[(String, Vec<CaseRecord>)]) -> String {
    let (_, first) = &of_variants[0];
    let width = first.iter().map(|case| case.case.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (index, case) in first.iter().enumerate() {
        let lines: Vec<String> = of_variants.iter().map(|(_, cases)| line(&cases[index])).collect();
        if lines.iter().all(|line| *line == lines[0]) {
            let _ = writeln!(text, "{:width$}  {}", case.case, lines[0].trim_end());
            continue;
        }
        let _ = writeln!(text, "{:width$}  the variants differ:", case.case);
        for ((variant, _), line) in of_variants.iter().zip(&lines) {
            let _ = writeln!(text, "{:width$}    {variant}: {}", "", line.trim_end());
        }
    }
    text
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
        let of_variants: Vec<(String, Vec<CaseRecord>)> = entries
            .iter()
            .map(|entry| {
                let (options, database) = (ConformOptions::default(), database.as_mut());
                let cases = conform_entry(&tree, entry, &options, database, |_| ())
                    .unwrap_or_else(|error| panic!("{}: {error}", entry.id));
                let failed: Vec<String> = cases
                    .iter()
                    .filter(|case| case.status.fails_entry())
                    .map(|case| format!("{} {}", case.case, line(case)))
                    .collect();
                assert!(failed.is_empty(), "{} does not conform: {failed:#?}", entry.id);
                (entry.id.to_string(), cases)
            })
            .collect();
        if database.is_none() && entries.iter().any(|entry| entry.uses_database(&tree)) {
            println!("not compared, for want of PostgreSQL: {}", implementation.id);
            continue;
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(&entries[0].context.folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!("conformance", snapshot(&of_variants)));
    }
}
