//! What a server is told: the environment of `spec/contract.md`.

use std::net::IpAddr;
use std::path::PathBuf;

/// Everything the contract passes to a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// The address to bind.
    pub host: IpAddr,
    /// The number of cores given.
    pub workers: u32,
    /// The folder of static files; empty: none is offered.
    pub static_dir: PathBuf,
    /// The database, where one is offered.
    pub database: Option<DatabaseOffer>,
    /// The one response that a null server gives, as a file; nobody else is told one.
    pub null_response: Option<PathBuf>,
}

/// A database offered to a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseOffer {
    /// A PostgreSQL connection URL.
    pub url: String,
    /// Connections in total, over all workers.
    pub pool: u32,
}

impl Contract {
    /// The variables, with `port` as the port to bind.
    #[must_use]
    pub fn environment(&self, port: u16) -> Vec<(&'static str, String)> {
        let mut variables = vec![
            ("HOST", self.host.to_string()),
            ("PORT", port.to_string()),
            ("WORKERS", self.workers.to_string()),
        ];
        if !self.static_dir.as_os_str().is_empty() {
            variables.push(("STATIC_DIR", self.static_dir.display().to_string()));
        }
        if let Some(database) = &self.database {
            variables.push(("DATABASE_URL", database.url.clone()));
            variables.push(("DATABASE_POOL", database.pool.to_string()));
        }
        if let Some(response) = &self.null_response {
            variables.push(("NULL_RESPONSE", response.display().to_string()));
        }
        variables
    }
}

/// Variables of the harness's own environment that a server is given too: what programs need to
/// run at all, and nothing that could tell one run from another.
pub(crate) const INHERITED: [&str; 8] =
    ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE"];
