//! What does not conform, or does not start, is not measured; the report says so, the run goes on.

#[path = "support/tree.rs"]
mod tree;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use httpdyno_record::{Record, Role};
use tree::add_implementation;

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

    let results = folder.path().join("results");
    let output = Command::new(env!("CARGO_BIN_EXE_httpdyno"))
        .args(["bench", "--impl", "honest", "wrong", "missing", "--workload", "json"])
        .args(["--connections", "2", "--blocks", "2", "--root"])
        .arg(folder.path())
        .arg("--results")
        .arg(&results)
        .stdin(Stdio::null())
        .output()
        .expect("httpdyno runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let progress = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}{progress}");

    // Beside the record lies the index of all records.
    let mut folders = fs::read_dir(&results).expect("results").flatten();
    let run = folders.find(|item| item.path().is_dir()).expect("a run");
    let record = Record::read(&run.path()).expect("a record");
    let excluded = |name: &str| {
        let entry = record.run.entries.iter().find(|entry| entry.entry == name).expect("an entry");
        entry.excluded.clone()
    };
    assert_eq!(excluded("honest"), None, "{progress}");
    assert!(excluded("wrong").is_some_and(|why| why.contains("does not conform")), "{progress}");
    assert!(excluded("missing").is_some_and(|why| why.contains("/nonexistent/server")));
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
