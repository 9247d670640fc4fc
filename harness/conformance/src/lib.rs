//! Whether a server does what `spec/` asks: the rules of the application through an HTTP client,
//! HTTP/1.1 itself as bytes on sockets.
//!
//! A [`Plan`] says what is required and of whom; [`run_conformance_blocking`] gives a [`Verdict`] for each
//! case. A verdict has what was expected, what was seen, and the bytes that show it. Requirements
//! are data: nothing here knows a particular case. A hostile server can neither make a run hang
//! (everything has a deadline) nor grow (everything that is kept is bounded).

#![forbid(unsafe_code)]

mod answer;
mod application;
mod database;
mod excerpt;
mod finding;
mod foreign;
mod jobs;
mod life;
mod page;
mod plan;
mod preflight;
mod protocol;
mod render;
mod report;
mod rules;
mod run;
mod stop;
mod substitute;
mod trouble;
mod verdict;
pub mod words;

pub use answer::Answer;
pub use application::{
    Bindings, RenderedRequest, Route, RouteMismatch, VerifiedExchange, case_rng, judge_answer,
    render_request, rows, verify_route, verify_route_blocking,
};
pub use database::{DatabaseProbe, Executions};
pub use excerpt::Excerpt;
pub use finding::UNFINISHED;
pub use life::Keeper;
pub use page::Page;
pub use plan::{Filter, Plan, Requirements, Target};
pub use preflight::{Obstacle, preflight};
pub use render::render_failure;
pub use report::ConformanceReport;
pub use rules::{WorldRow, fits, world_rows};
pub use run::{NOT_RUN, Surroundings, run_conformance_blocking, run_conformance_with};
pub use stop::Stop;
pub use verdict::{Status, Verdict};
