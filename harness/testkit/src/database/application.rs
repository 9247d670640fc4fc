//! The endpoints that need the database: rightly answered, but for one cheat.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::cheat::DatabaseCheat;
use super::draw::Draw;
use super::fault_cheat::FaultCheat;
use super::page::{self, Fortune};
use super::pool::{Manners, Pool, Unavailable};
use super::rows;
use crate::response::Response;

/// The paths.
const PATHS: [&str; 5] = ["/db", "/queries", "/updates", "/cached-queries", "/fortunes"];

/// How long a request waits for the database; the contract's 5 s, and time to spare.
const PATIENCE: Duration = Duration::from_secs(3);
/// The same where the database never fails: a loaded machine may take long over many rows.
const UNFAILING_PATIENCE: Duration = Duration::from_secs(60);
/// The same for cheats that wait too short: a few statements, if one takes 300 ms.
const IMPATIENCE: Duration = Duration::from_millis(500);

/// An answer that may still come.
pub(super) type Coming = Receiver<Result<Response, Unavailable>>;

/// What answering from the database takes.
pub(crate) struct Application {
    pub(super) pool: Pool,
    pub(super) draw: Draw,
    remembered: Mutex<Remembered>,
    /// Answers that nobody waits for any more.
    pub(super) late: Mutex<Vec<Coming>>,
    cheat: Option<DatabaseCheat>,
    pub(super) fault_cheat: Option<FaultCheat>,
    patience: Duration,
    /// When statements were last slow.
    pub(super) last_slow: Mutex<Option<Instant>>,
}

/// Rows as they were when the database was first there.
#[derive(Clone, Default)]
pub(super) struct Remembered {
    /// Numbers by id.
    pub(super) worlds: BTreeMap<i32, i32>,
    pub(super) fortunes: Vec<Fortune>,
}

impl Application {
    /// With `connections` connections to the database at `url`, and the rows it remembers.
    ///
    /// # Panics
    /// When the database cannot be used: nothing can be tested then.
    pub(crate) fn open(url: &str, connections: u32, cheat: Option<DatabaseCheat>) -> Self {
        let connections = match cheat {
            Some(DatabaseCheat::TwiceThePool) => 2 * connections,
            Some(DatabaseCheat::HalfThePool) => connections / 2,
            _ => connections,
        };
        let pool = Pool::open(url, connections, Manners::default());
        let mut application = Self::with_pool(pool, UNFAILING_PATIENCE);
        application.cheat = cheat;
        assert!(application.pool.had_any(), "the database is there");
        application
    }

    /// The same with a database that may be away.
    ///
    /// # Panics
    /// When it is, and the cheat is not to start then.
    pub(crate) fn open_failing(url: &str, connections: u32, cheat: Option<FaultCheat>) -> Self {
        let manners = Manners {
            gives_up: cheat == Some(FaultCheat::NeedsRestart),
            opens_two: cheat == Some(FaultCheat::OpensTwoForOne),
        };
        let patience = match cheat {
            Some(FaultCheat::WaitsForever) => Duration::MAX,
            Some(FaultCheat::GivesUpSoon | FaultCheat::RemembersLateRows) => IMPATIENCE,
            _ => PATIENCE,
        };
        let mut application = Self::with_pool(Pool::open(url, connections, manners), patience);
        application.fault_cheat = cheat;
        let ends = cheat == Some(FaultCheat::NeedsDatabaseToStart);
        assert!(application.pool.had_any() || !ends, "the database is not there");
        application
    }

    fn with_pool(pool: Pool, patience: Duration) -> Self {
        let application = Self {
            pool,
            draw: Draw::new(),
            remembered: Mutex::default(),
            late: Mutex::default(),
            cheat: None,
            fault_cheat: None,
            patience,
            last_slow: Mutex::default(),
        };
        // Before anybody changes them, where that can be.
        if application.pool.had_any() {
            drop(application.remembered());
        }
        application
    }

