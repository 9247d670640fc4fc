//! Verdicts as text: failures last and in full, since that is where a terminal leaves the eye, and
//! each cause once, however many cases show it.

use std::fmt::Write as _;

use httpdyno_record::{CaseRecord, CaseStatus, ConformanceCounts};
use httpdyno_spec::exchange::Level;

use crate::conformance_groups::{Group, groups};
use crate::conformance_json::{by_entry, is_of_contract};
use crate::style::{Palette, styled};

/// So many causes are told in full, and so many more in a line.
const IN_FULL: usize = 12;
const IN_A_LINE: usize = 40;
/// So many ids are named where more cases have one cause.
const MOST_IDS: usize = 12;
/// So many characters of what was sent or received are shown, and so many lines of anything.
const MOST_LETTERS: usize = 1200;
const MOST_LINES: usize = 12;

/// The verdicts of all entries. `every_case` lists those that passed too.
#[must_use]
pub fn render(cases: &[CaseRecord], every_case: bool) -> String {
    let entries = by_entry(cases);
    let several = entries.len() > 1;
    let mut text = String::new();
    for (entry, cases) in &entries {
        let counts = ConformanceCounts::of(cases.iter().copied());
        if several && !every_case && counts.is_conformant() {
            // The table says it all.
            continue;
        }
        let _ = writeln!(text, "{}", styled(Palette::HEADING, entry));
        text.push_str(&verdicts(cases, every_case));
        let _ = writeln!(text, "  {counts}\n");
    }
    if several {
        text.push_str(&table(&entries));
    }
    text
}

/// The verdicts on one server by its URL: HTTP/1.1 first and by itself, then the contract of the
/// application, which counts if `contract_counts`.
#[must_use]
pub fn render_server(cases: &[CaseRecord], every_case: bool, contract_counts: bool) -> String {
    let (contract, http): (Vec<&CaseRecord>, Vec<&CaseRecord>) =
        cases.iter().partition(|case| is_of_contract(case));
    let mut text = String::new();
    if !http.is_empty() {
        text.push_str(&verdict_line("HTTP/1.1", &http));
        text.push_str(&verdicts(&http, every_case));
    }
    let offered = contract.iter().any(|case| case.status != CaseStatus::NotApplicable);
    if offered {
        let part = match contract_counts {
            true => "application contract",
            false => "application contract (not part of the verdict without --contract)",
        };
        text.push_str(&verdict_line(part, &contract));
        text.push_str(&verdicts(&contract, every_case));
    } else if !contract.is_empty() {
        text.push_str("application contract: not offered: no endpoint passes its first check\n");
    }
    text
}

fn verdict_line(part: &str, cases: &[&CaseRecord]) -> String {
    let counts = ConformanceCounts::of(cases.iter().copied());
    let (status, verdict) = match counts.is_conformant() {
        true => (CaseStatus::Pass, "conforms"),
        false => (CaseStatus::Fail, "does not conform"),
    };
    let verdict = styled(Palette::of_status(status), verdict);
    format!("{}: {verdict}: {counts}\n", styled(Palette::HEADING, part))
}

/// The cases that are to be told, by their causes.
fn verdicts(cases: &[&CaseRecord], every_case: bool) -> String {
    let mut cases = cases.to_vec();
    cases.sort_by_key(|case| prominence(case.status));
    let is_told = |case: &&CaseRecord| {
        every_case || !matches!(case.status, CaseStatus::Pass | CaseStatus::NotApplicable)
    };
    cases.retain(is_told);
    let mut text = String::new();
    let (listed, grouped): (Vec<&CaseRecord>, Vec<&CaseRecord>) = cases
        .into_iter()
        .partition(|case| matches!(case.status, CaseStatus::Pass | CaseStatus::NotApplicable));
    for case in listed {
        let _ = writeln!(text, "  {}", line(case));
    }
    let groups = groups(&grouped);
    let failing = groups.iter().filter(|group| group.status.fails_entry()).count();
    let (mut full, mut brief) = (0, 0);
    for group in &groups {
        if group.status.fails_entry() && full < IN_FULL {
            full += 1;
            text.push_str(&heading(group));
            let _ = writeln!(text, "{}", indented(&shortened(group.cases[0])));
        } else if brief < IN_A_LINE {
            brief += 1;
            text.push_str(&heading(group));
        }
    }
    let left = groups.len() - full - brief;
    if left > 0 {
        let _ = writeln!(text, "  ... and {left} more causes (--format json has all of them)");
    }
    if failing > IN_FULL {
        let _ = writeln!(text, "  {IN_FULL} of {failing} causes of failures are shown in full");
    }
    text
}

