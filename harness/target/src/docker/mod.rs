//! The Docker engine of this machine, and which of its containers are the harness's own.
//!
//! A killed harness cannot remove its containers. So each carries labels that name a file which
//! its harness holds locked as long as it lives; whoever starts a container next removes those
//! whose file is free.

mod engine;
mod ownership;

pub use engine::{Engine, EngineError};
pub use ownership::remove_own;
pub(crate) use ownership::{Ownership, sweep};
