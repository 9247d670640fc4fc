//! A comparison of two records or entries as one self-contained page.

use askama::Template;
use serde::Serialize;

use super::forms::method;
use super::{Compared, ComparedRatio, ComparedVoid, place_name, plain};
use crate::html::HtmlError;
use crate::html::parts::{LIBRARIES, STYLE, compare_script, json, policy};
use crate::legible::one_line;
use crate::quantity::{percent, ratio};

/// One ratio, as the page shows and draws it.
#[derive(Serialize)]
struct Row {
    entry: String,
    place: String,
    quantity: &'static str,
    /// Lower end, estimate, upper end, in parts per million.
    ratio: [u64; 3],
    ratio_words: String,
    interval: String,
    verdict: String,
    detectable: String,
}

#[derive(Template)]
#[template(path = "compare.html")]
struct Page<'a> {
    candidate: String,
    base: String,
    method: String,
    differences: Vec<String>,
    notes: Vec<String>,
    lines: Vec<String>,
    only: Vec<(&'static str, String)>,
    rows: &'a [Row],
    policy: String,
    style: &'static str,
    libraries: [&'static str; 2],
    script: String,
    data: String,
    command: &'a str,
    version: &'static str,
}

/// The page; `command` is the one that made it.
///
/// # Errors
/// When the template cannot be filled.
pub fn render(compared: &Compared, command: &str) -> Result<String, HtmlError> {
    let rows = rows(compared);
    let script = compare_script();
    let [d3, plot] = LIBRARIES;
    let side = |name: &'static str, only: &[String]| -> Vec<(&'static str, String)> {
        only.iter().map(|text| (name, one_line(text))).collect()
    };
    let page = Page {
        candidate: one_line(&compared.candidate),
        base: one_line(&compared.base),
        method: method(compared),
        differences: compared.differences.iter().map(|it| one_line(&it.to_string())).collect(),
        notes: notes(compared),
        only: compared.only().map(|(name, only)| side(name, only)).concat(),
        lines: plain::lines(compared),
        policy: policy(&[d3, plot, &script], STYLE),
        style: STYLE,
        libraries: LIBRARIES,
        script,
        data: json(&rows),
        rows: &rows,
        command,
        version: env!("CARGO_PKG_VERSION"),
    };
    Ok(page.render()?)
}

/// What is to be known of the records, and the quantities that have no ratio.
fn notes(compared: &Compared) -> Vec<String> {
    let void = compared.points.iter().flat_map(|point| {
        let place = place_name(&(point.workload.clone(), point.connections, point.offered_per_s));
        point.void.iter().map(move |ComparedVoid { quantity, reason, .. }| {
            format!("{}: {place}, {}: no ratio, {reason}", point.entry, quantity.name())
        })
    });
    compared.notes.iter().cloned().chain(void).map(|note| one_line(&note)).collect()
}

fn rows(compared: &Compared) -> Vec<Row> {
    let all = compared.points.iter().flat_map(|point| {
        let place = place_name(&(point.workload.clone(), point.connections, point.offered_per_s));
        point.ratios.iter().map(move |ComparedRatio { quantity, versus, .. }| Row {
            entry: one_line(&point.entry),
            place: one_line(&place),
            quantity: quantity.name(),
            ratio: [versus.low_ppm, versus.ratio_ppm, versus.high_ppm],
            ratio_words: ratio(versus.ratio_ppm),
            interval: format!("{} – {}", ratio(versus.low_ppm), ratio(versus.high_ppm)),
            verdict: versus.verdict.clone(),
            detectable: percent(versus.detectable_ppm.into()),
        })
    });
    all.collect()
}
