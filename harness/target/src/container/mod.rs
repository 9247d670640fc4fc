//! Servers under test in containers: images built from the entries' Dockerfiles, containers with an
//! enforced cpuset and memory limit on the host's network, and nothing left behind.
//!
//! Everything goes through the engine's API. That an image was built, that a container has ended
//! and what it wrote are known from answers, never from the text of a command.

mod archive;
mod base_images;
mod body;
mod context;
mod create;
mod first_process;
mod ignore;
mod image;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use httpdyno_spec::id::ImplementationId;
use httpdyno_spec::manifest::Manifest;

use crate::build::BuildError;
use crate::command::CommandContext;
use crate::docker::{Engine, EngineError, Ownership, sweep};
use crate::isolation::Image;
use crate::server::{Body, Launch, StartError};

pub use context::ContextError;

/// The engine, and the images that were built with it. Containers of harnesses that were killed,
/// and images that are outdated since a day, are removed when it is reached.
#[derive(Debug)]
pub struct Containers {
    engine: Engine,
    /// Says that its containers have an owner, as long as it is kept.
    ownership: Ownership,
    images: Mutex<BTreeMap<ImplementationId, Image>>,
}

/// Why there can be no containers.
#[derive(Debug, thiserror::Error)]
pub enum ContainersError {
    /// No engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// No lock, by which a later run would know whose its containers are.
    #[error("cannot make a lock file among the temporary ones: {0}; set TMPDIR to another folder")]
    Lock(#[from] io::Error),
}

impl Containers {
    /// Reaches the engine, and removes what killed harnesses have left there.
    ///
    /// # Errors
    /// When there is no engine, or it refuses this user; in one line, with the remedy.
    pub fn reach() -> Result<Arc<Self>, ContainersError> {
        let engine = Engine::connect()?;
        sweep(&engine);
        image::remove_outdated(&engine);
        Ok(Arc::new(Self { engine, ownership: Ownership::new()?, images: Mutex::default() }))
    }

    /// Builds the image of an implementation from its Dockerfile; the engine builds anew only what
    /// has changed. `stop` ends it early.
    ///
    /// # Errors
    /// When it has no Dockerfile, or the build fails.
    pub fn build(
        &self,
        manifest: &Manifest,
        context: &CommandContext,
        stop: &AtomicBool,
    ) -> Result<(), BuildError> {
        let image = image::of_entry(&self.engine, manifest, context, stop)?;
        self.keep(&manifest.id, image);
        Ok(())
    }

    /// Builds an image around a program that is there already, from the text of a Dockerfile whose
    /// build context holds nothing but that program, as `program`. `root` has the pins of base
    /// images.
    ///
    /// # Errors
    /// When the program cannot be read, or the build fails.
    pub fn build_around(
        &self,
        id: &ImplementationId,
        program: &Path,
        dockerfile: &str,
        root: &Path,
        stop: &AtomicBool,
    ) -> Result<(), BuildError> {
        let (engine, around) = (&self.engine, image::Around { program, dockerfile, root });
        let image = image::around_program(engine, id, &around, stop)?;
        self.keep(id, image);
        Ok(())
    }

    fn keep(&self, id: &ImplementationId, image: Image) {
        self.images.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), image);
    }

    /// The image of an implementation, once it has been built.
    #[must_use]
    pub fn image(&self, id: &ImplementationId) -> Option<Image> {
        self.images.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// The first line that the server in the image prints when it is asked for its version.
    ///
    /// # Errors
    /// When there is no image, or it does not tell.
    pub fn version(&self, manifest: &Manifest) -> Result<String, BuildError> {
        let asked = version_arguments(manifest);
        let command = format!("its container with {}", crate::command::shown(&asked));
        let failed = |status: String, tail: String| BuildError::Failed {
            command: command.clone(),
            status,
            tail,
        };
        let image = self.image(&manifest.id);
        let image = image.ok_or_else(|| failed("no image".to_owned(), String::new()))?;
        let (status, text) = create::run_once(&self.engine, &self.ownership, &image, asked)
            .map_err(|error| failed("not run".to_owned(), error.to_string()))?;
        if status != 0 {
            return Err(failed(format!("exit status: {status}"), text));
        }
        Ok(text.lines().next().unwrap_or_default().trim().to_owned())
    }

    /// Starts a container of the entry's image.
    pub(crate) fn start(
        self: Arc<Self>,
        launch: &Launch<'_>,
        port: u16,
    ) -> Result<Box<dyn Body>, StartError> {
        let implementation = &launch.manifest.id;
        let image = self
            .image(implementation)
            .ok_or_else(|| StartError::NoImage { implementation: implementation.to_string() })?;
        body::start(self, &image, launch, port)
    }
}

/// What the image's entry point is asked: what the version command says beyond the run command, or
/// what the contract names.
fn version_arguments(manifest: &Manifest) -> Vec<String> {
    let beyond = manifest.process.version.strip_prefix(manifest.process.run.as_slice());
    match beyond {
        Some(arguments) if !arguments.is_empty() => arguments.to_vec(),
        _ => vec!["--version".to_owned()],
    }
}
