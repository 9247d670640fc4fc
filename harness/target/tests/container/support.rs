//! Starting the example server in a container.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use httpdyno_spec::manifest::{Manifest, Variant};
use httpdyno_target::{
    CommandContext, Confinement, Containers, Contract, Isolation, Launch, Server, StartError,
};

use crate::misbehaving::{self, fixture};
use crate::needs;

/// Long enough for a loaded machine; only what never comes waits so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// The image of the example server.
pub(crate) const DOCKERFILE: &str = "ARG DEBIAN_IMAGE=debian:bookworm-slim\nFROM ${DEBIAN_IMAGE}\n\
    COPY program /server\nUSER nobody\nENTRYPOINT [\"/server\"]\n";

/// The engine; nothing (and a line that says so) where there is none.
pub(crate) fn containers() -> Option<Arc<Containers>> {
    needs::docker(Containers::reach())
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

pub(crate) fn manifest() -> Manifest {
    misbehaving::manifest("misbehaving-in-a-container", Path::new("/server"), &[])
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
        manner: &Default::default(),
        manifest: &manifest(),
        variant: Some(&variant),
        context: &CommandContext::new(Path::new("/"), Path::new("/")),
        contract: &contract,
        confinement,
        ready_within,
    })
}
