//! The line below a table that says how far to trust it.

use std::collections::BTreeMap;

use httpdyno_record::Role;

use crate::ceilings;
use crate::comparison::Point;
use crate::container_tax::ContainerTax;
use crate::drift::{Drift, Steadiness};
use crate::quantity::{percent, ratio};
use crate::series::{COST, Quantity};
use crate::weak::LEGEND;

/// How far to trust the table: valid trials, headroom, drift, what could have been seen.
pub(super) fn line(point: &Point) -> String {
    let entries = || point.rows.iter().filter(|row| row.role == Role::Entry);
    let made: u32 = entries().map(|row| row.trials).sum();
    let valid: u32 = entries().filter_map(|row| Some(row.figures?.trials)).sum();
    let mut parts = vec![format!("validity: {valid} of {made} trials")];
    parts.extend(gates(point));
    if point.ranked_by == Quantity::CpuPerRequest {
        parts.push(COST.to_owned());
    }
    if point.rows.iter().any(|row| !row.weak.is_empty()) {
        parts.push(LEGEND.to_owned());
    }
    parts.push(ceilings::text(point));
    parts.extend(point.container_tax.as_ref().map(ContainerTax::text));
    parts.extend(point.drift.as_ref().map(drift));
    let ratios = entries().filter_map(|row| row.versus(point.ranked_by));
    let detectable = ratios.map(|versus| versus.detectable_ppm).max();
    parts.extend(
        detectable
            .map(|ppm| format!("differences of {} would have been found", percent(ppm.into()))),
    );
    if !point.not_served.is_empty() {
        parts.push(format!(
            "not ranked here, since they do not serve it: {}",
            point.not_served.join(", ")
        ));
    }
    for row in entries() {
        parts.extend(row.not_ranked.as_ref().map(|why| format!("{} not ranked: {why}", row.entry)));
    }
    parts.join("; ")
}

/// Why trials are no numbers: `gates: headroom 3, steal 1`; nothing where all are.
fn gates(point: &Point) -> Option<String> {
    let mut causes: BTreeMap<&str, u32> = BTreeMap::new();
    let entries = point.rows.iter().filter(|row| row.role == Role::Entry);
    for invalid in entries.flat_map(|row| &row.invalid) {
        let cause = invalid.cause.strip_prefix("gate ").unwrap_or(&invalid.cause);
        *causes.entry(cause).or_default() += 1;
    }
    let named: Vec<String> =
        causes.iter().map(|(cause, trials)| format!("{cause} {trials}")).collect();
    (!named.is_empty()).then(|| format!("not numbers by gate or stage: {}", named.join(", ")))
}

fn drift(drift: &Drift) -> String {
    let what = drift.quantity.name();
    let Some(interval) = drift.trend_interval_ppm else {
        return format!(
            "{what} of the last block is {} of the first, too few blocks to tell a drift",
            ratio(drift.observed_ppm)
        );
    };
    let [low, high] = interval.map(ratio);
    let change = format!("{what}, last to first block, {low}..{high}");
    let allowed = percent(drift.allowed_ppm.into());
    match drift.steadiness {
        Steadiness::Drifted => format!("the machine drifted by more than {allowed} ({change})"),
        Steadiness::Steady => format!("no drift of {allowed} ({change})"),
        Steadiness::Unknown => format!("drift not excluded ({change})"),
    }
}
