//! A short bench of workloads with a database, with the PostgreSQL of this machine.

#[path = "../../target/testing/needs.rs"]
mod needs;
#[path = "support/results.rs"]
mod results;
#[path = "support/tree.rs"]
mod tree;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use httpdyno_record::{
    CaseStatus, ConformanceCounts, Measurement, Record, Role, TrialOutcome, TrialRecord,
};
use httpdyno_report::{Comparison, bench_text, conformance_json, conformance_junit};
use httpdyno_runner::fault_ids;
use httpdyno_target::DatabaseSource;
use httpdyno_target::database::SEED_DIGEST;

/// Whether PostgreSQL is here; with `HTTPDYNO_REQUIRE_POSTGRES=1` its absence fails the test.
fn has_postgres() -> bool {
    needs::postgres(DatabaseSource::Private { bin_dir: None }.available()).is_some()
}

/// A root with the spec and one implementation.
fn root_with(program: &Path) -> tempfile::TempDir {
    let folder = tree::empty();
    let implementation = folder.path().join("implementations/database");
    fs::create_dir_all(&implementation).expect("folder");
    let program = program.display();
    let manifest = format!(
        "id: database\nname: database\nlanguage: rust\n\
         framework: {{ name: hyper, url: \"https://hyper.rs\" }}\n\
         concurrency: event loops\nprotocols: [http/1.1]\n\
         process:\n  run: [\"{program}\"]\n  version: [\"{program}\", --version]\n\
         endpoints: [plaintext, json, echo, users, search, static, delay, upload, db, queries, \
         updates, cached-queries, fortunes]\n\
         known_deviations:\n  \
         - {{ case: h1/request-line/target-too-long, reason: as rust-hyper's own manifest says }}\n"
    );
    fs::write(implementation.join("implementation.yaml"), manifest).expect("manifest");
    folder
}

/// The record of a short run, and what was printed.
fn bench(folder: &Path, more: &[&str]) -> (Record, String) {
    let output = command(folder, more);
    let results = folder.join("results");
    let written = String::from_utf8_lossy(&output.stderr).into_owned();
    // 3: a gate made a trial invalid, which on a loaded machine is right.
    assert!(matches!(output.status.code(), Some(0 | 3)), "{:?}: {written}", output.status);
    let folder = results::record_in(&results).expect("a record");
    (Record::read(&folder).expect("readable"), written)
}

/// A run, whatever comes of it.
fn command(folder: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_httpdyno"))
        .args(["bench", "--impl", "database", "--connections", "4", "--root"])
        .arg(folder)
        .arg("--results")
        .arg(folder.join("results"))
        .args(more)
        .stdin(Stdio::null())
        .output()
        .expect("httpdyno runs")
}

fn measured<'a>(record: &'a Record, entry: &str, workload: &str) -> Vec<&'a Measurement> {
    let of_it = |trial: &&TrialRecord| trial.entry == entry && trial.workload == workload;
    let measured = |trial: &'a TrialRecord| match &trial.outcome {
        TrialOutcome::Measured(measurement) => &**measurement,
        TrialOutcome::Failed { stage, reason } => panic!("failed at {stage}: {reason}"),
    };
    record.trials.iter().filter(of_it).map(measured).collect()
}

#[test]
fn statements_cpu_time_routes_and_the_reference_are_in_record_and_report() {
    if !has_postgres() {
        return;
    }
    let folder = root_with(&tree::server("rust-hyper"));
    let workloads = ["--workload", "db", "updates-5", "mixed-database", "json"];
    let (mut record, _) = bench(folder.path(), &[&workloads[..], &["--blocks", "2"]].concat());

    let database = record.run.database.as_ref().expect("one was started");
    assert_eq!((database.rows_sha256.as_str(), database.pool), (SEED_DIGEST, 16));
    assert!(database.departures.is_empty() && database.settings.contains_key("shared_buffers"));
    for (workload, statements) in [("db", 1), ("updates-5", 5)] {
        let trials = measured(&record, "database", workload);
        assert_eq!(trials.len(), 2, "{workload}");
        for one in trials {
            assert!(one.responses > 0 && one.errors.is_empty(), "{workload}: {:?}", one.errors);
            let used = one.database.as_ref().expect("used");
            let counted = used.statements.expect("counted");
            assert!(counted * 2 >= one.responses * statements, "{workload}: {used:?}");
            assert!(used.cpu_ns.is_some_and(|cpu| cpu > 0), "{workload}: {used:?}");
        }
    }
    for one in measured(&record, "database", "mixed-database") {
        let routes: Vec<&str> = one.routes.iter().map(|route| route.route.as_str()).collect();
        assert_eq!(routes, ["read-one", "read-five", "render", "write", "echo", "static"]);
        assert!(one.routes[0].responses > one.routes[3].responses, "{routes:?}");
    }
    let json = measured(&record, "database", "json");
    assert!(json.iter().all(|one| one.database.is_none()), "it needs none, so none is offered");
    let pgbench = measured(&record, "pgbench", "db");
    assert!(pgbench.len() == 2 && pgbench.iter().all(|one| one.responses > 0));
    let last = record.run.entries.last().expect("entries");
    assert_eq!((last.entry.as_str(), last.role), ("pgbench", Role::Reference));
    let version = last.version.as_deref().expect("pgbench tells its version");
    assert!(version.starts_with("pgbench (PostgreSQL) "), "{version}");
    // The same that each of its trials told.
    assert!(pgbench.iter().all(|one| one.engine == version), "{version}: {pgbench:?}");

    // Gates judge this machine at this moment; here the report of what was measured is looked at.
    for trial in &mut record.trials {
        if let TrialOutcome::Measured(measurement) = &mut trial.outcome {
            measurement.failed_gates.clear();
        }
    }
    let comparison = Comparison::of(&record).expect("a comparison");
    assert_eq!(comparison.baseline.as_deref(), Some("database"));
    let text = bench_text::render(&record, &comparison, 160);
    for shown in ["statements/s", "database CPU/req", "read-five", "of pgbench"] {
        assert!(text.contains(shown), "{shown} in {text}");
    }
}

