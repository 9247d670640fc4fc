//! The end: SIGTERM lets what is in flight finish, within a time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long after the signal a held answer may still be due. The contract gives
/// 5 s to the exit.
pub(crate) const LAST_ANSWER: Duration = Duration::from_secs(4);

/// Whether the server is about to end.
#[derive(Debug, Default)]
pub(crate) struct Drain {
    is_on: AtomicBool,
    last_answer: Mutex<Option<Instant>>,
    bell: Condvar,
}

impl Drain {
    /// Starts the end.
    pub(crate) fn begin(&self) {
        let mut last_answer = self.last_answer.lock().unwrap_or_else(PoisonError::into_inner);
        *last_answer = Some(Instant::now() + LAST_ANSWER);
        self.is_on.store(true, Ordering::Release);
        self.bell.notify_all();
    }

    pub(crate) fn is_on(&self) -> bool {
        self.is_on.load(Ordering::Acquire)
    }

    /// Sleeps for `duration`; `false` at once when the server ends before.
    pub(crate) fn hold(&self, duration: Duration) -> bool {
        let until = Instant::now() + duration;
        let mut last_answer = self.last_answer.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            if last_answer.is_some_and(|last| until > last) {
                return false;
            }
            let waited = self.bell.wait_timeout(last_answer, left);
            last_answer = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_lasts_as_long_as_asked() {
        let start = Instant::now();
        assert!(Drain::default().hold(Duration::from_millis(20)));
        assert!(start.elapsed() >= Duration::from_millis(20));
    }

    #[test]
    fn the_end_breaks_long_holds_and_lets_short_ones_be() {
        let drain = Drain::default();
        std::thread::scope(|scope| {
            let long = scope.spawn(|| drain.hold(Duration::from_secs(600)));
            drain.begin();
            assert!(!long.join().unwrap());
        });
        assert!(drain.is_on());
        assert!(drain.hold(Duration::from_millis(1)));
    }
}
