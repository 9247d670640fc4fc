//! The server that does everything right, but for the quirks it is given.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::connection::{self, Serves};
use crate::database::{Application, DatabaseCheat, FaultCheat};
use crate::host::{ANY_PORT, Host};
use crate::lawful::Lawful;
use crate::quirk::{Quirk, Quirks};

/// Longer than any test.
const FOR_EVER: Duration = Duration::from_secs(3600);

/// An HTTP/1.1 server on a free loopback port, stopped and joined when dropped.
#[derive(Debug)]
pub struct Server {
    host: Host,
    database: Option<Arc<Application>>,
}

impl Server {
    /// A server that keeps the contract and passes every case.
    ///
    /// # Panics
    /// When no loopback port can be bound: nothing can be tested then.
    #[must_use]
    pub fn perfect() -> Self {
        Self::with::<Quirk>([])
    }

    /// The same server with these violations.
    ///
    /// # Panics
    /// When no loopback port can be bound: nothing can be tested then.
    #[must_use]
    pub fn with<Q: Into<Quirk>>(quirks: impl IntoIterator<Item = Q>) -> Self {
        Self::start(ANY_PORT, quirks.into_iter().collect(), None)
    }

    /// A right server that serves one connection after the other, each of which it ends with its
    /// first response: the others wait, as they do for a single process that knows no concurrency.
    ///
    /// # Panics
    /// When no loopback port can be bound: nothing can be tested then.
    #[must_use]
    pub fn of_one_connection_at_a_time() -> Self {
        let (static_dir, turn) = (static_dir(), Mutex::new(()));
        let quirks: Quirks = [Lawful::ClosesEveryTime, Lawful::HasRootPage].into_iter().collect();
        let host = Host::start_at(ANY_PORT, move |stream, link| {
            let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
            connection::serve(stream, link, Serves::right(&quirks, &static_dir));
        });
        Self { host: host.expect("a free port on 127.0.0.1"), database: None }
    }

    /// A server that serves the endpoints with a database too, at `url` with `connections`
    /// connections; perfect but for `cheat`.
    ///
    /// # Panics
    /// When no loopback port can be bound or the database cannot be used: nothing can be tested
    /// then.
    #[must_use]
    pub fn with_database(url: &str, connections: u32, cheat: Option<DatabaseCheat>) -> Self {
        Self::with_database_at(ANY_PORT, url, connections, cheat)
    }

    /// The same at `address`.
    ///
    /// # Panics
    /// When the address cannot be bound or the database cannot be used.
    #[must_use]
    pub fn with_database_at(
        address: SocketAddr,
        url: &str,
        connections: u32,
        cheat: Option<DatabaseCheat>,
    ) -> Self {
        let application = Application::open(url, connections, cheat);
        Self::start(address, Quirks::default(), Some(application))
    }

    /// The same at `address` with a database that fails at times; perfect but for `cheat`.
    ///
    /// # Panics
    /// When the address cannot be bound, and where the cheat is to end so.
    #[must_use]
    pub fn with_failing_database(
        address: SocketAddr,
        url: &str,
        connections: u32,
        cheat: Option<FaultCheat>,
    ) -> Self {
        let application = Application::open_failing(url, connections, cheat);
        Self::start(address, Quirks::default(), Some(application))
    }

    /// A server with these violations at `address`, as a process under the contract is told one.
    ///
    /// # Panics
    /// When the address cannot be bound.
    #[must_use]
    pub fn with_at<Q: Into<Quirk>>(
        address: SocketAddr,
        quirks: impl IntoIterator<Item = Q>,
    ) -> Self {
        Self::start(address, quirks.into_iter().collect(), None)
    }

    /// A right server at `address` that shows `look` the first bytes of each connection. Where that
    /// says no, the connection stays open and unanswered.
    ///
    /// # Panics
    /// When the address cannot be bound.
    #[must_use]
    pub fn that_looks_first(
        address: SocketAddr,
        look: impl Fn(&[u8]) -> bool + Send + Sync + 'static,
    ) -> Self {
        let static_dir = static_dir();
        let host = Host::start_at(address, move |stream, link| {
            let mut first = vec![0; 4096];
            let count = stream.peek(&mut first).unwrap_or(0);
            if look(&first[..count]) {
                let quirks = Quirks::default();
                connection::serve(stream, link, Serves::right(&quirks, &static_dir));
            } else {
                link.sleep(FOR_EVER);
            }
        });
        Self { host: host.expect("a free port on 127.0.0.1"), database: None }
    }

    /// A right server at `address` but for what `change` makes of each response: of its number on its
    /// connection, from 0, the first line of its request, and the bytes that a right server sends.
    ///
    /// # Panics
    /// When the address cannot be bound.
    #[must_use]
    pub fn that_changes_answers(
        address: SocketAddr,
        change: impl Fn(usize, &str, Vec<u8>) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let static_dir = static_dir();
        let host = Host::start_at(address, move |stream, link| {
            let quirks = Quirks::default();
            let serves = Serves { change: Some(&change), ..Serves::right(&quirks, &static_dir) };
            connection::serve(stream, link, serves);
        });
        Self { host: host.expect("the address is free"), database: None }
    }

    fn start(address: SocketAddr, quirks: Quirks, database: Option<Application>) -> Self {
        let static_dir = static_dir();
        let database = database.map(Arc::new);
        let answers_from = database.clone();
        let host = Host::start_at(address, move |stream, link| {
            let database = answers_from.as_ref();
            let serves = Serves { database, ..Serves::right(&quirks, &static_dir) };
            connection::serve(stream, link, serves);
        });
        Self { host: host.expect("a free port on 127.0.0.1"), database }
    }

    /// What it does before it ends: nothing, but for a cheat.
    pub fn prepare_to_end(&self) {
        if let Some(database) = &self.database {
            database.end();
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.host.address()
    }

    /// Its address as it stands in `Host`.
    #[must_use]
    pub fn authority(&self) -> String {
        self.address().to_string()
    }

    /// How many connections it has accepted so far.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.host.accepted()
    }
}

/// The files of the specification.
fn static_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/payloads/static")
}
