//! The figures of an entry's valid trials at one point. Each kind has its own validity: a gate
//! that makes throughput void may leave CPU time per request standing.

use std::collections::BTreeMap;

use httpdyno_record::{Figure, HdrText, LatencySummary, Measurement, TrialRecord};
use httpdyno_stats::histogram::{Histogram, HistogramError, Recorder};
use httpdyno_stats::starts::OverStarts;
use serde::Serialize;

/// What the valid trials say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Trials that are valid for at least one kind of figure.
    pub trials: u32,
    /// Right responses per second; absent where no trial is valid for throughput.
    pub throughput_per_s: Option<Spread>,
    /// CPU time of the server per right response; absent where no trial is valid for cost.
    pub server_cpu_ns: Option<Spread>,
    /// Latency over all trials that are valid for it (or for its tail).
    pub latency: Option<Latency>,
    /// The largest peak of resident memory.
    pub peak_rss_bytes: u64,
    /// The longest time in which no response came; absent in records from before it was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_silence_ns: Option<u64>,
}

/// The spread of a figure over the trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// The smallest.
    pub min: u64,
    /// The median; of an even number of trials, the mean of the two in the middle.
    pub median: u64,
    /// The largest.
    pub max: u64,
    /// Trials it is over.
    pub trials: u32,
}

/// Percentiles in nanoseconds. The median is that of all requests together; what is above it is told
/// over the starts, with the 95 % interval of what another start would show, or not at all: where no
/// trial is valid for it, or those of a single block are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Latency {
    /// Median.
    pub p50_ns: u64,
    /// 90th percentile of a start.
    pub p90_ns: Option<u64>,
    /// Its interval.
    pub p90_interval_ns: Option<[u64; 2]>,
    /// 99th percentile of a start.
    pub p99_ns: Option<u64>,
    /// Its interval.
    pub p99_interval_ns: Option<[u64; 2]>,
    /// 99.9th percentile of a start.
    pub p999_ns: Option<u64>,
    /// Its interval.
    pub p999_interval_ns: Option<[u64; 2]>,
    /// The largest value of all starts.
    pub max_ns: Option<u64>,
    /// The interval of a start's largest value: that of all may lie above it.
    pub max_interval_ns: Option<[u64; 2]>,
}

impl Figures {
    /// The figures of `trials`; nothing where none is valid for anything. `median` is the merged
    /// distribution of those whose median is a number.
    pub(crate) fn of(trials: &[&TrialRecord], median: Option<&Histogram>) -> Option<Self> {
        let valid_for = |figure: Figure| -> Vec<&Measurement> {
            trials.iter().filter_map(|trial| trial.valid_for(figure)).collect()
        };
        let kinds = [Figure::Throughput, Figure::Latency, Figure::Cost];
        let usable: Vec<&Measurement> = trials
            .iter()
            .filter_map(|trial| kinds.into_iter().find_map(|kind| trial.valid_for(kind)))
            .collect();
        if usable.is_empty() {
            return None;
        }
        let spread = |valid: Vec<&Measurement>, figure: fn(&Measurement) -> u64| {
            Spread::of(valid.into_iter().map(figure).collect())
        };
        Some(Self {
            trials: count(usable.len()),
            throughput_per_s: spread(valid_for(Figure::Throughput), Measurement::responses_per_s),
            server_cpu_ns: spread(valid_for(Figure::Cost), Measurement::server_cpu_ns_per_response),
            longest_silence_ns: usable.iter().filter_map(|one| one.longest_silence_ns).max(),
            latency: median.map(|median| Latency::of(median.quantile_ns(0.5), &starts(trials))),
            peak_rss_bytes: usable.iter().map(|one| one.server_peak_rss_bytes).max().unwrap_or(0),
        })
    }
}

/// A figure that is never 0 where it was measured: pgbench, say, tells of no memory.
#[must_use]
pub fn known(value: u64) -> Option<u64> {
    (value > 0).then_some(value)
}

impl Latency {
    /// `p50_ns` with the tails of `starts`: what was recorded of each, by its block.
    pub(crate) fn of(p50_ns: u64, starts: &[(u32, LatencySummary)]) -> Self {
        let tail = |figure: fn(&LatencySummary) -> u64| {
            let mut blocks: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
            for (block, summary) in starts {
                blocks.entry(*block).or_default().push(figure(summary));
            }
            OverStarts::of(&blocks.into_values().collect::<Vec<_>>())
        };
        let [p90, p99, p999, max] = [
            tail(|it| it.p90_ns),
            tail(|it| it.p99_ns),
            tail(|it| it.p999_ns),
            tail(|it| it.max_ns),
        ];
        let estimate = |over: Option<OverStarts>| over.map(|over| over.estimate);
        let interval = |over: Option<OverStarts>| over.map(|over| [over.low, over.high]);
        let largest = starts.iter().map(|(_, summary)| summary.max_ns).max();
        Self {
            p50_ns,
            p90_ns: estimate(p90),
            p90_interval_ns: interval(p90),
            p99_ns: estimate(p99),
            p99_interval_ns: interval(p99),
            p999_ns: estimate(p999),
            p999_interval_ns: interval(p999),
            max_ns: largest.filter(|_| max.is_some()),
            max_interval_ns: interval(max),
        }
    }
}

/// What stands in the cell of a tail that has no interval.
pub const ONE_START: &str = "1 start";

/// The latencies of trials whose tails are numbers, by block.
pub(crate) fn starts(trials: &[&TrialRecord]) -> Vec<(u32, LatencySummary)> {
    let valid = trials.iter().filter_map(|it| Some((it.block, it.valid_for(Figure::Tail)?)));
    valid.map(|(block, measured)| (block, measured.latency)).collect()
}

/// The merged distribution of `measurements`; nothing where there are none.
///
/// # Errors
/// When a histogram cannot be decoded.
pub fn merged(measurements: &[&Measurement]) -> Result<Option<Histogram>, HistogramError> {
    let mut merged = Recorder::new();
    for measurement in measurements {
        merged.add(&exact(&measurement.latency_hdr, measurement.latency.max_ns)?);
    }
    Ok(Some(merged.drain()).filter(|histogram| !histogram.is_empty()))
}

/// A histogram of the record with its exact maximum, which the record holds beside it: the encoding
/// knows three digits of it.
///
/// # Errors
/// When it cannot be decoded.
pub fn exact(hdr: &HdrText, max_ns: u64) -> Result<Histogram, HistogramError> {
    let text = hdr.text().map_err(|error| HistogramError::Unreadable(error.to_string()))?;
    Ok(Histogram::from_hdr_v2(&text)?.with_maximum(max_ns))
}

impl Spread {
    /// The spread of `values`; nothing of none.
    pub(crate) fn of(mut values: Vec<u64>) -> Option<Self> {
        values.sort_unstable();
        let (&min, &max) = (values.first()?, values.last()?);
        let (low, high) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
        Some(Self { min, median: u64::midpoint(low, high), max, trials: count(values.len()) })
    }
}

pub(crate) fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn the_median_of_an_even_number_is_between_the_middle_two() {
        let spread = |values: &[u64]| Spread::of(values.to_vec());
        assert_eq!(spread(&[9, 1, 4, 2]), Some(Spread { min: 1, median: 3, max: 9, trials: 4 }));
        assert_eq!(spread(&[5]), Some(Spread { min: 5, median: 5, max: 5, trials: 1 }));
        assert_eq!(spread(&[3, 1, 2]).map(|spread| spread.median), Some(2));
        assert_eq!(spread(&[]), None);
    }
}
