//! The lasting form: the buckets that were hit, in order.

use serde::{Deserialize, Serialize};

use super::buckets::{MAX_NS, highest, index_of, lowest, median};
use super::document::HistogramDocument;

/// A distribution of durations in nanoseconds. Merge histograms; never average percentiles.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(into = "HistogramDocument", try_from = "HistogramDocument")]
pub struct Histogram {
    /// Bucket number and count, ascending, counts above 0.
    buckets: Vec<(usize, u64)>,
    count: u64,
    saturated: u64,
    min_ns: u64,
    max_ns: u64,
}

impl Histogram {
    /// Without any value.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `buckets` ascending; `min_ns` and `max_ns` within the first and the last of them.
    pub(crate) fn from_parts(
        buckets: Vec<(usize, u64)>,
        saturated: u64,
        min_ns: u64,
        max_ns: u64,
    ) -> Self {
        let count = buckets.iter().map(|(_, count)| count).sum();
        let (min_ns, max_ns) = if count == 0 { (0, 0) } else { (min_ns, max_ns) };
        Self { buckets, count, saturated, min_ns, max_ns }
    }

    pub(crate) fn buckets(&self) -> &[(usize, u64)] {
        &self.buckets
    }

    pub(crate) fn into_buckets(self) -> Vec<(usize, u64)> {
        self.buckets
    }

    /// Counts one duration; a [`Recorder`](super::Recorder) does that faster.
    pub fn record(&mut self, value_ns: u64) {
        let value = value_ns.min(MAX_NS);
        let saturated = u64::from(value_ns > MAX_NS);
        self.merge(&Self::from_parts(vec![(index_of(value), 1)], saturated, value, value));
    }

    /// Adds all values of another histogram.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            self.clone_from(other);
            return;
        }
        self.buckets = merged(&self.buckets, &other.buckets);
        self.count += other.count;
        self.saturated += other.saturated;
        self.min_ns = self.min_ns.min(other.min_ns);
        self.max_ns = self.max_ns.max(other.max_ns);
    }

    /// How many values there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// How many of them were above 60 s and are counted at 60 s.
    #[must_use]
    pub fn saturated(&self) -> u64 {
        self.saturated
    }

    /// Without any value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The lowest value, exactly; 0 when empty.
    #[must_use]
    pub fn min_ns(&self) -> u64 {
        self.min_ns
    }

    /// The highest value, exactly (60 s when saturated); 0 when empty.
    #[must_use]
    pub fn max_ns(&self) -> u64 {
        self.max_ns
    }

    /// The value at a quantile from 0.0 to 1.0: the upper end of the bucket that holds it, but
    /// never more than the maximum; 0 when empty.
    #[must_use]
    pub fn quantile_ns(&self, quantile: f64) -> u64 {
        // Positive and at most the count: exact enough, as in HdrHistogram itself.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let rank = ((quantile.clamp(0.0, 1.0) * self.count as f64).ceil() as u64).max(1);
        let mut seen = 0;
        for &(index, count) in &self.buckets {
            seen += count;
            if seen >= rank {
                return highest(index).min(self.max_ns);
            }
        }
        self.max_ns
    }

    /// How many values are above `value_ns`, to the resolution of a bucket.
    #[must_use]
    pub fn count_above(&self, value_ns: u64) -> u64 {
        let index = index_of(value_ns.min(MAX_NS));
        self.buckets.iter().filter(|(i, _)| *i > index).map(|(_, count)| count).sum()
    }

    /// The mean, from the middles of the buckets (within 0.05 %), in nanoseconds.
    #[must_use]
    pub fn mean_ns(&self) -> f64 {
        if self.count == 0 {
            return 0.0;
        }
        // Sixty seconds times 2^64 values fit 128 bits.
        let sum: u128 =
            self.buckets.iter().map(|&(i, n)| u128::from(median(i)) * u128::from(n)).sum();
        sum as f64 / self.count as f64
    }

    /// The standard deviation (of the whole, not of a sample), in nanoseconds.
    #[must_use]
    pub fn stdev_ns(&self) -> f64 {
        if self.count == 0 {
            return 0.0;
        }
        let mean = self.mean_ns();
        let squares: f64 = self
            .buckets
            .iter()
            .map(|&(i, n)| {
                let deviation = median(i) as f64 - mean;
                deviation * deviation * n as f64
            })
            .sum();
        (squares / self.count as f64).sqrt()
    }

    /// Lowest value, highest value and count of every bucket that was hit, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64, u64)> + '_ {
        self.buckets.iter().map(|&(index, count)| (lowest(index), highest(index), count))
    }
}

fn merged(a: &[(usize, u64)], b: &[(usize, u64)]) -> Vec<(usize, u64)> {
    let mut out = Vec::with_capacity(a.len().max(b.len()));
    let (mut a, mut b) = (a.iter().copied().peekable(), b.iter().copied().peekable());
    loop {
        let next = match (a.peek(), b.peek()) {
            (Some(&(i, n)), Some(&(j, m))) if i == j => {
                a.next();
                b.next();
                Some((i, n + m))
            }
            (Some(&(i, _)), Some(&(j, _))) if i < j => a.next(),
            (Some(_), None) => a.next(),
            (_, Some(_)) => b.next(),
            (None, None) => None,
        };
        match next {
            Some(bucket) => out.push(bucket),
            None => return out,
        }
    }
}
