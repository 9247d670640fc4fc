//! When requests are due in the open loop: the inverse of the cumulative rate.

use crate::clock::as_ns;
use crate::mix::{Stream, exponential, random};
use crate::plan::{Arrivals, Schedule};

/// A stretch of time in which the rate changes linearly.
#[derive(Debug, Clone, Copy)]
struct Segment {
    start_ns: f64,
    /// Arrivals before it.
    count_before: f64,
    /// Arrivals in it; infinite for the last one.
    count: f64,
    /// Arrivals per nanosecond at its start.
    rate: f64,
    /// Change of the rate per nanosecond.
    slope: f64,
}

impl Segment {
    /// The time at which `count` arrivals of this segment have happened.
    fn time_of(&self, count: f64) -> f64 {
        if count <= 0.0 {
            return self.start_ns;
        }
        // The root of slope/2 t^2 + rate t = count, in the form that loses no digits and holds
        // for slope 0 as well.
        let root = (self.rate * self.rate + 2.0 * self.slope * count).max(0.0).sqrt();
        self.start_ns + 2.0 * count / (self.rate + root)
    }
}

/// The due times of one worker's requests, ascending, in nanoseconds from the start.
#[derive(Debug, Clone)]
pub(crate) struct ArrivalTimes {
    segments: Vec<Segment>,
    current: usize,
    spacing: Arrivals,
    seed: u64,
    worker: u64,
    workers: f64,
    index: u64,
    /// How many arrivals of all workers the next one of ours is worth waiting for.
    count: f64,
}

impl ArrivalTimes {
    pub(crate) fn new(
        schedule: &Schedule,
        spacing: Arrivals,
        seed: u64,
        worker: usize,
        workers: usize,
    ) -> Self {
        let mut times = Self {
            segments: segments(schedule),
            current: 0,
            spacing,
            seed,
            worker: worker as u64,
            workers: workers as f64,
            index: 0,
            count: 0.0,
        };
        times.count = match spacing {
            // Workers take turns.
            Arrivals::Constant => worker as f64,
            Arrivals::Poisson => times.gap(),
        };
        times
    }

    /// No arrivals at all.
    pub(crate) fn none() -> Self {
        Self::new(&Schedule::Steps(Vec::new()), Arrivals::Constant, 0, 0, 1)
    }

    fn gap(&self) -> f64 {
        exponential(random(self.seed, Stream::Arrival(self.worker), self.index)) * self.workers
    }

    /// The rate at the beginning alone, for the warm-up.
    pub(crate) fn initial(schedule: &Schedule) -> Schedule {
        Schedule::Rate(match schedule {
            Schedule::Rate(rate) => *rate,
            Schedule::Ramp { from, .. } => *from,
            Schedule::Steps(steps) => steps.first().map_or(0.0, |step| step.rate),
        })
    }
}

impl Iterator for ArrivalTimes {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let segment = loop {
            let segment = self.segments.get(self.current)?;
            // What is due at the very end belongs to what follows, rounding errors or not.
            if self.count < segment.count_before + segment.count - 1e-6 {
                break segment;
            }
            self.current += 1;
        };
        let time = segment.time_of(self.count - segment.count_before);
        self.index += 1;
        self.count = match self.spacing {
            Arrivals::Constant => self.index as f64 * self.workers + self.worker as f64,
            Arrivals::Poisson => self.count + self.gap(),
        };
        // Beyond 2^53 ns (104 days) doubles skip nanoseconds; a run is shorter.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        time.is_finite().then_some(time.round() as u64)
    }
}

fn segments(schedule: &Schedule) -> Vec<Segment> {
    const PER_NS: f64 = 1e-9;
    let mut list = SegmentList { segments: Vec::new(), start_ns: 0.0, count: 0.0 };
    match schedule {
        Schedule::Rate(rate) => list.last(rate * PER_NS),
        Schedule::Ramp { from, to, over } => {
            list.push(from * PER_NS, to * PER_NS, as_ns(*over) as f64);
            list.last(to * PER_NS);
        }
        Schedule::Steps(steps) => {
            for step in steps {
                list.push(step.rate * PER_NS, step.rate * PER_NS, as_ns(step.lasts) as f64);
            }
            list.last(steps.last().map_or(0.0, |step| step.rate) * PER_NS);
        }
    }
    list.segments
}

struct SegmentList {
    segments: Vec<Segment>,
    start_ns: f64,
    count: f64,
}

impl SegmentList {
    fn push(&mut self, from: f64, to: f64, lasts_ns: f64) {
        if lasts_ns <= 0.0 {
            return;
        }
        let (start_ns, count_before) = (self.start_ns, self.count);
        let count = (from + to) / 2.0 * lasts_ns;
        let slope = (to - from) / lasts_ns;
        self.segments.push(Segment { start_ns, count_before, count, rate: from, slope });
        self.start_ns += lasts_ns;
        self.count += count;
    }

    fn last(&mut self, rate: f64) {
        if rate > 0.0 {
            let (start_ns, count_before) = (self.start_ns, self.count);
            let count = f64::INFINITY;
            self.segments.push(Segment { start_ns, count_before, count, rate, slope: 0.0 });
        }
    }
}

#[cfg(test)]
mod tests;
