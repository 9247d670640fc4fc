//! What became of published claims, in every form.

mod forms;
mod text;

pub use forms::{json, markdown, summary};
pub use httpdyno_analysis::claims::{
    AtLevel, CellBlocks, DEFINITIONS, Found, Interaction, Judged, Summed, TERMS, Verdict,
    artefacts, gather, judge, judge_by, summed,
};
pub use text::{list, render};
