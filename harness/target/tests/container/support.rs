//! Starting the example server in a container.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use httpdyno_spec::manifest::{Framework, Manifest, ProcessCommands, Protocol, Variant};
use httpdyno_target::container::ContainersError;
use httpdyno_target::{
    CommandContext, Confinement, Containers, Contract, Isolation, Launch, Server, StartError,
};

/// Long enough for a loaded machine; only what never comes waits so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// The image of the example server.
pub(crate) const DOCKERFILE: &str = "ARG DEBIAN_IMAGE=debian:bookworm-slim\nFROM ${DEBIAN_IMAGE}\n\
    COPY program /server\nUSER nobody\nENTRYPOINT [\"/server\"]\n";

/// The engine; nothing (and a line that says so) where there is none.
pub(crate) fn containers() -> Option<Arc<Containers>> {
    match Containers::reach() {
        Ok(containers) => Some(containers),
        Err(error @ ContainersError::Engine(_)) => {
            let required = std::env::var_os("HTTPDYNO_REQUIRE_DOCKER");
            assert!(required.is_none_or(|value| value != "1"), "{error}");
            println!("skipped: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// The engine with the image of the example server.
pub(crate) fn ready_to_start() -> Option<Arc<Containers>> {
    let containers = containers()?;
    let id = manifest().id;
    let never = AtomicBool::new(false);
    // One after the other: builds at the same time cannot have the cache from each other.
    static BUILDING: Mutex<()> = Mutex::new(());
    let _building = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
    let built = containers.build_around(&id, &fixture(), DOCKERFILE, &root(), &never);
    built.expect("the image is built");
    Some(containers)
}

/// The repository, which has the pins of base images.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("workspace root").to_owned()
}

/// The example server, which cargo builds beside the tests.
pub(crate) fn fixture() -> PathBuf {
    let test = std::env::current_exe().expect("own path");
    test.parent().and_then(Path::parent).expect("target folder").join("examples/misbehaving_server")
}

pub(crate) fn manifest() -> Manifest {
    Manifest {
        id: "misbehaving-in-a-container".parse().expect("id"),
        name: "misbehaving".to_owned(),
        language: "rust".to_owned(),
        framework: Framework { name: "std".to_owned(), url: String::new() },
        concurrency: "a thread per connection".to_owned(),
        process: ProcessCommands {
            build: vec![],
            run: vec!["/server".to_owned()],
            version: vec!["/server".to_owned(), "--version".to_owned()],
        },
        container: None,
        protocols: vec![Protocol::Http11],
        endpoints: vec!["plaintext".parse().expect("id")],
        unavailable_status: None,
        tags: vec![],
        variants: vec![],
        known_deviations: vec![],
    }
}

/// Starts the example server with this fault, if any.
pub(crate) fn start(
    containers: &Arc<Containers>,
    fault: &str,
    confinement: Confinement,
    ready_within: Duration,
) -> Result<Server, StartError> {
    let static_dir = tempfile::tempdir().expect("folder");
    std::fs::write(static_dir.path().join("hello.txt"), "Hello").expect("write");
    let variant = Variant {
        id: "faulty".parse().expect("id"),
        summary: String::new(),
        default: true,
        args: (!fault.is_empty()).then(|| fault.to_owned()).into_iter().collect(),
        env: [("OWN".to_owned(), "variable".to_owned())].into(),
    };
    let contract = Contract {
        host: "127.0.0.1".parse().expect("address"),
        workers: 1,
        static_dir: static_dir.path().to_owned(),
        database: None,
        null_response: None,
    };
    Isolation::Container(Arc::clone(containers)).start(&Launch {
        manifest: &manifest(),
        variant: Some(&variant),
        context: &CommandContext::new(Path::new("/"), Path::new("/")),
        contract: &contract,
        confinement,
        ready_within,
    })
}

/// Whether a process is there and no zombie.
pub(crate) fn is_alive(process: u32) -> bool {
    std::fs::read(format!("/proc/{process}/cmdline")).is_ok_and(|line| !line.is_empty())
}

/// Awaits that a process is gone.
pub(crate) fn await_gone(process: u32) {
    let deadline = Instant::now() + PATIENCE;
    while is_alive(process) {
        assert!(Instant::now() < deadline, "still there: {process}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
