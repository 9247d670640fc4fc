//! The list of all records of a folder.

use std::collections::BTreeSet;

use askama::Template;
use httpdyno_record::{Ending, Purpose, Record, Role, TrialRecord};

use crate::comparison::Comparison;
use crate::html::assets::{STYLE, policy};
use crate::html::page::HtmlError;
use crate::legible::one_line;
use crate::validity::obstacles;

/// A record in the list.
#[derive(Clone, Debug)]
pub struct IndexedRun {
    /// Its folder, relative to the list.
    folder: String,
    /// The command that makes its page, where it has none.
    command: Option<String>,
    summary: Result<Summary, String>,
}

/// Records in a folder of their own: those of a proof, say.
#[derive(Clone, Debug)]
pub struct IndexedGroup {
    name: String,
    /// What they come to together, line by line.
    outcome: Vec<String>,
    runs: Vec<IndexedRun>,
}

#[derive(Clone, Debug)]
struct Summary {
    began: String,
    verb: String,
    profile: String,
    publishable: bool,
    machine: String,
    entries: usize,
    workloads: usize,
    valid: usize,
    trials: usize,
    ending: &'static str,
    ahead: String,
}

impl IndexedRun {
    /// A record that was read, in `folder` (relative to the list, with `/` between its parts);
    /// `command` makes its page.
    #[must_use]
    pub fn new(folder: &str, command: &str, record: &Record) -> Self {
        let has_page = record.folder.join("report.html").is_file();
        Self {
            folder: folder.to_owned(),
            command: (!has_page).then(|| one_line(command)),
            summary: Ok(Summary::of(record)),
        }
    }

    /// A folder that looks like a record and cannot be read.
    #[must_use]
    pub fn unreadable(folder: &str, reason: &str) -> Self {
        Self { folder: folder.to_owned(), command: None, summary: Err(one_line(reason)) }
    }

    /// When, in a form that sorts; nothing where that cannot be read, which stands last.
    fn began(&self) -> Option<&str> {
        self.summary.as_ref().ok().map(|summary| summary.began.as_str())
    }

    fn has_page(&self) -> bool {
        self.summary.is_ok() && self.command.is_none()
    }

    /// Where its page is, relative to the list.
    fn link(&self) -> String {
        let escaped: String = self
            .folder
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => {
                    char::from(byte).to_string()
                }
                _ => format!("%{byte:02X}"),
            })
            .collect();
        format!("./{escaped}/report.html")
    }

    fn name(&self) -> String {
        one_line(self.folder.rsplit('/').next().unwrap_or_default())
    }
}

impl IndexedGroup {
    /// The records in the folder `name`, and what they come to together.
    #[must_use]
    pub fn new(name: &str, outcome: Option<&str>, runs: Vec<IndexedRun>) -> Self {
        let outcome = outcome.unwrap_or_default().lines().map(one_line).collect();
        Self { name: one_line(name), outcome, runs }
    }
}

impl Summary {
    fn of(record: &Record) -> Self {
        let run = &record.run;
        let workloads: BTreeSet<_> = record.trials.iter().map(|trial| &trial.workload).collect();
        Self {
            began: run.started_at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
            verb: one_line(run.command_line.get(1).map_or("-", String::as_str)),
            profile: run.profile.id.to_string(),
            publishable: run.profile.publishable && obstacles(record).is_empty(),
            machine: one_line(&format!("{} ({})", run.host.cpu_model, run.host.fingerprint)),
            entries: run.entries.iter().filter(|entry| entry.role == Role::Entry).count(),
            workloads: workloads.len(),
            valid: record.trials.iter().filter(|trial| trial.valid().is_some()).count(),
            trials: record.trials.len(),
            ending: match run.ending {
                Ending::Complete => "complete",
                Ending::Interrupted => "interrupted",
                Ending::Unfinished => "unfinished",
            },
            ahead: ahead(record).unwrap_or_else(|| "-".to_owned()),
        }
    }
}

/// The first in the ranking of the first workload, which is what a reader looks for.
fn ahead(record: &Record) -> Option<String> {
    let first = record.trials.iter().find(|trial| trial.purpose == Purpose::Compare);
    let first = first.or(record.trials.first())?;
    // Only what is asked for is analysed: a list of many records is made often.
    let is_there = |trial: &&TrialRecord| {
        (&trial.workload, trial.connections, trial.offered_per_s)
            == (&first.workload, first.connections, first.offered_per_s)
    };
    let there = record.trials.iter().filter(is_there).cloned().collect();
    let alone = Record {
        folder: record.folder.clone(),
        run: record.run.clone(),
        cases: Vec::new(),
        trials: there,
        truncated: false,
        decisions: None,
    }
    .decided();
    let comparison = Comparison::of(&alone).ok()?;
    let point = comparison.points.first()?;
    let row = point.rows.iter().find(|row| row.role == Role::Entry && row.rank.is_some())?;
    Some(one_line(&format!("{} ({}, by {})", row.entry, point.name(), point.ranked_by.name())))
}

#[derive(Template)]
#[template(path = "index.html")]
struct Index<'a> {
    policy: String,
    style: &'static str,
    runs: &'a [IndexedRun],
    groups: &'a [IndexedGroup],
    command: &'a str,
    version: &'static str,
}

/// The list of `runs` and `groups`, made by `command`.
///
/// # Errors
/// When the template cannot be filled.
pub fn render_index(
    runs: &[IndexedRun],
    groups: &[IndexedGroup],
    command: &str,
) -> Result<String, HtmlError> {
    let policy = policy(&[], STYLE);
    let version = env!("CARGO_PKG_VERSION");
    // Not by name: the tenth record of a day ends with `-10`.
    let mut runs = runs.to_vec();
    runs.sort_by(|one, other| other.began().cmp(&one.began()));
    let runs = runs.as_slice();
    Ok(Index { policy, style: STYLE, runs, groups, command, version }.render()?)
}
