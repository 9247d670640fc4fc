//! A comparison as JSON, for programs.

use serde::Serialize;

use crate::comparison::Comparison;
use crate::provenance::Provenance;
use crate::series::COST;

#[derive(Serialize)]
struct Document<'a> {
    /// The command that made this document.
    generated_by: &'a str,
    /// The command that made the record.
    run_by: &'a str,
    /// What a cost is, in words.
    cost_is: &'static str,
    #[serde(flatten)]
    comparison: &'a Comparison,
}

/// The comparison as one JSON document.
///
/// # Errors
/// When it cannot be serialised.
pub fn render(
    comparison: &Comparison,
    provenance: &Provenance,
) -> Result<String, serde_json::Error> {
    let Provenance { report, run } = provenance;
    let document = Document { generated_by: report, run_by: run, cost_is: COST, comparison };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}
