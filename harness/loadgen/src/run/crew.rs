//! The threads of a run: started together, watched, joined.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::Available;
use super::progress::Gathering;
use super::task::{Task, WorkerOutcome};
use crate::clock::{as_ns, now_ns};
use crate::compile::CompiledPlan;
use crate::driver::WorkerResult;
use crate::error::LoadError;
use crate::observer::{Observer, Progress, Started};
use crate::plan::LoadPlan;
use crate::worker::{Ready, Signals};

/// From the moment all workers are ready to the first request, so that all see the signal.
const START_DELAY_NS: u64 = 3_000_000;

/// From the decision to measure until it begins: longer than a worker may sleep.
const NOTICE_NS: u64 = 25_000_000;

/// How often a stop from outside is looked for. Each look may take a core from a worker for a
/// moment, so not more often than a person notices.
const STOP_POLL: Duration = Duration::from_millis(100);

/// The threads of a run.
pub(super) struct Crew {
    threads: Vec<JoinHandle<WorkerOutcome>>,
    signals: Signals,
    ready: Receiver<Ready>,
    progress: Receiver<Progress>,
}

impl Crew {
    pub(super) fn start(plan: &Arc<CompiledPlan>, engine: Available) -> Result<Self, LoadError> {
        let (ready_tx, ready) = mpsc::channel();
        let (progress_tx, progress) = mpsc::channel();
        let signals = Signals {
            start_ns: Arc::new(AtomicU64::new(0)),
            measure_ns: Arc::new(AtomicU64::new(0)),
            stop: Arc::new(AtomicBool::new(false)),
            seen: Arc::new(AtomicBool::new(false)),
        };
        let mut crew = Self { threads: Vec::new(), signals, ready, progress };
        for worker in 0..plan.plan.threads.count() {
            let task = Task::new(
                Arc::clone(plan),
                worker,
                engine,
                crew.signals.clone(),
                ready_tx.clone(),
                progress_tx.clone(),
            );
            let name = format!("loadgen-{worker}");
            let thread = std::thread::Builder::new().name(name).spawn(move || task.run());
            match thread {
                Ok(thread) => crew.threads.push(thread),
                Err(error) => {
                    crew.signals.stop.store(true, Ordering::Relaxed);
                    // The ones that run are told to stop; their results mean nothing.
                    let _ = crew.join();
                    return Err(LoadError::Spawn(error));
                }
            }
        }
        Ok(crew)
    }

    /// Starts the load when all are ready and reports progress until all threads are done. Gives
    /// whether the rate was flat by the plan's rule, where that can be told.
    pub(super) fn supervise(
        &mut self,
        plan: &CompiledPlan,
        engine: Available,
        stop: &AtomicBool,
        observer: &mut dyn Observer,
    ) -> Result<Option<bool>, LoadError> {
        if let Some(started) = self.establish(plan, engine, stop)? {
            observer.started(&started);
        }
        let mut gathering = Gathering::new(self.threads.len(), plan.plan.flat);
        loop {
            if stop.load(Ordering::Relaxed) {
                self.signals.stop.store(true, Ordering::Relaxed);
            }
            match self.progress.recv_timeout(STOP_POLL) {
                Ok(progress) => {
                    gathering.take(progress, observer);
                    self.end_warmup(plan, &gathering);
                }
                Err(RecvTimeoutError::Timeout) => {}
                // All workers are gone.
                Err(RecvTimeoutError::Disconnected) => {
                    let flat = gathering.is_flat();
                    gathering.finish(observer);
                    return Ok(flat);
                }
            }
        }
    }

    /// When the rate is flat, all workers begin to measure at the same time.
    fn end_warmup(&self, plan: &CompiledPlan, gathering: &Gathering) {
        let undecided = self.signals.measure_ns.load(Ordering::Relaxed) == 0;
        if undecided && gathering.is_flat() == Some(true) {
            let planned_ns =
                self.signals.start_ns.load(Ordering::Relaxed) + as_ns(plan.plan.warmup);
            let measure_ns = (now_ns() + NOTICE_NS).min(planned_ns);
            self.signals.measure_ns.store(measure_ns, Ordering::Relaxed);
        }
    }

    fn establish(
        &self,
        plan: &CompiledPlan,
        engine: Available,
        stop: &AtomicBool,
    ) -> Result<Option<Started>, LoadError> {
        let (mut established, mut errors) = (0, std::collections::BTreeMap::new());
        let mut waiting = self.threads.len();
        while waiting > 0 {
            if stop.load(Ordering::Relaxed) {
                self.signals.stop.store(true, Ordering::Relaxed);
            }
            match self.ready.recv_timeout(STOP_POLL) {
                Ok(ready) => {
                    waiting -= 1;
                    established += ready.established;
                    for (cause, count) in ready.errors {
                        *errors.entry(cause).or_insert(0) += count;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                // A worker failed or was stopped before it was ready: joining says why.
                Err(RecvTimeoutError::Disconnected) => {
                    self.signals.stop.store(true, Ordering::Relaxed);
                    return Ok(None);
                }
            }
        }
        if established == 0 {
            self.signals.stop.store(true, Ordering::Relaxed);
            let attempts = errors.values().sum();
            let cause = errors.into_iter().max_by_key(|(_, count)| *count);
            return Err(LoadError::NoConnection {
                target: place(&plan.plan),
                wanted: plan.plan.connections,
                attempts,
                cause: cause.map_or("no answer".into(), |(cause, _)| cause),
            });
        }
        self.signals.start_ns.store(now_ns() + START_DELAY_NS, Ordering::Release);
        let wanted = plan.plan.connections as u64;
        Ok(Some(Started { engine: engine.name(), established: established as u64, wanted }))
    }

    /// Lets the threads close their connections, and waits for them.
    pub(super) fn join(mut self) -> Result<Vec<WorkerResult>, LoadError> {
        self.release();
        let mut results = Vec::new();
        let mut first_error = None;
        for thread in std::mem::take(&mut self.threads) {
            match thread.join() {
                Ok(Ok(result)) => results.push(result),
                Ok(Err(error)) => {
                    first_error.get_or_insert(error);
                }
                Err(panic) => {
                    self.signals.stop.store(true, Ordering::Relaxed);
                    first_error.get_or_insert(LoadError::Panicked(panic_text(&*panic)));
                }
            }
        }
        first_error.map_or(Ok(results), Err)
    }

    /// The end has been seen.
    fn release(&self) {
        self.signals.seen.store(true, Ordering::Release);
        self.threads.iter().for_each(|thread| thread.thread().unpark());
    }
}

impl Drop for Crew {
    /// An observer that panics leaves no thread that waits for ever.
    fn drop(&mut self) {
        self.signals.stop.store(true, Ordering::Relaxed);
        self.release();
    }
}

/// Where connections go.
fn place(plan: &LoadPlan) -> String {
    match &plan.unix_socket {
        Some(path) => format!("the unix socket {}", path.display()),
        None => plan.target.to_string(),
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_string());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}
