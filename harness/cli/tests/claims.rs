//! `httpdyno claims` from the command line to the record.

#[path = "support/results.rs"]
mod results;
#[path = "support/tree.rs"]
mod tree;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use httpdyno_record::{Purpose, Record, Role, digest};
use serde_json::Value;

fn httpdyno(root: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_httpdyno"))
        .args(arguments)
        .args(["--root", root.to_str().expect("UTF-8")])
        .stdin(Stdio::null())
        .output()
        .expect("httpdyno runs")
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

fn done(root: &Path, arguments: &[&str]) -> String {
    let output = httpdyno(root, arguments);
    let (out, err) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {out}{err}");
    out
}

fn json(root: &Path, arguments: &[&str]) -> Value {
    let text = done(root, arguments);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn the_readme_has_the_table_of_all_claims() {
    let root = tree::root();
    let table = done(&root, &["claims", "--list", "--format", "markdown"]);
    let readme = fs::read_to_string(root.join("README.md")).expect("a README");
    let (begin, end) = ("<!-- claims -->\n", "<!-- /claims -->");
    let block = readme.split_once(begin).and_then(|(_, rest)| rest.split_once(end));
    let (block, _) = block.expect("README.md has a place for the table of claims");
    assert_eq!(
        block, table,
        "put what `httpdyno claims --list --format markdown` prints between `{begin}` and `{end}`"
    );
}

#[test]
fn what_needs_no_run_is_told_at_once() {
    let root = tree::root();
    let found = json(&root, &["claims", "h4", "t1", "r3", "--json"]);
    let verdicts: Vec<&str> = found["claims"]
        .as_array()
        .expect("claims")
        .iter()
        .map(|claim| claim["verdict"].as_str().expect("a verdict"))
        .collect();
    let inconsistent = "inconsistent as published";
    assert_eq!(verdicts, [inconsistent, inconsistent, "untestable here"]);
    let text = done(&root, &["claims", "h4"]);
    assert!(text.contains("79.29 connections in use, of 500 held"), "{text}");
    let plan = done(&root, &["claims", "h4", "--dry-run"]);
    assert!(plan.contains("no trial is needed"), "{plan}");
}

#[test]
fn a_plan_has_each_shared_trial_once_and_says_what_it_could_find() {
    let root = tree::root();
    let plan = |ids: &[&str]| {
        let arguments = [&["claims"], ids, &["--dry-run", "--json"]].concat();
        let plan = json(&root, &arguments);
        let trials = plan["measured"].as_array().expect("entries at points").clone();
        let found: Vec<String> = trials.iter().map(ToString::to_string).collect();
        let mut distinct = found.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), found.len(), "{ids:?}: a trial stands there twice");
        let planned = plan["trials_in_each_block"].as_u64().expect("a number");
        assert!(planned >= found.len() as u64, "two alone at a point run twice each");
        assert!(plan["time_ns"].as_u64().is_some_and(|time| time > 0));
        assert!(plan["detectable_ppm"].as_u64().is_some_and(|ppm| ppm > 0));
        found
    };
    let (h1, h3, both) = (plan(&["h1"]), plan(&["h3"]), plan(&["h1", "h3", "h1"]));
    assert!(both.len() < h1.len() + h3.len(), "they share trials of the pool at 500 connections");
    assert!(h1.iter().chain(&h3).all(|trial| both.contains(trial)));
    let budgeted = json(&root, &["claims", "h3", "--dry-run", "--json", "--budget", "30m"]);
    assert!(budgeted["time_ns"].as_u64().is_some_and(|time| time <= 1_800_000_000_000));
    let text = done(&root, &["claims", "h3", "--dry-run"]);
    assert!(text.contains("rust-std@mutex-queue, plaintext-close, 500 connections"), "{text}");
    assert!(text.contains("is found 8 times of 10"), "{text}");
}

#[test]
fn bad_names_and_files_are_refused_with_their_place() {
    let root = tree::root();
    let output = httpdyno(&root, &["claims", "h9"]);
    let (_, err) = texts(&output);
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(err.contains("no claim `h9`"), "{err}");

    let folder = with_spec();
    let file = folder.path().join("spec/claims/wrong.yaml");
    let text = fs::read_to_string(root.join("spec/claims/h3.yaml")).expect("readable");
    let text = text.replace("id: h3\n", "id: wrong\n").replace("mutex-queue", "mutex-queu");
    fs::write(file, text).expect("written");
    let output = httpdyno(folder.path(), &["claims", "--list"]);
    let (_, err) = texts(&output);
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(err.contains("spec/claims/wrong.yaml:"), "{err}");
    assert!(err.contains("no entry `rust-std@mutex-queu`"), "{err}");
    // Nobody else is kept from anything by it.
    done(folder.path(), &["list", "workloads"]);
}

/// A root with a spec of its own and without claims and entries.
fn with_spec() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("folder");
    tree::copy(&tree::root().join("spec"), &folder.path().join("spec"));
    fs::remove_dir_all(folder.path().join("spec/claims")).expect("removed");
    fs::create_dir_all(folder.path().join("spec/claims")).expect("made");
    fs::create_dir_all(folder.path().join("implementations")).expect("made");
    folder
}

