//! A candidate against its base: two records, or two entries of one. Pure. Which is which is always
//! said by name, so that no order decides a verdict.

pub(crate) mod across;
pub mod builds;
mod notes;

use std::collections::BTreeSet;

use httpdyno_record::Record;
use httpdyno_stats::Effect;
use httpdyno_stats::welch::welch;
use serde::Serialize;

pub use crate::versus::MARGIN;
pub use across::{Allowed, Difference, Refusal};
pub use notes::NOT_MEASURED;

use crate::comparison::entry_named;
use crate::point_key::{PointKey, key, trials_at};
use crate::series::{Quantity, are_enough, blocks, geometric_mean, numbers};
use crate::versus::{Method, Versus};

/// The candidate against the base, point by point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// What is judged: a record, or an entry.
    pub candidate: String,
    /// What it is judged against.
    pub base: String,
    /// Whether both were measured in the same blocks, so that what a block has in common cancels. Two
    /// records never are.
    pub paired: bool,
    /// What difference matters, in parts per million.
    pub margin_ppm: u32,
    /// What else differs between them, and was accepted by name or is only told.
    pub differences: Vec<Difference>,
    /// What a reader must know of the two: that one is not whole, or has figures that do not
    /// count.
    pub notes: Vec<String>,
    /// What both have.
    pub points: Vec<ComparedPoint>,
    /// What only the candidate has: entry and point.
    pub only_candidate: Vec<String>,
    /// What only the base has.
    pub only_base: Vec<String>,
}

/// One entry at one point in both records (or two entries at one point).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ComparedPoint {
    /// The entry; between two entries, the candidate.
    pub entry: String,
    /// The workload.
    pub workload: String,
    /// Connections held.
    pub connections: u32,
    /// Requests offered per second; absent where the workload paces itself.
    pub offered_per_s: Option<u64>,
    /// Candidate to base, for each quantity that both have in two blocks or more.
    pub ratios: Vec<ComparedRatio>,
    /// The quantities that have no ratio since one of the two does not have the figure.
    pub void: Vec<ComparedVoid>,
}

/// A quantity without a ratio.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ComparedVoid {
    /// What there is no ratio of.
    pub quantity: Quantity,
    /// What took it, on which side, and how many blocks were left: `candidate: headroom
    /// 2/6`; or why nobody could measure it.
    pub reason: String,
    /// Whether the candidate failed there: it did not start, crashed, or answered wrongly.
    pub candidate_failed: bool,
}

/// One quantity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ComparedRatio {
    /// What it is of.
    pub quantity: Quantity,
    /// Candidate to base.
    pub versus: Versus,
    /// Where its variance comes from, where each side was built several times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sources: Option<builds::Sources>,
}

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What is judged.
    Candidate,
    /// What it is judged against.
    Base,
}

impl Side {
    /// The candidate first.
    pub const BOTH: [Self; 2] = [Self::Candidate, Self::Base];

    /// In a word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Base => "base",
        }
    }
}

impl Compared {
    /// The one entry of this side's record that is compared; nothing where all are.
    #[must_use]
    pub fn only_entry(&self, side: Side) -> Option<&str> {
        self.paired.then_some(match side {
            Side::Candidate => &self.candidate,
            Side::Base => &self.base,
        })
    }