/// One case as a line of its own; several with how many they are, and below, which.
fn heading(group: &Group<'_>) -> String {
    if let [case] = group.cases[..] {
        return format!("  {}\n", line(case));
    }
    let status = styled(Palette::of_status(group.status), &format!("{:<15}", group.status));
    let mut text = format!("  {status} {} cases: {}\n", group.cases.len(), group.observed);
    for ids in group.cases[..group.cases.len().min(MOST_IDS)].chunks(3) {
        let ids: Vec<&str> = ids.iter().map(|case| case.case.as_str()).collect();
        let _ = writeln!(text, "      {}", ids.join("  "));
    }
    if group.cases.len() > MOST_IDS {
        let more = group.cases.len() - MOST_IDS;
        let _ = writeln!(text, "      and {more} more (--format json has all of them)");
    }
    text
}

/// One line for each entry.
fn table(entries: &[(&str, Vec<&CaseRecord>)]) -> String {
    let width = entries.iter().map(|(entry, _)| entry.len()).max().unwrap_or(0).max(5);
    let mut text = format!(
        "{:width$}  {:>6}  {:>6}  {:>6}  {:>6}  {:>6}  verdict\n",
        "entry", "passed", "failed", "warned", "known", "n/a"
    );
    for (entry, cases) in entries {
        let counts = ConformanceCounts::of(cases.iter().copied());
        let (status, verdict) = match counts.is_conformant() {
            true => (CaseStatus::Pass, "conforms"),
            false => (CaseStatus::Fail, "does not conform"),
        };
        let _ = writeln!(
            text,
            "{entry:width$}  {:>6}  {:>6}  {:>6}  {:>6}  {:>6}  {}",
            counts.passed,
            counts.failed + counts.unexpected_passes,
            counts.warned + counts.informed,
            counts.known_deviations,
            counts.not_applicable,
            styled(Palette::of_status(status), verdict)
        );
    }
    text
}

/// Failures come last.
fn prominence(status: CaseStatus) -> usize {
    match status {
        CaseStatus::NotApplicable => 0,
        CaseStatus::Pass => 1,
        CaseStatus::Info => 2,
        CaseStatus::KnownDeviation => 3,
        CaseStatus::Warn => 4,
        CaseStatus::UnexpectedPass => 5,
        CaseStatus::Fail => 6,
    }
}

fn line(case: &CaseRecord) -> String {
    let status = styled(Palette::of_status(case.status), &format!("{:<15}", case.status));
    let note = match case.status {
        CaseStatus::NotApplicable | CaseStatus::KnownDeviation => {
            case.reason.lines().next().unwrap_or_default()
        }
        _ => &case.observed,
    };
    format!("{status} {}  {} {}", case.case, case.title, styled(Palette::DIM, &format!("({note})")))
}

/// What is required, what was sent, what came back, byte for byte.
pub(crate) fn explanation(case: &CaseRecord) -> String {
    explained(case, str::to_owned)
}

/// The same, with long values cut.
fn shortened(case: &CaseRecord) -> String {
    explained(case, |value| {
        let lines: Vec<&str> = value.lines().collect();
        let mut brief = lines[..lines.len().min(MOST_LINES)].join("\n");
        let cut = brief.char_indices().nth(MOST_LETTERS).map(|(at, _)| at);
        let left_out = value.len() - cut.unwrap_or(brief.len()).min(value.len());
        if let Some(at) = cut {
            brief.truncate(at);
        }
        if cut.is_some() || lines.len() > MOST_LINES {
            let _ = write!(brief, "... ({left_out} more characters; --format json has them)");
        }
        brief
    })
}

fn explained(case: &CaseRecord, show: impl Fn(&str) -> String) -> String {
    let level = match case.level {
        Level::Must => "MUST",
        Level::Should => "SHOULD",
        Level::May => "MAY",
    };
    let mut text = format!("requires  {} ({level}, {})\n", case.requires, case.source);
    let parts = [
        ("expected", &case.expected),
        ("observed", &case.observed),
        ("reason", &case.reason),
        ("sent", &case.sent),
        ("received", &case.received),
    ];
    for (name, value) in parts.into_iter().filter(|(_, value)| !value.is_empty()) {
        let value = show(value.trim_end()).replace('\n', "\n          ");
        let _ = writeln!(text, "{name:<9} {value}");
    }
    text
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("      {line}\n")).collect()
}
