//! Two records, or two entries of one, side by side. Pure; every form is made from [`Compared`].

pub(crate) mod across;
pub mod forms;
pub mod histograms;
mod page;
mod text;

use std::collections::BTreeSet;

use httpdyno_record::{Purpose, Record, TrialRecord};
use httpdyno_stats::welch::welch;
use serde::Serialize;

pub use across::{Allowed, Difference, Refusal};
pub use page::render as render_page;
pub use text::render;

use crate::comparison::entry_named;
use crate::series::{Quantity, blocks, numbers};
use crate::versus::{Method, Versus};

/// A against B, point by point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// What A is: a record, or an entry.
    pub a: String,
    /// What B is.
    pub b: String,
    /// Whether A and B were measured in the same blocks, so that what a block has in common
    /// cancels. Two records never are.
    pub paired: bool,
    /// What else differs between A and B, and was accepted by name.
    pub differences: Vec<Difference>,
    /// What both have.
    pub points: Vec<ComparedPoint>,
    /// What only A has: entry and point.
    pub only_a: Vec<String>,
    /// What only B has.
    pub only_b: Vec<String>,
}

/// One entry at one point in A and in B (or two entries at one point).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ComparedPoint {
    /// The entry; between two entries, the first.
    pub entry: String,
    /// The workload.
    pub workload: String,
    /// Connections held.
    pub connections: u32,
    /// Requests offered per second; absent where the workload paces itself.
    pub offered_per_s: Option<u64>,
    /// A to B, for each quantity that both have in two blocks or more.
    pub ratios: Vec<ComparedRatio>,
}

/// One quantity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ComparedRatio {
    /// What it is of.
    pub quantity: Quantity,
    /// A to B.
    pub versus: Versus,
}

/// One of the two.
#[derive(Clone, Copy)]
enum Side {
    /// What is compared.
    A,
    /// What it is compared with.
    B,
}

impl Side {
    const BOTH: [Self; 2] = [Self::A, Self::B];

    fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
        }
    }
}

impl Compared {
    /// The one entry of this side's record that is compared; nothing where all are.
    fn only_entry(&self, side: Side) -> Option<&str> {
        self.paired.then_some(match side {
            Side::A => &self.a,
            Side::B => &self.b,
        })
    }
}

/// Where something was measured.
type Place = (String, u32, Option<u64>);

const QUANTITIES: [Quantity; 3] =
    [Quantity::Throughput, Quantity::CpuPerRequest, Quantity::LatencyP99];

/// Two entries of one record, paired by block.
///
/// # Errors
/// When the record has no such entry.
pub fn entries(record: &Record, a: &str, b: &str) -> Result<Compared, crate::ComparisonError> {
    let (a, b) = (entry_named(record, a)?, entry_named(record, b)?);
    let method = Method::of(&record.run);
    let (of_a, of_b) = (places(record, a), places(record, b));
    let point = |place: &Place| {
        let trials = trials_at(record, place);
        let ratio = |quantity| {
            let versus = Versus::of(&trials, a, b, quantity, method)?;
            Some(ComparedRatio { quantity, versus })
        };
        compared_point(a, place, wanted(place).filter_map(ratio).collect())
    };
    Ok(Compared {
        a: a.to_owned(),
        b: b.to_owned(),
        paired: true,
        differences: vec![],
        points: of_a.intersection(&of_b).map(point).collect(),
        only_a: of_a.difference(&of_b).map(place_name).collect(),
        only_b: of_b.difference(&of_a).map(place_name).collect(),
    })
}

/// The entries that two records have in common, each against itself.
///
/// # Errors
/// When the records differ in what must be the same, unless `allowed` names it.
pub fn records(a: &Record, b: &Record, allowed: Allowed) -> Result<Compared, Refusal> {
    let differences = across::differences(&a.run, &b.run);
    allowed.check(&differences)?;
    let (of_a, of_b) = (entry_places(a), entry_places(b));
    let point = |(entry, place): &(String, Place)| {
        let ratio = |quantity| {
            let series = |record: &Record| -> Vec<u64> {
                let trials = trials_at(record, place);
                let of_block = |block| numbers(&trials, entry, block, quantity);
                (0..blocks(&trials)).flat_map(of_block).collect()
            };
            let estimate = welch(&series(a), &series(b)).ok()?;
            let versus = Versus::judged(&estimate, None, quantity.better());
            Some(ComparedRatio { quantity, versus })
        };
        compared_point(entry, place, wanted(place).filter_map(ratio).collect())
    };
    let name = |(entry, place): &(String, Place)| format!("{entry}: {}", place_name(place));
    Ok(Compared {
        a: a.folder.display().to_string(),
        b: b.folder.display().to_string(),
        paired: false,
        differences,
        points: of_a.intersection(&of_b).map(point).collect(),
        only_a: of_a.difference(&of_b).map(name).collect(),
        only_b: of_b.difference(&of_a).map(name).collect(),
    })
}

/// Where the rate is given, everybody's throughput is that rate.
fn wanted(place: &Place) -> impl Iterator<Item = Quantity> + use<> {
    let is_open = place.2.is_some();
    QUANTITIES.into_iter().filter(move |quantity| !is_open || *quantity != Quantity::Throughput)
}

fn compared_point(entry: &str, place: &Place, ratios: Vec<ComparedRatio>) -> ComparedPoint {
    let (workload, connections, offered_per_s) = place.clone();
    ComparedPoint { entry: entry.to_owned(), workload, connections, offered_per_s, ratios }
}

fn is_compared(trial: &TrialRecord) -> bool {
    matches!(trial.purpose, Purpose::Compare | Purpose::FixedRate)
}

fn place(trial: &TrialRecord) -> Place {
    (trial.workload.clone(), trial.connections, trial.offered_per_s)
}

fn places(record: &Record, entry: &str) -> BTreeSet<Place> {
    let trials = record.trials.iter().filter(|trial| is_compared(trial));
    trials.filter(|trial| trial.entry == entry).map(place).collect()
}

fn entry_places(record: &Record) -> BTreeSet<(String, Place)> {
    let trials = record.trials.iter().filter(|trial| is_compared(trial));
    trials.map(|trial| (trial.entry.clone(), place(trial))).collect()
}

fn trials_at<'a>(record: &'a Record, at: &Place) -> Vec<&'a TrialRecord> {
    let trials = record.trials.iter().filter(|trial| is_compared(trial));
    trials.filter(|trial| place(trial) == *at).collect()
}

pub(crate) fn place_name((workload, connections, offered): &Place) -> String {
    match offered {
        None => format!("{workload}, {connections} connections"),
        Some(rate) => format!("{workload}, {connections} connections, {rate} req/s offered"),
    }
}
