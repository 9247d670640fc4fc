//! What one thread of a run does.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Sender;

use super::Available;
use crate::affinity;
use crate::clock::now_ns;
use crate::compile::CompiledPlan;
use crate::driver::{Driver, Share, WorkerResult};
use crate::engine::{Engine, Epoll, Uring};
use crate::error::LoadError;
use crate::observer::Progress;
use crate::plan::{LoadPlan, Threads};
use crate::worker::{Ready, Signals, work};

pub(super) type WorkerOutcome = Result<WorkerResult, LoadError>;

/// A worker's part of connections and requests.
fn share(plan: &LoadPlan, worker: usize) -> Share {
    let workers = plan.threads.count();
    let part = |whole: usize| whole / workers + usize::from(worker < whole % workers);
    let requests = plan
        .stop
        .requests
        .map(|all| all / workers as u64 + u64::from((worker as u64) < all % workers as u64));
    Share {
        worker,
        workers,
        connections: part(plan.connections),
        requests,
        realtime: false,
        nice: 0,
    }
}

/// What a thread is given.
pub(super) struct Task {
    plan: Arc<CompiledPlan>,
    share: Share,
    core: Option<usize>,
    engine: Available,
    signals: Signals,
    ready: Sender<Ready>,
    progress: Sender<Progress>,
}

impl Task {
    pub(super) fn new(
        plan: Arc<CompiledPlan>,
        worker: usize,
        engine: Available,
        signals: Signals,
        ready: Sender<Ready>,
        progress: Sender<Progress>,
    ) -> Self {
        let core = match &plan.plan.threads {
            Threads::Pinned(cores) => cores.get(worker).copied(),
            Threads::Unpinned(_) => None,
        };
        Self { share: share(&plan.plan, worker), plan, core, engine, signals, ready, progress }
    }

    /// Runs on the thread itself.
    pub(super) fn run(self) -> WorkerOutcome {
        let stop = Arc::clone(&self.signals.stop);
        let outcome = self.work();
        if outcome.is_err() {
            // Without one worker the others measure nothing of use.
            stop.store(true, Ordering::Relaxed);
        }
        outcome
    }

    fn work(mut self) -> WorkerOutcome {
        if let Some(core) = self.core {
            affinity::pin(core).map_err(|source| LoadError::Pin { core, source })?;
        }
        affinity::sharpen_timers();
        self.share.realtime = self.plan.plan.realtime && affinity::become_realtime();
        self.share.nice = affinity::renice(self.plan.plan.nice);
        match self.engine {
            Available::IoUring => {
                let engine = Uring::new(Arc::clone(&self.plan), self.share.connections);
                self.drive(engine)
            }
            Available::Epoll => {
                let engine = Epoll::new(Arc::clone(&self.plan), self.share.connections);
                self.drive(engine)
            }
        }
    }

    fn drive<E: Engine>(self, engine: std::io::Result<E>) -> WorkerOutcome {
        let failed = |source| LoadError::Io { engine: E::NAME, source };
        let engine = engine.map_err(failed)?;
        let driver = Driver::new(self.plan, self.share, self.progress, now_ns());
        work(driver, engine, &self.signals, self.ready).map_err(failed)
    }
}
