//! Verdicts as text: failures last and in full, since that is where a terminal leaves the eye.

use std::fmt::Write as _;

use httpdyno_record::{CaseRecord, CaseStatus, ConformanceCounts};
use httpdyno_spec::exchange::Level;

use crate::conformance_json::by_entry;
use crate::style::{Palette, styled};

/// The verdicts of all entries. `every_case` lists those that passed too.
#[must_use]
pub fn render(cases: &[CaseRecord], every_case: bool) -> String {
    let mut text = String::new();
    for (entry, mut cases) in by_entry(cases) {
        let counts = ConformanceCounts::of(cases.iter().copied());
        cases.sort_by_key(|case| prominence(case.status));
        let _ = writeln!(text, "{}", styled(Palette::HEADING, entry));
        for case in cases {
            let in_full = !matches!(case.status, CaseStatus::Pass | CaseStatus::NotApplicable);
            if every_case || in_full {
                let _ = writeln!(text, "  {}", line(case));
            }
            if matches!(case.status, CaseStatus::Fail | CaseStatus::UnexpectedPass) {
                let _ = writeln!(text, "{}", indented(&explanation(case)));
            }
        }
        let _ = writeln!(text, "  {counts}\n");
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
        let value = value.trim_end().replace('\n', "\n          ");
        let _ = writeln!(text, "{name:<9} {value}");
    }
    text
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("      {line}\n")).collect()
}
