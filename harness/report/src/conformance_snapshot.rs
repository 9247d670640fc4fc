//! What the cases found of one implementation, one line for each case: the text of its
//! `conformance.snap`, in which a change of behaviour is a readable difference.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use httpdyno_record::{CaseRecord, CaseStatus};

use crate::conformance_json::by_entry;

/// The name of the file in the implementation's folder.
pub const FILE: &str = "conformance.snap";

/// As insta writes it, so that the test of all snapshots takes what the command line wrote.
const HEADER: &str = "---\nsource: harness/cli/tests/snapshots.rs\n---\n";

/// One line for each case; where the variants differ, one for each variant below it. `cases` are
/// those of all variants of one implementation.
#[must_use]
pub fn render(cases: &[CaseRecord]) -> String {
    let of_variants = by_entry(cases);
    let Some((_, first)) = of_variants.first() else { return String::new() };
    let width = first.iter().map(|case| case.case.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (index, case) in first.iter().enumerate() {
        let lines: Vec<String> = of_variants.iter().map(|(_, cases)| told(cases[index])).collect();
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

/// What stands in the place of what was found, where that is not the same for all variants.
const VARIANTS_DIFFER: &str = "the variants differ:";

/// What a snapshot says of a case. How a known deviation shows itself is left out: what an engine
/// does where it is at a loss often depends on how its reads fall.
#[must_use]
pub fn told(case: &CaseRecord) -> String {
    match case.status {
        CaseStatus::KnownDeviation => case.status.to_string(),
        _ => format!("{:15} {}", case.status.to_string(), case.observed),
    }
}

/// A case that comes out otherwise than a snapshot says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The entry, in its variant.
    pub entry: String,
    /// The case's permanent name.
    pub case: String,
    /// What the snapshot says; none where it does not have the case.
    pub before: Option<String>,
    /// What was found now; none where the case is gone.
    pub now: Option<String>,
}

/// Where `cases` (of some variants of one implementation, or of some cases) come out otherwise than
/// `file`, the content of its snapshot, says. Only where `all` cases were asked, one that is in the
/// file alone is gone.
#[must_use]
pub fn differences(file: &str, cases: &[CaseRecord], all: bool) -> Vec<Difference> {
    let before = recorded(file);
    let mut found = Vec::new();
    for (entry, of_entry) in by_entry(cases) {
        let at = |case: &str| before.get(case).and_then(|lines| lines.of(entry));
        let different = |case: &str, now: Option<String>| {
            let before = at(case).map(str::to_owned);
            let (entry, case) = (entry.to_owned(), case.to_owned());
            (before != now).then_some(Difference { entry, case, before, now })
        };
        let now = |case: &CaseRecord| Some(told(case).trim_end().to_owned());
        found.extend(of_entry.iter().filter_map(|case| different(&case.case, now(case))));
        let asked: BTreeSet<&str> = of_entry.iter().map(|case| case.case.as_str()).collect();
        let gone = before.keys().filter(|case| all && !asked.contains(*case));
        found.extend(gone.filter_map(|case| different(case, None)));
    }
    found
}

/// What a snapshot says of a case.
enum Lines<'a> {
    OfAll(&'a str),
    OfEach(BTreeMap<&'a str, &'a str>),
}

impl<'a> Lines<'a> {
    fn of(&self, entry: &str) -> Option<&'a str> {
        match self {
            Self::OfAll(line) => Some(line),
            Self::OfEach(lines) => lines.get(entry).copied(),
        }
    }
}

/// By case, what [`render`] wrote.
fn recorded(file: &str) -> BTreeMap<&str, Lines<'_>> {
    let mut cases = BTreeMap::new();
    let mut last = "";
    for line in file.strip_prefix(HEADER).unwrap_or(file).lines() {
        if line.starts_with(' ') {
            if let (Some(Lines::OfEach(lines)), Some((entry, told))) =
                (cases.get_mut(last), line.trim().split_once(": "))
            {
                lines.insert(entry, told);
            }
            continue;
        }
        let Some((case, told)) = line.split_once(' ') else { continue };
        let lines = match told.trim() {
            VARIANTS_DIFFER => Lines::OfEach(BTreeMap::new()),
            told => Lines::OfAll(told),
        };
        cases.insert(case, lines);
        last = case;
    }
    cases
}

/// Each difference as two lines below the case, as `diff` shows them; at most `most` of them.
#[must_use]
pub fn render_differences(differences: &[Difference], most: usize) -> String {
    let mut text = String::new();
    for difference in differences.iter().take(most) {
        let _ = writeln!(text, "  {} ({})", difference.case, difference.entry);
        let lines = [("-", &difference.before), ("+", &difference.now)];
        for (sign, line) in lines {
            let line = line.as_deref().unwrap_or("(no such case)");
            let _ = writeln!(text, "    {sign} {line}");
        }
    }
    if differences.len() > most {
        let _ = writeln!(text, "  ... and {} more", differences.len() - most);
    }
    text
}

