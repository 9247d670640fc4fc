//! What the Rust entries share: the environment they are started with, typed
//! payloads, arguments read from paths and queries, the pure rules for static
//! files (preconditions, ranges, content codings), and of a database what is not
//! its protocol: statements, drawn rows, the cache, the page of fortunes. The feature
//! `pooled` adds what entries ask of tokio-postgres where they use it alike.
//!
//! Nothing here reads a socket, frames HTTP or routes a request: that is what
//! the harness measures, so it stays visible in each entry's own folder.
#![forbid(unsafe_code)]

pub mod arguments;
pub mod database;
pub mod fortunes;
pub mod host;
pub mod lockfile;
pub mod payload;
pub mod program;
pub mod settings;
pub mod static_files;

mod json;
mod query;

pub use json::{InvalidJson, echo};
pub use settings::{DatabaseSettings, Settings, SettingsError};
pub use static_files::{Catalogue, Conditions, StaticDecision, StaticFile, StaticMethod, decide};

/// The longest body that `POST /echo` takes, in bytes (1 MiB).
pub const ECHO_LIMIT: usize = 1 << 20;
