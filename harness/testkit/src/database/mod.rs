//! The endpoints that need PostgreSQL, through the blocking `postgres` client.

mod application;
mod cheat;
mod draw;
mod page;
mod pool;
mod rows;

pub(crate) use application::Application;
pub use cheat::DatabaseCheat;
