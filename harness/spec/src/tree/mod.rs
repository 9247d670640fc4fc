//! The whole spec and all implementations, read and checked together.

mod claims;
mod files;
mod lookup;
mod names;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub use claims::{claim_named, claims};
pub(crate) use files::yaml_files;
pub use lookup::{CaseRef, Entry};

use crate::case::CasesFile;
use crate::check::Known;
use crate::endpoint::EndpointsFile;
use crate::error::{SpecError, SpecErrors};
use crate::manifest::Manifest;
use crate::profile::Profile;
use crate::read::{Draft, Loaded, SpecFile};
use crate::workload::Workload;

/// Everything under `spec/` and every `implementations/*/implementation.yaml`, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct SpecTree {
    /// The folder that has `spec/` and `implementations/`.
    pub root: PathBuf,
    /// The folder of the spec, which has `payloads/`; in a suite, the suite's.
    pub spec: PathBuf,
    /// `spec/endpoints.yaml`.
    pub endpoints: Loaded<EndpointsFile>,
    /// `spec/cases/*.yaml` by file name.
    pub cases: Vec<Loaded<CasesFile>>,
    /// `spec/workloads/*.yaml` by file name.
    pub workloads: Vec<Loaded<Workload>>,
    /// `spec/profiles/*.yaml` by file name.
    pub profiles: Vec<Loaded<Profile>>,
    /// The implementations by folder name. There is no central list: a folder that has an
    /// `implementation.yaml` is one, unless its name begins with `_`.
    pub implementations: Vec<Loaded<Manifest>>,
}

impl SpecTree {
    /// Reads and checks everything below `root`.
    ///
    /// # Errors
    /// Everything that is wrong with any file. A file whose YAML does not fit its type gives one
    /// error; its rules, and what other files say of it, are then not checked.
    pub fn load(root: &Path) -> Result<Self, SpecErrors> {
        let mut errors = Vec::new();
        let drafts = Drafts::read(root, &mut errors);
        drafts.check(root, &mut errors);
        SpecErrors::check(errors)?;
        Self::of(root, drafts)
    }

    /// The same without the implementations whose manifests are wrong: their errors, manifest by
    /// manifest.
    ///
    /// # Errors
    /// Everything that is wrong with any other file.
    pub fn load_usable(root: &Path) -> Result<(Self, Vec<SpecErrors>), SpecErrors> {
        let mut errors = Vec::new();
        let mut drafts = Drafts::read(root, &mut errors);
        drafts.check(root, &mut errors);
        let folder = Path::new(files::IMPLEMENTATIONS);
        let is_manifest = |file: &Path| file != folder && file.starts_with(folder);
        let (of_manifests, others): (Vec<_>, Vec<_>) =
            errors.into_iter().partition(|error| is_manifest(&error.file));
        SpecErrors::check(others)?;
        let mut wrong: BTreeMap<PathBuf, Vec<SpecError>> = BTreeMap::new();
        for error in of_manifests {
            wrong.entry(error.file.clone()).or_default().push(error);
        }
        drafts.implementations.drafts.retain(|draft| !wrong.contains_key(&draft.file));
        let left_out = wrong.into_values().filter_map(|errors| SpecErrors::check(errors).err());
        Ok((Self::of(root, drafts)?, left_out.collect()))
    }

    fn of(root: &Path, drafts: Drafts) -> Result<Self, SpecErrors> {
        let Some(endpoints) = drafts.endpoints else {
            let file = Path::new(files::ENDPOINTS);
            return Err(SpecError::of_file(file, "cannot be read").into());
        };
        Ok(Self {
            root: root.to_owned(),
            spec: root.join(files::SPEC),
            endpoints: endpoints.finish(),
            cases: drafts.cases.finish(),
            workloads: drafts.workloads.finish(),
            profiles: drafts.profiles.finish(),
            implementations: drafts.implementations.finish(),
        })
    }

    /// The folder that `file` rules and request bodies refer to.
    #[must_use]
    pub fn payloads(&self) -> PathBuf {
        self.spec.join("payloads")
    }

    /// The folder that `/static/{file}` serves (`STATIC_DIR`).
    #[must_use]
    pub fn static_files(&self) -> PathBuf {
        self.payloads().join("static")
    }
}

/// The files of one folder that could be read.
pub(crate) struct Folder<T> {
    drafts: Vec<Draft<T>>,
    /// Whether every file of the folder could be read.
    complete: bool,
    /// The file names without `.yaml`, of all of them.
    pub(crate) stems: BTreeSet<String>,
}

/// All files that could be read.
struct Drafts {
    endpoints: Option<Draft<EndpointsFile>>,
    cases: Folder<CasesFile>,
    workloads: Folder<Workload>,
    profiles: Folder<Profile>,
    implementations: Folder<Manifest>,
}

impl<T: SpecFile> Folder<T> {
    /// Reads the files, given relative to `root`.
    pub(crate) fn read(root: &Path, files: &[PathBuf], errors: &mut Vec<SpecError>) -> Self {
        let stem = |file: &PathBuf| Some(file.file_stem()?.to_str()?.to_owned());
        let stems = files.iter().filter_map(stem).collect();
        let mut drafts = Vec::with_capacity(files.len());
        for file in files {
            match Draft::read(&root.join(file), file) {
                Ok(draft) => drafts.push(draft),
                Err(error) => errors.extend(error.into_vec()),
            }
        }
        let complete = drafts.len() == files.len();
        Self { drafts, complete, stems }
    }

    pub(crate) fn check(&self, known: Known<'_>, errors: &mut Vec<SpecError>) {
        errors.extend(self.drafts.iter().flat_map(|draft| draft.check(known)));
    }

    pub(crate) fn finish(self) -> Vec<Loaded<T>> {
        self.drafts.into_iter().map(Draft::finish).collect()
    }
}

impl Drafts {
    fn read(root: &Path, errors: &mut Vec<SpecError>) -> Self {
        let cases = files::yaml_files(root, "spec/cases", errors);
        let workloads = files::yaml_files(root, "spec/workloads", errors);
        let profiles = files::yaml_files(root, "spec/profiles", errors);
        let manifests = files::manifests(root, errors);
        Self {
            endpoints: files::endpoints(root, errors),
            cases: Folder::read(root, &cases, errors),
            workloads: Folder::read(root, &workloads, errors),
            profiles: Folder::read(root, &profiles, errors),
            implementations: Folder::read(root, &manifests, errors),
        }
    }

    fn check(&self, root: &Path, errors: &mut Vec<SpecError>) {
        let endpoints = self.endpoints.as_ref();
        let names = names::case_names(endpoints, &self.cases.drafts, errors);
        let complete = endpoints.is_some() && self.cases.complete;
        let spec = root.join(files::SPEC);
        let known = Known {
            endpoints: endpoints.map(|draft| draft.value.endpoints.as_slice()),
            cases: (complete && !self.cases.drafts.is_empty()).then_some(&names),
            workloads: Some(&self.workloads.stems),
            entries: None,
            root: Some(root),
            spec: Some(&spec),
            is_suite: false,
        };
        errors.extend(endpoints.iter().flat_map(|draft| draft.check(known)));
        self.cases.check(known, errors);
        self.workloads.check(known, errors);
        self.profiles.check(known, errors);
        self.implementations.check(known, errors);
    }
}
