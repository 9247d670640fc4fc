//! One figure over several points: the geometric mean of ratios to the baseline, over the points
//! that all compared entries have, and coverage apart from it.

use std::collections::BTreeSet;

use httpdyno_record::TrialRecord;
use httpdyno_stats::Probability;
use httpdyno_stats::composite::{Test, composite_after_pilot, coverage};
use serde::Serialize;

use crate::figures::count;
use crate::series::{Quantity, are_enough, blocks, table};
use crate::versus::Method;

/// The geometric means of entries over one set of points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Composite {
    /// What the ratios are of; above 1 is better, whichever way the quantity is good.
    pub quantity: Quantity,
    /// The points of the complete intersection, by name.
    pub points: Vec<String>,
    /// Points there are in all.
    pub of: u32,
    /// Blocks that are complete for all entries at all these points.
    pub blocks: u32,
    /// One for each entry, the best first.
    pub scores: Vec<Score>,
}

/// An entry's composite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Score {
    /// The entry.
    pub entry: String,
    /// How many times as good as the baseline, in parts per million.
    pub ratio_ppm: u64,
    /// Lower end of its 95 % interval.
    pub low_ppm: u64,
    /// Upper end of its 95 % interval.
    pub high_ppm: u64,
    /// Points at which it has enough numbers; they do not enter the ratio.
    pub covered: u32,
}

/// A point as the composite sees it.
pub(crate) struct NamedPoint<'a> {
    pub(crate) name: String,
    pub(crate) trials: &'a [&'a TrialRecord],
}

impl Composite {
    /// The composite of `entries` over `points`. Nothing with fewer than two points in common, or
    /// fewer than two complete blocks or four fifths of all. Entries that have no point at all are left out: they would
    /// leave nothing to the others.
    pub(crate) fn of(
        points: &[NamedPoint<'_>],
        entries: &[&str],
        baseline: &str,
        quantity: Quantity,
        method: Method,
    ) -> Option<Self> {
        let all: BTreeSet<u32> = points.iter().flat_map(|point| blocks(point.trials)).collect();
        let all: Vec<u32> = all.into_iter().collect();
        let of_pilot = all.iter().filter(|&&block| block < method.pilot_blocks).count();
        let test = |point: &NamedPoint<'_>| {
            let table = table(point.trials, entries, &all, quantity).ok()?;
            Some(Test { table, better: quantity.better() })
        };
        let tests: Vec<Test> = points.iter().map(test).collect::<Option<_>>()?;
        let has_any = |entry: &usize| coverage(&tests, *entry).tests > 0;
        let compared: Vec<usize> = (0..entries.len()).filter(has_any).collect();
        let baseline = entries.iter().position(|entry| *entry == baseline)?;
        let confidence = Probability::P95;
        let found =
            composite_after_pilot(&tests, &compared, baseline, confidence, of_pilot).ok()?;
        if found.tests.len() < 2 || !are_enough(found.blocks.len(), all.len()) {
            return None;
        }
        let mut scores: Vec<Score> = found
            .scores
            .iter()
            .map(|score| Score {
                entry: entries[score.entry].to_owned(),
                ratio_ppm: score.ratio.ppm(),
                low_ppm: score.interval.low.ppm(),
                high_ppm: score.interval.high.ppm(),
                covered: count(coverage(&tests, score.entry).tests),
            })
            .collect();
        scores.sort_by_key(|score| std::cmp::Reverse(score.ratio_ppm));
        Some(Self {
            quantity,
            points: found.tests.iter().map(|&test| points[test].name.clone()).collect(),
            of: count(points.len()),
            blocks: count(found.blocks.len()),
            scores,
        })
    }
}
