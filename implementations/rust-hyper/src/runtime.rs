//! The two ways to lay workers out over threads.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use entry_shared::Catalogue;
use entry_shared::database::WorldCache;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use crate::command_line::RuntimeKind;
use crate::database::{Pool, Share, deal};
use crate::server;
use crate::{App, Offer};

/// How the workers are laid out, and what they answer from.
pub(crate) struct Crew {
    pub(crate) kind: RuntimeKind,
    pub(crate) workers: usize,
    pub(crate) catalogue: &'static Catalogue,
    pub(crate) pool: Option<&'static Pool>,
}

/// Workers that are serving.
pub(crate) struct Running {
    stop: watch::Sender<bool>,
    threads: Vec<JoinHandle<()>>,
}

/// One worker: a listener and, with a database, the connections it keeps open.
struct Worker {
    kind: RuntimeKind,
    listener: TcpListener,
    app: &'static App,
    pool: Option<&'static Pool>,
    kept: Vec<usize>,
}

impl Crew {
    /// Starts serving on all listeners.
    pub(crate) fn start(self, listeners: Vec<TcpListener>) -> io::Result<Running> {
        let (stop, stopped) = watch::channel(false);
        let (all_served, serving) = watch::channel(());
        let all_served = Arc::new(all_served);
        let cache = WorldCache::new();
        let slots = self.pool.map_or(0, Pool::size);
        let mut threads = Vec::with_capacity(listeners.len());
        let dealt = deal(slots, listeners.len());
        for (listener, kept) in listeners.into_iter().zip(dealt) {
            let offer = self
                .pool
                .map(|pool| Offer { share: Share::new(pool, &kept), cache: cache.clone() });
            let app = Box::leak(Box::new(App { catalogue: self.catalogue, offer }));
            let worker = Worker { kind: self.kind, listener, app, pool: self.pool, kept };
            let runtime = self.runtime()?;
            let stopped = stopped.clone();
            let (all_served, serving) = (Arc::clone(&all_served), serving.clone());
            let thread = thread::Builder::new().name("hyper-worker".to_owned());
            threads.push(thread.spawn(move || {
                worker.serve(&runtime, stopped);
                // Others may be using connections that this runtime drives.
                drop(serving);
                runtime.block_on(all_served.closed());
            })?);
        }
        Ok(Running { stop, threads })
    }

    fn runtime(&self) -> io::Result<Runtime> {
        match self.kind {
            RuntimeKind::PerWorker => Builder::new_current_thread().enable_all().build(),
            RuntimeKind::WorkStealing => {
                Builder::new_multi_thread().worker_threads(self.workers).enable_all().build()
            }
        }
    }
}

impl Worker {
    /// Serves until stopped. Under work stealing this thread only waits, so that
    /// exactly as many threads work as were asked for.
    fn serve(self, runtime: &Runtime, stopped: watch::Receiver<bool>) {
        if let Some(pool) = self.pool {
            for slot in self.kept {
                runtime.spawn(pool.keep_open(slot));
            }
        }
        let serving = server::run(self.listener, self.app, stopped);
        match self.kind {
            RuntimeKind::PerWorker => runtime.block_on(serving),
            RuntimeKind::WorkStealing => {
                let serving = runtime.spawn(serving);
                runtime.block_on(serving).expect("the accept loop panicked");
            }
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
