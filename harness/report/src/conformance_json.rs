//! Verdicts as JSON, for programs.

use httpdyno_record::{CaseRecord, ConformanceCounts};
use serde::Serialize;

/// One entry's verdicts.
#[derive(Serialize)]
struct Entry<'a> {
    entry: &'a str,
    conformant: bool,
    counts: ConformanceCounts,
    cases: Vec<&'a CaseRecord>,
}

/// The verdicts as one JSON document: an array with one object for each entry, in order of
/// appearance.
#[must_use]
pub fn render(cases: &[CaseRecord]) -> String {
    let entries: Vec<Entry<'_>> = by_entry(cases)
        .into_iter()
        .map(|(entry, cases)| {
            let counts = ConformanceCounts::of(cases.iter().copied());
            Entry { entry, conformant: counts.is_conformant(), counts, cases }
        })
        .collect();
    serde_json::to_string_pretty(&entries).expect("texts and integers can be written")
}

/// The cases of each entry, in order of appearance.
pub(crate) fn by_entry(cases: &[CaseRecord]) -> Vec<(&str, Vec<&CaseRecord>)> {
    let mut entries: Vec<(&str, Vec<&CaseRecord>)> = Vec::new();
    for case in cases {
        match entries.iter_mut().find(|(entry, _)| *entry == case.entry) {
            Some((_, of_entry)) => of_entry.push(case),
            None => entries.push((&case.entry, vec![case])),
        }
    }
    entries
}
