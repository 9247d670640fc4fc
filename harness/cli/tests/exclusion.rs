//! What does not conform, or does not start, is not measured; the report says so, the run goes on.

#[path = "support/results.rs"]
mod results;
#[path = "support/tree.rs"]
mod tree;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use httpdyno_record::{CaseRecord, Record, Role};
use tree::add_implementation;

/// Benches these implementations at `/json`, in so many blocks.
fn bench(root: &Path, implementations: &[&str], blocks: &str) -> (Output, Record) {
    let results = root.join("results");
    let output = Command::new(env!("CARGO_BIN_EXE_httpdyno"))
        .args(["bench", "--workload", "json", "--connections", "2", "--blocks", blocks, "--root"])
        .arg(root)
        .arg("--results")
        .arg(&results)
        .arg("--impl")
        .args(implementations)
        .stdin(Stdio::null())
        .output()
        .expect("httpdyno runs");
    let run = results::record_in(&results).expect("a run");
    (output, Record::read(&run).expect("a record"))
}

#[test]
fn what_does_not_conform_or_start_is_not_measured_and_the_rest_is() {
    let folder = tree::empty();
    let program = tree::server("rust-std");
    add_implementation(folder.path(), "honest", &program, "");
    // It passes a case that it is said to fail: its manifest is wrong, so it does not conform.
    let deviation =
        "known_deviations:\n  - { case: app/json/answer, reason: it is said to fail }\n";
    add_implementation(folder.path(), "wrong", &program, deviation);
    add_implementation(folder.path(), "missing", Path::new("/nonexistent/server"), "");

    let (output, record) = bench(folder.path(), &["honest", "wrong", "missing"], "2");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let progress = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}{progress}");

    let excluded = |name: &str| {
        let entry = record.run.entries.iter().find(|entry| entry.entry == name).expect("an entry");
        entry.excluded.clone()
    };
    assert_eq!(excluded("honest"), None, "{progress}");
    assert!(excluded("wrong").is_some_and(|why| why.contains("does not conform")), "{progress}");
    assert!(excluded("missing").is_some_and(|why| why.contains("/nonexistent/server")));
    let is_wrong = |case: &&CaseRecord| case.entry == "wrong" && case.status.fails_entry();
    let failed: Vec<_> = record.cases.iter().filter(is_wrong).collect();
    assert!(!failed.is_empty());
    for case in failed {
        let why = case.reason.lines().next().expect("a reason");
        let told = format!("wrong: {}: {}: {}: {why}", case.case, case.status, case.observed);
        assert!(progress.contains(&told), "`{told}` is missing: {progress}");
    }
    // The null server is no entry: it is measured beside whatever is.
    let null = |name: &str| {
        let mut entries = record.run.entries.iter();
        entries.any(|entry| entry.entry == name && entry.role == Role::NullServer)
    };
    let of_entries: Vec<&str> = record
        .trials
        .iter()
        .map(|trial| trial.entry.as_str())
        .filter(|entry| !null(entry))
        .collect();
    assert_eq!(of_entries, ["honest", "honest"]);
    for wanted in ["not measured:", "does not conform", "/nonexistent/server"] {
        assert!(text.contains(wanted), "`{wanted}` is missing: {text}");
    }
}

/// As a slow entry does that the checks of the others left too little of the machine.
#[test]
fn what_fails_beside_others_is_checked_once_more_alone() {
    let folder = tree::empty();
    let server = tree::server("rust-std");
    add_implementation(folder.path(), "honest", &server, "");
    let late = folder.path().join("late-server");
    let script = format!(
        "#!/bin/sh\n[ \"$1\" = --version ] && exec '{server}' --version\n\
         mkdir \"$0.seen\" 2>/dev/null && exit 1\nexec '{server}' \"$@\"\n",
        server = server.display()
    );
    httpdyno_testkit::write_program(&late, &script);
    add_implementation(folder.path(), "late", &late, "");

    let (output, record) = bench(folder.path(), &["honest", "late"], "1");
    let progress = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(folder.path().join("late-server.seen").is_dir(), "it failed once: {progress}");
    let late = record.run.entries.iter().find(|entry| entry.entry == "late").expect("an entry");
    assert_eq!(late.excluded, None, "{progress}");
    assert!(record.trials.iter().any(|trial| trial.entry == "late"), "{progress}");
}
