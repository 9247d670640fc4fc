//! The null server: the least that can be done for an HTTP/1.1 request and still be an answer
//! to it. It finds where each request ends, sends the same bytes every time, and does nothing
//! else, so its rate is the ceiling of the machine and the generator that measure the others.
//!
//! It is no entry: it renders its whole response ahead, which the contract forbids to entries.
//! With [`ExtraCpu`] each request costs a declared amount of CPU time more, which makes servers
//! whose true difference is known.

#![forbid(unsafe_code)]

mod connection;
mod extra_cpu;
mod listen;
pub mod planted;
mod request;
mod response;
mod server;
mod worker;

pub use extra_cpu::{Calibration, CalibrationError, ExtraCpu};
pub use response::{FixedResponse, ResponseProblem};
pub use server::{NullServer, Running, StartError};
