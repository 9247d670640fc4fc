//! One thread: its driver, its engine, and the loop that joins them.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Sender;

use rustix::io::Errno;

use crate::clock::now_ns;
use crate::dial::dial;
use crate::driver::{Driver, Phase, WorkerResult};
use crate::engine::Engine;

/// What the workers of a run share: only for starting and ending.
#[derive(Debug, Clone)]
pub(crate) struct Signals {
    /// When load begins; 0 until all workers are ready.
    pub(crate) start_ns: Arc<AtomicU64>,
    /// When the measurement begins, once that is decided before its planned time; else 0.
    pub(crate) measure_ns: Arc<AtomicU64>,
    /// The run is to end now.
    pub(crate) stop: Arc<AtomicBool>,
    /// Whoever watches the run has seen all of it: the connections may be closed. Workers that wait
    /// for it are parked.
    pub(crate) seen: Arc<AtomicBool>,
}

/// A worker's connections are up as far as they could be.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) established: usize,
    pub(crate) errors: BTreeMap<String, u64>,
}

/// Runs to the end. Tells `ready` once, when its connections are up. They stay open until the end has
/// been seen: a server may have a thread for each, and what that has done is told by looking at it.
pub(crate) fn work<E: Engine>(
    mut driver: Driver,
    mut engine: E,
    signals: &Signals,
    ready: Sender<Ready>,
) -> io::Result<WorkerResult> {
    let mut told = false;
    loop {
        let now = now_ns();
        driver.tick(now, &signals.stop);
        driver.advance_to(signals.measure_ns.load(Ordering::Relaxed));
        if driver.phase() == Phase::Ready {
            if !told {
                told = true;
                let (established, errors) = (driver.up(), driver.establish_errors().clone());
                // If nobody listens any more the stop flag is up.
                let _ = ready.send(Ready { established, errors });
            }
            let start_ns = signals.start_ns.load(Ordering::Acquire);
            if start_ns != 0 && now >= start_ns {
                driver.begin(start_ns, now);
            }
        }
        act(&mut driver, &mut engine);
        if driver.phase() == Phase::Done {
            // Both ends tell that nothing more comes from this worker.
            drop(ready);
            let result = driver.into_result();
            while !signals.seen.load(Ordering::Acquire) {
                std::thread::park();
            }
            return Ok(result);
        }
        let wait = driver.wait(now);
        driver.count_wait();
        engine.wait(wait, &mut driver)?;
    }
}

/// Carries out what the driver decided: closes before dials, so that places are free, and
/// sends last.
fn act<E: Engine>(driver: &mut Driver, engine: &mut E) {
    while !driver.actions.closes.is_empty() || !driver.actions.dials.is_empty() {
        for conn in std::mem::take(&mut driver.actions.closes) {
            engine.remove(conn);
        }
        for conn in std::mem::take(&mut driver.actions.dials) {
            open(driver, engine, conn);
        }
    }
    driver.flush(engine, now_ns);
    // A send that failed closes its connection now, not after a sleep.
    for conn in std::mem::take(&mut driver.actions.closes) {
        engine.remove(conn);
    }
}

fn open<E: Engine>(driver: &mut Driver, engine: &mut E, conn: u32) {
    match dial(driver.plan(), driver.address(conn)) {
        Ok((socket, connected)) => match engine.add(conn, socket, connected) {
            Ok(()) if connected => driver.on_connected(conn, now_ns()),
            Ok(()) => {}
            Err(error) => {
                let errno = Errno::from_io_error(&error).unwrap_or(Errno::IO);
                driver.on_error(conn, errno, now_ns());
            }
        },
        Err(error) => driver.on_error(conn, error, now_ns()),
    }
}
