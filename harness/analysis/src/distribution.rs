//! The latencies of a row's trials put together. Each trial's histogram is decoded here, once.

use httpdyno_record::{Figure, TrialRecord};
use httpdyno_stats::histogram::{Histogram, HistogramError, Recorder};

use crate::figures::exact;

/// The merged histograms of the trials of an entry at a point.
#[derive(Debug, Default)]
pub(crate) struct Distribution {
    /// Of those whose median is a number.
    pub(crate) median: Option<Histogram>,
    /// Of those whose tail is one; absent where these are the same.
    tail: Option<Histogram>,
    /// Whether the tail is that of the same trials.
    is_same: bool,
}

impl Distribution {
    /// # Errors
    /// When a histogram cannot be decoded.
    pub(crate) fn of(trials: &[&TrialRecord]) -> Result<Self, HistogramError> {
        let (mut median, mut tail) = (Recorder::new(), Recorder::new());
        // A tail is that of some of the trials whose median is valid, and mostly of all.
        let has_tail = |trial: &&&TrialRecord| trial.valid_for(Figure::Tail).is_some();
        let medians = trials.iter().filter(|trial| trial.valid_for(Figure::Latency).is_some());
        let is_same = medians.clone().all(|trial| has_tail(&trial));
        for trial in medians {
            let Some(measured) = trial.measurement() else { continue };
            let one = exact(&measured.latency_hdr, measured.latency.max_ns)?;
            median.add(&one);
            if !is_same && has_tail(&trial) {
                tail.add(&one);
            }
        }
        let some = |mut all: Recorder| Some(all.drain()).filter(|it| !it.is_empty());
        Ok(Self { median: some(median), tail: some(tail), is_same })
    }

    /// Of those whose tail is a number.
    pub(crate) fn tail(&self) -> Option<&Histogram> {
        if self.is_same { self.median.as_ref() } else { self.tail.as_ref() }
    }
}
