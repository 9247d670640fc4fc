//! `--queue mutex`: one lock around a queue, and a condition variable per thread.
//!
//! One condition variable for all would wake threads in turn; here the one that
//! went idle last wakes first (its stack and buffers are still in the cache, and
//! those not needed can end). The lock-free queue does the same, so that the two
//! differ in the queue and in spinning, not in who is woken.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::{Arrival, Crew, Growth, Job, JobQueue, WorkerId};

pub(crate) struct MutexQueue {
    crew: Arc<Crew>,
    state: Mutex<State>,
    /// All of them go with the one mutex.
    bells: Box<[Condvar]>,
}

struct State {
    jobs: VecDeque<Job>,
    /// Threads that wait, the latest at the end.
    idle: Vec<WorkerId>,
    /// Whether a thread was taken off `idle` by someone who rang its bell.
    rung: Box<[bool]>,
    /// Threads rung or started that have not come to the queue yet. Each of them
    /// will take one job.
    coming: usize,
}

impl MutexQueue {
    pub(crate) fn new(crew: Arc<Crew>, jobs: usize) -> Self {
        let ids = crew.limits().ids();
        let state = State {
            jobs: VecDeque::with_capacity(jobs),
            idle: Vec::with_capacity(ids),
            rung: vec![false; ids].into(),
            coming: 0,
        };
        let bells = (0..ids).map(|_| Condvar::new()).collect();
        Self { crew, state: Mutex::new(state), bells }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing below panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl JobQueue for MutexQueue {
    fn push(&self, job: Job) {
        let mut state = self.lock();
        state.jobs.push_back(job);
        if let Some(worker) = state.idle.pop() {
            state.rung[worker as usize] = true;
            state.coming += 1;
            drop(state);
            // After unlocking, or the woken thread would run into the lock.
            self.bells[worker as usize].notify_one();
        } else if state.jobs.len() > state.coming && !self.crew.is_full() {
            state.coming += 1;
            drop(state);
            if self.crew.grow() != Growth::Started {
                self.lock().coming -= 1;
            }
        }
    }

    fn take(&self, worker: WorkerId, arrival: Arrival) -> Option<Job> {
        let me = worker as usize;
        let mut state = self.lock();
        if arrival == Arrival::Newcomer {
            state.coming -= 1;
        }
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            state.idle.push(worker);
            let until = Instant::now() + self.crew.limits().idle;
            while !state.rung[me] {
                let left = until.saturating_duration_since(Instant::now());
                let waited = self.bells[me].wait_timeout(state, left);
                let (guard, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
                state = guard;
                if timeout.timed_out() && !state.rung[me] {
                    // Under the lock: no job is there, or it would have rung us.
                    if self.crew.retire() {
                        state.idle.retain(|idle| *idle != worker);
                        return None;
                    }
                    break;
                }
            }
            if state.rung[me] {
                state.rung[me] = false;
                state.coming -= 1;
            } else {
                state.idle.retain(|idle| *idle != worker);
            }
        }
    }

    fn expect_newcomer(&self) {
        self.lock().coming += 1;
    }

    fn is_starved(&self) -> bool {
        let state = self.lock();
        state.jobs.len() > state.coming && state.idle.is_empty()
    }
}
