//! The connections of the whole server, in slots: each slot opens its connection again and again,
//! and lends it to requests while it is good.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use entry_shared::database::{Backoff, REQUEST_LIMIT};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout_at};

use super::Config;
use super::connection::Connection;

/// The rows did not come in time, or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unavailable;

/// All connections, one slot each.
pub(crate) struct Pool {
    config: Config,
    slots: Box<[Slot]>,
    /// A slot has got a good connection.
    ready: Notify,
    /// Standard error has been told that the database is away.
    told: AtomicBool,
}

/// A connection, while there is a good one.
#[derive(Default)]
pub(super) struct Slot(RwLock<Option<Arc<Connection>>>);

impl Slot {
    pub(super) fn get(&self) -> Option<Arc<Connection>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, connection: Option<Arc<Connection>>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = connection;
    }

    /// Takes this connection out; `false` if it is not there any more.
    fn withdraw(&self, connection: &Arc<Connection>) -> bool {
        let mut slot = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let is_there = slot.as_ref().is_some_and(|there| Arc::ptr_eq(there, connection));
        if is_there {
            *slot = None;
        }
        is_there
    }

    /// Puts a connection back that was taken out, unless it has ended meanwhile.
    fn restore(&self, connection: Arc<Connection>) {
        let mut slot = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() && !connection.is_closed() {
            *slot = Some(connection);
        }
    }
}

impl Pool {
    /// `size` slots; [`Pool::keep_open`] fills them.
    pub(crate) fn new(config: Config, size: usize) -> Self {
        let slots = (0..size).map(|_| Slot::default()).collect();
        Self { config, slots, ready: Notify::new(), told: AtomicBool::new(false) }
    }

    pub(crate) fn size(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Keeps the connection of a slot open, for ever, on the runtime that runs this.
    pub(crate) async fn keep_open(&self, slot: usize) {
        let slot = &self.slots[slot];
        let mut backoff = Backoff::new();
        loop {
            let ended = Connection::keep(&self.config, |connection| {
                backoff.reset();
                self.told.store(false, Ordering::Relaxed);
                slot.set(Some(Arc::new(connection)));
                self.ready.notify_waiters();
            });
            if let Err(error) = ended.await {
                self.tell(&error);
            }
            slot.set(None);
            sleep(backoff.pause()).await;
        }
    }

    /// Once for each time that the database goes away.
    fn tell(&self, error: &tokio_postgres::Error) {
        if !self.told.swap(true, Ordering::Relaxed) {
            eprintln!("rust-hyper: no connection to the database, trying again: {}", cause(error));
        }
    }

    /// Waits for what `find` finds among the slots, until `deadline`.
    pub(super) async fn wait(
        &'static self,
        deadline: Instant,
        find: impl Fn() -> Option<Lease>,
    ) -> Result<Lease, Unavailable> {
        let waiting = async {
            loop {
                let ready = self.ready.notified();
                // A connection that comes after this look wakes us up.
                if let Some(found) = find() {
                    return found;
                }
                ready.await;
            }
        };
        timeout_at(deadline, waiting).await.map_err(|_| Unavailable)
    }

    /// Takes a connection out of use until it has answered all that was sent to it: it answers in
    /// order, so that whatever comes late would make every request behind it late too.
    fn set_aside(&'static self, slot: &'static Slot, connection: Arc<Connection>) {
        if slot.withdraw(&connection) {
            tokio::spawn(async move {
                if connection.drained().await.is_ok() {
                    slot.restore(connection);
                    self.ready.notify_waiters();
                }
            });
        }
    }
}

/// The innermost reason: the outer ones only say what failed.
fn cause(error: &dyn std::error::Error) -> &dyn std::error::Error {
    std::iter::successors(Some(error), |error| error.source()).last().unwrap_or(error)
}

/// A connection that a request is using, and how long it may.
pub(crate) struct Lease {
    pool: &'static Pool,
    slot: &'static Slot,
    connection: Arc<Connection>,
    deadline: Instant,
}

impl Lease {
    pub(super) fn new(
        pool: &'static Pool,
        slot: &'static Slot,
        connection: Arc<Connection>,
        deadline: Instant,
    ) -> Self {
        connection.take();
        Self { pool, slot, connection, deadline }
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Waits for answers of the connection. What comes too late goes to nobody: the client throws
    /// away the rows of a statement whose future is gone.
    pub(super) async fn within<T>(
        &self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Unavailable> {
        match timeout_at(self.deadline, answer).await {
            Ok(answer) => answer.map_err(|_| Unavailable),
            Err(_) => {
                self.pool.set_aside(self.slot, Arc::clone(&self.connection));
                Err(Unavailable)
            }
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.connection.leave();
    }
}

/// When a request that begins now has to be answered.
pub(super) fn deadline() -> Instant {
    Instant::now() + REQUEST_LIMIT
}
