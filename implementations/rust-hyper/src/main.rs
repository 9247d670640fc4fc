//! hyper on tokio, under the contract of `spec/contract.md`.
//!
//! `main` reads what was asked, `listen` opens the sockets, `runtime` lays the
//! workers out, `server` accepts and drains, `connection` speaks HTTP, `router`
//! and `endpoints` answer, with rows of the `database`.
#![forbid(unsafe_code)]

mod command_line;
mod connection;
mod database;
mod endpoints;
mod lingering;
mod listen;
mod reply;
mod request;
mod router;
mod runtime;
mod server;

use std::process::ExitCode;

use command_line::{Command, RuntimeKind};
use database::Pool;
use entry_shared::database::WorldCache;
use entry_shared::{Catalogue, DatabaseSettings, Settings};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// What a worker answers from, made once at start.
struct App {
    catalogue: &'static Catalogue,
    /// `None` when no database is offered.
    offer: Option<Offer>,
}

/// What the endpoints with a database answer from.
struct Offer {
    share: database::Share,
    cache: WorldCache,
}

/// Why the server could not start or did not stop well.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    CommandLine(#[from] command_line::UsageError),
    #[error(transparent)]
    Settings(#[from] entry_shared::SettingsError),
    #[error(transparent)]
    Catalogue(#[from] entry_shared::static_files::CatalogueError),
    #[error(transparent)]
    Database(#[from] database::ConfigError),
    #[error(transparent)]
    Listen(#[from] listen::ListenError),
    #[error("can not start a runtime: {0}")]
    Runtime(std::io::Error),
    #[error("can not wait for signals: {0}")]
    Signals(std::io::Error),
    #[error("a worker panicked")]
    Worker,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("rust-hyper: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    match command_line::parse(std::env::args().skip(1))? {
        Command::Version => {
            println!("hyper {}", env!("ENGINE_VERSION"));
            Ok(())
        }
        Command::Serve(kind) => serve(kind),
    }
}

fn serve(kind: RuntimeKind) -> Result<(), Failure> {
    let settings = Settings::from_environment()?;
    // What is leaked lives as long as the process; a reference is free to share and lets the
    // bodies of static files be sent without a copy.
    let catalogue = Box::leak(Box::new(Catalogue::load(settings.static_dir.as_deref())?));
    let pool = settings.database.as_ref().map(pool).transpose()?;
    // Before the port answers, so that no SIGTERM finds the default action.
    let mut signals = Signals::new([SIGTERM, SIGINT]).map_err(Failure::Signals)?;
    let workers = settings.workers.get();
    let listeners = match kind {
        RuntimeKind::PerWorker => listen::bind(settings.address, workers)?,
        RuntimeKind::WorkStealing => listen::bind(settings.address, 1)?,
    };
    let address = listen::local_address(&listeners)?;
    let crew = runtime::Crew { kind, workers, catalogue, pool };
    let running = crew.start(listeners).map_err(Failure::Runtime)?;
    eprintln!("listening on {address}");
    signals.forever().next();
    running.stop().map_err(|_| Failure::Worker)
}

fn pool(settings: &DatabaseSettings) -> Result<&'static Pool, Failure> {
    let config = database::Config::of(settings)?;
    Ok(Box::leak(Box::new(Pool::new(config, settings.pool.get()))))
}
