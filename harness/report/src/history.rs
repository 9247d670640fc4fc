//! The records of a folder as series in time, in every form.

pub mod forms;
mod text;

pub use httpdyno_analysis::history::{
    Asked, Change, Circumstances, History, LeftOut, Reading, Segment, Series, Unusable, Value,
};
pub use text::render;
