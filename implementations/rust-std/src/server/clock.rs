//! A coarse clock: reading it is one load, so that a deadline can be set for
//! every request. The timekeeper moves it on.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How finely deadlines of idle connections are kept.
pub(crate) const TICK: Duration = Duration::from_millis(100);

/// Ticks since the start.
#[derive(Debug)]
pub(crate) struct Clock {
    start: Instant,
    ticks: AtomicU64,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), ticks: AtomicU64::new(0) }
    }

    /// Takes over the time of the system and returns it in ticks.
    pub(crate) fn advance(&self) -> u64 {
        let now = (self.start.elapsed().as_millis() / TICK.as_millis()) as u64;
        self.ticks.store(now, Ordering::Relaxed);
        now
    }

    /// The tick that comes at least `patience` from now.
    pub(crate) fn deadline(&self, patience: Duration) -> u64 {
        self.ticks.load(Ordering::Relaxed) + ticks(patience) + 1
    }
}

pub(crate) const fn ticks(duration: Duration) -> u64 {
    (duration.as_millis() / TICK.as_millis()) as u64
}
