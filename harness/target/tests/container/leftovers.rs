//! What a killed harness leaves is removed by the next one.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use httpdyno_target::Confinement;

use super::processes::{Killed, await_gone, is_alive};
use super::support::{PATIENCE, containers, ready_to_start, start};

#[test]
fn the_next_harness_removes_the_container_of_a_killed_one_and_of_no_other() {
    let Some(own) = ready_to_start() else { return };
    let living = start(&own, "", Confinement::default(), PATIENCE).expect("starts");
    let test = std::env::current_exe().expect("own path");
    let beside = test.parent().and_then(Path::parent).expect("target folder");
    let harness = Command::new(beside.join("examples/container_holder"))
        .arg(beside.join("examples/misbehaving_server"))
        .stdout(Stdio::piped())
        .spawn();
    let mut harness = Killed(harness.expect("the example is built"));
    let mut output = BufReader::new(harness.0.stdout.take().expect("piped"));
    let mut line = String::new();
    output.read_line(&mut line).expect("text");
    let server: u32 = line.trim().parse().unwrap_or_else(|_| panic!("no process id: {line}"));
    drop(harness);
    assert!(is_alive(server), "the engine keeps it until somebody removes it");
    drop(containers());
    await_gone(&[server]);
    assert!(is_alive(living.id()));
}
