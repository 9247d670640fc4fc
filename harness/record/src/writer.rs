//! Writing a record while the run goes on.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::capacity::CapacityRecord;
use crate::conformance::CaseRecord;
use crate::files::write_whole;
use crate::run::RunRecord;
use crate::trial::TrialRecord;

/// A file of the record that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {path}: {source}{rest}", path = path.display(), rest = self.rest())]
pub struct WriteError {
    path: PathBuf,
    source: io::Error,
    /// Where the record lies, once it was begun.
    kept_in: Option<PathBuf>,
}

impl WriteError {
    fn before_the_record(path: PathBuf, source: io::Error) -> Self {
        Self { path, source, kept_in: None }
    }

    fn rest(&self) -> String {
        let folder = self.kept_in.as_ref();
        let kept = folder.map(|folder| {
            let folder = folder.display();
            format!("; what was recorded before is kept in {folder}, and `report` reads it")
        });
        kept.unwrap_or_default()
    }
}

/// A record being written. Each call leaves files on disk that can be read back.
#[derive(Debug)]
pub struct RecordWriter {
    folder: PathBuf,
    conformance: File,
    trials: File,
}

/// The most runs of one profile on one machine on one day that get a folder of their own.
const MOST_RUNS_A_DAY: u32 = 1000;

impl RecordWriter {
    /// Makes a new folder under `results` and writes `run.json` into it.
    ///
    /// # Errors
    /// When a file cannot be made.
    pub fn create(results: &Path, run: &RunRecord) -> Result<Self, WriteError> {
        let date = run.started_at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d").to_string();
        let name = format!("{date}-{}-{}", run.profile.id, run.host.fingerprint);
        let folder = make_new_folder(results, &name)?;
        make_folder(&folder.join("histograms"))?;
        let append = |name: &str| {
            let path = folder.join(name);
            let file = OpenOptions::new().append(true).create_new(true).open(&path);
            file.map_err(|source| WriteError::before_the_record(path, source))
        };
        let (conformance, trials) = (append("conformance.jsonl")?, append("trials.jsonl")?);
        let writer = Self { folder, conformance, trials };
        writer.write_run(run)?;
        Ok(writer)
    }

    /// The folder of the record.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Replaces `run.json`; a reader sees the old or the new one, never a part.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_run(&self, run: &RunRecord) -> Result<(), WriteError> {
        self.replace("run.json", run)
    }

    /// Replaces `capacity.json` likewise.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_capacity(&self, capacity: &CapacityRecord) -> Result<(), WriteError> {
        self.replace("capacity.json", capacity)
    }

    fn replace(&self, name: &str, value: &impl Serialize) -> Result<(), WriteError> {
        let mut text = to_json(value, serde_json::to_vec_pretty);
        text.push(b'\n');
        let path = self.folder.join(name);
        write_whole(&path, text).map_err(|source| self.failed(path, source))
    }

    /// Appends the cases of one entry.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn append_cases(&mut self, cases: &[CaseRecord]) -> Result<(), WriteError> {
        let lines: Vec<u8> = cases.iter().flat_map(line).collect();
        append(&mut self.conformance, &lines)
            .map_err(|source| self.failed(self.folder.join("conformance.jsonl"), source))
    }

    /// Appends one trial, and writes its histograms (an HdrHistogram log) beside it.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn append_trial(
        &mut self,
        trial: &TrialRecord,
        histogram_log: Option<&str>,
    ) -> Result<(), WriteError> {
        if let Some(log) = histogram_log {
            let path = histogram_path(&self.folder, trial.trial);
            write_whole(&path, log).map_err(|source| self.failed(path, source))?;
        }
        append(&mut self.trials, &line(trial))
            .map_err(|source| self.failed(self.folder.join("trials.jsonl"), source))
    }

    fn failed(&self, path: PathBuf, source: io::Error) -> WriteError {
        WriteError { path, source, kept_in: Some(self.folder.clone()) }
    }
}

/// Where the histograms of a trial are.
pub(crate) fn histogram_path(folder: &Path, trial: u32) -> PathBuf {
    folder.join("histograms").join(format!("{trial:05}.hlog"))
}

/// One write per call, so that a crash never leaves half a line followed by a whole one.
fn append(file: &mut File, lines: &[u8]) -> io::Result<()> {
    file.write_all(lines)?;
    file.sync_data()
}

fn line(value: &impl Serialize) -> Vec<u8> {
    let mut text = to_json(value, serde_json::to_vec);
    text.push(b'\n');
    text
}

fn to_json<T: Serialize>(
    value: &T,
    write: impl Fn(&T) -> Result<Vec<u8>, serde_json::Error>,
) -> Vec<u8> {
    write(value).expect("the record's types have text keys and no failing serialisers")
}

fn make_folder(path: &Path) -> Result<(), WriteError> {
    fs::create_dir_all(path)
        .map_err(|source| WriteError::before_the_record(path.to_owned(), source))
}

/// `name`, or `name-2`, `name-3`, ... when there is one already.
fn make_new_folder(parent: &Path, name: &str) -> Result<PathBuf, WriteError> {
    make_folder(parent)?;
    for number in 1..=MOST_RUNS_A_DAY {
        let path =
            parent.join(if number == 1 { name.to_owned() } else { format!("{name}-{number}") });
        match fs::create_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(WriteError::before_the_record(path, source)),
            Ok(()) => return Ok(path),
        }
    }
    let full = io::Error::other(format!("{MOST_RUNS_A_DAY} runs of this name exist; remove some"));
    Err(WriteError::before_the_record(parent.join(name), full))
}