    pub(super) fn has(&self, cheat: DatabaseCheat) -> bool {
        self.cheat == Some(cheat)
    }

    /// The rows it remembers, read when they are first needed.
    pub(super) fn remembered(&self) -> Result<MutexGuard<'_, Remembered>, Unavailable> {
        let lock = || self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if lock().worlds.is_empty() {
            let read = self.pool.with(|connection| {
                let worlds = connection.client.query("SELECT id, randomnumber FROM world", &[])?;
                let fortunes = connection.client.query(&connection.fortunes, &[])?;
                Ok(Remembered {
                    worlds: worlds.iter().map(|row| (row.get(0), row.get(1))).collect(),
                    fortunes: fortunes.iter().map(|row| (row.get(0), row.get(1))).collect(),
                })
            })?;
            *lock() = read;
        }
        Ok(lock())
    }

    /// The id of the next row.
    pub(super) fn id(&self) -> i32 {
        if self.has(DatabaseCheat::CountsIds) {
            return self.draw.next_turn();
        }
        self.draw.number(if self.has(DatabaseCheat::SmallRange) { 1_000 } else { 10_000 })
    }

    /// The answer to a request for one of its paths; none for another path.
    pub(crate) fn answer(
        self: &Arc<Self>,
        path: &str,
        method: &str,
        query: Option<&str>,
    ) -> Option<Response> {
        if !PATHS.contains(&path) {
            return self.refuses_everything().then(|| Response::text(503, "not now"));
        }
        let posts = method == "POST" && self.has(DatabaseCheat::PostReadsRows);
        let heads = method == "HEAD" && !self.has(DatabaseCheat::RefusesHeadOfRows);
        if method != "GET" && !heads && !posts {
            let refused = Response::text(405, "method not allowed");
            return Some(refused.with("Allow", "GET, HEAD"));
        }
        if let Some(late) = self.late_answer() {
            return Some(late);
        }
        let count = rows::count(query, self);
        let rows = self.rows_in_time(path, count);
        Some(rows.unwrap_or_else(|unavailable| self.instead(path, count, unavailable)))
    }

    /// The rows, unless they take too long.
    pub(super) fn rows_in_time(
        self: &Arc<Self>,
        path: &str,
        count: usize,
    ) -> Result<Response, Unavailable> {
        // The client of the database has no limit of its own, so a thread waits for it that may
        // wait longer than the request.
        let (sender, coming) = channel();
        let (application, wanted) = (Arc::clone(self), path.to_owned());
        std::thread::spawn(move || {
            let rows = application.rows(&wanted, count);
            // Whoever gets the answer may look for connections that are left.
            drop(application);
            let _ = sender.send(rows);
        });
        let begin = Instant::now();
        match coming.recv_timeout(self.patience) {
            Ok(rows) => {
                self.slow_down(begin.elapsed());
                rows
            }
            Err(RecvTimeoutError::Disconnected) => Err(Unavailable::Other),
            Err(RecvTimeoutError::Timeout) => {
                self.keep(coming);
                Err(Unavailable::Late)
            }
        }
    }

    fn rows(&self, path: &str, count: usize) -> Result<Response, Unavailable> {
        match path {
            "/db" => rows::one(self),
            "/queries" => rows::many(count, self),
            "/updates" => rows::updated(count, self),
            "/cached-queries" => rows::cached(count, self),
            _ if self.has(DatabaseCheat::RemembersPage) => {
                let fortunes = self.remembered()?.fortunes.clone();
                Ok(page::page(fortunes, self))
            }
            _ => self
                .pool
                .with(|connection| page::read(connection, self))
                .map(|rows| page::page(rows, self)),
        }
    }

    /// Before the server ends: a cheat waits for a row first.
    pub(crate) fn end(&self) {
        if self.fault_cheat == Some(FaultCheat::WaitsToEnd) {
            let _ = rows::one(self);
        }
    }
}

impl std::fmt::Debug for Application {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Application").field("cheat", &self.cheat).finish_non_exhaustive()
    }
}