/// A snapshot as the content of its file.
#[must_use]
pub fn to_file(snapshot: &str) -> String {
    format!("{HEADER}{}\n", snapshot.trim_end())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use httpdyno_record::{CaseRecord, CaseStatus};
    use httpdyno_spec::exchange::Level;

    use super::{FILE, HEADER, differences, render, render_differences, to_file};

    fn case(entry: &str, id: &str, status: CaseStatus, observed: &str) -> CaseRecord {
        CaseRecord {
            entry: entry.into(),
            case: id.into(),
            title: String::new(),
            level: Level::Must,
            source: String::new(),
            requires: String::new(),
            status,
            observed: observed.into(),
            reason: String::new(),
            expected: String::new(),
            sent: String::new(),
            received: String::new(),
            duration_ns: 0,
        }
    }

    /// Two variants that differ in one of three cases.
    fn found() -> Vec<CaseRecord> {
        let of = |entry: &str, cut: &str| {
            vec![
                case(entry, "app/json/answer", CaseStatus::Pass, "200"),
                case(entry, "h1/cut", CaseStatus::Pass, cut),
                case(entry, "h1/tab", CaseStatus::KnownDeviation, "200, open"),
            ]
        };
        [of("x@a", "400, closed"), of("x@b", "closed: silently")].concat()
    }

    #[test]
    fn what_was_written_does_not_differ_from_what_was_found() {
        let file = to_file(&render(&found()));
        assert!(file.contains("the variants differ:"), "{file}");
        assert_eq!(differences(&file, &found(), true), []);
        let one = [case("y", "h1/cut", CaseStatus::Pass, "400, closed")];
        assert_eq!(differences(&to_file(&render(&one)), &one, true), []);
    }

    #[test]
    fn what_differs_is_told_of_each_variant_and_case() {
        let file = to_file(&render(&found()));
        let mut now = found();
        // A known deviation may show itself in another way.
        now[2].observed = "200, closed".into();
        now[3].status = CaseStatus::Fail;
        now[4].observed = "400, closed".into();
        let differences_of = |cases: &[CaseRecord], all| {
            let found = differences(&file, cases, all);
            let of = |it: Option<String>| it.unwrap_or_default();
            found.into_iter().map(move |it| (it.entry, it.case, of(it.before), of(it.now)))
        };
        let told: Vec<_> = differences_of(&now, true).collect();
        let row = |entry: &str, case: &str, before: &str, now: &str| {
            (entry.to_owned(), case.to_owned(), before.to_owned(), now.to_owned())
        };
        let (pass, fail) = ("pass            200", "fail            200");
        let cut = ["pass            closed: silently", "pass            400, closed"];
        assert_eq!(
            told,
            [row("x@b", "app/json/answer", pass, fail), row("x@b", "h1/cut", cut[0], cut[1])]
        );
        // Of some cases alone, the others are not gone; of all, they are; and new ones are new.
        assert_eq!(differences_of(&now[..1], false).count(), 0);
        let gone: Vec<_> = differences_of(&now[..2], true).collect();
        assert_eq!(gone, [row("x@a", "h1/tab", "known-deviation", "")]);
        let new = [case("x@a", "h1/new", CaseStatus::Pass, "")];
        let new: Vec<_> = differences_of(&new, false).collect();
        assert_eq!(new, [row("x@a", "h1/new", "", "pass")]);
    }

    #[test]
    fn differences_are_shown_as_diff_does_and_not_without_end() {
        let file = to_file(&render(&found()));
        let now: Vec<CaseRecord> =
            (0..4).map(|at| case("x@a", &format!("h1/{at}"), CaseStatus::Fail, "500")).collect();
        let text = render_differences(&differences(&file, &now, false), 3);
        assert!(text.starts_with("  h1/0 (x@a)\n    - (no such case)\n    + fail            500"));
        assert!(text.ends_with(
            "h1/2 (x@a)\n    - (no such case)\n    + fail            500\n  ... and 1 more\n"
        ));
    }

    /// What insta wrote for the entries that are there is what would be written for a new one.
    #[test]
    fn the_file_is_the_one_that_insta_writes() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("root");
        let path = root.join("implementations/rust-hyper").join(FILE);
        let written = std::fs::read_to_string(path).expect("a snapshot");
        let snapshot = written.strip_prefix(HEADER).expect("insta's header");
        assert_eq!(to_file(&format!("{snapshot}\n")), written);
    }
}
