//! Checks of the application contract, through hyper.
//!
//! [`values`] draws the variables, [`bindings`] and [`render`] fill in the templates, [`client`]
//! makes the exchange, [`check`] judges it; [`every`] sees all of them.

mod bindings;
mod check;
mod client;
mod describe;
mod every;
mod generate;
mod outcome;
mod render;
mod route;
mod values;

pub use bindings::Bindings;
pub use render::{RenderedRequest, render_request};
pub use route::{
    Route, RouteMismatch, VerifiedExchange, judge_answer, verify_route, verify_route_blocking,
};
pub use values::{case_rng, rows};

pub(crate) use check::{Setting, make_exchanges, passes, run_check};
pub(crate) use describe::{describe_check, describe_invariant};
pub(crate) use every::EveryResponse;
pub(crate) use outcome::{Tally, Trouble};
