//! One kind of number per entry and block, for the statistics.

use std::collections::{BTreeMap, BTreeSet};

use httpdyno_record::{Figure, TrialRecord};
use httpdyno_stats::{Better, REQUIRED_PERCENT, Table, TableError};
use schemars::JsonSchema;
use serde::Serialize;

use crate::number::Number;

/// What a cost is, in words, wherever one is shown.
pub const COST: &str = "CPU/request: the CPU used at this load, sleeping and batching included";

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// Right responses per second.
    Throughput,
    /// CPU time of the server per right response.
    CpuPerRequest,
    /// Median of latency.
    LatencyP50,
    /// 99th percentile of latency.
    LatencyP99,
    /// The most resident memory of the server.
    Memory,
}

impl Quantity {
    /// The number of a trial that stands for it.
    #[must_use]
    pub fn number(self) -> Number {
        match self {
            Self::Throughput => Number::Rate,
            Self::CpuPerRequest => Number::CpuPerResponse,
            Self::LatencyP50 => Number::P50Latency,
            Self::LatencyP99 => Number::P99Latency,
            Self::Memory => Number::PeakMemory,
        }
    }

    /// The kind of figure whose validity decides.
    #[must_use]
    pub fn figure(self) -> Figure {
        self.number().figure()
    }

    /// Which way it is good.
    #[must_use]
    pub fn better(self) -> Better {
        self.number().better()
    }

    /// In words, for tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Throughput => "throughput",
            Self::CpuPerRequest => "CPU per request",
            Self::LatencyP50 => "p50 latency",
            Self::LatencyP99 => "p99 latency",
            Self::Memory => "peak memory",
        }
    }
}

impl From<Quantity> for Number {
    fn from(quantity: Quantity) -> Self {
        quantity.number()
    }
}

/// The numbers of an entry, block by block; blocks without one are not in it.
pub type ByBlock = BTreeMap<u32, Vec<u64>>;

/// The numbers of `entry`, one for each of its trials that has one.
#[must_use]
pub fn numbers(trials: &[&TrialRecord], entry: &str, number: impl Into<Number>) -> ByBlock {
    let number = number.into();
    let mut by_block = ByBlock::new();
    for trial in trials.iter().filter(|trial| trial.entry == entry) {
        if let Some(value) = number.of(trial) {
            by_block.entry(trial.block).or_default().push(value);
        }
    }
    by_block
}

/// The blocks that `trials` are of, in their order. Their numbers may have gaps.
pub(crate) fn blocks(trials: &[&TrialRecord]) -> Vec<u32> {
    let all: BTreeSet<u32> = trials.iter().map(|trial| trial.block).collect();
    all.into_iter().collect()
}

/// Whether figures of `some` of `all` blocks may be printed.
pub(crate) fn are_enough(some: usize, all: usize) -> bool {
    some * 100 >= all * REQUIRED_PERCENT
}

/// `entries` by blocks, with holes where a trial is not valid for `quantity`. Where an entry has
/// several trials in a block, their geometric mean stands for them.
pub(crate) fn table(
    trials: &[&TrialRecord],
    entries: &[&str],
    blocks: &[u32],
    quantity: Quantity,
) -> Result<Table, TableError> {
    let row = |entry: &&str| -> Vec<Option<u64>> {
        let numbers = numbers(trials, entry, quantity);
        blocks.iter().map(|block| geometric_mean(numbers.get(block)?)).collect()
    };
    Table::new(entries.iter().map(row).collect())
}

pub(crate) fn geometric_mean(numbers: &[u64]) -> Option<u64> {
    match numbers {
        [] => None,
        [one] => Some(*one),
        several => {
            let logs: f64 = several.iter().map(|&number| (number as f64).ln()).sum();
            Some((logs / several.len() as f64).exp().round() as u64)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::geometric_mean;

    #[test]
    fn several_trials_of_a_block_are_one_number() {
        assert_eq!(geometric_mean(&[]), None);
        assert_eq!(geometric_mean(&[7]), Some(7));
        assert_eq!(geometric_mean(&[1_000_000, 4_000_000]), Some(2_000_000));
    }
}
