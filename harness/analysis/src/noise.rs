//! How noisy the pairs of a pilot are, which decides how many blocks a run needs.

use std::collections::BTreeSet;

use httpdyno_record::TrialRecord;
use httpdyno_stats::Estimate;

use crate::number::Number;
use crate::pairs::{pairs, ratio};
use crate::point_key::key;
use crate::series::numbers;

/// All entries against the first at each point: of the cost at a fixed rate, of the rate at their
/// own pace. Pairs with fewer than two blocks are not among them.
#[must_use]
pub fn of_pilot(trials: &[TrialRecord]) -> Vec<Estimate> {
    let points: BTreeSet<_> = trials.iter().map(key).collect();
    let mut all = Vec::new();
    for point in points {
        let here: Vec<&TrialRecord> = trials.iter().filter(|trial| key(trial) == point).collect();
        let number = if point.2.is_some() { Number::CpuPerResponse } else { Number::Rate };
        let names: BTreeSet<&str> = here.iter().map(|trial| trial.entry.as_str()).collect();
        let of = |name: &str| numbers(&here, name, number);
        let Some(first) = names.first() else { continue };
        let others = names.iter().skip(1);
        all.extend(others.filter_map(|other| Some(ratio(&pairs(of(first), of(other)), 0).ok()?.1)));
    }
    all
}
