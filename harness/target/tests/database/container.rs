//! A database in a container, with the Docker engine of this machine.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use httpdyno_target::Database;
use httpdyno_target::database::{DECLARED_SETTINGS, StartDatabaseError};
use postgres::{Client, NoTls};

use super::needs;
use super::processes::{Killed, await_gone, is_alive};
use super::support::connect;

/// A database in a container; nothing (and a line that says so) where no Docker engine or no image
/// is to be had. With `HTTPDYNO_REQUIRE_DOCKER=1` that fails the test instead.
fn contained(cores: &[u32]) -> Option<Database> {
    match Database::start(&"container".parse().expect("a source"), cores) {
        Ok(database) => Some(database),
        Err(error @ (StartDatabaseError::Engine(_) | StartDatabaseError::NoImage { .. })) => {
            needs::skipped(needs::DOCKER, &error)
        }
        Err(error) => panic!("{error}"),
    }
}

fn cores_of(process: u32) -> String {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("alive");
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    allowed.expect("in every status").trim().to_owned()
}

#[test]
fn it_is_the_same_database_on_the_given_cores_and_leaves_nothing() {
    let core = httpdyno_target::allowed_cores().expect("cores")[0];
    let Some(mut database) = contained(&[core]) else { return };
    let facts = database.facts();
    assert!(facts.departures.is_empty(), "{:?}", facts.departures);
    assert_eq!(facts.settings.len(), DECLARED_SETTINGS.len());
    assert_eq!(facts.source, "container:postgres:15-bookworm");
    assert!(facts.image_id.as_ref().is_some_and(|id| id.starts_with("sha256:")), "{facts:?}");
    assert!(facts.pg_stat_statements);
    database.verify().expect("the seeded rows");

    let mut server = connect(&database);
    let read = "SELECT id, randomnumber FROM world WHERE id = $1";
    let (row, counts) = database
        .statements_around(|| server.query_one(read, &[&7]).expect("row"))
        .expect("counted");
    assert_eq!(row.get::<_, i32>(0), 7);
    assert_eq!(counts.sum(|text| text == read).calls, 1, "{counts:?}");

    let processes = database.processes();
    assert!(processes.len() > 2 && processes.iter().all(|&process| is_alive(process)));
    assert!(processes.iter().all(|&process| cores_of(process) == core.to_string()));
    assert!(database.usage().cpu_ns > 0);
    database.stop().expect("removed");
    await_gone(&processes);
}

#[test]
fn the_superuser_is_let_in_by_its_password_only() {
    let Some(database) = contained(&[]) else { return };
    let superuser = database.url().replace("httpdyno_server@", "httpdyno:guess@");
    let error = Client::connect(&superuser, NoTls).err().expect("refused");
    assert_eq!(error.code().map(|code| code.code()), Some("28P01"), "{error}");
}

#[test]
fn an_image_that_cannot_be_had_is_told_with_what_to_do() {
    let source = "container:127.0.0.1:1/nothing/here:none".parse().expect("a source");
    match Database::start(&source, &[]) {
        Err(StartDatabaseError::Engine(error)) => {
            needs::skipped::<()>(needs::DOCKER, &error);
        }
        Err(error @ StartDatabaseError::NoImage { .. }) => {
            assert!(error.to_string().contains("docker pull 127.0.0.1:1/nothing/here:none"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_next_start_removes_the_container_of_a_killed_harness_and_of_no_other() {
    let Some(living) = contained(&[]) else { return };
    let test = std::env::current_exe().expect("own path");
    let beside = test.parent().and_then(Path::parent).expect("target folder");
    let mut harness = Command::new(beside.join("examples/database_holder"));
    let harness = harness.arg("container").stdout(Stdio::piped()).spawn();
    let mut harness = Killed(harness.expect("the example is built"));
    let output = BufReader::new(harness.0.stdout.take().expect("piped"));
    let lines: Vec<String> =
        output.lines().map(|line| line.expect("text")).take_while(|line| line != "end").collect();
    assert_eq!(lines[0], "-", "{lines:?}");
    let processes: Vec<u32> = lines[1..].iter().map(|line| line.parse().expect("id")).collect();
    drop(harness);
    assert!(is_alive(processes[0]), "the engine keeps it until somebody removes it");
    drop(contained(&[]));
    await_gone(&processes);
    assert!(living.processes().iter().all(|&process| is_alive(process)));
}
