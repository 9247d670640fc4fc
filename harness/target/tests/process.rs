//! A server process from start to stop, in every way it can go wrong.

#[path = "../testing/misbehaving.rs"]
mod misbehaving;
#[path = "../testing/processes.rs"]
mod processes;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use httpdyno_spec::manifest::{Manifest, Variant};
use httpdyno_target::accounting::CpuSource;
use httpdyno_target::{
    CommandContext, Confinement, Contract, Isolation, Launch, Server, StartError, StopOutcome,
};
use misbehaving::{await_use, fixture};
use processes::is_alive;

/// Long enough for a loaded machine; only what never comes waits so long.
const PATIENCE: Duration = Duration::from_secs(20);

fn manifest(program: &Path, arguments: &[&str]) -> Manifest {
    misbehaving::manifest("misbehaving", program, arguments)
}

fn context() -> CommandContext {
    CommandContext::new(Path::new("/"), Path::new("/"))
}

fn contract() -> Contract {
    Contract {
        host: "127.0.0.1".parse().expect("address"),
        workers: 1,
        static_dir: PathBuf::from("/nonexistent"),
        database: None,
        null_response: None,
    }
}

fn start(arguments: &[&str], ready_within: Duration) -> Result<Server, StartError> {
    start_program(&fixture(), arguments, ready_within)
}

fn start_program(
    program: &Path,
    arguments: &[&str],
    ready_within: Duration,
) -> Result<Server, StartError> {
    let manifest = manifest(program, arguments);
    launch(&manifest, None, Confinement::default(), ready_within)
}

fn launch(
    manifest: &Manifest,
    variant: Option<&Variant>,
    confinement: Confinement,
    ready_within: Duration,
) -> Result<Server, StartError> {
    let (context, contract) = (&context(), &contract());
    Isolation::Process.start(&Launch {
        manner: &Default::default(),
        manifest,
        variant,
        context,
        contract,
        confinement,
        ready_within,
    })
}

#[test]
fn a_good_server_starts_is_accounted_for_and_stops_cleanly() {
    let server = start(&[], PATIENCE).expect("starts");
    assert!(server.start_to_ready > Duration::ZERO);
    let memory = server.memory();
    assert!(memory.peak_rss_bytes > 0 && memory.threads >= 1, "{memory:?}");
    assert!(memory.rss_bytes <= memory.peak_rss_bytes, "{memory:?}");
    let id = server.id();
    assert_eq!(server.stop(), StopOutcome::Clean);
    assert!(!is_alive(id));
}

#[test]
fn dropping_a_server_leaves_no_process() {
    let server = start(&["ignores-term"], PATIENCE).expect("starts");
    let id = server.id();
    drop(server);
    assert!(!is_alive(id));
}

#[test]
fn a_server_that_ignores_sigterm_is_killed_and_reported() {
    let server = start(&["ignores-term"], PATIENCE).expect("starts");
    let id = server.id();
    assert_eq!(server.stop(), StopOutcome::Killed);
    assert!(!is_alive(id));
}

#[test]
fn a_missing_program_is_named() {
    let error = start_program(Path::new("/nonexistent/server"), &[], PATIENCE).expect_err("none");
    let text = error.to_string();
    assert!(matches!(error, StartError::NotRunnable { .. }), "{text}");
    assert!(text.contains("/nonexistent/server"), "{text}");
}

#[test]
fn a_server_that_ends_at_once_is_reported_with_its_last_words() {
    let text = start(&["exits-at-once"], PATIENCE).expect_err("ends").to_string();
    assert!(text.contains("exit status: 3"), "{text}");
    assert!(text.contains("cannot open the configuration"), "{text}");
}

#[test]
fn a_server_that_is_never_ready_is_given_up_and_killed() {
    let error = start(&["never-ready"], Duration::from_millis(300)).expect_err("never ready");
    assert!(matches!(error, StartError::NotReady { .. }), "{error}");
}

#[test]
fn a_port_in_use_is_reported_with_what_the_server_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("address").port().to_string();
    let variant = Variant {
        id: "taken".parse().expect("id"),
        summary: String::new(),
        default: true,
        args: vec![],
        env: BTreeMap::from([("PORT".to_owned(), port)]),
    };
    let manifest = manifest(&fixture(), &[]);
    let error = launch(&manifest, Some(&variant), Confinement::default(), PATIENCE)
        .expect_err("the port is taken");
    let text = error.to_string();
    assert!(matches!(error, StartError::Ended { .. }), "{text}");
    assert!(text.contains("cannot bind") && text.contains("AddrInUse"), "{text}");
}

fn start_confined(fault: &[&str], confinement: Confinement) -> Server {
    let manifest = manifest(&fixture(), fault);
    launch(&manifest, None, confinement, PATIENCE).expect("starts")
}

fn first_core() -> u32 {
    httpdyno_target::allowed_cores().expect("cores")[0]
}

#[test]
fn a_server_runs_on_its_cores_only() {
    let server = start_confined(&[], Confinement::to_cores(&[first_core()]));
    let found = server.enforcement();
    assert_eq!(found.cores, Some(vec![first_core()]));
    assert_eq!(found.departures, Vec::<String>::new());
    assert!(found.open_files.is_some_and(|files| files > 0));
    assert_eq!((found.isolation, &found.image), ("process", &None));
    assert!(found.seccomp.is_some(), "{found:?}");
    let told = ["HOST", "PORT", "STATIC_DIR", "WORKERS"];
    assert!(told.iter().all(|name| found.environment.iter().any(|one| one == name)), "{found:?}");
    assert!(!found.environment.iter().any(|name| name.starts_with("CARGO")), "{found:?}");
}

#[test]
fn a_server_that_leaves_its_cores_is_found_out() {
    if httpdyno_target::allowed_cores().expect("cores").len() < 2 {
        return; // On a single core there is nowhere to go.
    }
    let server = start_confined(&["leaves-its-cores"], Confinement::to_cores(&[first_core()]));
    let found = server.enforcement();
    assert_eq!(found.cores, None);
    assert!(found.departures[0].starts_with("affinity: "), "{found:?}");
}

#[test]
fn the_time_of_children_that_come_and_go_is_counted() {
    for control_group in [false, true] {
        let confinement = Confinement { control_group, ..Confinement::default() };
        let server = start_confined(&["works-in-children"], confinement);
        let used = await_use(&server, PATIENCE);
        assert_ne!(used.source, CpuSource::ProcessClocks, "{used:?}");
    }
}

#[test]
fn a_memory_limit_is_in_force_or_has_its_reason() {
    let confinement = Confinement { memory_bytes: Some(1 << 30), ..Confinement::default() };
    let found = start_confined(&[], confinement).enforcement();
    match found.memory_limit_bytes {
        Some(limit) => assert_eq!((limit, found.departures.len()), (1 << 30, 0), "{found:?}"),
        None => assert!(found.departures[0].starts_with("memory limit: "), "{found:?}"),
    }
}

#[test]
fn the_version_command_tells_what_runs() {
    let version =
        httpdyno_target::version(&manifest(&fixture(), &[]), &context()).expect("version");
    assert!(version.starts_with("misbehaving_server "), "{version}");
}
