//! Connections that requests share, and that are opened again when they are lost.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use postgres::error::SqlState;
use postgres::{Client, Config, NoTls, Statement};

/// How long one attempt to connect may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);

/// The database did not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unavailable {
    /// It has no connection to give.
    Full,
    /// It did not do it in time.
    Late,
    /// For another reason.
    Other,
}

impl From<postgres::Error> for Unavailable {
    fn from(error: postgres::Error) -> Self {
        match error.code() {
            Some(code) if *code == SqlState::TOO_MANY_CONNECTIONS => Self::Full,
            _ => Self::Other,
        }
    }
}

/// A connection with its statements.
pub(super) struct Connection {
    pub(super) client: Client,
    pub(super) one_world: Statement,
    pub(super) fortunes: Statement,
}

impl Connection {
    fn open(config: &Config) -> Result<Self, postgres::Error> {
        let mut client = config.connect(NoTls)?;
        let one_world = client.prepare("SELECT id, randomnumber FROM world WHERE id = $1")?;
        let fortunes = client.prepare("SELECT id, message FROM fortune")?;
        Ok(Self { client, one_world, fortunes })
    }
}

/// A place for a connection.
#[derive(Default)]
struct Slot {
    connection: Option<Connection>,
    /// It has had one before.
    had_one: bool,
}

/// What may be wrong with how connections are opened again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Manners {
    /// A lost connection is never opened again.
    pub(super) gives_up: bool,
    /// With a lost connection two are opened again.
    pub(super) opens_two: bool,
}

/// As many connections as it was made with.
pub(super) struct Pool {
    config: Config,
    manners: Manners,
    idle: Mutex<Vec<Slot>>,
    freed: Condvar,
    had_any: AtomicBool,
    spare: Mutex<Vec<Connection>>,
}

impl Pool {
    /// Opens them, as far as the database can be used.
    ///
    /// # Panics
    /// When `url` is none of PostgreSQL.
    pub(super) fn open(url: &str, connections: u32, manners: Manners) -> Self {
        let mut config: Config = url.parse().expect("a URL of PostgreSQL");
        config.connect_timeout(CONNECT_LIMIT);
        let pool = Self {
            config,
            manners,
            idle: Mutex::default(),
            freed: Condvar::new(),
            had_any: AtomicBool::new(false),
            spare: Mutex::default(),
        };
        let mut slots: Vec<Slot> = (0..connections).map(|_| Slot::default()).collect();
        // Where one cannot be opened, others need not be tried.
        let _ = slots.iter_mut().try_for_each(|slot| pool.opened(slot).map(|_| ()));
        *pool.lock() = slots;
        pool
    }

    /// Whether it ever had a connection.
    pub(super) fn had_any(&self) -> bool {
        self.had_any.load(Ordering::Relaxed)
    }

    /// Does `work` with a connection, when one is free.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, Unavailable>,
    ) -> Result<T, Unavailable> {
        let idle = self.freed.wait_while(self.lock(), |idle| idle.is_empty());
        let mut idle = idle.unwrap_or_else(PoisonError::into_inner);
        let mut slot = idle.pop().expect("there is one");
        drop(idle);
        let done = self.opened(&mut slot).and_then(work);
        slot.connection = slot.connection.filter(|connection| !connection.client.is_closed());
        self.lock().push(slot);
        self.freed.notify_one();
        done
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Slot>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection of `slot`, opened if need be.
    fn opened<'a>(&self, slot: &'a mut Slot) -> Result<&'a mut Connection, Unavailable> {
        if slot.connection.is_none() {
            if slot.had_one && self.manners.gives_up {
                return Err(Unavailable::Other);
            }
            if slot.had_one && self.manners.opens_two {
                let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
                spare.extend(Connection::open(&self.config));
            }
            slot.connection = Some(Connection::open(&self.config)?);
            slot.had_one = true;
            self.had_any.store(true, Ordering::Relaxed);
        }
        slot.connection.as_mut().ok_or(Unavailable::Other)
    }
}
