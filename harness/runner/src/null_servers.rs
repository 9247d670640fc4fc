//! The null server of a run: isolated as the entries are, so that its rate is their ceiling, and
//! where these are containers as a process too, so that what a container costs can be told.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use httpdyno_record::{EntryRecord, Role};
use httpdyno_target::{BuildError, Containers, Isolation};

use crate::ceiling::{NULL_SERVER, null_entry};
use crate::entry::Entry;
use crate::plan::RunPlan;
use crate::prepare::program_digest;
use crate::schedule::Who;

/// The name in records of the null server as a process, beside entries in containers.
pub const NULL_PROCESS: &str = "null-server@process";

/// What its image is made from.
const DOCKERFILE: &str = include_str!("../../../docker/null-server/Dockerfile");

/// How the null server is started.
#[derive(Clone, Debug)]
pub(crate) struct NullServers {
    program: PathBuf,
    root: PathBuf,
    /// Of the ceiling.
    isolation: Isolation,
}

impl NullServers {
    /// What the plan asks for, with the image built where there is to be one. Beside it, what a
    /// reader must know where that was not possible; the ceiling is then a process.
    pub(crate) fn prepare(
        plan: &RunPlan,
        root: PathBuf,
        stop: &AtomicBool,
    ) -> (Option<Self>, Option<String>) {
        let Some(program) = plan.null_server.clone() else { return (None, None) };
        let wanted = plan.entries.first().map(|entry| entry.isolation.clone()).unwrap_or_default();
        let mut servers = Self { program, root, isolation: Isolation::Process };
        let Isolation::Container(containers) = &wanted else { return (Some(servers), None) };
        match servers.build(containers, stop) {
            Ok(()) => {
                servers.isolation = wanted;
                (Some(servers), None)
            }
            Err(error) => {
                let warning = format!(
                    "the null server runs as a process only, so what a container costs is not \
                     known: {error}"
                );
                (Some(servers), Some(warning))
            }
        }
    }

    /// Builds the image and lets it tell its version: a program that was linked with a newer C
    /// library than the image has does not get that far.
    fn build(&self, containers: &Containers, stop: &AtomicBool) -> Result<(), BuildError> {
        let entry = self.entry(Who::NullProcess);
        let (id, program) = (&entry.manifest.id, &self.program);
        containers.build_around(id, program, DOCKERFILE, &self.root, stop)?;
        containers.version(&entry.manifest).map(drop)
    }

    /// Whether it runs as a process too.
    pub(crate) fn runs_both_ways(&self) -> bool {
        matches!(self.isolation, Isolation::Container(_))
    }

    /// The null server as something that can be started.
    pub(crate) fn entry(&self, who: Who) -> Entry {
        let mut entry = null_entry(NULL_SERVER, &self.program, &self.root, &[], &[]);
        match who {
            Who::NullProcess => {
                entry.id = NULL_PROCESS.parse().expect("a valid id");
                entry.role = Role::NullProcess;
            }
            Who::NullServer | Who::Entry(_) => entry.isolation = self.isolation.clone(),
        }
        entry
    }

    /// Its rows in `run.json`.
    pub(crate) fn records(&self) -> Vec<EntryRecord> {
        let both = [Who::NullServer, Who::NullProcess];
        let made = if self.runs_both_ways() { &both[..] } else { &both[..1] };
        made.iter().map(|&who| record(&self.entry(who))).collect()
    }
}

fn record(entry: &Entry) -> EntryRecord {
    let image = entry.isolation.image(&entry.manifest.id);
    EntryRecord {
        entry: entry.id.to_string(),
        name: "null server".to_owned(),
        language: "rust".to_owned(),
        role: entry.role,
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        // The harness itself: with another one, the ceiling is another server.
        program_digest: if image.is_some() { None } else { program_digest(entry) },
        image_base: image.as_ref().and_then(|image| image.base.clone()),
        image_digest: image.map(|image| image.id),
        ..EntryRecord::default()
    }
}
