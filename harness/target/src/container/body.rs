//! A server under test in a container.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use rustix::process::Signal;
use testcontainers::bollard::body_full;
use testcontainers::bollard::errors::Error;
use testcontainers::bollard::query_parameters::{
    KillContainerOptionsBuilder, UploadToContainerOptionsBuilder,
};

use super::Containers;
use super::archive::Archive;
use super::context::{ContextError, add_below};
use super::create::{container_of, exit_status, remove, written};
use super::first_process::FirstProcess;
use super::image::told;
use crate::accounting::tree_of;
use crate::contract::Contract;
use crate::control_group::ControlGroup;
use crate::isolation::Image;
use crate::server::{Body, Ended, Launch, StartError};

/// Where the files that the contract names are put in a container. They are copied, since the
/// engine may not see the folders that this process sees.
const FILES: &str = "srv/httpdyno";

/// Dropping it removes the container.
#[derive(Debug)]
struct ServerContainer {
    command: String,
    started: Instant,
    containers: Arc<Containers>,
    id: String,
    /// The digest of its image.
    image: String,
    first: FirstProcess,
    group: Option<ControlGroup>,
    ended: Option<Ended>,
}

/// Starts a container of `image`, confined as asked.
pub(super) fn start(
    containers: Arc<Containers>,
    image: &Image,
    launch: &Launch<'_>,
    port: u16,
) -> Result<Box<dyn Body>, StartError> {
    let variant = launch.variant;
    let arguments: Vec<String> = variant.iter().flat_map(|it| it.args.clone()).collect();
    let command = format!("{} {}", image.name, arguments.join(" ")).trim_end().to_owned();
    let refused = |reason: String| StartError::NotContained { command: command.clone(), reason };
    let told_of = inside(launch.contract).environment(port);
    let told_of = told_of.into_iter().map(|(name, value)| format!("{name}={value}"));
    let own = variant.iter().flat_map(|it| &it.env).map(|(name, value)| format!("{name}={value}"));
    let (owner, role) = (&containers.ownership, "entry");
    let environment = told_of.chain(own).collect();
    let body = container_of(image, owner, role, arguments, environment, &launch.confinement);
    let files = files(launch.contract).map_err(|error| refused(error.to_string()))?;
    let created = containers.engine.ask(async |docker| docker.create_container(None, body).await);
    let id = created.map_err(|error| refused(told(error)))?.id;
    // From here on it is removed, whatever comes.
    let mut server = ServerContainer {
        command: command.clone(),
        started: Instant::now(),
        containers: Arc::clone(&containers),
        id,
        image: image.id.clone(),
        first: FirstProcess::hold(0),
        group: None,
        ended: None,
    };
    server.run(files).map_err(|error| refused(told(error)))?;
    server.find().map_err(|error| refused(told(error)))?;
    if !server.first.has_ended() && !server.first.is_in(&server.id) && server.is_running() {
        return Err(StartError::OutOfSight { command });
    }
    server.group = ControlGroup::of_container(server.first.id(), &server.id);
    Ok(Box::new(server))
}

/// The contract with the places that its files have in the container.
fn inside(contract: &Contract) -> Contract {
    let at = Path::new("/").join(FILES);
    Contract {
        static_dir: at.join("static"),
        null_response: contract.null_response.as_ref().map(|_| at.join("null-response")),
        ..contract.clone()
    }
}

/// What is copied into the container.
fn files(contract: &Contract) -> Result<Vec<u8>, ContextError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| ContextError::Unreadable { path, source }
    };
    let mut archive = Archive::new();
    let files = &contract.static_dir;
    if files.is_dir() {
        add_below(&mut archive, files, &format!("{FILES}/static"))?;
    }
    if let Some(response) = &contract.null_response {
        let name = format!("{FILES}/null-response");
        archive.add_followed(&name, response).map_err(unreadable(response))?;
    }
    archive.finish().map_err(unreadable(files))
}

impl ServerContainer {
    /// Copies the files and starts it. Starting begins when everything is in place.
    fn run(&mut self, files: Vec<u8>) -> Result<(), Error> {
        let id = &self.id;
        self.started = self.containers.engine.ask(async |docker| {
            let to_root = UploadToContainerOptionsBuilder::new().path("/").build();
            docker.upload_to_container(id, Some(to_root), body_full(files.into())).await?;
            let started = Instant::now();
            docker.start_container(id, None).await?;
            Ok::<_, Error>(started)
        })?;
        Ok(())
    }

    /// Finds its first process.
    fn find(&mut self) -> Result<(), Error> {
        let id = &self.id;
        let found = self.containers.engine.ask(async |d| d.inspect_container(id, None).await)?;
        let first = found.state.and_then(|state| u32::try_from(state.pid?).ok());
        self.first = FirstProcess::hold(first.unwrap_or(0));
        Ok(())
    }

    fn is_running(&self) -> bool {
        let id = &self.id;
        let found = self.containers.engine.ask(async |d| d.inspect_container(id, None).await);
        found.ok().and_then(|found| found.state?.running).unwrap_or(false)
    }

    fn how_it_ended(&self) -> Ended {
        let id = &self.id;
        self.containers.engine.ask(async |docker| {
            let status = match exit_status(docker, id).await {
                Ok(status) => status,
                Err(error) => {
                    let how = format!("the engine does not tell how ({})", told(error));
                    return Ended { clean: false, killed_by: None, how };
                }
            };
            let found = docker.inspect_container(id, None).await.ok();
            let state = found.and_then(|found| found.state);
            let starved = state.and_then(|state| state.oom_killed).unwrap_or(false);
            let why = if starved { ", for want of memory" } else { "" };
            let how = format!("exit status: {status}{why}, in a container");
            Ended { clean: status == 0, killed_by: None, how }
        })
    }
}

impl Body for ServerContainer {
    fn shown(&self) -> &str {
        &self.command
    }

    fn started(&self) -> Instant {
        self.started
    }

    fn leader(&self) -> u32 {
        self.first.id()
    }

    fn ended(&mut self) -> Option<Ended> {
        if self.ended.is_none() && self.first.has_ended() {
            self.ended = Some(self.how_it_ended());
        }
        self.ended.clone()
    }

    fn terminate(&self, _: Signal) {
        let id = &self.id;
        let options = KillContainerOptionsBuilder::new().signal("SIGTERM").build();
        // It may have ended in this moment; then there is nothing to tell it.
        let _ = self.containers.engine.ask(async |d| d.kill_container(id, Some(options)).await);
    }

    fn processes(&self) -> Vec<u32> {
        let members = self.group.as_ref().and_then(ControlGroup::processes);
        members.unwrap_or_else(|| tree_of(self.first.id()))
    }

    fn group(&self) -> Option<&ControlGroup> {
        self.group.as_ref()
    }

    fn without_limit(&self) -> String {
        match self.group {
            Some(_) => "the container's control group does not have it".to_owned(),
            None => "the container's control group cannot be found".to_owned(),
        }
    }

    fn last_words(&self) -> String {
        let id = &self.id;
        self.containers.engine.ask(async |docker| written(docker, id).await)
    }

    fn isolation(&self) -> &'static str {
        "container"
    }

    fn image(&self) -> Option<&str> {
        Some(&self.image)
    }
}

impl Drop for ServerContainer {
    fn drop(&mut self) {
        let id = &self.id;
        self.containers.engine.ask(async |docker| remove(docker, id).await);
    }
}
