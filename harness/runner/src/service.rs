//! Somebody's own service as something that can be measured: it knows no contract, and is asked what its
//! own suite says.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use httpdyno_record::Role;
use httpdyno_spec::SpecTree;
use httpdyno_spec::command_line::CommandLine;
use httpdyno_spec::id::{EntryId, ImplementationId};
use httpdyno_target::readiness::{NotReady, wait_until_ready};
use httpdyno_target::{CommandContext, Manner, StopOutcome};

use crate::ceiling::null_entry;
use crate::entry::{Entry, Given};
use crate::error::ConformError;

/// What is different from an implementation of the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// How it is told where to listen, waited for and stopped.
    pub manner: Manner,
    /// What is measured of it, where it does not tell that itself: a revision, say.
    pub version: Option<String>,
}

/// A service that the harness builds and starts.
#[derive(Clone, Copy, Debug)]
pub struct Own<'a> {
    /// What it is called in the record, e.g. `base`.
    pub id: &'a ImplementationId,
    /// What people call it.
    pub name: &'a str,
    /// Builds it.
    pub build: Option<&'a CommandLine>,
    /// Starts it.
    pub run: &'a CommandLine,
    /// Prints the version of what runs.
    pub version: Option<&'a CommandLine>,
    /// Where its commands run, and where it builds.
    pub context: &'a CommandContext,
}

impl Service {
    /// What is wrong with how it ended, if something is.
    pub(crate) fn stopped(&self, outcome: &StopOutcome) -> Result<(), String> {
        let (signal, within) = (&self.manner.signal, self.manner.stop_within.as_millis());
        Err(match outcome {
            StopOutcome::Clean => return Ok(()),
            StopOutcome::Killed => format!(
                "it did not stop within {within} ms of the signal {signal:?} and was killed; `stop` in \
                 suite.yaml says which signal it is to get and how long it may take"
            ),
            StopOutcome::Unclean(how) | StopOutcome::Crashed(how) => {
                format!("it ended with {how}, and not since it was told to")
            }
            StopOutcome::Left(what) => {
                format!("it {what}; a server ends with all that it has started")
            }
        })
    }
}

impl Entry {
    /// A service that is started here.
    #[must_use]
    pub fn of_service(tree: &SpecTree, own: &Own<'_>, service: Service) -> Self {
        let mut entry = Self { service: Some(service), ..stranger(tree, own.id, own.name) };
        let words = |line: Option<&CommandLine>| line.map_or(Vec::new(), |it| it.words().to_vec());
        entry.manifest.process.build = words(own.build);
        entry.manifest.process.run = words(Some(own.run));
        entry.manifest.process.version = words(own.version);
        entry.context = own.context.clone();
        entry
    }

    /// A service that runs already, at `url`.
    ///
    /// # Errors
    /// When the URL is malformed or its host has no address.
    pub fn of_running_service(
        tree: &SpecTree,
        id: &ImplementationId,
        url: &str,
        service: Service,
    ) -> Result<Self, ConformError> {
        let Self { foreign, .. } = Self::at_url(tree, url)?;
        Ok(Self { service: Some(service), foreign, ..stranger(tree, id, url) })
    }

    /// How it is told where to listen, waited for and stopped.
    #[must_use]
    pub fn manner(&self) -> Manner {
        self.service.as_ref().map_or_else(Manner::default, |service| service.manner.clone())
    }

    /// What is measured of it, where nobody asked it.
    pub(crate) fn told_version(&self) -> String {
        self.service.as_ref().and_then(|it| it.version.clone()).unwrap_or_default()
    }

    /// Whether it promised what every entry does: then all of that is asked of it.
    pub(crate) fn is_checked(&self) -> bool {
        self.foreign.is_none() && self.service.is_none()
    }

    /// Whether nothing is asked of it but what its workloads say.
    pub(crate) fn is_plain(&self) -> bool {
        self.service.is_some()
    }

    /// Whether a service starts, answers, and stops, before anything is measured.
    ///
    /// # Errors
    /// What it does not do, in words.
    pub(crate) fn try_out(&self, tree: &SpecTree, ready_within: Duration) -> Result<(), String> {
        let Some(service) = &self.service else { return Ok(()) };
        if let Some(address) = self.foreign {
            return answers(address, &service.manner, ready_within);
        }
        let given = Given { ready_within, ..Given::default() };
        let server = self.start(tree, given).map_err(|error| error.to_string())?;
        service.stopped(&server.stop())
    }
}

fn answers(address: SocketAddr, manner: &Manner, within: Duration) -> Result<(), String> {
    let last = match wait_until_ready(address, manner, within, || false) {
        Ok(()) => return Ok(()),
        Err(NotReady::TimedOut { last, .. }) => last,
        Err(NotReady::GivenUp) => "given up".to_owned(),
    };
    Err(format!(
        "nothing answered GET {} on {address} within {} ms (last attempt: {last}); does the server run?",
        manner.ready_path,
        within.as_millis()
    ))
}

/// An entry of which nothing is known but its name. It is said to serve everything: what it does not
/// serve shows when it is verified.
pub(crate) fn stranger(tree: &SpecTree, id: &ImplementationId, name: &str) -> Entry {
    let mut entry = null_entry(id.as_str(), Path::new(""), &tree.root, &[], &[]);
    let endpoints = tree.endpoints.value.endpoints.iter();
    entry.manifest.endpoints = endpoints.map(|endpoint| endpoint.id.clone()).collect();
    name.clone_into(&mut entry.manifest.name);
    "unknown".clone_into(&mut entry.manifest.language);
    "unknown".clone_into(&mut entry.manifest.framework.name);
    "unknown".clone_into(&mut entry.manifest.concurrency);
    let id = EntryId { implementation: id.clone(), variant: None };
    Entry { id, role: Role::Entry, ..entry }
}
