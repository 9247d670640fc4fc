//! All connections: who gets which, who waits while there is none, and what is overdue.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use entry_shared::database::Backoff;
use may::coroutine;

use super::address::Address;
use super::answer::{Answer, place};
use super::batch::{Batch, Statement};
use super::conversation::Request;
use super::error::Error;
use super::link::Link;
use super::login;
use super::session::Session;

/// A connection that lasted so long did not fail by being opened.
const LASTING: Duration = Duration::from_secs(1);
/// How often deadlines are looked after.
const TICK: Duration = Duration::from_millis(20);

/// What every session begins with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sessions {
    /// Prepared at once.
    pub(crate) statements: &'static [Statement],
    /// Settings of the session in the form of `options` (libpq), behind those of the URL.
    pub(crate) options: &'static str,
}

/// A fixed number of connections that any number of coroutines share. Dropping it closes them.
pub(crate) struct Pool(Arc<Shared>);

/// The pool as its own coroutines see it.
pub(super) struct Shared {
    address: Address,
    sessions: Sessions,
    links: Vec<Link>,
    /// Where the search for the least busy one begins.
    next: AtomicUsize,
    /// The one that was given a request last.
    last: AtomicUsize,
    /// What came while no connection could be asked.
    backlog: Mutex<Vec<Request>>,
    closing: AtomicBool,
    /// That the server can not be reached has been told.
    told: AtomicBool,
}

impl Pool {
    /// Opens `size` connections in the background and keeps them open.
    pub(crate) fn start(address: Address, size: usize, sessions: Sessions) -> Self {
        let shared = Arc::new(Shared {
            address,
            sessions,
            links: (0..size).map(|_| Link::default()).collect(),
            next: AtomicUsize::new(0),
            last: AtomicUsize::new(0),
            backlog: Mutex::default(),
            closing: AtomicBool::new(false),
            told: AtomicBool::new(false),
        });
        for number in 0..size {
            let shared = Arc::clone(&shared);
            may::go!(move || shared.keep_connected(number));
        }
        let watched = Arc::clone(&shared);
        may::go!(move || watched.watch());
        Self(shared)
    }

    /// Executes a batch, and waits for the answer until it is `due`.
    ///
    /// # Errors
    /// When there is no answer in time, or one of the executions failed.
    pub(crate) fn ask(&self, batch: Batch, due: Instant) -> Result<Answer, Error> {
        let (ticket, waiter) = place();
        if batch.executions == 0 {
            return Ok(Answer::default());
        }
        self.0.route(Request { batch, ticket, due });
        waiter.wait()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.0.closing.store(true, Ordering::SeqCst);
        for link in &self.0.links {
            link.nudge();
        }
    }
}

impl Shared {
    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::SeqCst)
    }

    /// Hands a request to the connection that is about to send, else to the least busy one, or
    /// keeps it until there is one.
    pub(super) fn route(&self, mut request: Request) {
        let last = self.last.load(Ordering::Relaxed);
        match self.links[last].join(request) {
            Ok(()) => return,
            Err(returned) => request = returned,
        }
        while let Some(number) = self.least_busy() {
            match self.links[number].submit(request) {
                Ok(()) => return self.last.store(number, Ordering::Relaxed),
                // It ended just now, and is not found again before it is up again.
                Err(returned) => request = returned,
            }
        }
        self.backlog().push(request);
    }

    /// Hands out what has been kept.
    pub(super) fn route_backlog(&self) {
        let kept = std::mem::take(&mut *self.backlog());
        for request in kept {
            self.route(request);
        }
    }

    fn least_busy(&self) -> Option<usize> {
        let start = self.next.fetch_add(1, Ordering::Relaxed) % self.links.len().max(1);
        let mut best = None;
        for number in (start..self.links.len()).chain(0..start) {
            match self.links[number].load() {
                Some(0) => return Some(number),
                Some(load) if best.is_none_or(|(least, _)| load < least) => {
                    best = Some((load, number));
                }
                _ => {}
            }
        }
        best.map(|(_, number)| number)
    }

    /// Keeps one connection open.
    fn keep_connected(&self, number: usize) {
        let link = &self.links[number];
        let mut backoff = Backoff::new();
        while !self.is_closing() {
            let error = match login::open(&self.address, &self.sessions) {
                Ok(opened) => {
                    self.told.store(false, Ordering::Relaxed);
                    let since = Instant::now();
                    let error = Session::new(self, link, opened).serve();
                    if since.elapsed() > LASTING {
                        backoff.reset();
                    }
                    error
                }
                Err(error) => error,
            };
            if self.is_closing() {
                return;
            }
            if !self.told.swap(true, Ordering::Relaxed) {
                eprintln!("database {}: {error}; trying again", self.address.shown());
            }
            coroutine::sleep(backoff.pause());
        }
    }

    /// Ends what is overdue, as long as the pool lives.
    fn watch(&self) {
        while !self.is_closing() {
            coroutine::sleep(TICK);
            let now = Instant::now();
            for link in &self.links {
                link.expire(now);
            }
            self.backlog().retain(|request| {
                let overdue = request.due < now;
                if overdue {
                    request.ticket.answer(Err(Error::Deadline));
                }
                !overdue
            });
            // A request can be kept just when a connection has come up and looked.
            self.route_backlog();
        }
        // Whoever still waits is told so as the requests are dropped.
        self.backlog().clear();
    }

    fn backlog(&self) -> MutexGuard<'_, Vec<Request>> {
        self.backlog.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
