//! Images: built by the engine from a Dockerfile, with its cache, so that only what has changed is
//! built anew. What the build writes is told only when it fails.

use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use httpdyno_spec::id::ImplementationId;
use httpdyno_spec::manifest::Manifest;
use testcontainers::bollard::body_full;
use testcontainers::bollard::errors::Error;
use testcontainers::bollard::query_parameters::{
    BuildImageOptions, BuildImageOptionsBuilder, PruneImagesOptionsBuilder,
};

use super::archive::Archive;
use super::base_images;
use super::context::{ContextError, of_folder};
use crate::build::BuildError;
use crate::command::CommandContext;
use crate::docker::Engine;
use crate::isolation::Image;

/// What the image is for; by this label all of them can be found and removed
/// (`docker image prune --all --filter label=org.httpdyno.image`).
const PURPOSE: &str = "org.httpdyno.image";

/// How a base image that is none of the official ones was made; what is built on it inherits that.
const BASE: &str = "org.httpdyno.base";

/// How often a build is asked whether it is still wanted.
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// How many lines of a failed build are told.
const TOLD_LINES: usize = 20;

/// How long an image around a program that is there may take: its base may have to be fetched.
const AROUND_WITHIN: Duration = Duration::from_secs(600);

/// Builds the image of an entry; the build context is the repository.
pub(super) fn of_entry(
    engine: &Engine,
    manifest: &Manifest,
    context: &CommandContext,
    stop: &AtomicBool,
) -> Result<Image, BuildError> {
    let container = manifest.container.as_ref();
    let container = container
        .ok_or_else(|| BuildError::NoDockerfile { implementation: manifest.id.to_string() })?;
    let folder = context.folder.strip_prefix(&context.root).unwrap_or(&context.folder);
    let dockerfile = folder.join(&container.dockerfile);
    let path = context.root.join(&dockerfile);
    let text = std::fs::read_to_string(&path)
        .map_err(|source| ContextError::Unreadable { path, source })?;
    let dockerfile = dockerfile.display().to_string();
    let build = Build {
        command: format!("docker build --file {dockerfile} ."),
        name: format!("httpdyno/{}", manifest.id),
        dockerfile,
        arguments: base_images::arguments(engine, &context.root, &text),
        within: context.build_within,
    };
    build.run(engine, of_folder(&context.root)?, stop)
}

/// An image around a program that is there.
pub(super) struct Around<'a> {
    /// The program.
    pub(super) program: &'a Path,
    /// The text of the Dockerfile.
    pub(super) dockerfile: &'a str,
    /// Where the pins of base images are.
    pub(super) root: &'a Path,
}

/// Builds such an image.
pub(super) fn around_program(
    engine: &Engine,
    id: &ImplementationId,
    &Around { program, dockerfile, root }: &Around<'_>,
    stop: &AtomicBool,
) -> Result<Image, BuildError> {
    let unreadable = |source| ContextError::Unreadable { path: program.to_owned(), source };
    let mut archive = Archive::new();
    archive.add_text("Dockerfile", dockerfile).map_err(unreadable)?;
    archive.add_followed("program", program).map_err(unreadable)?;
    let bytes = archive.finish().map_err(unreadable)?;
    let build = Build {
        command: format!("docker build (the image of {id})"),
        name: format!("httpdyno/{id}"),
        dockerfile: "Dockerfile".to_owned(),
        arguments: base_images::arguments(engine, root, dockerfile),
        within: AROUND_WITHIN,
    };
    build.run(engine, bytes, stop)
}

/// Removes images of ours that newer ones have taken the name of, a day ago or more: a run that uses
/// one may still go on before.
pub(super) fn remove_outdated(engine: &Engine) {
    let filters = [("dangling", "true"), ("label", PURPOSE), ("until", "24h")];
    let filters = HashMap::from(filters.map(|(name, value)| (name, vec![value])));
    let options = PruneImagesOptionsBuilder::new().filters(&filters).build();
    let _ = engine.ask(async |docker| docker.prune_images(Some(options)).await);
}

