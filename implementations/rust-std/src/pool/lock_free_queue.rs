//! `--queue lock-free`: one ring per core, work stealing, spin then park.
//!
//! Jobs come from outside the pool and never make jobs, so the deque of Chase and
//! Lev (its owner pushes and pops at one end) would have no owner's end here. In
//! its place every core has a ring; new connections go to the rings in turn, a
//! thread looks into its home ring first and steals from the others after it.
//!
//! Who wakes whom follows the Go scheduler: `searching` counts the threads that
//! look for a job and have none. A producer wakes (or starts) a thread only if
//! nobody searches; a searcher that finds a job and sees more of them passes the
//! signal on. So a burst wakes as many threads as are needed, one after the
//! other, and a producer seldom makes a system call.
//!
//! No wake-up is lost. A producer does: fill a ring; fence; read `searching` and
//! the sleepers. A thread that goes to sleep does: lower `searching`; announce
//! itself; fence; look into the rings. The two `SeqCst` fences are ordered: if
//! the producer's comes first, the thread sees the job; if the thread's comes
//! first, the producer sees neither a searcher nor an empty list of sleepers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering, fence};

use super::padded::Padded;
use super::ring::Ring;
use super::sleepers::Sleepers;
use super::{Arrival, Crew, Growth, Job, JobQueue, WorkerId};

/// Rounds of spinning before a thread parks; a round is twice as long as the one
/// before, from one to 32 pauses: a few microseconds in all, about what parking
/// and being woken costs.
const SPIN_ROUNDS: u32 = 6;
/// More rings than this are only more places to look.
const MAX_RINGS: usize = 64;

pub(crate) struct LockFreeQueue {
    crew: Arc<Crew>,
    rings: Box<[Ring]>,
    next_ring: Padded<AtomicUsize>,
    searching: Padded<AtomicUsize>,
    sleepers: Sleepers,
    /// How many threads may spin at a time: half the cores, none if there is one
    /// core (a spinning thread would keep the producer from it).
    spinners: usize,
}

impl LockFreeQueue {
    /// A queue in which at most `jobs` jobs are at a time.
    pub(crate) fn new(crew: Arc<Crew>, jobs: usize) -> Self {
        let cores = crew.limits().core;
        let sleepers = Sleepers::new(crew.limits().ids());
        Self {
            crew,
            // Each could hold all jobs, so that a push never fails.
            rings: (0..cores.min(MAX_RINGS)).map(|_| Ring::with_capacity(jobs)).collect(),
            next_ring: Padded::default(),
            searching: Padded::default(),
            sleepers,
            spinners: cores / 2,
        }
    }

    /// The home ring first, then the others.
    fn find(&self, worker: WorkerId) -> Option<Job> {
        let home = worker as usize % self.rings.len();
        let (before, after) = self.rings.split_at(home);
        after.iter().chain(before).find_map(Ring::pop).map(|job| job as Job)
    }

    fn has_job(&self) -> bool {
        self.rings.iter().any(|ring| !ring.is_empty())
    }

    /// Sees to it that somebody comes for the jobs in the rings.
    fn signal(&self) {
        loop {
            fence(Ordering::SeqCst);
            let unattended =
                self.searching.compare_exchange(0, 1, Ordering::SeqCst, Ordering::SeqCst).is_ok();
            // A searcher is there already; or else the woken or started thread is
            // counted as one from now on.
            // Somebody who is woken or started counts as a searcher from now on.
            if !unattended || self.sleepers.wake_one() {
                return;
            }
            let growth = self.crew.grow();
            if growth == Growth::Started {
                return;
            }
            // All are busy: whoever is done first looks into the rings. But since
            // we looked a thread may have gone to sleep or left its place, and a
            // producer may have relied on the searcher that was announced above.
            self.searching.fetch_sub(1, Ordering::SeqCst);
            fence(Ordering::SeqCst);
            let has_room = growth == Growth::Full && !self.crew.is_full();
            if !(self.has_job() && (has_room || !self.sleepers.is_empty())) {
                return;
            }
        }
    }

    /// Leaves the searchers with a job in hand.
    fn found(&self, job: Job) -> Job {
        self.searching.fetch_sub(1, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        if self.has_job() {
            self.signal();
        }
        job
    }

    /// Looks for a job for a while. The caller is counted as searching.
    fn spin(&self, worker: WorkerId) -> Option<Job> {
        for round in 0..SPIN_ROUNDS {
            for _ in 0..1 << round {
                std::hint::spin_loop();
            }
            if let Some(job) = self.find(worker) {
                return Some(job);
            }
        }
        None
    }

    /// Becomes a searcher unless enough of them spin already.
    fn start_searching(&self) -> bool {
        let more = |count| (count < self.spinners).then_some(count + 1);
        self.searching.fetch_update(Ordering::SeqCst, Ordering::SeqCst, more).is_ok()
    }

    /// Waits until somebody claims this thread, which counts it as searching;
    /// `None` when the thread has left the crew instead.
    fn sleep(&self, worker: WorkerId) -> Option<()> {
        loop {
            self.sleepers.announce(worker);
            fence(Ordering::SeqCst);
            if self.has_job() && self.sleepers.cancel(worker) {
                self.searching.fetch_add(1, Ordering::SeqCst);
                return Some(());
            }
            if self.sleepers.wait(worker, self.crew.limits().idle) {
                return Some(());
            }
            if self.crew.retire() {
                // The same argument once more, with the place that was given free
                // in the role of the sleeper.
                fence(Ordering::SeqCst);
                if !(self.has_job() && self.crew.rejoin()) {
                    return None;
                }
            }
        }
    }
}

impl JobQueue for LockFreeQueue {
    fn push(&self, job: Job) {
        let ring = self.next_ring.fetch_add(1, Ordering::Relaxed) % self.rings.len();
        while !self.rings[ring].push(u64::from(job)) {
            // Can not be, with room for all jobs; waiting is better than losing one.
            std::thread::yield_now();
        }
        self.signal();
    }

    fn take(&self, worker: WorkerId, arrival: Arrival) -> Option<Job> {
        let mut searching = arrival == Arrival::Newcomer;
        if searching {
            self.sleepers.enroll(worker);
        } else if let Some(job) = self.find(worker) {
            // Whatever else is in the rings has had a signal of its own.
            return Some(job);
        } else {
            searching = self.start_searching();
        }
        loop {
            if searching {
                if let Some(job) = self.find(worker) {
                    return Some(self.found(job));
                }
                if self.spinners > 0
                    && let Some(job) = self.spin(worker)
                {
                    return Some(self.found(job));
                }
                self.searching.fetch_sub(1, Ordering::SeqCst);
            }
            self.sleep(worker)?;
            searching = true;
        }
    }

    fn expect_newcomer(&self) {
        self.searching.fetch_add(1, Ordering::SeqCst);
    }

    fn is_starved(&self) -> bool {
        self.has_job() && self.sleepers.is_empty() && self.searching.load(Ordering::Relaxed) == 0
    }
}
