//! The verdicts: cases by entries, every text once.

use std::collections::{HashMap, HashSet};

use httpdyno_record::{CaseRecord, CaseStatus, Record};
use httpdyno_spec::exchange::Level;
use serde::Serialize;

use crate::legible::legible;

/// What the page unpacks for its matrix.
#[derive(Serialize)]
pub(super) struct Matrix {
    /// The rows.
    cases: Vec<Case>,
    /// The columns, by their place among the record's entries.
    columns: Vec<usize>,
    /// What can become of a case.
    statuses: Vec<Status>,
    /// Every text that a cell refers to.
    texts: Vec<String>,
    /// For each column and row: status, observed, reason, expected, sent, received - places in
    /// `statuses` and `texts`; nothing where the case was not run.
    cells: Vec<Vec<Option<[usize; 6]>>>,
}

#[derive(Serialize)]
struct Status {
    /// Its name, which is a class of the page's style too.
    name: String,
    /// What stands in a cell.
    sign: char,
    words: &'static str,
}

#[derive(Serialize)]
struct Case {
    id: String,
    title: String,
    level: Level,
    source: String,
    requires: String,
}

/// Texts by their place.
#[derive(Default)]
struct Texts {
    places: HashMap<String, usize>,
    all: Vec<String>,
}

impl Texts {
    fn place(&mut self, text: &str) -> usize {
        let text = legible(text);
        if let Some(place) = self.places.get(&text) {
            return *place;
        }
        self.all.push(text.clone());
        self.places.insert(text, self.all.len() - 1);
        self.all.len() - 1
    }
}

impl Matrix {
    /// The verdicts in `record`.
    pub(super) fn of(record: &Record) -> Self {
        let known = distinct_cases(record);
        let rows: HashMap<&str, usize> =
            known.iter().enumerate().map(|(row, case)| (case.case.as_str(), row)).collect();
        let mut texts = Texts::default();
        let (mut columns, mut cells) = (Vec::new(), Vec::new());
        for (index, entry) in record.run.entries.iter().enumerate() {
            let own: Vec<_> =
                record.cases.iter().filter(|case| case.entry == entry.entry).collect();
            if own.is_empty() {
                continue;
            }
            let mut column = vec![None; known.len()];
            for case in own {
                column[rows[case.case.as_str()]] = Some(cell(case, &mut texts));
            }
            columns.push(index);
            cells.push(column);
        }
        let statuses = CaseStatus::ALL.into_iter().map(Status::of).collect();
        let cases = known.into_iter().map(Case::of).collect();
        Self { cases, columns, statuses, texts: texts.all, cells }
    }
}

impl Status {
    fn of(status: CaseStatus) -> Self {
        let (sign, words) = match status {
            CaseStatus::Pass => ('✓', "pass"),
            CaseStatus::Fail => ('✗', "fail"),
            CaseStatus::UnexpectedPass => ('?', "unexpected pass"),
            CaseStatus::Warn => ('!', "unmet SHOULD"),
            CaseStatus::Info => ('i', "unmet MAY"),
            CaseStatus::KnownDeviation => ('~', "known deviation"),
            CaseStatus::NotApplicable => ('–', "does not apply"),
        };
        Self { name: status.to_string(), sign, words }
    }
}

impl Case {
    fn of(case: &CaseRecord) -> Self {
        Self {
            id: case.case.clone(),
            title: legible(&case.title),
            level: case.level,
            source: legible(&case.source),
            requires: legible(&case.requires),
        }
    }
}

/// Each case once: group by group, within a group in the order in which they were run.
fn distinct_cases(record: &Record) -> Vec<&CaseRecord> {
    let mut seen = HashSet::new();
    let mut cases: Vec<&CaseRecord> =
        record.cases.iter().filter(|case| seen.insert(case.case.as_str())).collect();
    cases.sort_by_key(|case| case.case.rsplit_once('/').map_or("", |(group, _)| group));
    cases
}

fn cell(case: &CaseRecord, texts: &mut Texts) -> [usize; 6] {
    let status = CaseStatus::ALL.iter().position(|status| *status == case.status);
    [
        status.expect("ALL has every status"),
        texts.place(&case.observed),
        texts.place(&case.reason),
        texts.place(&case.expected),
        texts.place(&case.sent),
        texts.place(&case.received),
    ]
}
