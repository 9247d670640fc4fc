//! How fast connections are opened where one case takes hundreds.
//!
//! A burst beyond the listen backlog of a server fills its queue of connections, and Linux then
//! answers with SYN cookies: it forgets the connection, takes it up again at the first segment that
//! comes through, and has lost what was dropped before. Requests arrive without their first byte, or
//! the connection is reset - none of which the server did.

use std::time::Duration;

use tokio::sync::{Mutex, Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

/// Far fewer than the backlog of 128 that many libraries ask for.
const OPEN_AT_A_TIME: usize = 32;
/// So that even a backlog of 5 is drained meanwhile.
const APART: Duration = Duration::from_millis(2);

/// One for all cases of a run.
pub(crate) struct Doorway {
    places: Semaphore,
    next: Mutex<Option<Instant>>,
}

impl Doorway {
    pub(crate) fn new() -> Self {
        Self { places: Semaphore::new(OPEN_AT_A_TIME), next: Mutex::new(None) }
    }

    /// Waits until one more connection may be opened; it counts as open until the permit is dropped.
    pub(crate) async fn enter(&self) -> Option<SemaphorePermit<'_>> {
        // Never closed, so that there always is a permit in the end.
        let permit = self.places.acquire().await.ok();
        let mut next = self.next.lock().await;
        if let Some(due) = *next {
            sleep_until(due).await;
        }
        // From now and not from when it was due: a checker that was held up must not catch up.
        *next = Some(Instant::now() + APART);
        permit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn connections_are_opened_apart_and_no_more_than_fit_are_open() {
        let doorway = Doorway::new();
        let begin = Instant::now();
        let mut inside = Vec::new();
        for _ in 0..OPEN_AT_A_TIME {
            inside.push(doorway.enter().await.expect("never closed"));
        }
        let apart = APART * u32::try_from(OPEN_AT_A_TIME - 1).expect("few");
        assert!(begin.elapsed() >= apart, "{:?}", begin.elapsed());
        let full = tokio::time::timeout(Duration::from_millis(20), doorway.enter()).await;
        assert!(full.is_err(), "one more than fit");
        inside.pop();
        tokio::time::timeout(Duration::from_secs(60), doorway.enter()).await.expect("room again");
    }

    /// As after a time without the processor.
    #[tokio::test]
    async fn what_is_late_is_not_caught_up_with() {
        let doorway = Doorway::new();
        drop(doorway.enter().await);
        tokio::time::sleep(APART * 10).await;
        let begin = Instant::now();
        drop(doorway.enter().await);
        drop(doorway.enter().await);
        assert!(begin.elapsed() >= APART, "{:?}", begin.elapsed());
    }
}