#[test]
fn what_an_entry_does_while_its_database_fails_is_in_the_record_when_asked_for() {
    if !has_postgres() {
        return;
    }
    let folder = root_with(&tree::server("rust-hyper"));
    let (record, _) = bench(folder.path(), &["--faults", "--workload", "json", "--blocks", "1"]);
    let faults = record.cases.iter().filter(|case| case.case.starts_with("app/database-faults/"));
    let passed: Vec<_> = faults.clone().filter(|case| case.status == CaseStatus::Pass).collect();
    let ids: BTreeSet<String> = passed.iter().map(|case| case.case.clone()).collect();
    assert_eq!(ids, fault_ids().collect(), "{:#?}", faults.collect::<Vec<_>>());
    let counts = record.run.entries[0].conformance.expect("it was checked");
    assert_eq!(counts, ConformanceCounts::of(&record.cases));
    assert_eq!(measured(&record, "database", "json").len(), 1);
    let origin = conformance_json::Origin::of_run(&record.run, "bench");
    let junit = conformance_junit::render(&record.cases, &origin).expect("XML");
    assert!(junit.contains("app/database-faults/slow"), "{junit}");
    assert!(conformance_json::render(&record.cases, &origin).contains("app/database-faults/slow"));
}

#[test]
fn faults_without_a_database_to_kill_are_refused() {
    let folder = root_with(&tree::server("rust-hyper"));
    let output = command(folder.path(), &["--faults", "--database", "none"]);
    let written = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{written}");
    assert!(written.contains("`--database private`"), "{written}");
}

#[test]
fn without_a_database_its_workloads_are_left_out_and_the_record_says_so() {
    let folder = root_with(&tree::server("rust-hyper"));
    let options = ["--database", "none", "--blocks", "1", "--workload", "db", "json"];
    let (record, written) = bench(folder.path(), &options);
    assert!(record.run.database.is_none());
    assert!(record.trials.iter().all(|trial| trial.workload == "json"));
    assert!(record.run.warnings.iter().any(|warning| warning.contains("none is offered")));
    assert!(written.contains("none is offered"), "{written}");
    assert!(written.contains("one block says nothing of chance"), "{written}");
}

/// A run of another verb, and its record.
fn searched(folder: &Path, verb: &[&str], results: &str) -> Record {
    let results = folder.join(results);
    let output = Command::new(env!("CARGO_BIN_EXE_httpdyno"))
        .args(verb)
        .args(["--workload", "db", "--connections", "4", "--measure", "200ms", "--root"])
        .arg(folder)
        .arg("--results")
        .arg(&results)
        .stdin(Stdio::null())
        .output()
        .expect("httpdyno runs");
    let written = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(matches!(output.status.code(), Some(0 | 3)), "{:?}: {written}", output.status);
    let record = results::record_in(&results).expect("a record");
    Record::read(&record).expect("readable")
}

#[test]
fn capacity_and_scale_measure_workloads_that_need_a_database() {
    if !has_postgres() {
        return;
    }
    let folder = root_with(&tree::server("rust-hyper"));
    let scale = ["scale", "database", "--blocks", "1"];
    // A trial after an overload must find the database too.
    let capacity = ["capacity", "database", "--soak", "200ms", "--rates", "50"];
    for (verb, results) in [(&scale[..], "scaled"), (&capacity[..], "searched")] {
        let record = searched(folder.path(), verb, results);
        assert!(record.run.database.is_some(), "{verb:?}");
        assert!(record.run.entries.iter().all(|entry| entry.role != Role::Reference), "{verb:?}");
        let measured = measured(&record, "database", "db");
        assert!(!measured.is_empty(), "{verb:?}");
        for one in measured {
            assert!(one.errors.is_empty(), "{verb:?}: {:?}", one.errors);
            let used = one.database.as_ref().expect("used");
            assert!(used.statements.is_some_and(|count| count > 0), "{verb:?}: {used:?}");
        }
        let found = record.capacity().expect("readable");
        for search in found.into_iter().flat_map(|found| found.searches) {
            assert!(search.rate_per_s == 0 || search.recovery.is_some(), "{search:?}");
        }
    }
}

#[test]
fn a_search_of_a_workload_whose_database_is_not_offered_is_refused() {
    let folder = root_with(&tree::server("rust-hyper"));
    for verb in ["capacity", "scale"] {
        let output = Command::new(env!("CARGO_BIN_EXE_httpdyno"))
            .args([verb, "database", "--workload", "db", "--database", "none", "--root"])
            .arg(folder.path())
            .output()
            .expect("httpdyno runs");
        let written = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{written}");
        assert!(written.contains("no workload is left to be measured"), "{written}");
    }
}
