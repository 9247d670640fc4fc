//! What people read of a record, or of verdicts: every form is drawn here, and derived in
//! `httpdyno-analysis`. No network, no server, no effects but the text returned.

#![forbid(unsafe_code)]

pub mod bench_text;
pub mod capacity;
mod ceilings;
pub mod claims;
mod columns;
pub mod compare;
pub mod components;
mod conformance_groups;
pub mod conformance_json;
pub mod conformance_junit;
pub mod conformance_snapshot;
pub mod conformance_text;
pub mod csv;
mod database_part;
pub mod doctor;
pub mod hdr;
pub mod history;
pub mod html;
pub mod json;
mod line;
pub mod markdown;
mod markdown_text;
pub mod picture;
pub mod scale;
mod style;
pub mod text_table;

pub use httpdyno_analysis::{
    Comparison, ComparisonError, Provenance, comparison, composite, container_tax, drift, figures,
    legible, provenance, quantity, ranking, series, unranked, validity, versus,
};
use httpdyno_analysis::{curve, oddities, stalls, void, weak};
pub use style::Palette;
