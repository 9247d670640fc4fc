//! Starting databases in tests, and looking at what is left of them.

use std::path::Path;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use httpdyno_target::database::{Database, DatabaseSource};
use postgres::{Client, NoTls};

use super::needs;

/// Long enough for a loaded machine; only what never comes waits so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A private database; nothing (and a line that says so) when this machine has no PostgreSQL. With
/// `HTTPDYNO_REQUIRE_POSTGRES=1` its absence fails the test instead.
pub(crate) fn private() -> Option<Database> {
    private_on(&[])
}

/// The same, on these cores.
pub(crate) fn private_on(cores: &[u32]) -> Option<Database> {
    let _swept = others_may_start();
    alone(cores)
}

/// The same, for who keeps the others from it.
pub(crate) fn alone(cores: &[u32]) -> Option<Database> {
    needs::postgres(Database::start(&DatabaseSource::Private { bin_dir: None }, cores))
}

/// Each start of a database removes what dead harnesses have left, whichever test looks for it.
static STARTS: RwLock<()> = RwLock::new(());

/// Held while a database starts.
pub(crate) fn others_may_start() -> RwLockReadGuard<'static, ()> {
    STARTS.read().unwrap_or_else(PoisonError::into_inner)
}

/// While this is held, no other test starts a database.
pub(crate) fn nobody_else_starts() -> RwLockWriteGuard<'static, ()> {
    STARTS.write().unwrap_or_else(PoisonError::into_inner)
}

/// Says that a test needs PostgreSQL, or fails it where that is required.
pub(crate) fn skipped<T>() -> Option<T> {
    needs::skipped(needs::POSTGRES, &"no PostgreSQL is on this machine")
}

/// A session as a server under test has it.
pub(crate) fn connect(database: &Database) -> Client {
    Client::connect(&database.url(), NoTls).expect("the offered URL works")
}

/// The System V segments that one of `processes` made.
pub(crate) fn segments_of(processes: &[u32]) -> usize {
    let segments = std::fs::read_to_string("/proc/sysvipc/shm").expect("System V segments");
    let maker = |line: &str| line.split_whitespace().nth(4)?.parse::<u32>().ok();
    segments.lines().filter_map(maker).filter(|maker| processes.contains(maker)).count()
}

/// The port in the URL that a database offers.
pub(crate) fn port(database: &Database) -> u16 {
    let config: postgres::Config = database.url().parse().expect("a URL");
    config.get_ports()[0]
}

/// A URL of the cluster's superuser, through the socket.
pub(crate) fn superuser_url(database: &Database) -> String {
    let socket = database.folder().map(|folder| folder.join("socket")).expect("private");
    let host = socket.display().to_string().replace('/', "%2F");
    format!("postgres://httpdyno@{host}:{}/postgres", port(database))
}

/// The owner of a file.
pub(crate) fn owner(path: &Path) -> u32 {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).expect("it is there").uid()
}
