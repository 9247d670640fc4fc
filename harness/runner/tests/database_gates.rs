//! The gates of the database trip in a bench, on real PostgreSQL, of servers that are honest while they
//! are checked and cheat when they are measured.

#[path = "support/own_server.rs"]
mod own_server;
mod support;

use std::fs::File;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use httpdyno_record::{Gate, Measurement, Record, TrialOutcome};
use httpdyno_runner::{Event, RunPlan, bench};
use httpdyno_spec::profile::Profile;
use httpdyno_target::DatabaseSource;
use httpdyno_testkit::{DatabaseCheat, Server};
use support::{needs, tree};

/// In the environment of a server: its cheat's name.
const CHEAT: &str = "HTTPDYNO_TEST_GATE_CHEAT";
/// And a path: whoever finds nothing there is the first one, which is checked.
const CHECKED: &str = "HTTPDYNO_TEST_GATE_CHECKED";

/// Not a test, but the server under test.
#[test]
fn serve_under_the_contract() {
    let Ok(name) = std::env::var(CHEAT) else { return };
    let checked = std::env::var(CHECKED).expect("a path");
    let is_checked = File::create_new(checked).is_ok();
    let cheat = DatabaseCheat::ALL.iter().copied().find(|cheat| cheat.name() == name);
    let cheat = Some(cheat.expect("a cheat")).filter(|_| !is_checked);
    own_server::serve(|address, url, connections| {
        Server::with_database_at(address, url, connections, cheat)
    });
}

/// The only trial of a run; none without PostgreSQL.
fn measured(cheat: DatabaseCheat, workload: &str) -> Option<Measurement> {
    let source = DatabaseSource::Private { bin_dir: None };
    needs::postgres(source.available())?;
    let (tree, folder) = (tree(), tempfile::tempdir().expect("a folder"));
    let text = |path: &Path| path.display().to_string();
    let checked = text(&folder.path().join("checked"));
    let entry = own_server::entry(&format!("{CHEAT}: '{}', {CHECKED}: '{checked}'", cheat.name()));
    let profile = tree.profile("smoke").expect("there").value.clone();
    let plan = RunPlan {
        entries: vec![entry],
        profile: Profile {
            blocks: 1,
            connections: vec![8],
            fixed_rates: None,
            // Of a longer window what a busy machine adds to a question is the smaller part.
            measure: "3s".parse().expect("span"),
            ..profile
        },
        workloads: vec![tree.workload(workload).expect("there").value.clone()],
        seed: 1,
        results: folder.path().to_owned(),
        command_line: Vec::new(),
        null_server: None,
        budget: None,
        own_pace: true,
        faults: false,
        database: Some(source),
        warnings: Vec::new(),
    };
    let stop = AtomicBool::new(false);
    let summary = bench(&tree, &plan, &mut |_: &Event| (), &stop).expect("a run");
    let mut record = Record::read(&summary.folder).expect("a record");
    let excluded: Vec<_> =
        record.run.entries.iter().filter_map(|entry| entry.excluded.as_ref()).collect();
    assert!(excluded.is_empty(), "it is honest when it is checked: {excluded:?}");
    record.trials.retain(|trial| trial.entry == "cheat");
    match record.trials.pop().expect("a trial").outcome {
        TrialOutcome::Measured(measured) => Some(*measured),
        TrialOutcome::Failed { stage, reason } => panic!("failed at {stage}: {reason}"),
    }
}

fn message(measured: &Measurement, gate: Gate) -> Option<&str> {
    let of_gate = measured.failed_gates.iter().find(|failed| failed.is(gate));
    of_gate.map(|failed| failed.message.as_str())
}

/// A trial in which the database said in time how many statements it had executed: one that is starved
/// of its core by others proves nothing, and its gate says that instead.
fn measured_in_time(cheat: DatabaseCheat, workload: &str) -> Option<Measurement> {
    for _ in 0..3 {
        let measured = measured(cheat, workload)?;
        let said = message(&measured, Gate::Statements);
        if !said.is_some_and(|said| said.contains("to say how many statements")) {
            return Some(measured);
        }
        println!("{said:?}");
    }
    panic!("the database never said in time how many statements it had executed");
}

#[test]
fn a_server_that_answers_from_memory_once_it_is_measured_trips_statements() {
    let Some(measured) = measured_in_time(DatabaseCheat::RemembersDb, "db") else { return };
    assert!(measured.responses > 0, "{measured:?}");
    let statements = message(&measured, Gate::Statements).expect("tripped");
    assert!(statements.contains("executed 0 statements"), "{statements}");
    assert_eq!(message(&measured, Gate::Pool), None);
}

#[test]
fn a_server_that_opens_more_connections_once_it_is_measured_trips_pool() {
    let Some(measured) = measured(DatabaseCheat::TwiceThePool, "db") else { return };
    let pool = message(&measured, Gate::Pool).expect("tripped");
    assert!(pool.contains("32 connections"), "{pool}");
}

#[test]
fn a_server_that_stops_writing_once_it_is_measured_trips_statements() {
    let Some(measured) = measured_in_time(DatabaseCheat::NeverWrites, "updates-5") else { return };
    assert!(measured.responses > 0, "{measured:?}");
    let statements = message(&measured, Gate::Statements).expect("tripped");
    assert!(statements.contains("returned and changed"), "{statements}");
}
