//! Included by tests of the example server, `misbehaving_server`, in a process and in a container.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use httpdyno_spec::manifest::{Framework, Manifest, ProcessCommands, Protocol};
use httpdyno_target::Server;
use httpdyno_target::accounting::CpuUse;

/// The example server, which cargo builds beside the tests.
pub(crate) fn fixture() -> PathBuf {
    let test = std::env::current_exe().expect("own path");
    test.parent().and_then(Path::parent).expect("target folder").join("examples/misbehaving_server")
}

/// The manifest of an entry that runs `program`.
pub(crate) fn manifest(id: &str, program: &Path, arguments: &[&str]) -> Manifest {
    let program = program.display().to_string();
    let arguments = arguments.iter().map(ToString::to_string);
    Manifest {
        id: id.parse().expect("id"),
        name: "misbehaving".to_owned(),
        language: "rust".to_owned(),
        framework: Framework { name: "std".to_owned(), url: String::new() },
        concurrency: "a thread per connection".to_owned(),
        process: ProcessCommands {
            needs: Vec::new(),
            build: vec![],
            run: std::iter::once(program.clone()).chain(arguments).collect(),
            version: vec![program, "--version".to_owned()],
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

/// What a server has used since now, once that is 100 ms of CPU time.
pub(crate) fn await_use(server: &Server, patience: Duration) -> CpuUse {
    let before = server.reading();
    let deadline = Instant::now() + patience;
    loop {
        let used = before.until(&server.reading()).cpu;
        if used.total_ns >= 100_000_000 {
            return used;
        }
        assert!(Instant::now() < deadline, "{used:?} after {patience:?}");
    }
}
