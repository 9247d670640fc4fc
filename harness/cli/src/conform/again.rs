//! What a single run cannot tell: cases that come out one way and then the other.

use std::collections::{BTreeMap, BTreeSet};

use httpdyno_record::CaseRecord;
use httpdyno_report::conformance_snapshot::told;
use httpdyno_runner::{ConformOptions, Entry, Filter};

use super::asking::{Asking, What};

/// How often a case is asked before its outcome is trusted.
pub(crate) const TIMES: usize = 3;

/// So many cases of an entry are asked again; where more fail, it is unfinished and not unstable.
const MOST_DOUBTFUL: usize = 12;

/// An entry and one of its cases.
type Asked = (String, String);

/// A case that was not found the same each time.
pub(crate) struct Unstable {
    pub(crate) entry: String,
    pub(crate) case: String,
    /// What was found, as in a snapshot, and how often.
    pub(crate) ways: Vec<(String, usize)>,
}

impl Unstable {
    /// For people.
    pub(crate) fn line(&self) -> String {
        let ways: Vec<String> = self
            .ways
            .iter()
            .map(|(way, times)| {
                let way: Vec<&str> = way.split_whitespace().collect();
                format!("{times} x {}", way.join(" "))
            })
            .collect();
        format!("  {} ({}): {}", self.case, self.entry, ways.join("; "))
    }
}

/// The runs after the first.
#[derive(Default)]
pub(crate) struct Again {
    /// What was asked again, even where a run has no verdict on it.
    asked: BTreeSet<Asked>,
    runs: Vec<BTreeMap<Asked, CaseRecord>>,
    /// What kept an entry from being asked again.
    pub(crate) trouble: Vec<String>,
}

impl Again {
    /// Asks `entries` anew: those of `whole` for all that `options` say, the others for those of their
    /// cases alone that `doubtful` says are not as they should be.
    pub(crate) fn ask(
        asking: &mut Asking<'_>,
        entries: &[Entry],
        options: &ConformOptions,
        whole: impl Fn(&Entry) -> bool,
        doubtful: impl Fn(&Entry) -> BTreeSet<String>,
    ) -> Self {
        let mut again = Self::default();
        again.runs.resize_with(TIMES - 1, BTreeMap::new);
        for entry in entries {
            let mut options = options.clone();
            if !whole(entry) {
                let cases = doubtful(entry);
                if cases.is_empty() || cases.len() > MOST_DOUBTFUL {
                    continue;
                }
                let name = entry.id.to_string();
                again.asked.extend(cases.iter().map(|case| (name.clone(), case.clone())));
                let cases = cases.into_iter().collect();
                options.filter = Filter { cases, ..Filter::default() };
            }
            for run in &mut again.runs {
                let found = asking.ask(std::slice::from_ref(entry), What::Cases(&options));
                again.trouble.extend(found.skipped.into_iter().chain(found.broken));
                run.extend(found.cases.into_iter().map(|case| (key(&case), case)));
            }
        }
        again
    }

    /// Those that did not come out in each run as in the first, `cases`.
    pub(crate) fn unstable(&self, cases: &[CaseRecord]) -> Vec<Unstable> {
        let first: BTreeMap<Asked, &CaseRecord> = cases.iter().map(|it| (key(it), it)).collect();
        let later = self.runs.iter().flat_map(BTreeMap::keys);
        let asked: BTreeSet<&Asked> = later.chain(&self.asked).collect();
        let ways = |asked: &Asked| {
            let mut ways: Vec<(String, usize)> = Vec::new();
            let runs = self.runs.iter().map(|run| run.get(asked));
            for case in std::iter::once(first.get(asked).copied()).chain(runs) {
                let way = case.map_or("no verdict".to_owned(), told);
                match ways.iter_mut().find(|(known, _)| *known == way) {
                    Some((_, times)) => *times += 1,
                    None => ways.push((way, 1)),
                }
            }
            ways
        };
        asked
            .into_iter()
            .map(|asked| (asked, ways(asked)))
            .filter(|(_, ways)| ways.len() > 1)
            .map(|((entry, case), ways)| Unstable {
                entry: entry.clone(),
                case: case.clone(),
                ways,
            })
            .collect()
    }

    /// Whether every later run found of that case what `line` says.
    pub(crate) fn all_found(&self, entry: &str, case: &str, line: Option<&str>) -> bool {
        let asked = (entry.to_owned(), case.to_owned());
        let now = |run: &BTreeMap<Asked, CaseRecord>| {
            run.get(&asked).map(|case| told(case).trim_end().to_owned())
        };
        let is_asked = self.asked.contains(&asked);
        is_asked && self.runs.iter().all(|run| now(run).as_deref() == line)
    }
}

fn key(case: &CaseRecord) -> Asked {
    (case.entry.clone(), case.case.clone())
}
