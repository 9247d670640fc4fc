//! PostgreSQL: connections that are kept open and shared by requests.
//!
//! `shares` deals the connections out to workers, `pool` hands them to requests and keeps them
//! open, `connection` speaks to the database, `questions` are what the endpoints ask.

mod config;
mod connection;
mod pool;
mod questions;
mod shares;

pub(crate) use config::{Config, ConfigError};
pub(crate) use pool::{Pool, Unavailable};
pub(crate) use shares::{Share, deal};
