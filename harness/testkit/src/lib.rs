//! Servers for testing the harness: each on port 0, each stopped and joined when dropped.
//!
//! - [`Server`]: the whole contract and all of HTTP/1.1 that the cases ask for, done right; and the
//!   same server with [`Quirk`]s, each a deliberate violation that must fail exactly its own cases.
//!   With a [`Lawful`] oddity instead it does what is allowed, and must fail no MUST.
//! - [`DelayServer`]: answers after a known delay, to test what the load generator measures.
//! - [`ScriptedResponder`]: sends given bytes at given times, to test what survives a bad server.
//! - [`Nobody`]: an address at which nobody listens.
//! - [`Wiretap`]: stands between a server and its database, to hear how that is asked.
//!
//! And a [`Terminal`], for what the command shows on one, and [`write_program`], for programs that tests
//! make up ([`built_example`] for those that are there).
//!
//! Nothing here is shared with the entries under `implementations/`: this is the reference that
//! the verifier is tested against, so it must not repeat their mistakes.

#![forbid(unsafe_code)]

mod application;
mod body;
mod connection;
mod connection_quirk;
mod conversation_quirk;
mod database;
mod delay;
mod fault;
mod fields;
mod framing;
mod framing_quirk;
mod head;
mod host;
mod input;
mod lawful;
mod nobody;
mod numbers;
mod program;
mod quirk;
mod request_line;
mod response;
mod routes;
mod scripted;
mod server;
mod skipped;
mod static_files;
mod target;
mod terminal;
mod wire_quirk;
mod wiretap;

pub use application::{Cheat, FileCheat};
pub use connection_quirk::ConnectionQuirk;
pub use conversation_quirk::ConversationQuirk;
pub use database::{DatabaseCheat, FaultCheat};
pub use delay::{Delay, DelayServer};
pub use framing_quirk::FramingQuirk;
pub use lawful::Lawful;
pub use nobody::Nobody;
pub use program::{built_example, copy_program, write_program};
pub use quirk::{Quirk, Quirks};
pub use scripted::{End, Script, ScriptedResponder, Step};
pub use server::Server;
pub use skipped::tell_skipped;
pub use terminal::Terminal;
pub use wire_quirk::WireQuirk;
pub use wiretap::{Heard, Wiretap};
