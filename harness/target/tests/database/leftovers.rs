//! Nothing is left, however a database ends.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use httpdyno_target::Database;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::processes::{await_gone, is_alive};
use super::support::{
    PATIENCE, alone, connect, nobody_else_starts, others_may_start, private, segments_of, skipped,
};

/// What is to be gone after the end of a database.
fn of(database: &Database) -> (Vec<u32>, PathBuf) {
    let deadline = Instant::now() + PATIENCE;
    let processes = loop {
        let processes = database.processes();
        // Of a session that was closed, one may be about to end.
        if processes.iter().all(|&process| is_alive(process)) && processes.len() > 1 {
            break processes;
        }
        assert!(Instant::now() < deadline, "{processes:?}");
        std::thread::sleep(Duration::from_millis(5));
    };
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
    assert_eq!(watchers_of(&folder).len(), 1);
    database.stop().expect("all could be removed");
    assert_nothing_is_left(&processes, &folder);
    assert!(watchers_of(&folder).is_empty(), "it outlived the cluster");
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
        kill_process(pid(process), Signal::STOP).expect("stopped");
    }
    drop(database);
    assert_nothing_is_left(&processes, &folder);
}

#[test]
fn a_killed_harness_leaves_nothing() {
    let Some((mut harness, processes, folder)) = holder() else { return };
    assert!(folder.exists() && processes.len() > 1);
    harness.kill().expect("killed");
    harness.wait().expect("dead");
    await_nothing_is_left(&processes, &folder);
}

#[test]
fn a_harness_killed_with_its_process_group_leaves_nothing() {
    let Some((mut harness, processes, folder)) = holder() else { return };
    kill_process_group(pid(harness.id()), Signal::KILL).expect("killed");
    harness.wait().expect("dead");
    await_nothing_is_left(&processes, &folder);
}

#[test]
fn a_harness_killed_while_its_database_is_frozen_leaves_nothing() {
    let Some((mut harness, processes, folder)) = holder() else { return };
    for &process in &processes {
        kill_process(pid(process), Signal::STOP).expect("stopped");
    }
    harness.kill().expect("killed");
    harness.wait().expect("dead");
    await_nothing_is_left(&processes, &folder);
}

#[test]
fn what_is_left_when_the_watcher_was_killed_too_is_removed_by_the_next_start() {
    let Some((mut harness, processes, folder)) = holder() else { return };
    let watchers = watchers_of(&folder);
    assert_eq!(watchers.len(), 1);
    let _nobody_else = nobody_else_starts();
    kill_process(pid(watchers[0]), Signal::KILL).expect("killed");
    harness.kill().expect("killed");
    harness.wait().expect("dead");
    await_gone(&processes);
    assert_eq!(segments_of(&processes), 0);
    assert!(folder.exists(), "{}", folder.display());
    drop(alone(&[]));
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
    await_nothing_is_left(&processes, &folder);
}

fn pid(process: u32) -> Pid {
    i32::try_from(process).ok().and_then(Pid::from_raw).expect("pid")
}

/// The processes that watch over `folder`: those that are neither PostgreSQL nor have it as data.
fn watchers_of(folder: &Path) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").expect("processes").flatten();
    let ids = processes.filter_map(|process| process.file_name().to_str()?.parse().ok());
    let watches = |process: &u32| {
        let line = std::fs::read_to_string(format!("/proc/{process}/cmdline")).unwrap_or_default();
        line.split('\0').any(|word| Path::new(word) == folder)
    };
    ids.filter(watches).collect()
}

/// Within a minute: PostgreSQL itself may take some seconds to end.
fn await_nothing_is_left(processes: &[u32], folder: &Path) {
    await_gone(processes);
    let deadline = Instant::now() + PATIENCE;
    while folder.exists() || !watchers_of(folder).is_empty() {
        assert!(Instant::now() < deadline, "{}: {:?}", folder.display(), watchers_of(folder));
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_nothing_is_left(processes, folder);
}

/// A harness of its own process, which cargo builds beside the tests: the processes and the
/// folder of its cluster. Nothing when this machine has no PostgreSQL, as for [`private`].
fn holder() -> Option<(Child, Vec<u32>, PathBuf)> {
    let _swept = others_may_start();
    let test = std::env::current_exe().expect("own path");
    let beside = test.parent().and_then(Path::parent).expect("target folder");
    let mut harness = Command::new(beside.join("examples/database_holder"))
        .stdout(Stdio::piped())
        .process_group(0)
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
