//! What there is of containers in a build without the feature `containers`: an engine that is never
//! reached, and types of which there is no value, so that nothing else has to know of it.
//!
//! The client of the Docker engine is a fifth of all that is compiled, and who compares servers as
//! processes needs none of it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use httpdyno_spec::id::ImplementationId;
use httpdyno_spec::manifest::Manifest;

use crate::build::BuildError;
use crate::command::CommandContext;
use crate::database::{StartDatabaseError, StopDatabaseError};
use crate::isolation::Image;
use crate::server::{Body, Launch, StartError};

/// Why no engine can be used. One line, with the remedy.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum EngineError {
    /// This program knows of none.
    #[error(
        "this httpdyno was built without containers; build it with them: `cargo run --release \
         --features containers -- ...`, or `cargo install --path harness/cli --features containers`"
    )]
    NotBuiltIn,
}

/// A connection to the engine, of which there is none.
#[derive(Debug)]
pub(crate) enum Engine {}

impl Engine {
    pub(crate) fn connect() -> Result<Self, EngineError> {
        Err(EngineError::NotBuiltIn)
    }
}

/// The engine and its images, of which there are none.
#[derive(Debug)]
pub enum Containers {}

impl Containers {
    /// Reaches no engine.
    ///
    /// # Errors
    /// Always.
    pub fn reach() -> Result<Arc<Self>, EngineError> {
        Err(EngineError::NotBuiltIn)
    }

    pub(crate) fn build(
        &self,
        _manifest: &Manifest,
        _context: &CommandContext,
        _stop: &AtomicBool,
    ) -> Result<(), BuildError> {
        match *self {}
    }

    /// Builds no image around a program.
    ///
    /// # Errors
    /// None: there is nothing that could be asked.
    pub fn build_around(
        &self,
        _id: &ImplementationId,
        _program: &Path,
        _dockerfile: &str,
        _root: &Path,
        _stop: &AtomicBool,
    ) -> Result<(), BuildError> {
        match *self {}
    }

    pub(crate) fn image(&self, _id: &ImplementationId) -> Option<Image> {
        match *self {}
    }

    /// Asks no image.
    ///
    /// # Errors
    /// None: there is nothing that could be asked.
    pub fn version(&self, _manifest: &Manifest) -> Result<String, BuildError> {
        match *self {}
    }

    pub(crate) fn start(
        self: Arc<Self>,
        _launch: &Launch<'_>,
        _port: u16,
    ) -> Result<Box<dyn Body>, StartError> {
        match *self {}
    }
}

/// Why there is no build context, for which there is no reason.
#[derive(Debug, thiserror::Error)]
pub enum ContextError {}

/// Removes the containers of this process: none.
pub fn remove_own() {}

/// A PostgreSQL server in a container, of which there is none.
#[derive(Debug)]
pub(crate) enum ServerContainer {}

impl ServerContainer {
    pub(crate) fn start<T>(
        _image: &crate::database::Image,
        _cores: &[u32],
    ) -> Result<(Self, T), StartDatabaseError> {
        Err(EngineError::NotBuiltIn.into())
    }

    pub(crate) fn processes(&self) -> Vec<u32> {
        match *self {}
    }

    pub(crate) fn image_id(&self) -> Option<&str> {
        match *self {}
    }

    pub(crate) fn stop(self) -> Result<(), StopDatabaseError> {
        match self {}
    }
}
