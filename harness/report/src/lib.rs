//! From a record, or from verdicts, to what people read. No network, no server, no effects but
//! the text returned.

#![forbid(unsafe_code)]

pub mod bench_text;
pub mod capacity;
mod ceilings;
pub mod claims;
pub mod compare;
pub mod comparison;
pub mod components;
pub mod composite;
mod conformance_groups;
pub mod conformance_json;
pub mod conformance_junit;
pub mod conformance_snapshot;
pub mod conformance_text;
pub mod container_tax;
pub mod csv;
mod curve;
mod database_part;
mod distribution;
pub mod doctor;
pub mod drift;
pub mod figures;
pub mod hdr;
pub mod history;
pub mod html;
pub mod json;
pub mod legible;
mod line;
pub mod markdown;
mod oddities;
pub mod picture;
pub mod provenance;
pub mod quantity;
pub mod ranking;
pub mod scale;
pub mod series;
mod stalls;
mod style;
pub mod text_table;
pub mod unranked;
pub mod validity;
pub mod versus;
mod void;
mod weak;

pub use comparison::{Comparison, ComparisonError};
pub use provenance::Provenance;
pub use style::Palette;