#[test]
fn a_new_claim_is_read_as_it_is_written_and_no_file_is_overwritten() {
    let folder = with_spec();
    let root = folder.path();
    let output = httpdyno(root, &["claims", "new", "Not-An-Id"]);
    assert_eq!(output.status.code(), Some(2));
    let said = done(root, &["claims", "new", "my-claim"]);
    assert!(said.contains("spec/claims/my-claim.yaml"), "{said}");
    for entry in ["rust-hyper", "rust-std"] {
        for file in ["implementation.yaml", "Dockerfile"] {
            let file = Path::new("implementations").join(entry).join(file);
            tree::copy(&tree::root().join(&file), &root.join(&file));
        }
    }
    let listed = done(root, &["claims", "--list"]);
    assert!(listed.contains("my-claim") && listed.contains("not run yet"), "{listed}");
    let output = httpdyno(root, &["claims", "new", "my-claim"]);
    let (_, err) = texts(&output);
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(err.contains("it is there already"), "{err}");
}

/// Two servers that are the same program, of which one is claimed to be a thousand times the other.
fn planted(root: &Path) {
    let program = tree::server("rust-std");
    tree::add_implementation(root, "one", &program, "");
    tree::add_implementation(root, "other", &program, "");
    let claim = include_str!("../../spec/tests/claims/good.yaml");
    let claim = claim
        .replace("id: good", "id: planted")
        .replace("subject: plain", "subject: one")
        .replace("two@first: two@second", "one: other, other: one")
        .replace("two@first", "other")
        .replace("load: other", "plaintext: json")
        .replace("workload: load", "workload: plaintext")
        .replace("published: 2x", "published: 1000x")
        .replace("from: 1.8x, to: 2.2x", "from: 900x")
        .replace("      - { outcome: direction-only, when: [outside-tolerance, same-side] }\n", "");
    fs::write(root.join("spec/claims/planted.yaml"), claim).expect("written");
}

#[test]
fn a_planted_false_claim_is_run_recorded_and_not_reproduced() {
    let folder = with_spec();
    let root = folder.path();
    planted(root);
    let results = tempfile::tempdir().expect("folder");
    let place = results.path().to_str().expect("UTF-8");
    let short = ["--profile", "smoke", "--blocks", "3", "--measure", "200ms", "--warmup", "100ms"];
    let arguments = [&["claims", "planted", "--json", "--results", place][..], &short].concat();
    let output = httpdyno(root, &arguments);
    let (out, err) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{out}{err}");
    let found: Value = serde_json::from_str(&out).expect("JSON");

    let record = results::record_in(results.path()).expect("a record");
    let read = Record::read(&record).expect("a record");
    let known = &read.run.claims[0];
    let now = digest::of_file(&root.join("spec/claims/planted.yaml")).expect("a digest");
    assert_eq!((known.id.as_str(), &known.sha256), ("planted", &now));
    let null: Vec<&str> = read
        .run
        .entries
        .iter()
        .filter(|entry| entry.role != Role::Entry)
        .map(|entry| entry.entry.as_str())
        .collect();
    let of_entries = read.trials.iter().filter(|trial| !null.contains(&trial.entry.as_str()));
    let mut points: Vec<_> = of_entries
        .filter(|trial| trial.purpose == Purpose::Compare)
        .map(|trial| (trial.block, &trial.entry, &trial.workload, trial.connections))
        .collect();
    // Two entries at three points in three blocks; two alone at a point run as ABBA.
    let outlook = json(root, &["claims", "planted", "--json", "--dry-run", "--profile", "smoke"]);
    assert_eq!(outlook["trials_in_each_block"], 3 * 2 * 2);
    assert_eq!(points.len(), 3 * 3 * 2 * 2, "{points:?}");
    points.sort();
    points.dedup();
    assert_eq!(points.len(), 3 * 2 * 3);

    // The same server is not a thousand times itself; a machine so busy that no trial is a number
    // says nothing, and says so.
    let verdict = found["claims"][0]["verdict"].as_str().expect("a verdict");
    assert!(["not reproduced", "unresolved"].contains(&verdict), "{out}");
    let again =
        json(root, &["claims", "planted", "--json", "--record", record.to_str().expect("UTF-8")]);
    assert_eq!(again["claims"][0]["verdict"], verdict, "a record gives the same verdict for ever");
    let kept = fs::read_to_string(record.join("claims.json")).expect("claims.json");
    assert_eq!(serde_json::from_str::<Value>(&kept).expect("JSON"), found);

    let file = root.join("spec/claims/planted.yaml");
    let text = fs::read_to_string(&file).expect("readable").replace("900x", "800x");
    fs::write(&file, text).expect("written");
    let changed = done(root, &["claims", "planted", "--record", record.to_str().expect("UTF-8")]);
    assert!(changed.contains("was changed after this record"), "{changed}");
}
