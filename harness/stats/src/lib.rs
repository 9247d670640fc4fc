//! Statistics without effects: histograms of durations, and what can be said of a comparison.
//!
//! | question | module |
//! |---|---|
//! | in what order to run | [`abba`] (two entries), [`williams`] (many) |
//! | when a server is warm | [`warmup`] |
//! | how many blocks | [`stein`] |
//! | one figure over several starts, with interval | [`starts`] |
//! | A to B, with interval | [`LogDifferences`], [`bootstrap`]; of two runs [`welch`](mod@welch) |
//! | faster, slower, equivalent, unresolved | [`verdict`] |
//! | ranks and ties of N | [`ranking`], [`ties`] |
//! | one figure over many tests | [`composite`] |
//! | the highest rate that meets an objective | [`capacity`] |
//! | did the machine drift | [`drift`] |
//! | did a series of records change | [`mod@change_points`] |
//! | plain description | [`descriptive`] |
//!
//! The unit of replication is a block of fresh starts, never the request. Numbers come in as whole
//! numbers in the caller's unit; ratios go out as floats without dimension. The same seed gives
//! the same answer for ever ([`Seeded`]).

#![forbid(unsafe_code)]

pub mod abba;
pub mod binomial;
pub mod bootstrap;
pub mod builds;
pub mod capacity;
pub mod change_points;
pub mod composite;
pub mod descriptive;
pub mod drift;
pub mod histogram;
pub mod normal;
mod random;
pub mod ranking;
mod ratio;
mod special;
pub mod starts;
pub mod stein;
pub mod student;
mod table;
pub mod ties;
mod trend;
mod units;
pub mod verdict;
pub mod warmup;
pub mod welch;
pub mod williams;

pub use histogram::{Histogram, Recorder};
pub use random::Seeded;
pub use ratio::{Estimate, LogDifferences, PairedBlock, RatioError};
pub use table::{REQUIRED_PERCENT, Table, TableError};
pub use trend::Trend;
pub use units::{Better, Effect, Interval, Probability, Ratio};
