//! What is wrong with a file: where, what was found, what is allowed, what was probably meant.

use std::fmt;
use std::path::{Path, PathBuf};

/// Longest part of a source line that is shown under an error, in characters.
const EXCERPT_WIDTH: usize = 100;
/// Most names that one message lists.
const LISTED_NAMES: usize = 20;

/// A place in a file; both numbers count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The character within the line.
    pub column: u32,
}

/// One thing that is wrong with one file.
///
/// Its `Display` form is `FILE:LINE:COLUMN: PROBLEM; did you mean ...? allowed: ...`, followed by
/// the source line with a caret where the place is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecError {
    /// The file, relative to the root of the tree (or as it was given to `read_file`).
    pub file: PathBuf,
    /// Where in the file; absent when the file as a whole is meant.
    pub position: Option<Position>,
    /// What was found and why it is wrong: one lower-case fragment.
    pub problem: String,
    /// The allowed name that is probably meant.
    pub suggestion: Option<String>,
    /// The allowed names, where there is a closed list of them.
    pub allowed: Vec<String>,
    /// The line that `position` names.
    pub source_line: Option<String>,
}

/// Everything that is wrong with the files read, ordered by file and position. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecErrors(Vec<SpecError>);

/// A name that nothing has, as typed on a command line or written in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    /// What was looked for, e.g. `implementation`.
    pub kind: &'static str,
    /// The name that was asked for.
    pub asked: String,
    /// The name that is probably meant.
    pub suggestion: Option<String>,
    /// The names that exist.
    pub known: Vec<String>,
}

impl SpecError {
    /// An error about a file as a whole.
    pub(crate) fn of_file(file: &Path, problem: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            position: None,
            problem: problem.into(),
            suggestion: None,
            allowed: Vec::new(),
            source_line: None,
        }
    }
}

impl SpecErrors {
    /// `Err` with the errors in order, or `Ok(())` when there are none.
    pub(crate) fn check(mut errors: Vec<SpecError>) -> Result<(), Self> {
        if errors.is_empty() {
            return Ok(());
        }
        errors.sort_by(|a, b| (&a.file, a.position).cmp(&(&b.file, b.position)));
        Err(Self(errors))
    }

    pub(crate) fn into_vec(self) -> Vec<SpecError> {
        self.0
    }

    /// The errors, ordered by file and position; at least one.
    #[must_use]
    pub fn errors(&self) -> &[SpecError] {
        &self.0
    }
}

impl std::error::Error for SpecError {}
impl std::error::Error for SpecErrors {}
impl std::error::Error for UnknownName {}

impl From<SpecError> for SpecErrors {
    fn from(error: SpecError) -> Self {
        Self(vec![error])
    }
}

impl fmt::Display for SpecErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{error}")?;
        }
        match self.0.len() {
            1 => Ok(()),
            count => write!(f, "\n{count} errors"),
        }
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if let Some(Position { line, column }) = self.position {
            write!(f, "{line}:{column}:")?;
        }
        // It may quote the file, which may hold what a terminal obeys.
        let problem: String = self.problem.chars().map(printable).collect();
        write!(f, " {problem}")?;
        write_hint(f, self.suggestion.as_deref(), "allowed", &self.allowed)?;
        match (self.position, &self.source_line) {
            (Some(position), Some(line)) => write_excerpt(f, position, line),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no {} `{}`", self.kind, self.asked)?;
        write_hint(f, self.suggestion.as_deref(), "known", &self.known)?;
        if self.known.is_empty() {
            write!(f, "; there is none at all")?;
        }
        Ok(())
    }
}

fn write_hint(
    f: &mut fmt::Formatter<'_>,
    suggestion: Option<&str>,
    label: &str,
    names: &[String],
) -> fmt::Result {
    match suggestion {
        Some(name) => write!(f, "; did you mean `{name}`?")?,
        None if names.is_empty() => {}
        None => write!(f, ";")?,
    }
    if names.is_empty() {
        return Ok(());
    }
    let shown = names.len().min(LISTED_NAMES);
    write!(f, " {label}: {}", names[..shown].join(", "))?;
    match names.len() - shown {
        0 => Ok(()),
        more => write!(f, " and {more} more"),
    }
}

/// A letter as it can be shown to anybody.
fn printable(letter: char) -> char {
    match letter {
        '\t' => ' ',
        letter if letter.is_control() && letter != '\n' => '\u{fffd}',
        letter => letter,
    }
}

/// The source line and a caret under the place, as compilers show it.
fn write_excerpt(f: &mut fmt::Formatter<'_>, at: Position, line: &str) -> fmt::Result {
    let column = usize::try_from(at.column).unwrap_or(usize::MAX).saturating_sub(1);
    let start = column.saturating_sub(EXCERPT_WIDTH / 2);
    let start = if line.chars().count() <= EXCERPT_WIDTH { 0 } else { start };
    let excerpt: String = line.chars().skip(start).take(EXCERPT_WIDTH).map(printable).collect();
    let number = at.line.to_string();
    let margin = " ".repeat(number.len());
    let indent = " ".repeat((column - start).min(EXCERPT_WIDTH));
    write!(f, "\n {margin} |\n {number} | {}\n {margin} | {indent}^", excerpt.trim_end())
}
