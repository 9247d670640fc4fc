//! A PostgreSQL server of the harness's own in a container.
//!
//! The container uses the host's network, so that servers reach it over the loopback interface
//! as they reach a private cluster, and not through an address translation that would be measured
//! too. It is confined to the database's cores by its cpuset.

use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use testcontainers::core::client::ClientError;
use testcontainers::runners::SyncRunner;
use testcontainers::{Container, GenericImage, ImageExt, TestcontainersError};

use super::cluster::{START_LIMIT, free_port, is_port_taken};
use super::connect::{Access, CONTROL_ROLE, HOST_RULES};
use super::error::{StartDatabaseError, StopDatabaseError, told};
use super::processes::with_children;
use super::settings::{DECLARED, PRIVATE, STATEMENT_LIBRARY};
use super::source::Image;
use crate::docker::{Engine, Ownership, sweep};

/// Where in the container the rules of access are put.
const RULES: &str = "/etc/httpdyno/pg_hba.conf";

/// How often another port is tried when somebody took the one that was free.
const PORTS_TRIED: u32 = 8;

/// How much of what a container wrote is told.
const TAIL_BYTES: usize = 4096;

/// A running server. Dropping it removes the container and its volume.
#[derive(Debug)]
pub(super) struct ServerContainer {
    // The order is that of dropping: the lock says that the container has an owner.
    container: Container<GenericImage>,
    _ownership: Ownership,
    postmaster: Option<u32>,
    image_id: Option<String>,
}

impl ServerContainer {
    /// Starts one of `image`, confined to `cores` (none: the kernel chooses).
    pub(super) fn start(
        image: &Image,
        cores: &[u32],
    ) -> Result<(Self, Access), StartDatabaseError> {
        let engine = Engine::connect()?;
        sweep(&engine);
        let mut ports = 0;
        loop {
            let port = free_port().map_err(StartDatabaseError::NoPort)?;
            let password = password().map_err(StartDatabaseError::NoPassword)?;
            let access = Access::container(port, &password);
            let (container, ownership) = run(image, cores, port, &password)?;
            match await_ready(&container, &access) {
                Ok(()) => {
                    let (postmaster, image_id) = inspect(&engine, container.id());
                    let server = Self { container, _ownership: ownership, postmaster, image_id };
                    return Ok((server, access));
                }
                Err(StartDatabaseError::Ended { tail, .. })
                    if ports < PORTS_TRIED && is_port_taken(&tail) =>
                {
                    ports += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The ids of all its processes as this machine has them; none where the engine runs them
    /// elsewhere.
    pub(super) fn processes(&self) -> Vec<u32> {
        self.postmaster.map(with_children).unwrap_or_default()
    }

    /// The digest of the image's content.
    pub(super) fn image_id(&self) -> Option<&str> {
        self.image_id.as_deref()
    }

    /// Removes it, and tells when it is still there.
    pub(super) fn stop(self) -> Result<(), StopDatabaseError> {
        let what = format!("the container {}", self.container.id());
        self.container.rm().map_err(|error| StopDatabaseError { what, reason: error.to_string() })
    }
}

fn run(
    image: &Image,
    cores: &[u32],
    port: u16,
    password: &str,
) -> Result<(Container<GenericImage>, Ownership), StartDatabaseError> {
    let ownership = Ownership::new()
        .map_err(|source| StartDatabaseError::Folder { path: std::env::temp_dir(), source })?;
    let cpuset = (!cores.is_empty())
        .then(|| cores.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
    let container = GenericImage::new(image.name(), image.tag())
        .with_network("host")
        .with_labels(ownership.labels("database"))
        .with_env_var("POSTGRES_USER", CONTROL_ROLE)
        .with_env_var("POSTGRES_PASSWORD", password)
        .with_copy_to(RULES, HOST_RULES.as_bytes().to_vec())
        .with_host_config_modifier(move |config| config.cpuset_cpus.clone_from(&cpuset))
        .with_startup_timeout(START_LIMIT)
        .with_cmd(command(port))
        .start()
        .map_err(|error| refused(image, &error))?;
    Ok((container, ownership))
}

/// What the container runs: the settings are those of a private cluster.
fn command(port: u16) -> Vec<String> {
    let mut words = vec!["postgres".to_owned(), "-p".to_owned(), port.to_string()];
    let rules = [("hba_file", RULES), ("shared_preload_libraries", STATEMENT_LIBRARY)];
    for (name, value) in DECLARED.iter().chain(PRIVATE).chain(&rules) {
        words.extend(["-c".to_owned(), format!("{name}={value}")]);
    }
    words
}

fn refused(image: &Image, error: &TestcontainersError) -> StartDatabaseError {
    let (image, reason) = (image.to_string(), error.to_string());
    match error {
        TestcontainersError::Client(ClientError::PullImage { .. }) => {
            StartDatabaseError::NoImage { image, reason }
        }
        _ => StartDatabaseError::NotContained { image, reason },
    }
}

/// Waits until the server takes connections over TCP. While an image initialises its files, it
/// lets nobody in there.
fn await_ready(
    container: &Container<GenericImage>,
    access: &Access,
) -> Result<(), StartDatabaseError> {
    let deadline = Instant::now() + START_LIMIT;
    loop {
        let last = match access.maintenance.connect(postgres::NoTls) {
            Ok(_) => return Ok(()),
            Err(error) => told(&error),
        };
        if let Ok(Some(code)) = container.exit_code() {
            let status = format!("exit status {code}, in a container");
            return Err(StartDatabaseError::Ended { status, tail: tail(container) });
        }
        if Instant::now() >= deadline {
            let waited_s = START_LIMIT.as_secs();
            return Err(StartDatabaseError::NotReady { waited_s, last, tail: tail(container) });
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The end of what a container wrote.
fn tail(container: &Container<GenericImage>) -> String {
    let mut written = container.stdout_to_vec().unwrap_or_default();
    written.extend(container.stderr_to_vec().unwrap_or_default());
    let start = written.len().saturating_sub(TAIL_BYTES);
    String::from_utf8_lossy(&written[start..]).into_owned()
}

/// The postmaster, where it is a process of this machine, and the image.
fn inspect(engine: &Engine, id: &str) -> (Option<u32>, Option<String>) {
    let Ok(found) = engine.ask(async |docker| docker.inspect_container(id, None).await) else {
        return (None, None);
    };
    let process = found.state.and_then(|state| u32::try_from(state.pid?).ok());
    let is_postgres = |process: &u32| {
        let line = std::fs::read(Path::new("/proc").join(process.to_string()).join("cmdline"));
        line.is_ok_and(|line| line.starts_with(b"postgres"))
    };
    (process.filter(is_postgres), found.image)
}

/// 32 hexadecimal digits that nobody else knows.
fn password() -> std::io::Result<String> {
    let mut bytes = [0; 16];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
