//! From a record, or from verdicts, to what people read. No network, no server, no effects but
//! the text returned.

#![forbid(unsafe_code)]

pub mod bench_text;
pub mod comparison;
pub mod conformance_json;
pub mod conformance_junit;
pub mod conformance_text;
pub mod quantity;
mod style;
pub mod versus;

pub use comparison::Comparison;
pub use style::Palette;
