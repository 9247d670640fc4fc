//! The recording side: one flat array, nothing shared.

use super::buckets::{BUCKETS, MAX_NS, index_of};
use super::sparse::Histogram;

/// Counts durations. Belongs to one thread; [`drain`](Self::drain) hands over what it has.
#[derive(Debug, Clone)]
pub struct Recorder {
    counts: Box<[u64]>,
    count: u64,
    saturated: u64,
    min_ns: u64,
    max_ns: u64,
}

impl Default for Recorder {
    fn default() -> Self {
        Self::new()
    }
}

impl Recorder {
    /// An empty recorder; about 216 KiB, of which only the pages that are hit become resident.
    #[must_use]
    pub fn new() -> Self {
        Self {
            counts: vec![0; BUCKETS].into_boxed_slice(),
            count: 0,
            saturated: 0,
            min_ns: u64::MAX,
            max_ns: 0,
        }
    }

    /// Counts one duration in nanoseconds.
    #[inline]
    pub fn record(&mut self, value_ns: u64) {
        let value = value_ns.min(MAX_NS);
        self.saturated += u64::from(value_ns > MAX_NS);
        self.counts[index_of(value)] += 1;
        self.count += 1;
        self.min_ns = self.min_ns.min(value);
        self.max_ns = self.max_ns.max(value);
    }

    /// Counts all durations of `histogram`. Costs in proportion to its buckets: of many that are put
    /// together, far less than [`Histogram::merge`] of each.
    pub fn add(&mut self, histogram: &Histogram) {
        if histogram.is_empty() {
            return;
        }
        for &(bucket, count) in histogram.buckets() {
            self.counts[bucket] += count;
        }
        self.count += histogram.count();
        self.saturated += histogram.saturated();
        self.min_ns = self.min_ns.min(histogram.min_ns());
        self.max_ns = self.max_ns.max(histogram.max_ns());
    }

    /// How many durations were counted since the last drain.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Moves everything into a histogram and starts again from nothing. Costs in proportion to
    /// the range between the lowest and the highest value.
    pub fn drain(&mut self) -> Histogram {
        if self.count == 0 {
            return Histogram::default();
        }
        let (first, last) = (index_of(self.min_ns), index_of(self.max_ns));
        let mut buckets = Vec::new();
        for (offset, count) in self.counts[first..=last].iter_mut().enumerate() {
            if *count != 0 {
                buckets.push((first + offset, std::mem::take(count)));
            }
        }
        let histogram = Histogram::from_parts(buckets, self.saturated, self.min_ns, self.max_ns);
        (self.count, self.saturated) = (0, 0);
        (self.min_ns, self.max_ns) = (u64::MAX, 0);
        histogram
    }
}
