//! The result for people.

mod latencies;
mod remarks;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use httpdyno_loadgen::{LoadPlan, LoadReport, Pacing};
use httpdyno_report::legible::one_line;
use httpdyno_report::quantity::{bytes, count, duration, percent};

use super::units::Percentile;
use super::{distribution, shown, verdict};

const BOLD: Style = Style::new().bold();
const FAILED: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default();

/// All of it; ends with a line feed.
pub(super) fn render(plan: &LoadPlan, report: &LoadReport, percentiles: &[Percentile]) -> String {
    let mut out = String::new();
    heading(&mut out, plan, report);
    rates(&mut out, plan, report);
    latencies::table(&mut out, plan, report, percentiles);
    latencies::routes(&mut out, report);
    if !report.total.latency.is_empty() {
        let _ = writeln!(out, "\n{BOLD}latency distribution{BOLD:#}");
        out.push_str(&distribution::render(&report.total.latency));
    }
    failures(&mut out, report);
    for warning in remarks::warnings(plan, report) {
        let _ = writeln!(out, "{WARNING}warning:{WARNING:#} {warning}");
    }
    out
}

fn heading(out: &mut String, plan: &LoadPlan, report: &LoadReport) {
    let threads = report.generator.threads.len();
    let _ = writeln!(out, "{BOLD}{}{BOLD:#}", what(plan));
    let _ = writeln!(
        out,
        "{} connection{}, {threads} thread{} on {}, {} loop, {} measured after {} of warm-up{}\n",
        report.connections.established,
        if report.connections.established == 1 { "" } else { "s" },
        if threads == 1 { "" } else { "s" },
        report.engine,
        if matches!(plan.pacing, Pacing::Closed { .. }) { "closed" } else { "open" },
        duration(report.elapsed_ns),
        duration(report.warmup.elapsed_ns),
        if report.interrupted { ", interrupted" } else { "" },
    );
}

/// What is asked for, and of whom.
pub(super) fn what(plan: &LoadPlan) -> String {
    let request = &plan.routes[0].request;
    let asked = match &plan.playlist {
        Some(list) => {
            format!(
                "{} requests of a list, http://{}",
                count(list.requests.len() as u64),
                plan.authority
            )
        }
        None => format!("{} http://{}{}", request.method, plan.authority, request.path),
    };
    let through = plan.unix_socket.as_ref().map(|path| format!(" through {}", path.display()));
    one_line(&(asked + &through.unwrap_or_default()))
}

fn per_second(amount: u64, report: &LoadReport) -> u64 {
    let rate = u128::from(amount) * 1_000_000_000 / u128::from(report.elapsed_ns.max(1));
    u64::try_from(rate).unwrap_or(u64::MAX)
}

/// Per second, with the digits that a slow rate needs.
fn rate(amount: u64, report: &LoadReport) -> String {
    let whole = per_second(amount, report);
    if whole >= 100 {
        return count(whole);
    }
    let milli = u128::from(amount) * 1_000_000_000_000 / u128::from(report.elapsed_ns.max(1));
    let text = format!("{}.{:03}", milli / 1000, milli % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn rates(out: &mut String, plan: &LoadPlan, report: &LoadReport) {
    let total = &report.total;
    let mut line = |name: &str, text: String| {
        let _ = writeln!(out, "  {name:<12} {text}");
    };
    match &report.open_loop {
        None => {
            line("requests/s", format!("{BOLD}{}{BOLD:#}", rate(total.ok, report)));
        }
        Some(open) => {
            let done = rate(open.completed_in_window, report);
            let offered = rate(open.offered, report);
            line("requests/s", format!("{BOLD}{done}{BOLD:#} of {offered} offered"));
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
    for (name, text) in verdict::lines(plan, report) {
        line(name, text);
    }
    if !total.status_codes.is_empty() {
        line("status", statuses(&total.status_codes));
    }
    line("received", format!("{}/s", bytes(per_second(report.received_bytes, report))));
    let cores = if report.generator.threads.len() == 1 { "core" } else { "cores" };
    let share = percent(report.generator.cpu_share_ppm);
    let each = cpu_ns_per_response(report)
        .map(|each| format!(", {} of CPU time per response", duration(each)));
    line("generator", format!("{share} of its {cores}{}", each.unwrap_or_default()));
}

/// `200: 1 234, 404: 5`.
pub(crate) fn statuses(codes: &BTreeMap<u16, u64>) -> String {
    let each = codes.iter().map(|(status, number)| format!("{status}: {}", count(*number)));
    each.collect::<Vec<_>>().join(", ")
}

/// CPU time of the generator in the window over the responses in it, where there are some.
fn cpu_ns_per_response(report: &LoadReport) -> Option<u64> {
    let responses = match &report.open_loop {
        Some(open) => open.completed_in_window + report.total.mismatches.total(),
        None => report.total.responses,
    };
    (responses >= shown::HANDFUL).then(|| report.generator.cpu_ns() / responses)
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
    for (cause, number) in &report.warmup_errors {
        line(&format!("in the warm-up: {cause}"), *number);
    }
    line("connections with bytes nobody asked for", report.connections.unsolicited);
    for (cause, number) in &report.connections.connect_errors {
        line(&format!("could not connect: {cause}"), *number);
    }
    for example in &total.examples {
        let _ = writeln!(out, "  e.g. request {}: {}", example.request, example.detail);
    }
}
