//! A comparison in Markdown, for a pull request.

use std::fmt::Write as _;

use httpdyno_record::{CaseStatus, Record};

use crate::ceilings;
use crate::columns::{markdown_head, written};
use crate::comparison::{Comparison, Point};
use crate::database_part;
use crate::legible::one_line;
use crate::line::Line;
pub(crate) use crate::markdown_text::{block, code};
use crate::provenance::Provenance;
use crate::series::{COST, Quantity};
use crate::validity::{Weight, findings};
use crate::weak::LEGEND;

/// The most failed cases that are listed for an entry.
const MOST_CASES: usize = 20;

/// The whole document: validity first, then a table for each point, conformance, the commands.
#[must_use]
pub fn render(record: &Record, comparison: &Comparison, provenance: &Provenance) -> String {
    let run = &record.run;
    let mut text = format!(
        "## httpdyno: profile {} on {}\n\n",
        run.profile.id,
        code(&format!("{} ({})", run.host.cpu_model, run.host.fingerprint))
    );
    for finding in findings(record, comparison) {
        let sign = match finding.weight {
            Weight::Ok => ":white_check_mark:",
            Weight::Caution => ":warning:",
            Weight::Void => ":x:",
        };
        let _ = writeln!(text, "- {sign} {}: {}", code(&finding.subject), code(&finding.text));
    }
    for point in &comparison.points {
        let by = format!("{}, ranked by {}", point.name(), point.ranked_by.name());
        let _ = write!(text, "\n### {}\n\n{}", one_line(&by), markdown_head());
        for row in &point.rows {
            text.push_str(&written(&Line::of(comparison, point, row), record));
        }
        if point.ranked_by == Quantity::CpuPerRequest {
            let _ = writeln!(text, "\n{COST}.");
        }
        if point.rows.iter().any(|row| !row.weak.is_empty()) {
            let _ = writeln!(text, "\n{}", code(LEGEND));
        }
        let _ = writeln!(text, "\n{}", code(&ceilings::text(point)));
        text.push_str(&database_table(point));
    }
    text.push_str(&conformance(record));
    let Provenance { run, report } = provenance;
    let _ = write!(text, "\nMade by\n\n{}\n{}", block(run), block(report));
    text
}

/// Server and database apart; nothing where no database was used.
fn database_table(point: &Point) -> String {
    let rows = database_part::rows(point);
    if rows.is_empty() {
        return String::new();
    }
    let mut text =
        format!("\n| {} |\n|---|--:|--:|--:|--:|--:|\n", database_part::HEAD.join(" | "));
    for [entry, figures @ ..] in rows {
        let _ = writeln!(text, "| {} | {} |", code(&entry), figures.join(" | "));
    }
    text
}

fn conformance(record: &Record) -> String {
    let mut text = "\n### Conformance\n\n".to_owned();
    for entry in &record.run.entries {
        let counts = match &entry.conformance {
            Some(counts) => counts.to_string(),
            None => "not checked".to_owned(),
        };
        let _ = writeln!(text, "- {}: {counts}", code(&entry.entry));
        let failed = |status: CaseStatus| status.fails_entry() || status == CaseStatus::Warn;
        let mut cases =
            record.cases.iter().filter(|case| case.entry == entry.entry && failed(case.status));
        for case in cases.by_ref().take(MOST_CASES) {
            let (id, seen) = (code(&case.case), code(&case.observed));
            let _ = writeln!(text, "  - {}: {id}: {seen}", case.status);
        }
        match cases.count() {
            0 => {}
            more => {
                let _ = writeln!(text, "  - and {more} more");
            }
        }
    }
    text
}
