//! Effects on a server under test: build, start, pin, wait until ready, account for, stop.
//!
//! Everything that happens *to* a target goes through this crate, so that another kind of
//! placement (a container, another host) is another module here and nothing elsewhere.
//! It knows the contract of an implementation, not what is measured.

#![deny(unsafe_code)] // `affinity` alone allows it, each block with its reason
#![cfg_attr(
    not(feature = "containers"),
    allow(dead_code, reason = "what containers need of other modules stays where it belongs")
)]

#[cfg(test)]
extern crate self as httpdyno_target; // as tests beside this crate call it

pub mod accounting;
mod affinity;
mod autogroup;
mod bounded;
pub mod build;
mod built;
pub mod bystanders;
pub mod command;
#[cfg(feature = "containers")]
pub mod container;
pub mod contract;
mod control_group;
pub mod core_load;
pub mod core_time;
pub mod cores;
pub mod database;
#[cfg(feature = "containers")]
pub mod docker;
pub mod enforcement;
pub mod git;
pub mod idle_effect;
pub mod idle_guard;
pub mod installed;
pub mod isolation;
mod leftovers;
pub mod listen_backlog;
pub mod manner;
pub mod open_files;
mod output;
pub mod privileges;
pub mod readiness;
pub mod scratch;
pub mod server;
pub mod steal;
#[cfg(not(feature = "containers"))]
pub mod without_containers;

pub use affinity::pin_current_thread;
pub use build::{BuildError, build, can_be_had, version};
pub use command::CommandContext;
pub use container::Containers;
pub use contract::Contract;
pub use cores::{CoreSplit, allowed_cores};
pub use database::{Database, DatabaseFacts, DatabaseSource};
pub use enforcement::{Confinement, Enforcement};
pub use idle_guard::IdleGuard;
pub use isolation::Isolation;
pub use manner::Manner;
pub use server::{Launch, Server, StartError, StopOutcome};
#[cfg(not(feature = "containers"))]
pub use without_containers as container;
#[cfg(not(feature = "containers"))]
pub use without_containers as docker;
