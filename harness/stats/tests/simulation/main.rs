//! The statistics against simulated servers whose truth is known.
//!
//! Everything is seeded: a test gives the same counts on every machine. Counts are compared with
//! stated rates through the binomial distribution, at 1 in 1 000 on each side, so that no number
//! here was fitted to what came out. With `-- --nocapture` the tests print the figures.

#![forbid(unsafe_code)]

mod allowance;
mod carry_over;
mod change_points;
mod coverage;
mod machine;
mod ranks;
mod verdicts;
