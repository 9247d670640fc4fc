//! One kind of number per entry and block, for the statistics.

use std::collections::{BTreeMap, BTreeSet};

use httpdyno_record::{Figure, Measurement, TrialRecord};
use httpdyno_stats::{Better, REQUIRED_PERCENT, Table, TableError};
use schemars::JsonSchema;
use serde::Serialize;

/// What a cost is, in words, wherever one is shown.
pub const COST: &str = "CPU/request: the CPU used at this load, sleeping and batching included";

/// What is compared: a number per trial, in so fine a unit that rounding does not show.
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
    /// The kind of figure whose validity decides.
    #[must_use]
    pub fn figure(self) -> Figure {
        match self {
            Self::Throughput => Figure::Throughput,
            Self::CpuPerRequest | Self::Memory => Figure::Cost,
            Self::LatencyP50 => Figure::Latency,
            Self::LatencyP99 => Figure::Tail,
        }
    }

    /// Which way it is good.
    #[must_use]
    pub fn better(self) -> Better {
        match self {
            Self::Throughput => Better::Higher,
            Self::CpuPerRequest | Self::LatencyP50 | Self::LatencyP99 | Self::Memory => {
                Better::Lower
            }
        }
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

    /// Its number in one trial; nothing where that is 0, which is no number.
    fn number(self, measurement: &Measurement) -> Option<u64> {
        let per = |dividend: u128, divisor: u64| {
            u64::try_from(dividend.checked_div(u128::from(divisor))?).ok()
        };
        let number = match self {
            // Responses per million seconds.
            Self::Throughput => {
                per(u128::from(measurement.responses) * 10_u128.pow(15), measurement.elapsed_ns)
            }
            // Picoseconds.
            Self::CpuPerRequest => {
                per(u128::from(measurement.server_cpu_ns) * 1000, measurement.responses)
            }
            Self::LatencyP50 => Some(measurement.latency.p50_ns),
            Self::LatencyP99 => Some(measurement.latency.p99_ns),
            Self::Memory => Some(measurement.server_peak_rss_bytes),
        };
        number.filter(|&number| number > 0)
    }
}

/// The numbers of an entry, block by block; blocks without one are not in it.
pub(crate) type ByBlock = BTreeMap<u32, Vec<u64>>;

/// The numbers of `entry`: one for each of its trials that is valid for `quantity`.
pub(crate) fn numbers(trials: &[&TrialRecord], entry: &str, quantity: Quantity) -> ByBlock {
    let mut by_block = ByBlock::new();
    for trial in trials.iter().filter(|trial| trial.entry == entry) {
        let valid = trial.valid_for(quantity.figure());
        if let Some(number) = valid.and_then(|measured| quantity.number(measured)) {
            by_block.entry(trial.block).or_default().push(number);
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
