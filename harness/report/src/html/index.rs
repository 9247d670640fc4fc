//! The list of all records of a folder.

use askama::Template;
use httpdyno_record::{Ending, Record};

use crate::comparison::Comparison;
use crate::html::assets::{STYLE, policy};
use crate::html::page::HtmlError;
use crate::legible::one_line;

/// A record in the list.
#[derive(Clone, Debug)]
pub struct IndexedRun {
    folder: String,
    has_page: bool,
    summary: Result<Summary, String>,
}

#[derive(Clone, Debug)]
struct Summary {
    began: String,
    profile: String,
    publishable: bool,
    machine: String,
    entries: usize,
    workloads: usize,
    valid: usize,
    trials: usize,
    ending: &'static str,
    fastest: String,
}

impl IndexedRun {
    /// A record that was read, in `folder` (a name within the listed folder).
    #[must_use]
    pub fn new(folder: &str, record: &Record, comparison: &Comparison) -> Self {
        Self {
            folder: folder.to_owned(),
            has_page: record.folder.join("report.html").is_file(),
            summary: Ok(Summary::of(record, comparison)),
        }
    }

    /// A folder that looks like a record and cannot be read.
    #[must_use]
    pub fn unreadable(folder: &str, reason: &str) -> Self {
        Self { folder: folder.to_owned(), has_page: false, summary: Err(one_line(reason)) }
    }

    /// Where its page is, relative to the list.
    fn link(&self) -> String {
        let escaped: String = self
            .folder
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                    char::from(byte).to_string()
                }
                _ => format!("%{byte:02X}"),
            })
            .collect();
        format!("./{escaped}/report.html")
    }

    fn name(&self) -> String {
        one_line(&self.folder)
    }
}

impl Summary {
    fn of(record: &Record, comparison: &Comparison) -> Self {
        let run = &record.run;
        let workloads: std::collections::BTreeSet<_> =
            record.trials.iter().map(|trial| &trial.workload).collect();
        Self {
            began: run.started_at.to_string(),
            profile: run.profile.id.to_string(),
            publishable: run.profile.publishable,
            machine: one_line(&format!("{} ({})", run.host.cpu_model, run.host.fingerprint)),
            entries: run.entries.len(),
            workloads: workloads.len(),
            valid: record.trials.iter().filter(|trial| trial.valid().is_some()).count(),
            trials: record.trials.len(),
            ending: match run.ending {
                Ending::Complete => "complete",
                Ending::Interrupted => "interrupted",
                Ending::Unfinished => "unfinished",
            },
            fastest: fastest(comparison),
        }
    }
}

/// The entry with the highest median at the first point, which is what a reader looks for.
fn fastest(comparison: &Comparison) -> String {
    let first = comparison.points.first();
    let row = first.and_then(|point| point.rows.iter().find(|row| row.figures.is_some()));
    match (first, row) {
        (Some(point), Some(row)) => one_line(&format!(
            "{} ({}, {} connections)",
            row.entry, point.workload, point.connections
        )),
        _ => "-".to_owned(),
    }
}

#[derive(Template)]
#[template(path = "index.html")]
struct Index<'a> {
    policy: String,
    style: &'static str,
    runs: &'a [IndexedRun],
    command: &'a str,
    version: &'static str,
}

/// The list of `runs`, made by `command`.
///
/// # Errors
/// When the template cannot be filled.
pub fn render_index(runs: &[IndexedRun], command: &str) -> Result<String, HtmlError> {
    let policy = policy(&[], STYLE);
    let version = env!("CARGO_PKG_VERSION");
    Ok(Index { policy, style: STYLE, runs, command, version }.render()?)
}
