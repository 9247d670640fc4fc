//! The endpoints that need PostgreSQL, through the blocking `postgres` client.

mod application;
mod cheat;
mod draw;
mod fault_cheat;
mod page;
mod pool;
mod rows;
mod unavailable;

pub(crate) use application::Application;
pub use cheat::DatabaseCheat;
pub use fault_cheat::FaultCheat;
