//! One file into one checked value.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::case::CasesFile;
use crate::check::{Check, Known, Report};
use crate::claim::Claim;
use crate::endpoint::EndpointsFile;
use crate::error::{SpecError, SpecErrors};
use crate::manifest::Manifest;
use crate::outline::Node;
use crate::profile::Profile;
use crate::workload::Workload;
use crate::yaml;

/// A kind of YAML file. Implemented by the six of the spec and by the two of somebody's own server, and closed.
#[allow(private_bounds, reason = "the rules are applied by this crate alone")]
pub trait SpecFile: DeserializeOwned + JsonSchema + Check {
    /// The file name of its JSON Schema under `spec/schema/`.
    const SCHEMA: &'static str;
}

impl SpecFile for EndpointsFile {
    const SCHEMA: &'static str = "endpoints.schema.json";
}
impl SpecFile for CasesFile {
    const SCHEMA: &'static str = "cases.schema.json";
}
impl SpecFile for Workload {
    const SCHEMA: &'static str = "workload.schema.json";
}
impl SpecFile for Profile {
    const SCHEMA: &'static str = "profile.schema.json";
}
impl SpecFile for Claim {
    const SCHEMA: &'static str = "claim.schema.json";
}
impl SpecFile for Manifest {
    const SCHEMA: &'static str = "implementation.schema.json";
}

/// A value and the file that it was read from; it is used like the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded<T> {
    /// The file, relative to the root of the tree (or as it was given to [`read_file`]).
    pub path: PathBuf,
    /// What it holds.
    pub value: T,
}

impl<T> Deref for Loaded<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// Reads one file by itself. What it says of other files (that an endpoint, a workload, a case or
/// a payload exists) is not checked; [`crate::tree::SpecTree::load`] does that.
///
/// # Errors
/// Everything that is wrong with the file, or why it cannot be read.
pub fn read_file<T: SpecFile>(path: &Path) -> Result<Loaded<T>, SpecErrors> {
    let draft = Draft::<T>::read(path, path)?;
    SpecErrors::check(draft.check(Known::default()))?;
    Ok(draft.finish())
}

/// Checks `text` as the content of `file`, as [`read_file`] does.
///
/// # Errors
/// Everything that is wrong with the text.
pub fn read_str<T: SpecFile>(file: &Path, text: &str) -> Result<Loaded<T>, SpecErrors> {
    let draft = Draft::<T>::parse(file, text.to_owned())?;
    SpecErrors::check(draft.check(Known::default()))?;
    Ok(draft.finish())
}

/// A value whose types are right and whose rules are not checked yet.
pub(crate) struct Draft<T> {
    pub(crate) file: PathBuf,
    pub(crate) value: T,
    text: String,
    outline: Node,
}

impl<T: SpecFile> Draft<T> {
    /// Reads the file at `path`, which is called `file` in messages.
    pub(crate) fn read(path: &Path, file: &Path) -> Result<Self, SpecErrors> {
        let bytes = fs::read(path)
            .map_err(|error| SpecError::of_file(file, format!("cannot be read: {error}")))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let line = error.as_bytes()[..error.utf8_error().valid_up_to()]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count();
            SpecError::of_file(file, format!("line {} is not UTF-8", line + 1))
        })?;
        Self::parse(file, text)
    }

    fn parse(file: &Path, text: String) -> Result<Self, SpecErrors> {
        let (value, outline) = yaml::parse(file, &text)?;
        Ok(Self { file: file.to_owned(), value, text, outline })
    }

    /// Everything that is wrong with it, given what is known of the other files.
    pub(crate) fn check(&self, known: Known<'_>) -> Vec<SpecError> {
        self.report(known, |at, value| value.check(at))
    }

    /// What `look` reports of it.
    pub(crate) fn report(
        &self,
        known: Known<'_>,
        look: impl FnOnce(crate::check::At<'_>, &T),
    ) -> Vec<SpecError> {
        let report = Report::new(&self.file, &self.text, known);
        look(report.top(&self.outline), &self.value);
        report.into_errors()
    }

    /// Where values stand, by the outline and the text.
    pub(crate) fn lines<R>(&self, look: impl FnOnce(&Node, &str) -> R) -> R {
        look(&self.outline, &self.text)
    }

    pub(crate) fn finish(self) -> Loaded<T> {
        Loaded { path: self.file, value: self.value }
    }
}
