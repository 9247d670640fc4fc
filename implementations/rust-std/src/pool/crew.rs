//! The threads of the pool: how many there are, starting more, letting some go.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::Builder;
use std::time::Duration;

use super::WorkerId;

/// How many threads there may be and what each gets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Threads that never end.
    pub(crate) core: usize,
    /// The most threads at a time.
    pub(crate) max: usize,
    /// How long one of the others stays without a job.
    pub(crate) idle: Duration,
    /// The stack of a thread, in octets (address space: only what is touched is
    /// memory).
    pub(crate) stack: usize,
}

impl Limits {
    /// Ids to hand out. A thread that ends gives its place free before its id, so
    /// that there are more ids than places.
    pub(crate) fn ids(&self) -> usize {
        self.max * 2
    }
}

/// What became of the wish for one more thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Growth {
    Started,
    /// There are as many as there may be.
    Full,
    /// The system has no more threads for us.
    Failed,
}

type Body = Box<dyn Fn(WorkerId) + Send + Sync>;

pub(crate) struct Crew {
    limits: Limits,
    live: AtomicUsize,
    ids: Mutex<Vec<WorkerId>>,
    body: OnceLock<Body>,
}

impl Crew {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        assert!(0 < limits.core && limits.core <= limits.max, "limits are in order");
        Arc::new(Self {
            limits,
            live: AtomicUsize::new(0),
            ids: Mutex::new((0..limits.ids() as WorkerId).rev().collect()),
            body: OnceLock::new(),
        })
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What every thread does from start to end; set once, before the first grows.
    pub(crate) fn set_body(&self, body: impl Fn(WorkerId) + Send + Sync + 'static) {
        assert!(self.body.set(Box::new(body)).is_ok(), "a crew has one body");
    }

    pub(crate) fn is_full(&self) -> bool {
        self.live.load(Ordering::SeqCst) >= self.limits.max
    }

    /// Threads that run or wait.
    #[cfg(test)]
    pub(crate) fn live(&self) -> usize {
        self.live.load(Ordering::SeqCst)
    }

    /// Starts one more thread.
    pub(crate) fn grow(self: &Arc<Self>) -> Growth {
        if !self.rejoin() {
            return Growth::Full;
        }
        let Some(worker) = self.lock_ids().pop() else {
            self.live.fetch_sub(1, Ordering::SeqCst);
            return Growth::Failed;
        };
        let crew = Arc::clone(self);
        let thread = Builder::new().name("worker".into()).stack_size(self.limits.stack);
        let started = thread.spawn(move || {
            if let Some(body) = crew.body.get() {
                body(worker);
            }
            crew.lock_ids().push(worker);
        });
        if started.is_ok() {
            return Growth::Started;
        }
        self.live.fetch_sub(1, Ordering::SeqCst);
        self.lock_ids().push(worker);
        Growth::Failed
    }

    /// Gives the place of the calling thread free; `false` when it has to stay.
    pub(crate) fn retire(&self) -> bool {
        self.change(|live| (live > self.limits.core).then(|| live - 1))
    }

    /// Takes a place (again).
    pub(crate) fn rejoin(&self) -> bool {
        self.change(|live| (live < self.limits.max).then_some(live + 1))
    }

    fn change(&self, next: impl FnMut(usize) -> Option<usize>) -> bool {
        // SeqCst: the lock-free queue argues about the order of this counter
        // and its fences.
        self.live.fetch_update(Ordering::SeqCst, Ordering::SeqCst, next).is_ok()
    }

    fn lock_ids(&self) -> std::sync::MutexGuard<'_, Vec<WorkerId>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
