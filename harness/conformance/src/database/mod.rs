//! Checks of rows: where they come from, what becomes of them, what it costs the database.
//!
//! [`probe`] is what the harness sees behind the server, [`inspect`] runs a check, [`judge`],
//! [`statements`] and [`uniform`] say what it showed.

mod inspect;
mod judge;
mod probe;
mod statements;
mod uniform;

pub use probe::{DatabaseProbe, Executions};

pub(crate) use inspect::{Inspector, run_over_answers};
