//! One figure over several points: which points.

use httpdyno_record::{Record, TrialRecord};

use super::{Point, compared_entries};
use crate::composite::{Composite, NamedPoint};
use crate::series::Quantity;
use crate::versus::Method;

/// Throughput over the closed-loop points, CPU time per request over the points of a given rate
/// (or, where there is none, over the closed-loop points).
pub(super) fn composites(
    record: &Record,
    points: &[Point],
    trials: &[&Vec<&TrialRecord>],
    baseline: &str,
    method: Method,
) -> Vec<Composite> {
    let entries = compared_entries(record);
    let named = |by: Quantity| -> Vec<NamedPoint<'_>> {
        let points = points.iter().zip(trials).filter(|(point, _)| point.ranked_by == by);
        points.map(|(one, trials)| NamedPoint { name: one.name(), trials }).collect()
    };
    let (closed, open) = (named(Quantity::Throughput), named(Quantity::CpuPerRequest));
    let for_cost = if open.is_empty() { &closed } else { &open };
    [(&closed, Quantity::Throughput), (for_cost, Quantity::CpuPerRequest)]
        .into_iter()
        .filter_map(|(points, quantity)| {
            Composite::of(points, &entries, baseline, quantity, method)
        })
        .collect()
}
