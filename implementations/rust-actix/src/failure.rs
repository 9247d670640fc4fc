//! Why the server could not start or did not stop well.

use std::io;
use std::net::SocketAddr;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("unexpected argument {0:?}: usage: rust-actix [--version]")]
    Argument(String),
    #[error(transparent)]
    Settings(#[from] entry_shared::SettingsError),
    #[error(transparent)]
    Catalogue(#[from] entry_shared::static_files::CatalogueError),
    /// The URL is not shown: it may hold a password.
    #[error("environment variable DATABASE_URL is no PostgreSQL URL: {0}")]
    Url(#[from] tokio_postgres::Error),
    #[error("can not make a pool of connections: {0}")]
    Pool(#[from] deadpool_postgres::BuildError),
    #[error("can not listen on {address}: {source}")]
    Listen { address: SocketAddr, source: io::Error },
    #[error("can not serve: {0}")]
    Serve(io::Error),
}
