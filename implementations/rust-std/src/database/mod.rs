//! PostgreSQL, with a blocking client: a thread for each connection answers the orders of the
//! threads that serve HTTP.
//!
//! `session` is one connection, `desk` the queue between the threads, `orders` what is asked.

mod config;
mod desk;
mod orders;
mod session;

pub(crate) use config::Config;
pub(crate) use desk::Desk;
pub(crate) use orders::{Database, Unavailable};
