//! Nothing is left, however a database ends.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use httpdyno_target::Database;
use rustix::process::{Pid, Signal, kill_process};

use super::processes::{await_gone, is_alive};
use super::support::{connect, private, segments_of, skipped};

/// What is to be gone after the end of a database.
fn of(database: &Database) -> (Vec<u32>, PathBuf) {
    let processes = database.processes();
    assert!(processes.iter().all(|&process| is_alive(process)) && processes.len() > 1);
    assert!(segments_of(&processes) > 0, "the interlock is expected to be one");
    (processes, database.folder().expect("private").to_owned())
}

fn assert_nothing_is_left(processes: &[u32], folder: &Path) {
    assert!(processes.iter().all(|&process| !is_alive(process)), "{processes:?}");
    assert_eq!(segments_of(processes), 0);
    assert!(!folder.exists(), "{}", folder.display());
}

#[test]
fn dropping_leaves_nothing_though_a_server_is_connected() {
    let Some(database) = private() else { return };
    let _server = connect(&database);
    let (processes, folder) = of(&database);
    drop(database);
    assert_nothing_is_left(&processes, &folder);
}

#[test]
fn stopping_leaves_nothing_and_says_so() {
    let Some(database) = private() else { return };
    let (processes, folder) = of(&database);
    database.stop().expect("all could be removed");
    assert_nothing_is_left(&processes, &folder);
}

#[test]
fn a_killed_postmaster_leaves_nothing() {
    let Some(database) = private() else { return };
    let (processes, folder) = of(&database);
    let file = std::fs::read_to_string(folder.join("data/postmaster.pid")).expect("pid file");
    let postmaster: i32 = file.lines().next().and_then(|id| id.parse().ok()).expect("pid");
    kill_process(Pid::from_raw(postmaster).expect("pid"), Signal::KILL).expect("killed");
    drop(database);
    assert_nothing_is_left(&processes, &folder);
}

#[test]
fn a_stopped_postmaster_leaves_nothing() {
    let Some(database) = private() else { return };
    let (processes, folder) = of(&database);
    for &process in &processes {
        let process = i32::try_from(process).ok().and_then(Pid::from_raw).expect("pid");
        kill_process(process, Signal::STOP).expect("stopped");
    }
    drop(database);
    assert_nothing_is_left(&processes, &folder);
}

#[test]
fn a_killed_harness_leaves_no_process_and_the_next_start_removes_its_folder() {
    let Some((mut harness, processes, folder)) = holder() else { return };
    assert!(folder.exists() && processes.len() > 1);
    harness.kill().expect("killed");
    harness.wait().expect("dead");
    await_gone(&processes);
    assert_eq!(segments_of(&processes), 0);
    drop(private());
    assert!(!folder.exists(), "{}", folder.display());
}

#[test]
fn a_living_harness_keeps_its_folder_when_another_starts() {
    let Some((mut harness, processes, folder)) = holder() else { return };
    drop(private());
    assert!(folder.exists());
    assert!(is_alive(processes[0]));
    harness.kill().expect("killed");
    harness.wait().expect("dead");
    await_gone(&processes);
}

/// A harness of its own process, which cargo builds beside the tests: the processes and the
/// folder of its cluster. Nothing when this machine has no PostgreSQL, as for [`private`].
fn holder() -> Option<(Child, Vec<u32>, PathBuf)> {
    let test = std::env::current_exe().expect("own path");
    let beside = test.parent().and_then(Path::parent).expect("target folder");
    let mut harness = Command::new(beside.join("examples/database_holder"))
        .stdout(Stdio::piped())
        .spawn()
        .expect("the example is built");
    let output = BufReader::new(harness.stdout.take().expect("piped"));
    let mut lines = output.lines().map(|line| line.expect("text"));
    let first = lines.next().expect("a line");
    if first.starts_with("no PostgreSQL is on this machine") {
        harness.wait().expect("ended by itself");
        return skipped();
    }
    let folder = PathBuf::from(first);
    assert!(folder.is_absolute(), "{}", folder.display());
    let processes = lines
        .take_while(|line| line != "end")
        .map(|line| line.parse().expect("a process id"))
        .collect();
    Some((harness, processes, folder))
}
