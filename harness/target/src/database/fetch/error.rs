//! Why PostgreSQL could not be fetched.

use std::io;
use std::path::PathBuf;

use super::REPOSITORY_VARIABLE;

/// Why PostgreSQL could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Nobody builds one for it.
    #[error("no archive of PostgreSQL is known for {os} on {architecture}; install PostgreSQL")]
    NoArchive {
        /// As Rust calls it.
        os: &'static str,
        /// As Rust calls it.
        architecture: &'static str,
    },
    /// There is no place for it.
    #[error("neither XDG_CACHE_HOME nor HOME says where to keep PostgreSQL; set one of them")]
    NoCache,
    /// The place for it cannot be used.
    #[error("cannot keep PostgreSQL in `{path}`: {source}; set XDG_CACHE_HOME to another folder")]
    Cache {
        /// The folder or file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It did not come.
    #[error(
        "cannot fetch {url}: {reason}; on a network without it, name the root of a mirror of Maven \
         Central with {REPOSITORY_VARIABLE}"
    )]
    Download {
        /// What was asked for.
        url: String,
        /// What came of it.
        reason: String,
    },
    /// Something else came.
    #[error(
        "{url} is not the archive it should be: its SHA-256 is {actual}, expected {expected}; it was \
         changed on its way or the repository holds another file; it was thrown away"
    )]
    Digest {
        /// What was asked for.
        url: String,
        /// The digest that was expected.
        expected: String,
        /// The digest of what came.
        actual: String,
    },
    /// It is no such archive.
    #[error("cannot unpack {url}: {reason}; expected a zip that holds one .txz with bin/postgres")]
    Unpack {
        /// What was asked for.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
}
