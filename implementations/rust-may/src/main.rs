//! may_minihttp on may's coroutines, under the contract of `spec/contract.md`.
//!
//! The engine owns its sockets: it binds, accepts, reads and writes by itself and
//! calls `service` per request. What it leaves out is written around it: `port`
//! claims the port, `listener` tunes the socket, `connections` ends connections.
#![forbid(unsafe_code)]

mod connections;
mod endpoints;
mod head;
mod interned;
mod listener;
mod port;
mod postgres;
mod reply;
mod router;
mod service;

use std::net::{SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

use connections::Connections;
use endpoints::Database;
use entry_shared::{Catalogue, Settings, program};
use may_minihttp::HttpServiceFactory;
use service::Factory;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// The stack of a coroutine in machine words (256 KiB, touched only as used):
/// enough for JSON that nests as deep as the parser allows.
const STACK_WORDS: usize = 0x8000;
/// How long requests in flight may take after SIGTERM; the contract asks for an
/// exit within 5 s.
const DRAIN_LIMIT: Duration = Duration::from_secs(4);

/// What every connection shares, read once at start.
struct App {
    catalogue: Catalogue,
    connections: Connections,
    /// `None` when no database is offered.
    database: Option<Database>,
}

/// Why the server could not start.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Settings(#[from] entry_shared::SettingsError),
    #[error(transparent)]
    Database(#[from] postgres::AddressError),
    #[error(transparent)]
    Catalogue(#[from] entry_shared::static_files::CatalogueError),
    #[error("can not listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    #[error("can not wait for signals: {0}")]
    Signals(std::io::Error),
}

fn main() -> ExitCode {
    program::run("rust-may", concat!("may_minihttp ", env!("ENGINE_VERSION")), serve)
}

fn serve() -> Result<(), Failure> {
    let settings = Settings::from_environment()?;
    let catalogue = Catalogue::load(settings.static_dir.as_deref())?;
    // Before the port answers, so that no SIGTERM finds the default action.
    let mut signals = Signals::new([SIGTERM, SIGINT]).map_err(Failure::Signals)?;
    may::config().set_workers(settings.workers.get()).set_stack_size(STACK_WORDS);
    let database = settings.database.as_ref().map(Database::start).transpose()?;
    let connections = Connections::default();
    // Lives as long as the process: the engine takes response fields only as
    // references that do.
    let app: &'static App = Box::leak(Box::new(App { catalogue, connections, database }));

    let failed = |error| Failure::Listen(settings.address, error);
    let claim = port::claim(settings.address).map_err(failed)?;
    let accepting = Factory::new(app).start(claim.address).map_err(failed)?;
    listener::tune(claim.address).map_err(failed)?;
    eprintln!("listening on {}", claim.address);

    signals.forever().next();
    app.connections.stop();
    // Wakes the accept loop, which ends at the first connection it meets now. Should
    // that fail, the loop ends with the process.
    if TcpStream::connect(claim.address).is_ok() {
        let _ = accepting.join();
    }
    app.connections.drain(DRAIN_LIMIT);
    Ok(())
}
