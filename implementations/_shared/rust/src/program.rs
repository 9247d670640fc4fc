//! A server that takes no options: what it is called with, and why it ends.

use std::fmt::Display;
use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;

use crate::SettingsError;
use crate::static_files::CatalogueError;

/// Why a server could not start or did not stop well.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The environment is not that of the contract.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The static files can not be read.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// There is no pool of connections to the database.
    #[cfg(feature = "pooled")]
    #[error(transparent)]
    Database(#[from] crate::database::pooled::PoolError),
    /// The address can not be had.
    #[error("can not listen on {address}: {source}")]
    Listen {
        /// Where to listen.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The threads of a runtime can not be had.
    #[error("can not start a runtime: {0}")]
    Runtime(io::Error),
    /// SIGTERM would not be seen.
    #[error("can not wait for signals: {0}")]
    Signals(io::Error),
    /// The engine gave up.
    #[error("can not serve: {0}")]
    Serve(io::Error),
    /// The engine panicked.
    #[error("the server panicked")]
    Panic,
}

/// Serves, or prints `version` when called with `--version`. What fails is told on standard error,
/// behind the entry's id.
pub fn run<E: Display>(
    entry: &str,
    version: &str,
    serve: impl FnOnce() -> Result<(), E>,
) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["--version"] => {
            println!("{version}");
            Ok(())
        }
        [] => serve().map_err(|failure| failure.to_string()),
        [unknown, ..] => {
            Err(format!("unexpected argument {unknown:?}: usage: {entry} [--version]"))
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{entry}: {failure}");
            ExitCode::FAILURE
        }
    }
}
