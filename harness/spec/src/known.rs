//! Cases that somebody's own server is known to fail: the file of `conform --known`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::Known;
use crate::error::SpecErrors;
use crate::id::CaseId;
use crate::outline::Node;
use crate::quote::quoted;
use crate::read::{Draft, SpecFile};

/// The whole of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KnownFile {
    /// Version of this file's format.
    pub version: u32,
    /// The cases, each once.
    pub known_failures: Vec<KnownFailure>,
}

/// A case that a server is known to fail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KnownFailure {
    /// The case.
    pub case: CaseId,
    /// Why it fails, and why that stays so.
    pub reason: String,
    /// Whether it passes at times. Then a pass is no surprise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub varies: bool,
}

impl SpecFile for KnownFile {
    const SCHEMA: &'static str = "known-failures.schema.json";
}

impl KnownFile {
    /// What a file begins with that nobody has written yet.
    #[must_use]
    pub fn empty() -> Self {
        Self { version: 1, known_failures: Vec::new() }
    }

    /// As it is written; reading it gives the same.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        let mut text = String::from(
            "# What this server is known to fail of `httpdyno conform`, and why. An item whose case \
             passes is to be\n# deleted; `--write-known` does that, and keeps the reasons of the others.\n",
        );
        let _ = writeln!(text, "version: {}", self.version);
        if self.known_failures.is_empty() {
            text.push_str("known_failures: []\n");
            return text;
        }
        text.push_str("known_failures:\n");
        for known in &self.known_failures {
            let _ = writeln!(text, "  - case: {}", known.case);
            let _ = writeln!(text, "    reason: {}", quoted(&known.reason));
            if known.varies {
                text.push_str("    varies: true\n");
            }
        }
        text
    }
}

/// A file that was read and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFailures {
    /// The file, as it was given.
    pub path: PathBuf,
    /// What it holds.
    pub file: KnownFile,
    lines: Vec<RangeInclusive<usize>>,
}

impl KnownFailures {
    /// Reads the file at `path`; `cases` are the ids that there are.
    ///
    /// # Errors
    /// Everything that is wrong with the file, or why it cannot be read.
    pub fn read(path: &Path, cases: &BTreeSet<String>) -> Result<Self, SpecErrors> {
        let draft = Draft::<KnownFile>::read(path, path)?;
        let known = Known { cases: Some(cases), ..Known::default() };
        SpecErrors::check(draft.check(known))?;
        let lines = draft.lines(|outline, text| {
            let list = outline.field("known_failures");
            let items = (0..).map_while(|index| list?.item(index));
            items.map(|item| lines_of(item, text)).collect()
        });
        let loaded = draft.finish();
        Ok(Self { path: loaded.path, file: loaded.value, lines })
    }

    /// What it says of that case, and in which lines, counted from 1.
    #[must_use]
    pub fn find(&self, case: &str) -> Option<(&KnownFailure, RangeInclusive<usize>)> {
        let mut both = self.file.known_failures.iter().zip(&self.lines);
        both.find(|(known, _)| known.case.as_str() == case)
            .map(|(known, lines)| (known, lines.clone()))
    }
}

/// The lines of an item of a list: where its first field stands, and what is indented like that below it.
fn lines_of(item: &Node, text: &str) -> RangeInclusive<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let of = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let Some(position) = item.position else { return 1..=lines.len() };
    let (first, column) = (of(position.line), of(position.column));
    let indentation = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let belongs = |line: &&&str| line.trim().is_empty() || indentation(line) + 1 >= column;
    let below = lines.iter().skip(first).take_while(belongs).count();
    let is_said = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let below = &lines[first.min(lines.len())..(first + below).min(lines.len())];
    let last = first + below.iter().rposition(is_said).map_or(0, |at| at + 1);
    // A dash may stand alone above its item.
    let alone = first.checked_sub(2).and_then(|above| lines.get(above));
    let is_alone = alone.is_some_and(|line| line.trim() == "-");
    first - usize::from(is_alone)..=last
}
