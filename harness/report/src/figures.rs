//! The figures of an entry's valid trials at one point. Each kind has its own validity: a gate
//! that makes throughput void may leave CPU time per request standing.

use httpdyno_record::{Figure, Measurement, TrialRecord};
use httpdyno_stats::histogram::{Histogram, HistogramError};
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
    /// Latency over all trials that are valid for it (or for its tail), from their merged histograms.
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

/// Percentiles in nanoseconds; those above the median are absent where no trial is valid for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Latency {
    /// Median.
    pub p50_ns: u64,
    /// 99th percentile.
    pub p99_ns: Option<u64>,
    /// 99.9th percentile.
    pub p999_ns: Option<u64>,
    /// Largest value.
    pub max_ns: Option<u64>,
}

impl Figures {
    /// The figures of `trials`; nothing where none is valid for anything.
    ///
    /// # Errors
    /// When a histogram cannot be decoded.
    pub(crate) fn of(trials: &[&TrialRecord]) -> Result<Option<Self>, HistogramError> {
        let valid_for = |figure: Figure| -> Vec<&Measurement> {
            trials.iter().filter_map(|trial| trial.valid_for(figure)).collect()
        };
        let kinds = [Figure::Throughput, Figure::Latency, Figure::Cost];
        let usable: Vec<&Measurement> = trials
            .iter()
            .filter_map(|trial| kinds.into_iter().find_map(|kind| trial.valid_for(kind)))
            .collect();
        if usable.is_empty() {
            return Ok(None);
        }
        let spread = |valid: Vec<&Measurement>, figure: fn(&Measurement) -> u64| {
            Spread::of(valid.into_iter().map(figure).collect())
        };
        Ok(Some(Self {
            trials: count(usable.len()),
            throughput_per_s: spread(valid_for(Figure::Throughput), Measurement::responses_per_s),
            server_cpu_ns: spread(valid_for(Figure::Cost), Measurement::server_cpu_ns_per_response),
            longest_silence_ns: usable.iter().filter_map(|one| one.longest_silence_ns).max(),
            latency: Latency::of(&valid_for(Figure::Latency), &valid_for(Figure::Tail))?,
            peak_rss_bytes: usable.iter().map(|one| one.server_peak_rss_bytes).max().unwrap_or(0),
        }))
    }
}

/// A figure that is never 0 where it was measured: pgbench, say, tells of no memory.
pub(crate) fn known(value: u64) -> Option<u64> {
    (value > 0).then_some(value)
}

impl Latency {
    fn of(
        valid: &[&Measurement],
        valid_for_tail: &[&Measurement],
    ) -> Result<Option<Self>, HistogramError> {
        let Some(median) = merged(valid)? else { return Ok(None) };
        // A tail is that of some of the trials whose median is valid, and mostly of all.
        let tail = match valid_for_tail.len() == valid.len() {
            true => Some(Self::of_histogram(&median)),
            false => merged(valid_for_tail)?.as_ref().map(Self::of_histogram),
        };
        Ok(Some(Self {
            p50_ns: median.quantile_ns(0.5),
            p99_ns: tail.and_then(|tail| tail.p99_ns),
            p999_ns: tail.and_then(|tail| tail.p999_ns),
            max_ns: tail.and_then(|tail| tail.max_ns),
        }))
    }

    pub(crate) fn of_histogram(histogram: &Histogram) -> Self {
        Self {
            p50_ns: histogram.quantile_ns(0.5),
            p99_ns: Some(histogram.quantile_ns(0.99)),
            p999_ns: Some(histogram.quantile_ns(0.999)),
            max_ns: Some(histogram.max_ns()),
        }
    }
}

/// The merged distribution of `measurements`; nothing where there are none.
///
/// # Errors
/// When a histogram cannot be decoded.
pub(crate) fn merged(measurements: &[&Measurement]) -> Result<Option<Histogram>, HistogramError> {
    let mut merged = Histogram::new();
    for measurement in measurements {
        merged.merge(&exact(&measurement.latency_hdr, measurement.latency.max_ns)?);
    }
    Ok(Some(merged).filter(|histogram| !histogram.is_empty()))
}

/// A histogram of the record with its exact maximum, which the record holds beside it: the encoding
/// knows three digits of it.
///
/// # Errors
/// When it cannot be decoded.
pub(crate) fn exact(hdr: &str, max_ns: u64) -> Result<Histogram, HistogramError> {
    Ok(Histogram::from_hdr_v2(hdr)?.with_maximum(max_ns))
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
