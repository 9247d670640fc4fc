//! Reading a record back.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::capacity::CapacityRecord;
use crate::conformance::CaseRecord;
use crate::run::{FORMAT_VERSION, RunRecord};
use crate::trial::TrialRecord;
use crate::writer::histogram_path;

/// Why a record cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A file is not there or not readable.
    #[error(
        "cannot read {path}: {source}; a record is a folder with run.json in it",
        path = path.display()
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file does not hold what it should.
    #[error("{path}:{line}: {message}", path = path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        message: String,
    },
    /// A later version wrote it.
    #[error(
        "{path} has format version {found}, this httpdyno reads up to {FORMAT_VERSION}; \
         read it with the version that wrote it ({written_by})",
        path = path.display()
    )]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The harness that wrote it.
        written_by: String,
    },
}

/// A whole record in memory (but for its histograms, which are read one at a time).
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Where it lies.
    pub folder: PathBuf,
    /// `run.json`.
    pub run: RunRecord,
    /// `conformance.jsonl`.
    pub cases: Vec<CaseRecord>,
    /// `trials.jsonl`.
    pub trials: Vec<TrialRecord>,
    /// Whether a file ends in half a line: the harness died while writing it.
    pub truncated: bool,
}

/// What every version of `run.json` holds.
#[derive(Deserialize)]
struct Version {
    format_version: u32,
    httpdyno_version: String,
}

impl Record {
    /// Reads the record in `folder`.
    ///
    /// # Errors
    /// When a file is missing, malformed, or of a later version.
    pub fn read(folder: &Path) -> Result<Self, ReadError> {
        let path = folder.join("run.json");
        let text = read_text(&path)?;
        let version: Version = parse(&path, 1, &text)?;
        if version.format_version > FORMAT_VERSION {
            return Err(ReadError::NewerFormat {
                path,
                found: version.format_version,
                written_by: version.httpdyno_version,
            });
        }
        let run = parse(&path, 1, &text)?;
        let (cases, cases_cut) = read_lines(&folder.join("conformance.jsonl"))?;
        let (trials, trials_cut) = read_lines(&folder.join("trials.jsonl"))?;
        let truncated = cases_cut || trials_cut;
        Ok(Self { folder: folder.to_owned(), run, cases, trials, truncated })
    }

    /// What a search for the capacity came to; nothing in a record of another verb.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn capacity(&self) -> Result<Option<CapacityRecord>, ReadError> {
        let path = self.folder.join("capacity.json");
        if !path.exists() {
            return Ok(None);
        }
        parse(&path, 1, &read_text(&path)?).map(Some)
    }

    /// The HdrHistogram log of one trial.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn histogram_log(&self, trial: u32) -> Result<String, ReadError> {
        read_text(&histogram_path(&self.folder, trial))
    }
}

fn read_text(path: &Path) -> Result<String, ReadError> {
    fs::read_to_string(path)
        .map_err(|source| ReadError::Unreadable { path: path.to_owned(), source })
}

fn parse<T: DeserializeOwned>(path: &Path, line: usize, text: &str) -> Result<T, ReadError> {
    serde_json::from_str(text).map_err(|error| ReadError::Malformed {
        path: path.to_owned(),
        line: line + error.line().saturating_sub(1),
        message: error.to_string(),
    })
}

/// All lines; a last one without its line break was being written when the harness died, and is
/// left out.
fn read_lines<T: DeserializeOwned>(path: &Path) -> Result<(Vec<T>, bool), ReadError> {
    let text = read_text(path)?;
    let (whole, rest) = text.rsplit_once('\n').unwrap_or(("", &text));
    let values = whole
        .lines()
        .enumerate()
        .map(|(index, line)| parse(path, index + 1, line))
        .collect::<Result<_, _>>()?;
    Ok((values, !rest.is_empty()))
}
