//! `httpdyno/suite.yaml`: somebody's own service, in their own project.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::Known;
use crate::command_line::CommandLine;
use crate::endpoint::EndpointsFile;
use crate::error::{SpecError, SpecErrors};
use crate::id::{ProfileId, WorkloadId};
use crate::profile::Profile;
use crate::read::{Draft, Loaded, SpecFile};
use crate::tree::{Folder, SpecTree, yaml_files};
use crate::units::Span;
use crate::workload::Workload;

/// The whole of `suite.yaml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SuiteFile {
    /// Version of this file's format.
    pub version: u32,
    /// What people call the service.
    pub name: String,
    /// Builds what `server.run` needs, in the project's folder; absent when nothing is to be built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<CommandLine>,
    /// How the server is started, waited for and stopped.
    pub server: SuiteServer,
    /// The profile: one of `profiles/`, or one that httpdyno brings along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<ProfileId>,
    /// Hosts beyond this machine and private networks that may be put under load, by name or address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
}

impl SpecFile for SuiteFile {
    const SCHEMA: &'static str = "suite.schema.json";
}

/// See [`SuiteFile::server`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SuiteServer {
    /// Starts it, in the project's folder; it stays in front. `{port}`, `{host}` and `{workers}` stand
    /// for what it is given, here and in `env`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<CommandLine>,
    /// Where it runs already, in place of `run`: `http://host:port`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Variables of its environment, beside `HOST`, `PORT` and `WORKERS`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// The port it always listens on; absent: a free one, which it is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub port: Option<u16>,
    /// What it answers when it is ready.
    #[serde(default)]
    pub ready: Ready,
    /// How it is told to stop.
    #[serde(default)]
    pub stop: Stop,
    /// Prints the version of what runs, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<CommandLine>,
}

/// When a server is ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ready {
    /// What is asked for, with GET.
    pub path: String,
    /// The status codes that say so; none named means 200 to 299.
    #[schemars(inner(range(min = 100, max = 599)))]
    pub status: Vec<u16>,
}

impl Default for Ready {
    fn default() -> Self {
        Self { path: "/".to_owned(), status: Vec::new() }
    }
}

/// How a server is told to stop. Ending by the signal's default action is stopping, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Stop {
    /// The signal.
    pub signal: StopSignal,
    /// How long it may take; then it is killed, and its trial has failed.
    pub within: Span,
}

impl Default for Stop {
    fn default() -> Self {
        Self { signal: StopSignal::Term, within: Span(std::time::Duration::from_secs(5)) }
    }
}

/// A signal that asks a program to end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "the names of signal(7)")]
pub enum StopSignal {
    #[default]
    Term,
    Int,
    Quit,
}

/// A suite, read and checked: its file, its workloads and its profiles.
#[derive(Clone, Debug, PartialEq)]
pub struct Suite {
    /// The folder with `suite.yaml` in it.
    pub folder: PathBuf,
    /// The project's folder around it, where its commands run.
    pub project: PathBuf,
    /// `suite.yaml`.
    pub file: Loaded<SuiteFile>,
    /// `workloads/*.yaml` by file name.
    pub workloads: Vec<Loaded<Workload>>,
    /// `profiles/*.yaml` by file name.
    pub profiles: Vec<Loaded<Profile>>,
}

impl Suite {
    /// The folder's name in a project.
    pub const FOLDER: &str = "httpdyno";
    /// The file in it.
    pub const FILE: &str = "suite.yaml";
    /// The file of known failures in it.
    pub const KNOWN: &str = "known.yaml";
    /// Where records are put, in it.
    pub const RESULTS: &str = "results";

    /// The folder of the suite in `project`, if there is one.
    #[must_use]
    pub fn find_in(project: &Path) -> Option<PathBuf> {
        let folder = project.join(Self::FOLDER);
        folder.join(Self::FILE).is_file().then_some(folder)
    }

    /// Reads and checks the suite in `folder`.
    ///
    /// # Errors
    /// Everything that is wrong with any file of it.
    pub fn load(folder: &Path) -> Result<Self, SpecErrors> {
        let not_there = |error: std::io::Error| {
            SpecError::of_file(
                folder,
                format!("cannot be found: {error}; `httpdyno init` makes one"),
            )
        };
        let folder = folder.canonicalize().map_err(not_there)?;
        let project = folder.parent().unwrap_or(&folder).to_owned();
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut errors = Vec::new();
        let file = Path::new(&name).join(Self::FILE);
        let draft = Draft::<SuiteFile>::read(&project.join(&file), &file)
            .map_err(|error| errors.extend(error.into_vec()))
            .ok();
        let mut listed = |inner: &str| match folder.join(inner).is_dir() {
            true => yaml_files(&project, &format!("{name}/{inner}"), &mut errors),
            false => Vec::new(),
        };
        let (workloads, profiles) = (listed("workloads"), listed("profiles"));
        if workloads.is_empty() && errors.is_empty() {
            let problem = "has no workload: say in a `.yaml` file what is asked of the server";
            errors.push(SpecError::of_file(&Path::new(&name).join("workloads"), problem));
        }
        let workloads = Folder::<Workload>::read(&project, &workloads, &mut errors);
        let profiles = Folder::<Profile>::read(&project, &profiles, &mut errors);
        let known = Known {
            workloads: Some(&workloads.stems),
            spec: Some(&folder),
            is_suite: true,
            ..Known::default()
        };
        errors.extend(draft.iter().flat_map(|draft| draft.check(known)));
        workloads.check(known, &mut errors);
        profiles.check(known, &mut errors);
        SpecErrors::check(errors)?;
        let Some(draft) = draft else {
            return Err(SpecError::of_file(&file, "cannot be read").into());
        };
        let (workloads, profiles) = (workloads.finish(), profiles.finish());
        Ok(Self { folder, project, file: draft.finish(), workloads, profiles })
    }

    /// What a run takes it for: a tree with its workloads, its profiles before those of `built_in`, and
    /// no contract.
    #[must_use]
    pub fn tree(&self, built_in: &SpecTree) -> SpecTree {
        let own = |id: &ProfileId| self.profiles.iter().any(|profile| profile.id == *id);
        let all: Vec<WorkloadId> =
            self.workloads.iter().map(|workload| workload.id.clone()).collect();
        let others = built_in.profiles.iter().filter(|profile| !own(&profile.id));
        let others = others.cloned().map(|mut profile| {
            // Those of somebody else's server mean nothing here.
            profile.value.workloads.clone_from(&all);
            profile.value.implementations.clear();
            profile
        });
        let endpoints = EndpointsFile { version: 1, endpoints: vec![], every_response: vec![] };
        SpecTree {
            root: self.project.clone(),
            spec: self.folder.clone(),
            endpoints: Loaded { path: self.file.path.clone(), value: endpoints },
            cases: built_in.cases.clone(),
            workloads: self.workloads.clone(),
            profiles: self.profiles.iter().cloned().chain(others).collect(),
            implementations: Vec::new(),
        }
    }
}

/// Reads the workload in a file of somebody's own, wherever that lies.
///
/// # Errors
/// Everything that is wrong with the file, or why it cannot be read.
pub fn read_workload(path: &Path) -> Result<Loaded<Workload>, SpecErrors> {
    let draft = Draft::<Workload>::read(path, path)?;
    SpecErrors::check(draft.check(Known { is_suite: true, ..Known::default() }))?;
    Ok(draft.finish())
}
