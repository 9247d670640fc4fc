//! The result for people.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use httpdyno_loadgen::{Histogram, LoadPlan, LoadReport, Pacing};
use httpdyno_report::quantity::{bytes, count, duration, percent};

use super::distribution;

const BOLD: Style = Style::new().bold();
const FAILED: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default();

/// The generator is taken to be busy from this share of its cores on, in millionths.
const BUSY_PPM: u64 = 950_000;

/// Little's law should hold to this, in millionths.
const RESIDUAL_PPM: i64 = 20_000;

/// All of it; ends with a line feed.
pub(super) fn render(plan: &LoadPlan, report: &LoadReport) -> String {
    let mut out = String::new();
    heading(&mut out, plan, report);
    rates(&mut out, report);
    percentiles(&mut out, plan, report);
    routes(&mut out, report);
    if !report.total.latency.is_empty() {
        let _ = writeln!(out, "\n{BOLD}latency distribution{BOLD:#}");
        out.push_str(&distribution::render(&report.total.latency));
    }
    failures(&mut out, report);
    for warning in warnings(plan, report) {
        let _ = writeln!(out, "{WARNING}warning:{WARNING:#} {warning}");
    }
    out
}

fn heading(out: &mut String, plan: &LoadPlan, report: &LoadReport) {
    let route = &plan.routes[0].request;
    let threads = report.generator.threads.len();
    let _ = writeln!(out, "{BOLD}{} http://{}{}{BOLD:#}", route.method, plan.authority, route.path);
    let _ = writeln!(
        out,
        "{} connections, {threads} thread{} on {}, {} loop, {} measured after {} of warm-up{}\n",
        report.connections.established,
        if threads == 1 { "" } else { "s" },
        report.engine,
        if matches!(plan.pacing, Pacing::Closed { .. }) { "closed" } else { "open" },
        duration(report.elapsed_ns),
        duration(u64::try_from(plan.warmup.as_nanos()).unwrap_or(u64::MAX)),
        if report.interrupted { ", interrupted" } else { "" },
    );
}

fn per_second(amount: u64, report: &LoadReport) -> u64 {
    let rate = u128::from(amount) * 1_000_000_000 / u128::from(report.elapsed_ns.max(1));
    u64::try_from(rate).unwrap_or(u64::MAX)
}

fn rates(out: &mut String, report: &LoadReport) {
    let total = &report.total;
    let mut line = |name: &str, text: String| {
        let _ = writeln!(out, "  {name:<12} {text}");
    };
    match &report.open_loop {
        None => {
            line("requests/s", format!("{BOLD}{}{BOLD:#}", count(per_second(total.ok, report))))
        }
        Some(open) => {
            let done = per_second(open.completed_in_window, report);
            let offered = per_second(open.offered, report);
            line(
                "requests/s",
                format!("{BOLD}{}{BOLD:#} of {} offered", count(done), count(offered)),
            );
            line(
                "schedule",
                format!(
                    "{} sent late, {} of all had no idle connection when due, {} never sent",
                    count(open.late),
                    count(open.waited),
                    count(open.unsent)
                ),
            );
        }
    }
    let failed = total.error_count() + total.mismatches.total();
    line("responses", format!("{} right, {} failed", count(total.ok), count(failed)));
    line("received", format!("{}/s", bytes(per_second(report.received_bytes, report))));
    let each = report.generator.cpu_ns() / total.responses.max(1);
    line(
        "generator",
        format!(
            "{} of its core{}, {} of CPU time per response",
            percent(report.generator.cpu_share_ppm),
            if report.generator.threads.len() == 1 { "" } else { "s" },
            duration(each)
        ),
    );
}

fn percentiles(out: &mut String, plan: &LoadPlan, report: &LoadReport) {
    let total = &report.total;
    if total.latency.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "\n  {BOLD}{:<12} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}{BOLD:#}",
        "", "mean", "p50", "p90", "p99", "p99.9", "max"
    );
    let mut row = |name: &str, histogram: &Histogram| {
        let at = |quantile| duration(histogram.quantile_ns(quantile));
        // At most 60 s.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let mean = histogram.mean_ns().round() as u64;
        let _ = writeln!(
            out,
            "  {name:<12} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
            duration(mean),
            at(0.5),
            at(0.9),
            at(0.99),
            at(0.999),
            duration(histogram.max_ns())
        );
    };
    row("latency", &total.latency);
    if matches!(plan.pacing, Pacing::Open { .. }) {
        // Latency counts from when a request was due; these are parts of it. The third is the wait
        // for an idle connection.
        row("service", &total.service);
        row("send lag", &total.send_lag);
    }
}

/// Each route apart, where there are several.
fn routes(out: &mut String, report: &LoadReport) {
    if report.routes.len() < 2 {
        return;
    }
    let _ = writeln!(
        out,
        "\n  {BOLD}{:>12} {:>9} {:>9} {:>9}  path{BOLD:#}",
        "right", "failed", "p50", "p99"
    );
    for route in &report.routes {
        let _ = writeln!(
            out,
            "  {:>12} {:>9} {:>9} {:>9}  {}",
            count(route.ok),
            count(route.error_count() + route.mismatches.total()),
            duration(route.latency.quantile_ns(0.5)),
            duration(route.latency.quantile_ns(0.99)),
            route.name
        );
    }
}

fn failures(out: &mut String, report: &LoadReport) {
    if report.is_clean() {
        return;
    }
    let total = &report.total;
    let _ = writeln!(out, "\n{FAILED}failed{FAILED:#}");
    let mismatches = total.mismatches;
    let mut line = |cause: &str, number: u64| {
        if number > 0 {
            let _ = writeln!(out, "  {:>10}  {cause}", count(number));
        }
    };
    line("wrong status", mismatches.status);
    line("wrong length of the body", mismatches.length);
    line("wrong body", mismatches.body);
    for (cause, number) in &total.errors {
        line(cause, *number);
    }
    line("connections with bytes nobody asked for", report.connections.unsolicited);
    for (cause, number) in &report.connections.connect_errors {
        line(&format!("could not connect: {cause}"), *number);
    }
    for example in &total.examples {
        let _ = writeln!(out, "  e.g. request {}: {}", example.request, example.detail);
    }
}

fn warnings(plan: &LoadPlan, report: &LoadReport) -> Vec<String> {
    let mut warnings = Vec::new();
    let connections = &report.connections;
    if connections.established < connections.wanted {
        warnings.push(format!(
            "only {} of {} connections were up when the load began",
            connections.established, connections.wanted
        ));
    }
    let spins = matches!(plan.pacing, Pacing::Open { spin, .. } if !spin.is_zero());
    if report.generator.cpu_share_ppm >= BUSY_PPM && !spins {
        warnings.push(
            "the generator used all of its cores and may be what was measured; give it more \
             threads with -t"
                .into(),
        );
    }
    if plan.realtime && report.generator.threads.iter().any(|thread| !thread.realtime) {
        warnings
            .push("the system refused the real-time class: --realtime needs CAP_SYS_NICE".into());
    }
    if let Some(residual) = report.littles_law_residual_ppm
        && residual.abs() > RESIDUAL_PPM
        && report.total.ok > 0
    {
        warnings.push(format!(
            "Little's law is off by {}: rate times mean latency is not the number of connections",
            percent(residual.unsigned_abs())
        ));
    }
    if let Some(open) = &report.open_loop
        && open.completed_in_window * 1000 < open.offered * 995
    {
        warnings.push("less than 99.5 % of the offered load was answered in time".into());
    }
    warnings
}
