//! The threads and the queue they take jobs from. A job is the number of a slot
//! that holds a connection (see `server::slots`).

mod crew;
mod index_stack;
mod lock_free_queue;
mod mutex_queue;
mod padded;
mod ring;
mod sleepers;

use std::sync::Arc;

pub(crate) use crew::{Crew, Growth, Limits};
pub(crate) use index_stack::IndexStack;
pub(crate) use lock_free_queue::LockFreeQueue;
pub(crate) use mutex_queue::MutexQueue;

/// A slot number.
pub(crate) type Job = u32;
/// The number of a thread of the pool; never two threads at a time have the same.
pub(crate) type WorkerId = u32;

/// How a thread comes to the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// It was started because a job waits: the queue counts on it already.
    Newcomer,
    /// It has finished a job.
    Back,
}

/// A queue of jobs that also decides who wakes up for them.
pub(crate) trait JobQueue: Send + Sync + 'static {
    /// Adds a job; wakes a thread, or starts one when none is idle.
    fn push(&self, job: Job);

    /// Waits for a job. `None` tells the thread to end: it was idle for long.
    fn take(&self, worker: WorkerId, arrival: Arrival) -> Option<Job>;

    /// Counts on a thread that is about to be started.
    fn expect_newcomer(&self);

    /// Jobs wait and nobody comes for them: every thread that can exist is busy.
    fn is_starved(&self) -> bool;
}

/// Starts the smallest crew. Each thread runs `work` for every job it takes.
pub(crate) fn start(
    crew: &Arc<Crew>,
    queue: &Arc<dyn JobQueue>,
    work: impl Fn() -> Box<dyn FnMut(Job)> + Send + Sync + 'static,
) -> std::io::Result<()> {
    let jobs = Arc::clone(queue);
    crew.set_body(move |worker| {
        let mut work = work();
        let mut arrival = Arrival::Newcomer;
        while let Some(job) = jobs.take(worker, arrival) {
            work(job);
            arrival = Arrival::Back;
        }
    });
    for _ in 0..crew.limits().core {
        queue.expect_newcomer();
        if crew.grow() != Growth::Started {
            return Err(std::io::Error::other("the threads of the pool can not be started"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
