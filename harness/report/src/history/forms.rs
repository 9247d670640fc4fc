//! The series of a folder as JSON and Markdown.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::History;
use super::text::{NO_VERDICT, alarms, cells, method, name, words};
use crate::markdown::{block, code};

#[derive(Serialize, JsonSchema)]
#[schemars(title = "httpdyno history")]
struct Document<'a> {
    /// The command that made this document.
    generated_by: &'a str,
    #[serde(flatten)]
    history: &'a History,
}

/// For programs.
///
/// # Errors
/// When it cannot be serialised.
pub fn json(history: &History, command: &str) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string_pretty(&Document { generated_by: command, history })? + "\n")
}

/// The JSON Schema of [`json`].
#[must_use]
pub fn schema() -> Value {
    schemars::schema_for!(Document<'static>).to_value()
}

/// For a pull request. `command` is the one that made the document.
#[must_use]
pub fn markdown(history: &History, command: &str) -> String {
    let mut text = format!("## httpdyno: history\n\n{}\n\n", method(history));
    text.push_str(
        "| series | quantity | segment | apart by | records | first | last | found |\n\
         |---|---|---|---|--:|--:|--:|---|\n",
    );
    for series in &history.series {
        for (index, segment) in series.segments.iter().enumerate() {
            let [_, rest @ ..] = cells(series, index, segment);
            let _ = writeln!(text, "| {} | {} |", code(&name(series)), rest.join(" | "));
        }
    }
    for (series, change) in alarms(history) {
        let (before, after) = (code(&change.before), code(&change.after));
        let what = words(series, change);
        let _ =
            write!(text, "\n### {}\n\n{what}, between {before} and {after}", code(&name(series)));
        let _ = write!(text, "\n\n{}", block(&change.ab_run.join("\n")));
    }
    if alarms(history).next().is_some() {
        let _ = write!(text, "\n{NO_VERDICT}\n");
    }
    for left_out in &history.left_out {
        let (record, reason) = (code(&left_out.record), code(&left_out.reason));
        let _ = write!(text, "\nLeft out {record}: {reason}\n");
    }
    let _ = write!(text, "\nMade by\n\n{}", block(command));
    text
}
