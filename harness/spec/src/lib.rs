//! The shared conformance spec as typed data: YAML in, validated Rust values out.
//!
//! This crate is a leaf. It knows nothing of sockets or processes; it reads the files under
//! `spec/`, the `implementation.yaml` of each entry and the suite of somebody's own service, refuses what it does not understand
//! with file, line, column and a suggestion, and generates the JSON Schemas that editors use.

#![forbid(unsafe_code)]

pub mod case;
mod check;
pub mod claim;
pub mod command_line;
pub mod database;
pub mod endpoint;
pub mod error;
pub mod exchange;
pub mod id;
pub mod known;
pub mod manifest;
mod outline;
pub mod profile;
pub mod quote;
pub mod read;
mod remedy;
pub mod schema;
pub mod status;
mod suggest;
pub mod suite;
pub mod template;
pub mod tree;
mod unescape;
pub mod units;
pub mod workload;
mod yaml;

pub use command_line::CommandLine;
pub use error::{SpecError, SpecErrors, UnknownName};
pub use read::{Loaded, SpecFile, read_file, read_str};
pub use suite::{Suite, SuiteFile};
pub use tree::{CaseRef, Entry, SpecTree, claim_named, claims};
