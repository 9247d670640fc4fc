//! A comparison of two records or entries as Markdown, CSV, JSON and JUnit.

use std::fmt::Write as _;

use httpdyno_record::Record;
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};
use serde::Serialize;

use super::plain::{self, FailOn};
use super::{Compared, ComparedPoint, ComparedRatio, ComparedVoid, Side, place_name};
use crate::conformance_junit::suites;
use crate::csv;
use crate::legible::one_line;
use crate::markdown::{block, code};
use crate::quantity::{percent, ratio};
use crate::series::{COST, Quantity};

/// Every ratio with its point, in order.
fn ratios(compared: &Compared) -> impl Iterator<Item = (&ComparedPoint, &ComparedRatio)> {
    compared.points.iter().flat_map(|point| point.ratios.iter().map(move |ratio| (point, ratio)))
}

/// Every quantity without a ratio, likewise.
fn voids(compared: &Compared) -> impl Iterator<Item = (&ComparedPoint, &ComparedVoid)> {
    compared.points.iter().flat_map(|point| point.void.iter().map(move |void| (point, void)))
}

fn place(point: &ComparedPoint) -> String {
    one_line(&place_name(&(point.workload.clone(), point.connections, point.offered_per_s)))
}

/// How the two are set against each other, in a sentence.
pub(crate) fn method(compared: &Compared) -> String {
    let builds = ratios(compared).find_map(|(_, ratio)| Some(ratio.sources?.builds));
    let method = match (compared.paired, builds) {
        (true, Some(builds)) => format!(
            "Candidate to base, by the means of {builds} builds of each, laid out differently, in the \
             same blocks"
        ),
        (true, None) => "Candidate to base, paired by block".to_owned(),
        (false, _) => {
            "Candidate to base, not paired (Welch): what changed between the runs is in the ratios"
                .to_owned()
        }
    };
    let method = format!("{method}. The margin is {}.", percent(compared.margin_ppm.into()));
    match ratios(compared).any(|(_, ratio)| ratio.quantity == Quantity::CpuPerRequest) {
        true => format!("{method} {COST}."),
        false => method,
    }
}

/// For a pull request. `command` is the one that made the document, as in the other forms.
#[must_use]
pub fn markdown(compared: &Compared, command: &str) -> String {
    let mut text = format!(
        "## httpdyno: candidate {} against base {}\n\n{}\n\n",
        code(&compared.candidate),
        code(&compared.base),
        method(compared)
    );
    for line in plain::lines(compared) {
        let _ = writeln!(text, "- {}", code(&line));
    }
    for difference in &compared.differences {
        let across = code(&difference.to_string());
        let _ = writeln!(text, "- :warning: across {across}: the ratio is of that too");
    }
    for note in &compared.notes {
        let _ = writeln!(text, "- :warning: {}", code(note));
    }
    text.push_str(
        "\n| entry | point | quantity | ratio | 95 % interval | verdict | would have found |\n\
         |---|---|---|--:|--:|---|--:|\n",
    );
    for (point, ComparedRatio { quantity, versus, .. }) in ratios(compared) {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} .. {} | {} | {} |",
            code(&point.entry),
            code(&place(point)),
            quantity.name(),
            ratio(versus.ratio_ppm),
            ratio(versus.low_ppm),
            ratio(versus.high_ppm),
            versus.verdict,
            percent(versus.detectable_ppm.into()),
        );
    }
    for (point, ComparedVoid { quantity, reason, .. }) in voids(compared) {
        let (entry, place) = (code(&point.entry), code(&place(point)));
        let (quantity, reason) = (quantity.name(), code(reason));
        let _ = writeln!(text, "| {entry} | {place} | {quantity} | void | {reason} | - | - |");
    }
    for (side, only) in compared.only() {
        for name in only {
            let _ = write!(text, "\nOnly in the {side}: {}\n", code(name));
        }
    }
    let _ = write!(text, "\nMade by\n\n{}", block(command));
    text
}

