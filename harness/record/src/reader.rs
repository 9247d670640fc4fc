//! Reading a record back.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::capacity::CapacityRecord;
use crate::conformance::CaseRecord;
use crate::rows::{Decisions, decide};
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

/// A whole record in memory, but for its histograms: those of trials are left in their file, and
/// read where one is needed; the logs are read one at a time.
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
    /// What was decided of its rows; absent as long as its trials are as they were found.
    pub decisions: Option<Decisions>,
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
        let (cases, cases_cut) =
            read_lines(&folder.join("conformance.jsonl"), |_: &mut CaseRecord, _, _, _| {})?;
        let (trials, trials_cut) =
            read_lines(&folder.join("trials.jsonl"), TrialRecord::leave_histograms_in)?;
        let truncated = cases_cut || trials_cut;
        let folder = folder.to_owned();
        Ok(Self { folder, run, cases, trials, truncated, decisions: None })
    }

    /// Reads the record in `folder` for a report of any kind: [`Record::read`] and
    /// [`Record::decided`].
    ///
    /// # Errors
    /// As [`Record::read`].
    pub fn read_decided(folder: &Path) -> Result<Self, ReadError> {
        Self::read(folder).map(Self::decided)
    }

    /// The record with its rows decided (see [`crate::rows`]), and without trials that stand in it
    /// twice: of those with the same number, or begun at the same nanosecond (trials are made one
    /// after the other), the first stays. Once is enough.
    #[must_use]
    pub fn decided(mut self) -> Self {
        if self.decisions.is_some() {
            return self;
        }
        let (mut numbers, mut moments) = (HashSet::new(), HashSet::new());
        let before = self.trials.len();
        self.trials.retain(|trial| {
            let moment = trial.started_at;
            // A time in whole seconds is none of a clock's, and may be that of many.
            let is_of_a_clock = moment.subsec_nanosecond() != 0;
            numbers.insert(trial.trial) && (!is_of_a_clock || moments.insert(moment))
        });
        let duplicates = u32::try_from(before - self.trials.len()).unwrap_or(u32::MAX);
        // Every trial is recorded, also one that failed, and they are numbered from 0.
        let expected = numbers.iter().max().map_or(0, |last| last.saturating_add(1));
        let missing = expected.saturating_sub(u32::try_from(numbers.len()).unwrap_or(u32::MAX));
        let decisions = Decisions { duplicates, missing, ..decide(&mut self.trials) };
        Self { decisions: Some(decisions), ..self }
    }

    /// How many trials stood in it twice and were left out.
    #[must_use]
    pub fn duplicates(&self) -> u32 {
        self.decisions.as_ref().map_or(0, |decisions| decisions.duplicates)
    }

    /// How many trials it does not have although it has later ones.
    #[must_use]
    pub fn missing(&self) -> u32 {
        self.decisions.as_ref().map_or(0, |decisions| decisions.missing)
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

/// Gives a value its file, where its line begins there, and the line, to leave there what is large.
trait Leave<T>: Fn(&mut T, &Arc<File>, u64, &str) + Sync {}

impl<T, F: Fn(&mut T, &Arc<File>, u64, &str) + Sync> Leave<T> for F {}

/// As many bytes as are worth a thread.
const PIECE_BYTES: u64 = 4 << 20;

/// All lines; a last one without its line break was being written when the harness died, and is
/// left out, wherever it was cut. Pieces of a long file are read at the same time.
fn read_lines<T: DeserializeOwned + Send>(
    path: &Path,
    leave: impl Leave<T>,
) -> Result<(Vec<T>, bool), ReadError> {
    read_pieces(path, PIECE_BYTES, leave)
}

fn read_pieces<T: DeserializeOwned + Send>(
    path: &Path,
    piece_bytes: u64,
    leave: impl Leave<T>,
) -> Result<(Vec<T>, bool), ReadError> {
    let unreadable = |source| ReadError::Unreadable { path: path.to_owned(), source };
    let file = Arc::new(File::open(path).map_err(unreadable)?);
    let length = file.metadata().map_err(unreadable)?.len();
    let pieces: Vec<Piece<T>> = (0..length.div_ceil(piece_bytes).max(1))
        .into_par_iter()
        .map(|piece| {
            let begin = piece * piece_bytes;
            Piece::read(path, &file, begin..begin + piece_bytes, &leave)
        })
        .collect::<io::Result<_>>()
        .map_err(unreadable)?;
    let mut values = Vec::with_capacity(pieces.iter().map(|piece| piece.values.len()).sum());
    let mut truncated = false;
    for piece in pieces {
        values.extend(piece.values);
        if let Some(message) = piece.malformed {
            let line = values.len() + 1;
            return Err(ReadError::Malformed { path: path.to_owned(), line, message });
        }
        truncated |= piece.truncated;
    }
    Ok((values, truncated))
}

/// The lines that begin within a range of a file.
struct Piece<T> {
    /// Those before the first that is wrong.
    values: Vec<T>,
    /// What is wrong with the line behind these.
    malformed: Option<String>,
    /// Whether the file ends in half a line.
    truncated: bool,
}

impl<T: DeserializeOwned> Piece<T> {
    fn read(
        path: &Path,
        shared: &Arc<File>,
        range: Range<u64>,
        leave: &impl Leave<T>,
    ) -> io::Result<Self> {
        let mut piece = Self { values: Vec::new(), malformed: None, truncated: false };
        let mut file = BufReader::with_capacity(1 << 20, File::open(path)?);
        let (mut line, mut begin) = (Vec::new(), range.start);
        if begin > 0 {
            // The line of the byte before belongs to the piece before.
            begin -= 1;
            file.seek(SeekFrom::Start(begin))?;
            begin += file.read_until(b'\n', &mut line)? as u64;
        }
        while range.contains(&begin) {
            line.clear();
            let bytes = file.read_until(b'\n', &mut line)?;
            if line.last() != Some(&b'\n') {
                piece.truncated = bytes > 0;
                break;
            }
            let text = str::from_utf8(&line).map_err(|error| error.to_string());
            let value = text.and_then(|text| {
                let value = serde_json::from_str(text).map_err(|error| error.to_string());
                value.map(|mut value: T| {
                    leave(&mut value, shared, begin, text);
                    value
                })
            });
            match value {
                Ok(value) => piece.values.push(value),
                Err(message) => {
                    piece.malformed = Some(message);
                    break;
                }
            }
            begin += bytes as u64;
        }
        Ok(piece)
    }
}

#[cfg(test)]
mod tests {
    use super::{ReadError, read_pieces};
    use std::fs;
    use std::path::Path;

    fn read(path: &Path, piece_bytes: u64) -> Result<(Vec<u32>, bool), (usize, String)> {
        match read_pieces(path, piece_bytes, |_: &mut u32, _, _, _| {}) {
            Ok(read) => Ok(read),
            Err(ReadError::Malformed { line, message, .. }) => Err((line, message)),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn whatever_pieces_a_file_is_read_in_its_lines_are_the_same() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("lines");
        let wrong = |line| (line, "expected value at line 1 column 1".to_owned());
        for (text, expected) in [
            ("", Ok((vec![], false))),
            ("1\n", Ok((vec![1], false))),
            ("1", Ok((vec![], true))),
            ("1\n22\n333\n4444\n55555\n", Ok((vec![1, 22, 333, 4444, 55555], false))),
            ("1\n22\n333\n4444\n55555", Ok((vec![1, 22, 333, 4444], true))),
            ("1\n22\nx\n4444\ny\n", Err(wrong(3))),
            ("1\n22\n333\n4444\nx\n6", Err(wrong(5))),
            ("\n", Err((1, "EOF while parsing a value at line 2 column 0".to_owned()))),
        ] {
            fs::write(&path, text).expect("written");
            for piece_bytes in 1..30 {
                assert_eq!(read(&path, piece_bytes), expected, "{text:?} by {piece_bytes}");
            }
        }
    }
}
