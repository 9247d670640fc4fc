//! What the workers tell, put together for the observer.

use std::collections::BTreeMap;

use httpdyno_stats::warmup::{FlatRule, WarmUp};

use crate::observer::{Observer, Progress, SecondReport};

/// Opens the window with the first worker and closes it with the last; reports each second
/// once all workers have sent it.
pub(super) struct Gathering {
    workers: usize,
    opened: usize,
    closed: usize,
    seconds: BTreeMap<u64, (usize, SecondReport)>,
    rule: Option<FlatRule>,
    warming: BTreeMap<u64, (usize, u64)>,
    /// Right responses of all workers in each part of the warm-up.
    rates: Vec<u64>,
    /// Whether the rate is flat; nothing before that can be told.
    flat: Option<bool>,
}

impl Gathering {
    pub(super) fn new(workers: usize, rule: Option<FlatRule>) -> Self {
        let (seconds, warming) = (BTreeMap::new(), BTreeMap::new());
        let (rates, flat) = (Vec::new(), None);
        Self { workers, opened: 0, closed: 0, seconds, rule, warming, rates, flat }
    }

    /// Whether the rate is flat; nothing before that can be told.
    pub(super) fn is_flat(&self) -> Option<bool> {
        self.flat
    }

    /// Parts come in order from each worker; a part is whole when all have told it.
    fn warming(&mut self, window: u64, ok: u64) {
        let (count, sum) = self.warming.entry(window).or_insert((0, 0));
        *count += 1;
        *sum += ok;
        let (count, sum) = (*count, *sum);
        let Some(rule) = self.rule.filter(|_| count == self.workers && self.flat != Some(true))
        else {
            return;
        };
        self.warming.remove(&window);
        self.rates.push(sum);
        match WarmUp::judge(&self.rates, &rule) {
            WarmUp::TooShort { .. } => {}
            judged => self.flat = Some(judged.is_flat()),
        }
    }

    pub(super) fn take(&mut self, progress: Progress, observer: &mut dyn Observer) {
        match progress {
            Progress::Opened => {
                if self.opened == 0 {
                    observer.window_opened();
                }
                self.opened += 1;
            }
            Progress::Warming { window, ok } => self.warming(window, ok),
            Progress::Second(second) => self.second(second, observer),
            Progress::Closed => {
                self.closed += 1;
                if self.closed == self.workers {
                    observer.window_closed();
                }
            }
        }
    }

    /// All workers are gone. A window that some never opened or closed (stopped or failed) is
    /// closed now.
    pub(super) fn finish(self, observer: &mut dyn Observer) {
        if self.opened > 0 && self.closed < self.workers {
            observer.window_closed();
        }
    }

    fn second(&mut self, second: SecondReport, observer: &mut dyn Observer) {
        let number = second.second;
        let empty = SecondReport { second: number, ..SecondReport::default() };
        let (count, sum) = self.seconds.entry(number).or_insert((0, empty));
        *count += 1;
        sum.merge(&second);
        if *count == self.workers
            && let Some((_, whole)) = self.seconds.remove(&number)
        {
            observer.second(&whole);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Gathering;
    use crate::observer::{Progress, Silent};
    use httpdyno_stats::warmup::FlatRule;

    /// What two workers tell, each its half of the rate.
    fn after(rates: impl IntoIterator<Item = u64>) -> Option<bool> {
        let mut gathering = Gathering::new(2, Some(FlatRule::default()));
        for (window, rate) in (0..).zip(rates) {
            for ok in [rate / 2, rate - rate / 2] {
                gathering.take(Progress::Warming { window, ok }, &mut Silent);
            }
        }
        gathering.is_flat()
    }

    #[test]
    fn a_steady_rate_is_flat_and_a_growing_one_is_not() {
        assert_eq!(after((0..19).map(|_| 1_000)), None, "too short to tell");
        assert_eq!(after((0..20).map(|_| 1_000)), Some(true));
        assert_eq!(after((0..60).map(|window| 1_000 + 50 * window)), Some(false));
    }

    #[test]
    fn a_part_counts_when_all_workers_have_told_it() {
        let mut gathering = Gathering::new(2, Some(FlatRule::default()));
        for window in 0..40 {
            gathering.take(Progress::Warming { window, ok: 500 }, &mut Silent);
        }
        assert_eq!(gathering.is_flat(), None);
    }
}
