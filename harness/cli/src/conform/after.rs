//! What a contributor does after the cases have run: what is not served yet, what fails, and
//! writing `conformance.snap`.

use std::fmt::Write as _;

use httpdyno_record::CaseRecord;
use httpdyno_record::files::write_whole;
use httpdyno_report::conformance_snapshot::{FILE, render, to_file};
use httpdyno_runner::Entry;
use httpdyno_spec::SpecTree;
use httpdyno_spec::endpoint::{Endpoint, Need};
use httpdyno_spec::manifest::Manifest;

use super::again::{TIMES, Unstable};
use crate::exit::Failure;

/// One implementation, all of whose variants were checked against all cases.
pub(crate) struct Checked<'a> {
    entry: &'a Entry,
    cases: Vec<CaseRecord>,
    /// It has endpoints with a database, and no database was offered.
    in_part: bool,
}

/// What has become of a snapshot.
pub(crate) enum Snapshot {
    /// It is written, or was as it should be.
    Kept(String),
    /// There is no reason to trust what would be written.
    Refused(String),
}

impl<'a> Checked<'a> {
    /// The implementations of which every variant is among `chosen`, with their cases.
    /// `offered` says whether they were given a database.
    pub(crate) fn whole(
        tree: &SpecTree,
        chosen: &'a [Entry],
        cases: &[CaseRecord],
        offered: bool,
    ) -> Vec<Self> {
        let mut whole: Vec<Self> = Vec::new();
        for entry in chosen {
            let manifest = &entry.manifest;
            let variants = tree.entries().filter(|other| other.manifest.id == manifest.id);
            let names: Vec<String> = variants.map(|variant| variant.id.to_string()).collect();
            let known = whole.iter().any(|one| one.entry.manifest.id == manifest.id);
            let checked = |name: &String| cases.iter().any(|case| case.entry == *name);
            if known || !names.iter().all(checked) {
                continue;
            }
            let of_it = cases.iter().filter(|case| names.contains(&case.entry)).cloned();
            let in_part = entry.uses_database(tree) && !offered;
            whole.push(Self { entry, cases: of_it.collect(), in_part });
        }
        whole
    }

    pub(crate) fn manifest(&self) -> &Manifest {
        &self.entry.manifest
    }

    fn failures(&self) -> usize {
        self.cases.iter().filter(|case| case.status.fails_entry()).count()
    }

    fn recorded(&self) -> Option<String> {
        std::fs::read_to_string(self.entry.context.folder.join(FILE)).ok()
    }

    /// The endpoints that an entry does not serve, and how to begin; empty when it serves all.
    pub(crate) fn not_served(&self, tree: &SpecTree) -> String {
        let manifest = self.manifest();
        let all = &tree.endpoints.endpoints;
        let missing: Vec<&Endpoint> =
            all.iter().filter(|endpoint| !manifest.endpoints.contains(&endpoint.id)).collect();
        let Some(first) = missing.first() else { return String::new() };
        let id = &manifest.id;
        let mut text = format!(
            "{id} does not serve {} of {} endpoints (not ranked there):\n",
            missing.len(),
            all.len()
        );
        for endpoint in &missing {
            let request = format!("{} {}", endpoint.method.as_str(), endpoint.path);
            let needs = if endpoint.needs.contains(&Need::Database) { " [database]" } else { "" };
            let _ = writeln!(text, "  {:15} {request:30} {}{needs}", endpoint.id, endpoint.summary);
        }
        let _ = writeln!(
            text,
            "  to serve one: answer it as spec/contract.md says, add its id to `endpoints` in \
             implementations/{id}/implementation.yaml, then: httpdyno conform --impl {id} --endpoint {}",
            first.id
        );
        text
    }

    /// Writes the snapshot, unless a case fails or is among `unstable`, or an old one that differs
    /// would be lost without `replace`.
    pub(crate) fn write(&self, unstable: &[Unstable], replace: bool) -> Result<Snapshot, Failure> {
        let (id, failures) = (&self.manifest().id, self.failures());
        let refused = |why: String| {
            Ok(Snapshot::Refused(format!("{id}: {FILE} is not written, since {why}")))
        };
        if failures > 0 {
            let mend = mend(self.manifest());
            return refused(format!("{failures} cases fail; {mend}"));
        }
        if self.in_part {
            return refused(
                "its endpoints with a database were not checked; see --database".to_owned(),
            );
        }
        if !unstable.is_empty() {
            return refused(format!(
                "{} cases did not come out the same {TIMES} times",
                unstable.len()
            ));
        }
        let path = self.entry.context.folder.join(FILE);
        let content = to_file(&render(&self.cases));
        let recorded = self.recorded();
        if recorded.as_ref() == Some(&content) {
            return Ok(Snapshot::Kept(format!("{id}: {FILE} is as it was")));
        }
        if recorded.is_some() && !replace {
            return refused(format!(
                "another one is there, {}; read what differs, and if that is meant: \
                 httpdyno conform --impl {id} --write-snapshot --replace",
                path.display()
            ));
        }
        write_whole(&path, content)
            .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))?;
        Ok(Snapshot::Kept(format!(
            "{id}: {} is written; read it, it is what reviewers see, then measure: httpdyno bench --impl {id}",
            path.display()
        )))
    }

    /// What to do next, if anything.
    pub(crate) fn advice(&self) -> Option<String> {
        let id = &self.manifest().id;
        if self.failures() > 0 {
            return Some(format!("{id}: {}", mend(self.manifest())));
        }
        (!self.in_part && self.recorded().is_none()).then(|| {
            format!(
                "{id}: every case is met; write {FILE} with: \
                 httpdyno conform --impl {id} --write-snapshot"
            )
        })
    }
}

fn mend(manifest: &Manifest) -> String {
    format!(
        "mend the server, or, where its engine cannot do better, list the case under \
         `known_deviations` in implementations/{}/implementation.yaml with the reason",
        manifest.id
    )
}