/// One row for each entry, point and quantity.
#[must_use]
pub fn csv(compared: &Compared, command: &str) -> String {
    let headings = [
        "candidate",
        "base",
        "paired",
        "entry",
        "workload",
        "connections",
        "offered_per_s",
        "quantity",
        "ratio_ppm",
        "low_ppm",
        "high_ppm",
        "verdict",
        "sign",
        "detectable_ppm",
        "blocks",
        "quantity_is",
        "generated_by",
    ];
    let mut table = csv::line(headings.into_iter().map(str::to_owned));
    for (point, ComparedRatio { quantity, versus, .. }) in ratios(compared) {
        let cells = [
            csv::text(&compared.candidate),
            csv::text(&compared.base),
            compared.paired.to_string(),
            csv::text(&point.entry),
            csv::text(&point.workload),
            point.connections.to_string(),
            point.offered_per_s.map(|rate| rate.to_string()).unwrap_or_default(),
            quantity.name().to_owned(),
            versus.ratio_ppm.to_string(),
            versus.low_ppm.to_string(),
            versus.high_ppm.to_string(),
            versus.verdict.clone(),
            versus.sign.clone(),
            versus.detectable_ppm.to_string(),
            versus.blocks.to_string(),
            csv::text(meaning(*quantity)),
            csv::text(command),
        ];
        table.push_str(&csv::line(cells.into_iter()));
    }
    for (point, ComparedVoid { quantity, reason, .. }) in voids(compared) {
        let mut cells = [const { String::new() }; 17];
        cells[..8].clone_from_slice(&[
            csv::text(&compared.candidate),
            csv::text(&compared.base),
            compared.paired.to_string(),
            csv::text(&point.entry),
            csv::text(&point.workload),
            point.connections.to_string(),
            point.offered_per_s.map(|rate| rate.to_string()).unwrap_or_default(),
            quantity.name().to_owned(),
        ]);
        cells[11] = csv::text(&format!("void ({reason})"));
        cells[15] = csv::text(meaning(*quantity));
        cells[16] = csv::text(command);
        table.push_str(&csv::line(cells.into_iter()));
    }
    table
}

/// What a quantity is, where its name does not say it.
fn meaning(quantity: Quantity) -> &'static str {
    if quantity == Quantity::CpuPerRequest { COST } else { "" }
}

#[derive(Serialize)]
struct Document<'a> {
    generated_by: &'a str,
    /// What a cost is, in words.
    cost_is: &'static str,
    /// What is said of each point, in words.
    lines: Vec<String>,
    #[serde(flatten)]
    compared: &'a Compared,
}

/// For programs.
///
/// # Errors
/// When it cannot be serialised.
pub fn json(compared: &Compared, command: &str) -> Result<String, serde_json::Error> {
    let lines = plain::lines(compared);
    let document = Document { generated_by: command, cost_is: COST, lines, compared };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// For build servers: a test for each ratio, which fails where `fail_on` stops at what it says of the
/// candidate, and the conformance of both. `records` are those that `compared` was made from.
///
/// # Errors
/// When the text cannot be written as XML.
pub fn junit(
    compared: &Compared,
    records: [&Record; 2],
    command: &str,
    fail_on: FailOn,
) -> Result<String, quick_junit::SerializeError> {
    let mut report = Report::new("httpdyno compare");
    let name = format!("candidate {} against base {}", compared.candidate, compared.base);
    let mut suite = TestSuite::new(one_line(&name));
    suite.add_property(Property::new("command", command));
    let mut test = |point: &ComparedPoint, quantity: Quantity, fails: bool, words: String| {
        let mut status = match fails {
            true => TestCaseStatus::non_success(NonSuccessKind::Failure),
            false => TestCaseStatus::success(),
        };
        if fails {
            status.set_message(words);
        }
        let mut test = TestCase::new(format!("{}, {}", place(point), quantity.name()), status);
        test.set_classname(one_line(&point.entry));
        suite.add_test_case(test);
    };
    for (point, ComparedRatio { quantity, versus, .. }) in ratios(compared) {
        let words = format!(
            "candidate to base: {} ({} .. {}): {}",
            ratio(versus.ratio_ppm),
            ratio(versus.low_ppm),
            ratio(versus.high_ppm),
            versus.verdict
        );
        test(point, *quantity, fail_on.stops_at(versus), words);
    }
    for (point, void) in voids(compared).filter(|(_, void)| fail_on.stops_without(void)) {
        test(point, void.quantity, true, format!("no ratio: {}", one_line(&void.reason)));
    }
    report.add_test_suite(suite);
    for (side, record) in Side::BOTH.into_iter().zip(records) {
        let only = compared.only_entry(side);
        let verdicts = suites(&record.cases, &[Property::new("command", command)]);
        let own = verdicts.filter(|suite| only.is_none_or(|entry| suite.name.as_str() == entry));
        report.add_test_suites(own.map(|mut suite| {
            suite.name = format!("{}: {}", side.name(), one_line(&suite.name)).into();
            suite
        }));
    }
    Ok(report.to_string()? + "\n")
}
