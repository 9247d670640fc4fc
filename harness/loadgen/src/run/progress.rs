//! What the workers tell, put together for the observer.

use std::collections::BTreeMap;

use crate::observer::{Observer, Progress, SecondReport};

/// Opens the window with the first worker and closes it with the last; reports each second
/// once all workers have sent it.
pub(super) struct Gathering {
    workers: usize,
    opened: usize,
    closed: usize,
    seconds: BTreeMap<u64, (usize, SecondReport)>,
}

impl Gathering {
    pub(super) fn new(workers: usize) -> Self {
        Self { workers, opened: 0, closed: 0, seconds: BTreeMap::new() }
    }

    pub(super) fn take(&mut self, progress: Progress, observer: &mut dyn Observer) {
        match progress {
            Progress::Opened => {
                if self.opened == 0 {
                    observer.window_opened();
                }
                self.opened += 1;
            }
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
