//! A latency distribution as a curve over percentiles.

use httpdyno_stats::histogram::Histogram;

/// 1 / (1 - quantile) of each step, in thousandths: the tenths of the body, then ever finer steps
/// of the tail up to p99.9999.
pub const INVERSE_TAILS_MILLI: [u64; 27] = [
    1_000,
    1_111,
    1_250,
    1_429,
    1_667,
    2_000,
    2_500,
    3_333,
    5_000,
    7_000,
    10_000,
    14_000,
    20_000,
    40_000,
    70_000,
    100_000,
    200_000,
    400_000,
    700_000,
    1_000_000,
    2_000_000,
    5_000_000,
    10_000_000,
    20_000_000,
    50_000_000,
    100_000_000,
    1_000_000_000,
];

/// The latency at each step that at least one value lies beyond.
pub(crate) fn curve(histogram: &Histogram) -> Vec<u64> {
    INVERSE_TAILS_MILLI
        .iter()
        .take_while(|inverse| **inverse <= histogram.count().saturating_mul(1000))
        .map(|inverse| histogram.quantile_ns(1.0 - 1000.0 / *inverse as f64))
        .collect()
}
