//! Percentiles of all, and of each route.

use std::fmt::Write as _;

use httpdyno_loadgen::{Histogram, LoadPlan, LoadReport, Pacing};
use httpdyno_report::legible::one_line;
use httpdyno_report::quantity::count;

use super::super::shown;
use super::super::units::Percentile;
use super::BOLD;

/// The percentiles that were asked for, between the mean and the maximum.
pub(super) fn table(
    out: &mut String,
    plan: &LoadPlan,
    report: &LoadReport,
    percentiles: &[Percentile],
) {
    let total = &report.total;
    if total.latency.is_empty() {
        return;
    }
    let names = percentiles.iter().map(ToString::to_string);
    let names = std::iter::once("mean".to_owned()).chain(names).chain(["max".to_owned()]);
    line(out, "", names, true);
    let mut row = |name: &str, histogram: &Histogram| {
        let at = percentiles.iter().map(|percentile| shown::percentile(histogram, percentile));
        let figures = std::iter::once(shown::mean(histogram)).chain(at);
        line(out, name, figures.chain([shown::max(histogram)]), false);
    };
    row("latency", &total.latency);
    if matches!(plan.pacing, Pacing::Open { .. }) {
        // Latency counts from when a request was due; these are parts of it. The third is the wait
        // for an idle connection.
        row("service", &total.service);
        row("send lag", &total.send_lag);
    }
}

fn line(out: &mut String, name: &str, figures: impl Iterator<Item = String>, heading: bool) {
    let figures: Vec<String> = figures.map(|figure| format!("{figure:>9}")).collect();
    let text = format!("{name:<12} {}", figures.join(" "));
    // Writing to a String can not fail.
    let _ =
        if heading { writeln!(out, "\n  {BOLD}{text}{BOLD:#}") } else { writeln!(out, "  {text}") };
}

/// Each route apart, where there are several.
pub(super) fn routes(out: &mut String, report: &LoadReport) {
    if report.routes.len() < 2 {
        return;
    }
    let _ = writeln!(
        out,
        "\n  {BOLD}{:>12} {:>9} {:>9} {:>9}  path{BOLD:#}",
        "right", "failed", "p50", "p99"
    );
    for route in &report.routes {
        let at = |percent: u8| shown::whole_percentile(&route.latency, percent);
        let _ = writeln!(
            out,
            "  {:>12} {:>9} {:>9} {:>9}  {}",
            count(route.ok),
            count(route.error_count() + route.mismatches.total()),
            at(50),
            at(99),
            one_line(&route.name)
        );
    }
}
