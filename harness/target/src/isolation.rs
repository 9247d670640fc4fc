//! How servers are isolated: as processes, or in containers.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use httpdyno_spec::id::ImplementationId;
use httpdyno_spec::manifest::Manifest;

use crate::build::{BuildError, build, version};
use crate::command::CommandContext;
use crate::container::Containers;
use crate::server::{Launch, Server, StartError, start_process};

/// An image that containers are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// What it is called, for people.
    pub name: String,
    /// The digest of its content.
    pub id: String,
    /// How its base was made, where that is no official image.
    pub base: Option<String>,
}

/// How servers are isolated, and with what. Everything that is done to a server goes through it.
#[derive(Clone, Debug, Default)]
pub enum Isolation {
    /// As processes of this machine.
    #[default]
    Process,
    /// In containers of this engine.
    Container(Arc<Containers>),
}

impl Isolation {
    /// Builds what the entry runs from; `stop` ends the build early.
    ///
    /// # Errors
    /// When it cannot be built, or takes longer than `context.build_within`.
    pub fn build(
        &self,
        manifest: &Manifest,
        context: &CommandContext,
        stop: &AtomicBool,
    ) -> Result<(), BuildError> {
        match self {
            Self::Process => build(manifest, context, stop),
            Self::Container(containers) => containers.build(manifest, context, stop),
        }
    }

    /// The version of what was built, in its own words.
    ///
    /// # Errors
    /// When it does not tell.
    pub fn version(
        &self,
        manifest: &Manifest,
        context: &CommandContext,
    ) -> Result<String, BuildError> {
        match self {
            Self::Process => version(manifest, context),
            Self::Container(containers) => containers.version(manifest),
        }
    }

    /// The image that an entry runs from; none of a process.
    #[must_use]
    pub fn image(&self, id: &ImplementationId) -> Option<Image> {
        match self {
            Self::Process => None,
            Self::Container(containers) => containers.image(id),
        }
    }

    /// Starts the entry under the contract, confined as asked, and waits until it is ready.
    ///
    /// Call it from a thread that lives as long as the server: the kernel kills a process when the
    /// thread that started it dies.
    ///
    /// # Errors
    /// When it cannot be run, ends early, or is not ready in time.
    pub fn start(&self, launch: &Launch<'_>) -> Result<Server, StartError> {
        match self {
            Self::Process => Server::start(launch, start_process),
            Self::Container(containers) => {
                Server::start(launch, |launch, port| Arc::clone(containers).start(launch, port))
            }
        }
    }
}

impl fmt::Display for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Process => "process",
            Self::Container(_) => "container",
        })
    }
}
