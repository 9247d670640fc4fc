//! The two ways to lay workers out over threads.

use std::io;
use std::net::TcpListener;
use std::thread::{self, JoinHandle};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use crate::App;
use crate::command_line::RuntimeKind;
use crate::server;

/// Workers that are serving.
pub(crate) struct Running {
    stop: watch::Sender<bool>,
    threads: Vec<JoinHandle<()>>,
}

/// Starts serving on all listeners.
pub(crate) fn start(
    kind: RuntimeKind,
    workers: usize,
    listeners: Vec<TcpListener>,
    app: &'static App,
) -> io::Result<Running> {
    let (stop, stopped) = watch::channel(false);
    let mut threads = Vec::with_capacity(listeners.len());
    for listener in listeners {
        let runtime = match kind {
            RuntimeKind::PerWorker => Builder::new_current_thread().enable_all().build()?,
            RuntimeKind::WorkStealing => {
                Builder::new_multi_thread().worker_threads(workers).enable_all().build()?
            }
        };
        let stopped = stopped.clone();
        let worker = thread::Builder::new().name("hyper-worker".to_owned());
        threads.push(worker.spawn(move || block(kind, &runtime, listener, app, stopped))?);
    }
    Ok(Running { stop, threads })
}

/// Serves until stopped. Under work stealing this thread only waits, so that
/// exactly as many threads work as were asked for.
fn block(
    kind: RuntimeKind,
    runtime: &Runtime,
    listener: TcpListener,
    app: &'static App,
    stopped: watch::Receiver<bool>,
) {
    let serving = server::run(listener, app, stopped);
    match kind {
        RuntimeKind::PerWorker => runtime.block_on(serving),
        RuntimeKind::WorkStealing => {
            let serving = runtime.spawn(serving);
            runtime.block_on(serving).expect("the accept loop panicked");
        }
    }
}

impl Running {
    /// Stops accepting, lets what is in flight finish, and waits for all workers.
    ///
    /// # Errors
    /// When a worker panicked.
    pub(crate) fn stop(self) -> thread::Result<()> {
        self.stop.send_replace(true);
        self.threads.into_iter().try_for_each(JoinHandle::join)
    }
}
