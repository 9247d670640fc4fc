//! Verdicts as JSON, for programs.

use httpdyno_record::{CaseRecord, ConformanceCounts, RunRecord};
use serde::Serialize;

/// What made the verdicts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The command that made the document.
    pub command: String,
    /// Name and version of the program that ran the cases.
    pub tool: String,
    /// SHA-256 of the spec that the cases are from, in hexadecimal digits.
    pub spec: String,
}

impl Origin {
    /// Of verdicts that stand in a record.
    #[must_use]
    pub fn of_run(run: &RunRecord, command: &str) -> Self {
        let tool = format!("httpdyno {}", run.httpdyno_version);
        Self { command: command.to_owned(), tool, spec: run.spec_digest.clone() }
    }
}

/// One entry's verdicts.
#[derive(Serialize)]
struct Entry<'a> {
    entry: &'a str,
    tool: &'a str,
    spec_digest: &'a str,
    conformant: bool,
    counts: ConformanceCounts,
    /// HTTP/1.1 by itself.
    http: Part,
    /// The contract of the application by itself.
    contract: Part,
    cases: Vec<&'a CaseRecord>,
}

#[derive(Serialize)]
struct Part {
    conformant: bool,
    counts: ConformanceCounts,
}

/// The verdicts as one JSON document: an array with one object for each entry, in order of
/// appearance. What stands apart from the contract of the application counts by itself too.
#[must_use]
pub fn render(cases: &[CaseRecord], origin: &Origin) -> String {
    let entries: Vec<Entry<'_>> = by_entry(cases)
        .into_iter()
        .map(|(entry, cases)| {
            let part = |of_contract| {
                let part = cases.iter().filter(|case| is_of_contract(case) == of_contract);
                let counts = ConformanceCounts::of(part.copied());
                Part { conformant: counts.is_conformant(), counts }
            };
            let counts = ConformanceCounts::of(cases.iter().copied());
            Entry {
                entry,
                tool: &origin.tool,
                spec_digest: &origin.spec,
                conformant: counts.is_conformant(),
                counts,
                http: part(false),
                contract: part(true),
                cases,
            }
        })
        .collect();
    serde_json::to_string_pretty(&entries).expect("texts and integers can be written")
}

/// Whether the case is one of the application's contract, and not of HTTP/1.1.
#[must_use]
pub fn is_of_contract(case: &CaseRecord) -> bool {
    case.case.starts_with("app/")
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