    /// What only one of the two has, with the name of the side.
    #[must_use]
    pub fn only(&self) -> [(&'static str, &[String]); 2] {
        let [candidate, base] = Side::BOTH.map(Side::name);
        [(candidate, &self.only_candidate), (base, &self.only_base)]
    }
}

const QUANTITIES: [Quantity; 5] = [
    Quantity::Throughput,
    Quantity::CpuPerRequest,
    Quantity::LatencyP50,
    Quantity::LatencyP99,
    Quantity::Memory,
];

/// Two entries of one record, paired by block.
///
/// # Errors
/// When the record has no such entry.
pub fn entries(
    record: &Record,
    candidate: &str,
    base: &str,
    margin: Effect,
) -> Result<Compared, crate::ComparisonError> {
    let (a, b) = (entry_named(record, candidate)?, entry_named(record, base)?);
    let method = Method { margin, ..Method::of(&record.run, record.trials.len()) };
    let (of_a, of_b) = (places(record, a), places(record, b));
    let point = |place: &PointKey| {
        let trials = trials_at(record, place);
        let ratio = |quantity| {
            let versus = Versus::of(&trials, a, b, quantity, method)?;
            let versus = at_rate(place, quantity, versus);
            Some(ComparedRatio { quantity, versus, sources: None })
        };
        let ratios = wanted(place).filter_map(ratio).collect();
        compared_point(a, place, ratios, [(record, a), (record, b)])
    };
    Ok(Compared {
        candidate: a.to_owned(),
        base: b.to_owned(),
        paired: true,
        margin_ppm: margin.ppm(),
        differences: vec![],
        notes: notes::of(record, None),
        points: of_a.intersection(&of_b).map(point).collect(),
        only_candidate: of_a.difference(&of_b).map(place_name).collect(),
        only_base: of_b.difference(&of_a).map(place_name).collect(),
    })
}

/// The entries that two records have in common, each against itself in the base.
///
/// # Errors
/// When the records differ in what must be the same, unless `allowed` names it.
pub fn records(
    candidate: &Record,
    base: &Record,
    allowed: Allowed,
    margin: Effect,
) -> Result<Compared, Refusal> {
    let (a, b) = (candidate, base);
    let method = Method { margin, ..Method::of(&a.run, a.trials.len()) };
    let mut differences = across::differences(&a.run, &b.run);
    allowed.check(&differences)?;
    differences.extend(across::versions(&a.run, &b.run));
    let (of_a, of_b) = (entry_places(a), entry_places(b));
    let point = |(entry, place): &(String, PointKey)| {
        let ratio = |quantity| {
            let series = |record: &Record| -> Vec<u64> {
                let trials = trials_at(record, place);
                // One number for each block: the trials of a block are no repetitions of it.
                let by_block = numbers(&trials, entry, quantity);
                match are_enough(by_block.len(), blocks(&trials).len()) {
                    true => by_block.values().filter_map(|one| geometric_mean(one)).collect(),
                    false => Vec::new(),
                }
            };
            let estimate = welch(&series(a), &series(b)).ok()?;
            let versus = Versus::judged(&estimate, &method.rule(quantity));
            let versus = at_rate(place, quantity, versus);
            Some(ComparedRatio { quantity, versus, sources: None })
        };
        let ratios = wanted(place).filter_map(ratio).collect();
        compared_point(entry, place, ratios, [(a, entry), (b, entry)])
    };
    let name = |(entry, place): &(String, PointKey)| format!("{entry}: {}", place_name(place));
    Ok(Compared {
        candidate: a.folder.display().to_string(),
        base: b.folder.display().to_string(),
        paired: false,
        margin_ppm: margin.ppm(),
        differences,
        notes: [(Side::Candidate, a), (Side::Base, b)]
            .map(|(side, record)| notes::of(record, Some(side.name())))
            .concat(),
        points: of_a.intersection(&of_b).map(point).collect(),
        only_candidate: of_a.difference(&of_b).map(name).collect(),
        only_base: of_b.difference(&of_a).map(name).collect(),
    })
}

/// Where the rate is given, everybody's throughput is that rate.
fn wanted(place: &PointKey) -> impl Iterator<Item = Quantity> + use<> {
    let is_open = place.2.is_some();
    QUANTITIES.into_iter().filter(move |quantity| !is_open || *quantity != Quantity::Throughput)
}

/// A cost at a given rate is never called equivalent.
fn at_rate(place: &PointKey, quantity: Quantity, versus: Versus) -> Versus {
    match (place.2, quantity) {
        (Some(_), Quantity::CpuPerRequest) => versus.of_cost_at_rate(),
        _ => versus,
    }
}

fn compared_point(
    entry: &str,
    place: &PointKey,
    ratios: Vec<ComparedRatio>,
    sides: [(&Record, &str); 2],
) -> ComparedPoint {
    let (workload, connections, offered_per_s) = place.clone();
    let has = |quantity: &Quantity| ratios.iter().any(|ratio| ratio.quantity == *quantity);
    let void = wanted(place).filter(|quantity| !has(quantity));
    let void = void.filter_map(|quantity| {
        let of_side = |(side, (record, entry)): (Side, (&Record, &str))| {
            let void = crate::void::text(notes::void(record, entry, place), quantity.figure());
            let reason = void.or_else(|| notes::not_measured(record, entry, place, quantity))?;
            Some(format!("{}: {reason}", side.name()))
        };
        let reasons: Vec<String> = Side::BOTH.into_iter().zip(sides).filter_map(of_side).collect();
        let reason = reasons.join(", ");
        let candidate_failed = notes::failed(sides[0].0, sides[0].1, place, quantity);
        (!reason.is_empty()).then_some(ComparedVoid { quantity, reason, candidate_failed })
    });
    let void = void.collect();
    ComparedPoint { entry: entry.to_owned(), workload, connections, offered_per_s, ratios, void }
}

fn places(record: &Record, entry: &str) -> BTreeSet<PointKey> {
    let trials = record.trials.iter().filter(|trial| trial.purpose.is_compared());
    trials.filter(|trial| trial.entry == entry).map(key).collect()
}

fn entry_places(record: &Record) -> BTreeSet<(String, PointKey)> {
    let trials = record.trials.iter().filter(|trial| trial.purpose.is_compared());
    trials.map(|trial| (trial.entry.clone(), key(trial))).collect()
}

/// In words: `json, 16 connections`, or with the rate.
#[must_use]
pub fn place_name((workload, connections, offered): &PointKey) -> String {
    match offered {
        None => format!("{workload}, {connections} connections"),
        Some(rate) => format!("{workload}, {connections} connections, {rate} req/s offered"),
    }
}
