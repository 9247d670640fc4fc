//! From a record, or from verdicts, to what people read. No network, no server, no effects but
//! the text returned.

#![forbid(unsafe_code)]

pub mod bench_text;
pub mod comparison;
pub mod conformance_json;
pub mod conformance_junit;
pub mod conformance_text;
pub mod csv;
pub mod hdr;
pub mod html;
pub mod json;
pub mod legible;
mod line;
pub mod markdown;
pub mod picture;
pub mod provenance;
pub mod quantity;
mod style;
pub mod validity;
pub mod versus;

pub use comparison::Comparison;
pub use provenance::Provenance;
pub use style::Palette;
