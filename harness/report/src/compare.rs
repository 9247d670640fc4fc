//! A candidate against its base, in every form.

pub mod forms;
pub mod histograms;
mod page;
pub mod plain;
mod text;

pub use httpdyno_analysis::compare::{
    Allowed, Compared, ComparedPoint, ComparedRatio, ComparedVoid, Difference, MARGIN, Refusal,
    builds, entries, records,
};
use httpdyno_analysis::compare::{Side, place_name};
pub use page::render as render_page;
pub use text::render;
