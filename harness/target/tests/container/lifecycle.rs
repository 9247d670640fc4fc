//! A container from start to stop, in every way it can go wrong: as a process does.

use std::time::Duration;

use httpdyno_target::accounting::CpuSource;
use httpdyno_target::{Confinement, StartError, StopOutcome};

use super::misbehaving::await_use;
use super::processes::{await_gone, is_alive};
use super::support::{PATIENCE, ready_to_start, start};

fn first_core() -> u32 {
    httpdyno_target::allowed_cores().expect("cores")[0]
}

#[test]
fn what_is_asked_is_in_force_and_it_stops_cleanly() {
    let Some(containers) = ready_to_start() else { return };
    let confinement = Confinement {
        cores: vec![first_core()],
        memory_bytes: Some(256 << 20),
        control_group: true,
    };
    let server = start(&containers, "", confinement, PATIENCE).expect("starts");
    assert!(server.start_to_ready > Duration::ZERO && is_alive(server.id()));
    let memory = server.memory();
    assert!(memory.peak_rss_bytes > 0 && memory.threads >= 1, "{memory:?}");

    let found = server.enforcement();
    assert_eq!(found.departures, Vec::<String>::new());
    assert_eq!(found.isolation, "container");
    assert_eq!(found.cores, Some(vec![first_core()]));
    assert_eq!(found.memory_limit_bytes, Some(256 << 20));
    assert_eq!(found.seccomp, Some("unconfined"));
    assert!(found.open_files.is_some_and(|files| files > 0), "{found:?}");
    assert!(found.image.is_some_and(|image| image.starts_with("sha256:")));
    let told = ["HOST", "OWN", "PORT", "STATIC_DIR", "WORKERS"];
    assert!(told.iter().all(|name| found.environment.iter().any(|one| one == name)));

    let files = format!("/proc/{}/root/srv/httpdyno/static/hello.txt", server.id());
    assert_eq!(std::fs::read_to_string(files).expect("copied"), "Hello");

    let id = server.id();
    assert_eq!(server.stop(), StopOutcome::Clean);
    assert!(!is_alive(id));
}

#[test]
fn nothing_is_confined_that_was_not_asked_for() {
    let Some(containers) = ready_to_start() else { return };
    let server = start(&containers, "", Confinement::default(), PATIENCE).expect("starts");
    let found = server.enforcement();
    assert_eq!((found.cores, found.memory_limit_bytes), (None, None));
    assert_eq!(found.departures, Vec::<String>::new());
    let id = server.id();
    drop(server);
    await_gone(&[id]);
}

#[test]
fn one_that_ignores_sigterm_is_killed_and_reported() {
    let Some(containers) = ready_to_start() else { return };
    let server = start(&containers, "ignores-term", Confinement::default(), PATIENCE);
    let server = server.expect("starts");
    let id = server.id();
    assert_eq!(server.stop(), StopOutcome::Killed);
    await_gone(&[id]);
}

#[test]
fn one_that_ends_at_once_is_reported_with_its_last_words() {
    let Some(containers) = ready_to_start() else { return };
    let error = start(&containers, "exits-at-once", Confinement::default(), PATIENCE);
    let text = error.expect_err("ends").to_string();
    assert!(text.contains("exit status: 3"), "{text}");
    assert!(text.contains("cannot open the configuration"), "{text}");
    assert!(text.contains("httpdyno/misbehaving-in-a-container exits-at-once"), "{text}");
}

#[test]
fn one_that_is_never_ready_is_given_up() {
    let Some(containers) = ready_to_start() else { return };
    let patience = Duration::from_millis(300);
    let error = start(&containers, "never-ready", Confinement::default(), patience);
    let error = error.expect_err("never ready");
    assert!(matches!(error, StartError::NotReady { .. }), "{error}");
}

#[test]
fn the_time_of_children_that_come_and_go_is_counted() {
    let Some(containers) = ready_to_start() else { return };
    let server = start(&containers, "works-in-children", Confinement::default(), PATIENCE);
    let server = server.expect("starts");
    let used = await_use(&server, PATIENCE);
    assert_eq!(used.source, CpuSource::ControlGroup, "{used:?}");
}

#[test]
fn a_cpuset_cannot_be_left() {
    if httpdyno_target::allowed_cores().expect("cores").len() < 2 {
        return; // On a single core there is nowhere to go.
    }
    let Some(containers) = ready_to_start() else { return };
    let confinement = Confinement::to_cores(&[first_core()]);
    // The same server leaves the affinity that a process is given; a cpuset is enforced.
    let server = start(&containers, "leaves-its-cores", confinement, PATIENCE).expect("starts");
    let found = server.enforcement();
    assert_eq!((found.cores, found.departures), (Some(vec![first_core()]), vec![]));
}
