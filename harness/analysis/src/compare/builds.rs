//! A candidate against its base where each was built several times: the build is a source of variance of its
//! own, and the verdict stands on the spread between builds.

use std::collections::BTreeMap;

use httpdyno_record::{Record, TrialRecord};
use httpdyno_stats::Effect;
use httpdyno_stats::builds::{Nested, Shares};
use serde::Serialize;

use super::{Compared, ComparedRatio};
use crate::ComparisonError;
use crate::comparison::entry_named;
use crate::point_key::{PointKey, trials_at};
use crate::quantity::percent;
use crate::series::{Quantity, are_enough, blocks, geometric_mean, numbers};
use crate::versus::{Method, Versus};

/// A side with its builds, each an entry of the record.
#[derive(Clone, Copy, Debug)]
pub struct Builds<'a> {
    /// What the side is called.
    pub side: &'a str,
    /// The entries, at least two.
    pub entries: &'a [String],
}

/// Where the variance of one start's figure comes from, in parts per million of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Sources {
    /// How many builds there are of each side.
    pub builds: u32,
    /// The build's share.
    pub build_ppm: u32,
    /// The block's.
    pub block_ppm: u32,
    /// That of the start, and of all else.
    pub start_ppm: u32,
}

impl Sources {
    fn of(shares: Shares, builds: usize) -> Self {
        let Shares { build_ppm, block_ppm, start_ppm } = shares;
        let builds = u32::try_from(builds).unwrap_or(u32::MAX);
        Self { builds, build_ppm, block_ppm, start_ppm }
    }

    /// Goes on from `of the variance of its throughput`.
    #[must_use]
    pub fn words(&self) -> String {
        let [build, block, start] =
            [self.build_ppm, self.block_ppm, self.start_ppm].map(|it| percent(it.into()));
        format!("{build} is the build's, {block} the block's, {start} the start's")
    }
}

/// Two sides of one record, by the means of their builds in the blocks that all have.
///
/// # Errors
/// When the record has no such entry.
pub fn of_builds(
    record: &Record,
    candidate: Builds<'_>,
    base: Builds<'_>,
    margin: Effect,
) -> Result<Compared, ComparisonError> {
    let first =
        |builds: Builds<'_>| builds.entries.first().map_or(builds.side, String::as_str).to_owned();
    let mut compared = super::entries(record, &first(candidate), &first(base), margin)?;
    let named = |builds: Builds<'_>| -> Result<Vec<String>, ComparisonError> {
        builds.entries.iter().map(|it| entry_named(record, it).map(str::to_owned)).collect()
    };
    let sides = [named(candidate)?, named(base)?];
    let method = Method { margin, ..Method::of(&record.run, record.trials.len()) };
    for point in &mut compared.points {
        let place: PointKey = (point.workload.clone(), point.connections, point.offered_per_s);
        let trials = trials_at(record, &place);
        let ratio = |quantity| ratio_of(&trials, &sides, &place, quantity, method);
        let ratios: Vec<ComparedRatio> = super::wanted(&place).filter_map(ratio).collect();
        // What is void is void of some build: the reasons of the first pair that has one.
        let pairs = sides[0].iter().zip(&sides[1]);
        let mut made = pairs.map(|(a, b)| {
            super::compared_point(
                a,
                &place,
                ratios.clone(),
                [(record, a.as_str()), (record, b.as_str())],
            )
        });
        if let Some(found) = made.by_ref().find(|it| !it.void.is_empty()) {
            point.void = found.void;
        } else {
            point.void.clear();
        }
        candidate.side.clone_into(&mut point.entry);
        point.ratios = ratios;
    }
    candidate.side.clone_into(&mut compared.candidate);
    base.side.clone_into(&mut compared.base);
    Ok(compared)
}

fn ratio_of(
    trials: &[&TrialRecord],
    sides: &[Vec<String>; 2],
    place: &PointKey,
    quantity: Quantity,
    method: Method,
) -> Option<ComparedRatio> {
    let of_entry = |entry: &String| numbers(trials, entry, quantity);
    let by_build: [Vec<BTreeMap<u32, Vec<u64>>>; 2] =
        sides.each_ref().map(|entries| entries.iter().map(of_entry).collect());
    let all = blocks(trials);
    let everybody =
        |block: &u32| by_build.iter().flatten().all(|of_build| of_build.contains_key(block));
    let common: Vec<u32> = all.iter().copied().filter(everybody).collect();
    if !are_enough(common.len(), all.len()) {
        return None;
    }
    let series = |of_build: &BTreeMap<u32, Vec<u64>>| -> Option<Vec<u64>> {
        common.iter().map(|block| geometric_mean(of_build.get(block)?)).collect()
    };
    let [candidate, base] =
        by_build.each_ref().map(|builds| builds.iter().map(series).collect::<Option<Vec<_>>>());
    let nested = Nested::of(&candidate?, &base?).ok()?;
    let versus = Versus::judged(&nested.estimate(), &method.rule(quantity));
    let versus = super::at_rate(place, quantity, versus);
    let sources = Some(Sources::of(nested.shares(), sides[0].len()));
    Some(ComparedRatio { quantity, versus, sources })
}
