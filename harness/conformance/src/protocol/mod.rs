//! Protocol cases: bytes on a socket, and what came back.
//!
//! [`script`] makes out the bytes, [`perform`] sends them on a [`connection`] and sees what comes
//! of it ([`observation`]), [`judge`] compares that with the accepted outcomes.

mod connection;
mod deliver;
mod describe;
mod doorway;
#[cfg(test)]
mod engine_tests;
mod isolate;
mod judge;
#[cfg(test)]
mod judge_tests;
mod observation;
mod perform;
mod probe;
mod script;

pub(crate) use deliver::run_case;
pub(crate) use describe::describe_outcomes;
pub(crate) use doorway::Doorway;
