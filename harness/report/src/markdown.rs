//! A comparison in Markdown, for a pull request.

use std::fmt::Write as _;

use httpdyno_record::{CaseStatus, Figure, Record};

use crate::ceilings;
use crate::comparison::{Comparison, Point};
use crate::database_part;
use crate::figures::ONE_START;
use crate::legible::one_line;
use crate::line::Line;
use crate::provenance::Provenance;
use crate::quantity::{bytes, count, duration, durations, ratio};
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
        let _ = write!(text, "\n### {}\n\n{HEAD}", one_line(&by));
        for row in &point.rows {
            text.push_str(&table_row(&Line::of(comparison, point, row)));
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

const HEAD: &str = "\
| entry | ratio | 95 % interval | verdict | tie | req/s | CPU/req | p50 | p99, 95 % | p99.9, 95 % | peak RSS | valid |
|---|--:|--:|---|---|--:|--:|--:|--:|--:|--:|--:|
";

fn table_row(line: &Line) -> String {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let to_baseline = match line.is_baseline {
        true if line.why_no_ratio().is_none() => "baseline".to_owned(),
        _ => {
            let marked = |[_, mid, _]: [u64; 3]| format!("{}{}", line.mark_of_ratio(), ratio(mid));
            or_dash(line.ratio.map(marked).or_else(|| line.why_no_ratio()))
        }
    };
    let interval = line.ratio.map(|[low, _, high]| format!("{} .. {}", ratio(low), ratio(high)));
    let or_why = |text: Option<String>, figure: Figure| {
        let marked = text.map(|text| format!("{}{text}", line.mark(figure)));
        or_dash(marked.or_else(|| line.why_void(figure)))
    };
    let p50 = line.latency.as_ref().map(|it| duration(it.p50_ns));
    let tail = |of: fn(&crate::comparison::Latency) -> Option<[u64; 2]>| {
        let interval = line.latency.as_ref().and_then(of);
        let shown = or_why(interval.map(|[low, high]| durations(low, high)), Figure::Tail);
        if shown == "-" && line.latency.is_some() { ONE_START.to_owned() } else { shown }
    };
    let note = if line.is_compared { "" } else { " (ceiling)" };
    format!(
        "| {}{note} | {to_baseline} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} of {} |\n",
        code(&line.entry),
        or_dash(interval),
        or_dash(line.verdict.clone()),
        if line.groups.is_empty() { "-" } else { &line.groups },
        or_why(line.rate.map(|[_, rate, _]| count(rate)), Figure::Throughput),
        or_why(line.cpu.map(|[_, cpu, _]| duration(cpu)), Figure::Cost),
        or_why(p50, Figure::Latency),
        tail(|it| it.p99_interval_ns),
        tail(|it| it.p999_interval_ns),
        or_dash(line.rss.map(|rss| format!("{}{}", line.mark(Figure::Cost), bytes(rss)))),
        line.valid,
        line.trials,
    )
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

/// A text of others as a code span, in which nothing is markup: no mention, no link, no HTML
/// (CommonMark, section 6.1). A pipe is escaped, since a table's cell ends at it even here.
pub(crate) fn code(text: &str) -> String {
    let text = one_line(text).replace('|', r"\|");
    if text.is_empty() {
        return "-".to_owned();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// A text as a fenced block.
pub(crate) fn block(text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}sh\n{text}\n{fence}\n")
}

fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{block, code};

    #[test]
    fn nothing_ends_a_code_span_or_a_cell() {
        assert_eq!(code("a|b"), r"`a\|b`");
        assert_eq!(code("`x``y"), "``` `x``y ```");
        assert_eq!(code(""), "-");
        assert_eq!(block("a ``` b"), "````sh\na ``` b\n````\n");
    }
}
