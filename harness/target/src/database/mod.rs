//! The PostgreSQL that servers under test talk to.
//!
//! Wherever the server comes from ([`DatabaseSource`]), the harness makes a database of its own
//! in it, fills it with the same rows, asks for the same settings and records which it got.
//! Nothing that was there before is read, changed or dropped.
//!
//! | source | where the tables are | what is left afterwards |
//! |---|---|---|
//! | `private` | a cluster of our own in a temporary folder | nothing |
//! | `container` | a server of our own in a Docker container | nothing |
//! | a URL | a new database `httpdyno_<hex>` on that server | nothing |
//!
//! A killed harness can clean up nothing itself. The kernel then ends the cluster, and a process that
//! waits for nothing else removes the folder (`watcher`); was that killed too, the next start does
//! (`sweep`). On a server that was there, the next start drops the database (`own`).

mod binaries;
mod cluster;
mod connect;
mod connection_limit;
#[cfg(feature = "containers")]
mod container;
mod error;
mod facts;
mod faults;
mod fetch;
mod folder;
mod handle;
mod host;
mod own;
mod pgbench;
mod processes;
mod rows;
mod seed;
mod session;
mod settings;
mod source;
mod statements;
mod sweep;
mod url;
mod user;
mod watcher;

#[cfg(not(feature = "containers"))]
use crate::without_containers as container;

pub use binaries::installed_version;
pub use error::{DatabaseError, StartDatabaseError, StopDatabaseError};
pub use facts::DatabaseFacts;
pub use faults::LockedTables;
pub use fetch::{Fetch, FetchError, FetchProgress, REPOSITORY_VARIABLE};
pub use handle::Database;
pub use pgbench::{PgbenchError, PgbenchPlan, PgbenchReport, pgbench_version};
pub use rows::{Fortune, SEED, SEED_DIGEST, World};
pub use settings::DECLARED as DECLARED_SETTINGS;
pub use source::{DatabaseSource, Image, SourceError};
pub use statements::{StatementCount, StatementCounts};
