//! Making containers: what is enforced on them and what they are called.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::StreamExt;
use rustix::process::{Resource, getrlimit};
use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error;
use testcontainers::bollard::models::{
    ContainerCreateBody, HostConfig, HostConfigLogConfig, ResourcesUlimits, RestartPolicy,
    RestartPolicyNameEnum,
};
use testcontainers::bollard::query_parameters::{
    LogsOptionsBuilder, RemoveContainerOptionsBuilder, WaitContainerOptionsBuilder,
};

use crate::docker::{Engine, Ownership};
use crate::enforcement::Confinement;
use crate::isolation::Image;

/// How long the engine may take to notice that a container has ended.
const END_LIMIT: Duration = Duration::from_secs(30);

/// As much of what a container wrote as a message needs.
const TOLD_BYTES: usize = 4096;

/// RLIMIT_NOFILE where this process has no limit itself: what the kernel allows at most by default.
const MOST_OPEN_FILES: u64 = 1 << 20;

/// What a container of `image` is made of.
pub(super) fn container_of(
    image: &Image,
    ownership: &Ownership,
    role: &str,
    arguments: Vec<String>,
    environment: Vec<String>,
    confinement: &Confinement,
) -> ContainerCreateBody {
    ContainerCreateBody {
        image: Some(image.id.clone()),
        cmd: Some(arguments),
        env: Some(environment),
        labels: Some(HashMap::from(ownership.labels(role))),
        host_config: Some(enforced(confinement)),
        ..ContainerCreateBody::default()
    }
}

fn enforced(confinement: &Confinement) -> HostConfig {
    let cores = confinement.cores.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let memory = confinement.memory_bytes.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
    // As for a process: as many as the hard limit allows.
    let files = getrlimit(Resource::Nofile).maximum.unwrap_or(MOST_OPEN_FILES);
    let files = Some(i64::try_from(files).unwrap_or(i64::MAX));
    HostConfig {
        cpuset_cpus: (!cores.is_empty()).then_some(cores),
        memory,
        // As for a process: the limit is one of memory, not of memory and swap.
        memory_swap: memory.map(|_| -1),
        ulimits: Some(vec![ResourcesUlimits {
            name: Some("nofile".to_owned()),
            soft: files,
            hard: files,
        }]),
        // Address translation and a bridge would be measured too.
        network_mode: Some("host".to_owned()),
        // Filters cost system calls, each engine's version has others, and a process has none.
        security_opt: Some(vec!["seccomp=unconfined".to_owned()]),
        // The server itself gets SIGTERM.
        init: Some(false),
        restart_policy: Some(RestartPolicy {
            name: Some(RestartPolicyNameEnum::NO),
            ..RestartPolicy::default()
        }),
        // Bounded, whatever a server writes.
        log_config: Some(HostConfigLogConfig {
            typ: Some("json-file".to_owned()),
            config: Some(HashMap::from(
                [("max-size", "1m"), ("max-file", "1")]
                    .map(|(name, value)| (name.to_owned(), value.to_owned())),
            )),
        }),
        ..HostConfig::default()
    }
}

/// Runs a container to its end, removes it, and gives its exit status and what it wrote.
pub(super) fn run_once(
    engine: &Engine,
    ownership: &Ownership,
    image: &Image,
    arguments: Vec<String>,
) -> Result<(i64, String), Error> {
    let body =
        container_of(image, ownership, "once", arguments, Vec::new(), &Confinement::default());
    engine.ask(async |docker| {
        let id = docker.create_container(None, body).await?.id;
        let ran = async {
            docker.start_container(&id, None).await?;
            let status = exit_status(docker, &id).await?;
            Ok((status, written(docker, &id).await))
        };
        let ran = ran.await;
        remove(docker, &id).await;
        ran
    })
}

/// The exit status of a container that has ended, or will soon.
pub(super) async fn exit_status(docker: &Docker, id: &str) -> Result<i64, Error> {
    let options = WaitContainerOptionsBuilder::new().condition("not-running").build();
    let mut ends = std::pin::pin!(docker.wait_container(id, Some(options)));
    match tokio::time::timeout(END_LIMIT, ends.next()).await {
        Ok(Some(Ok(ended))) => Ok(ended.status_code),
        Ok(Some(Err(Error::DockerContainerWaitError { code, .. }))) => Ok(code),
        Ok(Some(Err(error))) => Err(error),
        Ok(None) | Err(_) => Err(Error::RequestTimeoutError),
    }
}

/// The end of what a container wrote, to either stream.
pub(super) async fn written(docker: &Docker, id: &str) -> String {
    let options = LogsOptionsBuilder::new().stdout(true).stderr(true).tail("100").build();
    let mut pieces = std::pin::pin!(docker.logs(id, Some(options)));
    let mut bytes = Vec::new();
    while let Some(Ok(piece)) = pieces.next().await {
        bytes.extend_from_slice(&piece.into_bytes());
    }
    let start = bytes.len().saturating_sub(TOLD_BYTES);
    String::from_utf8_lossy(&bytes[start..]).trim().to_owned()
}

/// Removes a container with its volumes, running or not. What cannot be removed is for the next
/// run, which finds it by its labels.
pub(super) async fn remove(docker: &Docker, id: &str) {
    let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
    let _ = docker.remove_container(id, Some(options)).await;
}
