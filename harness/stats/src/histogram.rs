//! HDR histograms of nanoseconds: 3 significant digits from 1 ns to 60 s.
//!
//! A [`Recorder`] is what a measuring thread writes to (a flat array, a few nanoseconds per
//! value); a [`Histogram`] is what it leaves behind (only the buckets that were hit: small,
//! mergeable, serialisable). Values above 60 s are counted at 60 s and counted as saturated.

mod buckets;
mod document;
mod error;
mod hdr;
mod log;
mod recorder;
mod sparse;
mod v2;

pub use buckets::MAX_NS;
pub use document::HistogramDocument;
pub use error::HistogramError;
pub use log::{LogInterval, write_log};
pub use recorder::Recorder;
pub use sparse::Histogram;