struct Build {
    command: String,
    name: String,
    dockerfile: String,
    /// The base images.
    arguments: HashMap<String, String>,
    /// How long it may take.
    within: Duration,
}

/// Why a build came to no image.
enum Broken {
    Stopped,
    TooLong,
    By(Error),
}

impl Build {
    fn run(
        &self,
        engine: &Engine,
        context: Vec<u8>,
        stop: &AtomicBool,
    ) -> Result<Image, BuildError> {
        let mut written = Tail::default();
        let deadline = Instant::now() + self.within;
        let built = engine.ask(async |docker| {
            let body = Some(body_full(context.into()));
            let mut steps = pin!(docker.build_image(self.options(), None, body));
            loop {
                // Dropping the stream ends the build.
                match tokio::time::timeout(BETWEEN_LOOKS, steps.next()).await {
                    _ if stop.load(Ordering::SeqCst) => return Err(Broken::Stopped),
                    _ if Instant::now() >= deadline => return Err(Broken::TooLong),
                    Err(_) => {}
                    Ok(None) => return Ok(()),
                    Ok(Some(Ok(step))) => written.add(step.stream.as_deref().unwrap_or_default()),
                    Ok(Some(Err(error))) => return Err(Broken::By(error)),
                }
            }
        });
        let failed = |error: Error| BuildError::Failed {
            command: self.command.clone(),
            status: told(error),
            tail: written.text(),
        };
        match built {
            Ok(()) => inspect(engine, &self.name).map_err(failed),
            Err(Broken::By(error)) => Err(failed(error)),
            Err(Broken::TooLong) => Err(BuildError::TooLong {
                command: self.command.clone(),
                limit_s: self.within.as_secs(),
                tail: written.text(),
            }),
            Err(Broken::Stopped) => Err(BuildError::Stopped { command: self.command.clone() }),
        }
    }

    fn options(&self) -> BuildImageOptions {
        BuildImageOptionsBuilder::new()
            .dockerfile(&self.dockerfile)
            .t(&self.name)
            .buildargs(&self.arguments)
            // Where the network is closed, the host's own way out is the only one.
            .networkmode("host")
            .labels(&HashMap::from([(PURPOSE, "entry")]))
            .rm(true)
            .forcerm(true)
            .build()
    }
}

/// The local image of this name or digest.
pub(super) fn inspect(engine: &Engine, name: &str) -> Result<Image, Error> {
    let found = engine.ask(async |docker| docker.inspect_image(name).await)?;
    let labels = found.config.and_then(|config| config.labels).unwrap_or_default();
    let id = found.id.unwrap_or_default();
    Ok(Image { name: name.to_owned(), id, base: labels.get(BASE).cloned() })
}

/// What the engine says, without what the client says about that.
pub(super) fn told(error: Error) -> String {
    match error {
        Error::DockerStreamError { error } => error,
        Error::DockerResponseServerError { message, .. } => message,
        other => other.to_string(),
    }
}

/// The last lines of a build.
#[derive(Default)]
struct Tail {
    lines: VecDeque<String>,
}

impl Tail {
    fn add(&mut self, text: &str) {
        for line in text.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
            self.lines.push_back(line.to_owned());
            if self.lines.len() > TOLD_LINES {
                self.lines.pop_front();
            }
        }
    }

    fn text(&self) -> String {
        self.lines.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::{TOLD_LINES, Tail};

    #[test]
    fn the_last_lines_of_a_build_are_kept() {
        let mut tail = Tail::default();
        for number in 0..50 {
            tail.add(&format!("line {number}\n\n"));
        }
        let text = tail.text();
        assert_eq!(text.lines().count(), TOLD_LINES);
        assert!(text.starts_with("line 30\n") && text.ends_with("line 49"), "{text}");
    }
}
