//! Whether a server does what `spec/` asks: the rules of the application through an HTTP client,
//! HTTP/1.1 itself as bytes on sockets.
//!
//! A [`Plan`] says what is required and of whom; [`run_conformance`] gives a [`Verdict`] for each
//! case. A verdict has what was expected, what was seen, and the bytes that show it. Requirements
//! are data: nothing here knows a particular case. A hostile server can neither make a run hang
//! (everything has a deadline) nor grow (everything that is kept is bounded).

#![forbid(unsafe_code)]

mod answer;
mod application;
mod database;
mod excerpt;
mod finding;
mod jobs;
mod plan;
mod protocol;
mod render;
mod report;
mod rules;
mod run;
mod verdict;

pub use answer::Answer;
pub use application::{
    Bindings, RenderedRequest, Route, RouteMismatch, VerifiedExchange, case_rng, judge_answer,
    render_request, rows, verify_route, verify_route_blocking,
};
pub use database::{DatabaseProbe, Executions};
pub use excerpt::Excerpt;
pub use plan::{Filter, Plan, Requirements, Target};
pub use render::render_failure;
pub use report::ConformanceReport;
pub use rules::{WorldRow, fits, world_rows};
pub use run::{run_conformance, run_conformance_blocking, run_conformance_with_database};
pub use verdict::{Status, Verdict};
