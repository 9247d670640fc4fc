//! `--isolation`: how entries are isolated.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use clap::{Args, ValueEnum};
use httpdyno_runner::Entry;
use httpdyno_spec::profile::IsolationKind;
use httpdyno_target::{Containers, Isolation, can_be_had};

use crate::exit::Failure;

/// The option, for every verb that starts entries.
#[derive(Args)]
pub(crate) struct IsolationOption {
    /// How entries are isolated, all of a run alike [default: as the profile says, else `process`]
    #[arg(long, value_enum)]
    isolation: Option<Choice>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Choice {
    /// As processes, with affinity and, where it can be had, a control group
    Process,
    /// In containers built from their Dockerfiles, with a cpuset, on the host's network
    Container,
}

impl From<Choice> for IsolationKind {
    fn from(choice: Choice) -> Self {
        match choice {
            Choice::Process => Self::Process,
            Choice::Container => Self::Container,
        }
    }
}

impl IsolationOption {
    /// Isolates `entries` as asked, else as `declared`. What it came to.
    ///
    /// # Errors
    /// When there is no engine for containers; it names the entries that are skipped therefore.
    pub(crate) fn apply(
        &self,
        declared: IsolationKind,
        entries: &mut [Entry],
    ) -> Result<IsolationKind, Failure> {
        let kind = self.isolation.map_or(declared, IsolationKind::from);
        if kind == IsolationKind::Process {
            return Ok(kind);
        }
        let containers = Containers::reach().map_err(|error| {
            let skipped: Vec<String> = entries.iter().map(|entry| entry.id.to_string()).collect();
            Failure::new(format!(
                "{error}; skipped, since they were to run in containers: {}",
                skipped.join(", ")
            ))
        })?;
        for entry in entries {
            entry.isolation = Isolation::Container(containers.clone());
        }
        Ok(kind)
    }
}

/// Takes out the entries that are made of something that this machine cannot have, and says so, by
/// name. (An image gets what it needs when it is built.)
///
/// # Errors
/// When none is left.
pub(crate) fn without_what_cannot_be_had(entries: Vec<Entry>) -> Result<Vec<Entry>, Failure> {
    let never = AtomicBool::new(false);
    let mut left = Vec::new();
    let mut known = BTreeMap::new();
    for entry in entries {
        let had = known.entry(entry.manifest.id.clone()).or_insert_with(|| match entry.isolation {
            Isolation::Process => can_be_had(&entry.manifest, &entry.context, &never),
            Isolation::Container(_) => Ok(()),
        });
        match had {
            Ok(()) => left.push(entry),
            Err(error) => crate::output::remark!("skipped: {}: {error}", entry.id),
        }
    }
    if left.is_empty() {
        return Err(Failure::new("no entry is left: all were skipped"));
    }
    Ok(left)
}

/// Takes out the entries that cannot be isolated as asked, and says so, by name.
///
/// # Errors
/// When none is left.
pub(crate) fn without_skipped(entries: Vec<Entry>) -> Result<Vec<Entry>, Failure> {
    let is_skipped = |entry: &Entry| {
        matches!(entry.isolation, Isolation::Container(_)) && entry.manifest.container.is_none()
    };
    let (skipped, left): (Vec<_>, Vec<_>) = entries.into_iter().partition(is_skipped);
    for entry in &skipped {
        let what = "it has no Dockerfile (`container` in its manifest)";
        crate::output::remark!("skipped: {}: {what}", entry.id);
    }
    if left.is_empty() && !skipped.is_empty() {
        return Err(Failure::new("no entry is left: all were skipped"));
    }
    Ok(left)
}
