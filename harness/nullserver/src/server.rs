//! All workers: started together, stopped together.

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use rustix::event::{EventfdFlags, eventfd};

use crate::extra_cpu::{Calibration, CalibrationError, ExtraCpu};
use crate::listen::bind;
use crate::response::FixedResponse;
use crate::worker::Worker;

/// What to serve, where, and on how many threads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NullServer {
    /// The address to bind; port 0 means any free one.
    pub address: SocketAddr,
    /// Threads, each with a listener and a loop of its own.
    pub workers: NonZeroUsize,
    /// The answer to every request.
    pub response: FixedResponse,
    /// CPU time that each request costs beyond what it takes to answer, in nanoseconds.
    pub extra_cpu_ns: u64,
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address can not be listened on.
    #[error("can not listen on {address}: {source}")]
    Listen {
        /// As asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// A thread, or what it waits with, can not be made.
    #[error("can not start a worker: {0}")]
    Worker(#[from] io::Error),
    /// The declared cost can not be made true.
    #[error(transparent)]
    Calibration(#[from] CalibrationError),
}

/// A server that runs; it stops when this is dropped.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// The extra CPU time of each worker, as it was calibrated.
    pub calibrations: Vec<Calibration>,
    stop: Arc<OwnedFd>,
    workers: Vec<JoinHandle<io::Result<()>>>,
}

impl NullServer {
    /// A server of the default response on one thread.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        let response = FixedResponse::default();
        Self { address, workers: NonZeroUsize::MIN, response, extra_cpu_ns: 0 }
    }

    /// Starts the workers. Where CPU time is to be spent each of them calibrates itself first,
    /// one after another; only then does the port answer.
    ///
    /// # Errors
    /// When the address is in use or not ours, threads can not be made, or the extra CPU time
    /// can not be calibrated.
    pub fn start(&self) -> Result<Running, StartError> {
        let address = self.address;
        let listeners = bind(address, self.workers.get())
            .map_err(|source| StartError::Listen { address, source })?;
        let stop = Arc::new(eventfd(0, EventfdFlags::CLOEXEC).map_err(io::Error::from)?);
        let mut running = Running {
            address: listeners[0].local_addr()?,
            calibrations: Vec::new(),
            stop,
            workers: Vec::new(),
        };
        let mut waiting = Vec::new();
        for (number, listener) in listeners.into_iter().enumerate() {
            let (ready, is_ready) = channel();
            let (go, may_go) = channel();
            let server = self.clone();
            let stop = Arc::clone(&running.stop);
            let work = move || server.work(listener, stop, &ready, &may_go);
            let name = format!("null-{number}");
            running.workers.push(std::thread::Builder::new().name(name).spawn(work)?);
            // A worker that is gone before it was ready has panicked.
            let gone = || io::Error::other("it ended before it was ready");
            running.calibrations.push(is_ready.recv().map_err(|_| gone())??);
            waiting.push(go);
        }
        for go in waiting {
            // One that has ended since then tells why when it is stopped.
            let _ = go.send(());
        }
        Ok(running)
    }

    fn work(
        self,
        listener: std::net::TcpListener,
        stop: Arc<OwnedFd>,
        ready: &Sender<Result<Calibration, CalibrationError>>,
        may_go: &Receiver<()>,
    ) -> io::Result<()> {
        let (extra, calibration) = match ExtraCpu::calibrate(self.extra_cpu_ns) {
            Ok(calibrated) => calibrated,
            Err(error) => {
                // Whoever started this waits for it, here and below.
                let _ = ready.send(Err(error));
                return Ok(());
            }
        };
        let _ = ready.send(Ok(calibration));
        // An error: another worker could not be started, and there will be no server.
        if may_go.recv().is_err() {
            return Ok(());
        }
        Worker::new(listener, stop, self.response, extra)?.run()
    }
}

impl Running {
    /// Answers what is in flight, closes everything, and waits for the end.
    ///
    /// # Errors
    /// What made a worker end before.
    pub fn stop(mut self) -> io::Result<()> {
        self.end()
    }

    fn end(&mut self) -> io::Result<()> {
        // One wakes all: nobody reads it, so it stays readable.
        rustix::io::write(&*self.stop, &1_u64.to_ne_bytes())?;
        let ends = self.workers.drain(..).map(|worker| {
            worker.join().unwrap_or_else(|_| Err(io::Error::other("a worker panicked")))
        });
        // All of them, before any error is told.
        ends.collect::<Vec<_>>().into_iter().collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Told by `stop`; here nobody listens.
        let _ = self.end();
    }
}
