//! Which threads are parked, for the lock-free queue: the latest wakes first.
//!
//! A thread can not leave the middle of a stack, so an entry of the stack is only
//! a hint, and the truth is one atomic per thread with two bits: `LISTED` (an
//! entry is in the stack, or a waker holds it in hand) and `PARKED` (it may be
//! claimed). Every change of it is a read-modify-write, so the changes of one
//! thread's state are totally ordered, and a parking ends in exactly one way: it
//! is claimed by the waker whose `swap` sees `PARKED`, or cancelled by the thread
//! whose `fetch_and` still sees it.
//!
//! A thread is in the stack at most once: it pushes itself only if the state
//! before had no `LISTED`. If it had, its entry is in the stack or in the hand of
//! a waker that has not swapped yet, and that one will see `PARKED` then.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant};

use super::{IndexStack, WorkerId};

const LISTED: u8 = 1;
const PARKED: u8 = 2;

#[derive(Debug)]
pub(crate) struct Sleepers {
    stack: IndexStack,
    berths: Box<[Berth]>,
}

/// What belongs to one thread number.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Berth {
    state: AtomicU8,
    /// Whom to unpark. Locked by the thread when it starts, by the one waker that
    /// claimed it later: nobody waits for it.
    thread: Mutex<Option<Thread>>,
}

impl Sleepers {
    pub(crate) fn new(ids: usize) -> Self {
        Self { stack: IndexStack::empty(ids), berths: (0..ids).map(|_| Berth::default()).collect() }
    }

    fn state(&self, worker: WorkerId) -> &AtomicU8 {
        &self.berths[worker as usize].state
    }

    /// Notes that the calling thread has this number from now on.
    pub(crate) fn enroll(&self, worker: WorkerId) {
        let mut thread =
            self.berths[worker as usize].thread.lock().unwrap_or_else(PoisonError::into_inner);
        *thread = Some(std::thread::current());
    }

    /// From now on the calling thread may be claimed.
    pub(crate) fn announce(&self, worker: WorkerId) {
        if self.state(worker).fetch_or(PARKED | LISTED, Ordering::AcqRel) & LISTED == 0 {
            self.stack.push(worker);
        }
    }

    /// Takes the announcement back; `false` when the thread was claimed already.
    pub(crate) fn cancel(&self, worker: WorkerId) -> bool {
        self.state(worker).fetch_and(!PARKED, Ordering::AcqRel) & PARKED != 0
    }

    /// Parks the calling thread, which has announced itself, until it is claimed;
    /// `false` when it was not within `patience`.
    pub(crate) fn wait(&self, worker: WorkerId, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        while self.state(worker).load(Ordering::Acquire) & PARKED != 0 {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return !self.cancel(worker);
            }
            // May return at any time; a claim before it makes it return at once.
            std::thread::park_timeout(left);
        }
        true
    }

    /// Whether nobody is parked; an entry that is only a hint counts as somebody.
    pub(crate) fn is_empty(&self) -> bool {
        self.stack.is_empty()
    }

    /// Claims a parked thread and wakes it; `false` when there is none.
    pub(crate) fn wake_one(&self) -> bool {
        while let Some(worker) = self.stack.pop() {
            if self.state(worker).swap(0, Ordering::AcqRel) & PARKED != 0 {
                let thread = &self.berths[worker as usize].thread;
                let thread = thread.lock().unwrap_or_else(PoisonError::into_inner).clone();
                if let Some(thread) = thread {
                    thread.unpark();
                    return true;
                }
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn a_parked_thread_is_claimed_once() {
        let sleepers = Sleepers::new(4);
        sleepers.enroll(3);
        assert!(!sleepers.wake_one());
        sleepers.announce(3);
        assert!(!sleepers.is_empty());
        assert!(sleepers.wake_one() && !sleepers.wake_one());
        assert!(sleepers.wait(3, LONG), "it was claimed before it parked");
        assert!(!sleepers.cancel(3));
    }

    #[test]
    fn a_cancelled_entry_is_only_a_hint_and_may_be_used_again() {
        let sleepers = Sleepers::new(2);
        sleepers.enroll(0);
        sleepers.announce(0);
        assert!(sleepers.cancel(0) && !sleepers.cancel(0));
        sleepers.announce(0);
        assert!(sleepers.cancel(0));
        assert!(!sleepers.wake_one(), "nobody is parked");
        sleepers.announce(0);
        assert!(!sleepers.wait(0, Duration::ZERO), "nobody claims it");
        sleepers.announce(0);
        assert!(sleepers.wake_one());
    }

    #[test]
    fn the_latest_wakes_first_and_really_wakes() {
        let sleepers = Sleepers::new(2);
        let woken = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let first = scope.spawn(|| {
                sleepers.enroll(0);
                sleepers.announce(0);
                woken.store(sleepers.wait(0, LONG), Ordering::Release);
            });
            let is_parked = |worker| sleepers.state(worker).load(Ordering::Acquire) & PARKED != 0;
            while !is_parked(0) || sleepers.is_empty() {
                std::thread::yield_now();
            }
            // The calling thread announces itself after it.
            sleepers.enroll(1);
            sleepers.announce(1);
            assert!(sleepers.wake_one());
            assert!(sleepers.wait(1, LONG) && is_parked(0));
            assert!(sleepers.wake_one());
            first.join().unwrap();
            assert!(woken.load(Ordering::Acquire));
        });
    }
}
