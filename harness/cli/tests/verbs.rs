//! `capacity`, `scale` and `compare` from the command line to the exit code, in the smallest
//! settings: what is found on a busy machine is not the point, that everything is there is.

#[path = "support/results.rs"]
mod results;
#[path = "support/tree.rs"]
mod tree;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use httpdyno_record::{Ending, Purpose, Record};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// Long enough for a loaded machine; only what never comes waits so long.
const PATIENCE: Duration = Duration::from_secs(240);

fn httpdyno(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_httpdyno"));
    command.args(arguments).current_dir(tree::root()).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    httpdyno(arguments).output().expect("httpdyno runs")
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// The one record below `results`.
fn record_in(results: &Path) -> Record {
    Record::read(&results::record_in(results).expect("a run")).expect("a record")
}

/// A server that somebody else runs: the null server, whose answer is that of `/json`.
struct SomebodyElses {
    child: Child,
    url: String,
}

impl SomebodyElses {
    fn start() -> Self {
        let mut child = httpdyno(&["null-server"]).stderr(Stdio::piped()).spawn().expect("runs");
        let mut line = String::new();
        let errors = child.stderr.take().expect("piped");
        BufReader::new(errors).read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line}"));
        Self { url: format!("http://{address}"), child }
    }
}

impl Drop for SomebodyElses {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Few and short trials.
const SMALL: [&str; 6] = ["--connections", "4", "--measure", "100ms", "--workload", "json"];

#[test]
fn the_capacity_of_a_server_that_somebody_else_runs_is_searched_and_labelled() {
    let (server, results) = (SomebodyElses::start(), tempfile::tempdir().expect("folder"));
    let folder = results.path().to_str().expect("UTF-8");
    let mut arguments = vec!["capacity", "--url", &server.url, "--results", folder];
    arguments.extend(SMALL);
    // An objective that no machine misses: the search ends soon.
    arguments.extend(["--slo", "p50=30s", "--goodput", "0", "--errors", "1", "--soak", "200ms"]);
    let output = run(&arguments);
    let (text, progress) = texts(&output);
    assert!(matches!(output.status.code(), Some(0 | 3)), "{text}{progress}");
    assert!(text.contains("highest rate with p50 <= "), "{text}");
    assert!(text.contains("warning: ") && text.contains("somebody else runs"), "{text}");

    let record = record_in(results.path());
    let found = record.capacity().expect("readable").expect("there");
    assert_eq!(found.searches.len(), 1);
    assert!(found.searches[0].closed_loop_per_s > 0, "{found:?}");
    assert!(found.searches[0].entry.starts_with("url-127-0-0-1-"), "{found:?}");
    assert_eq!(record.run.ending, Ending::Complete);
    let entry = &record.run.entries[0];
    assert_eq!((entry.name.as_str(), &entry.version), (server.url.as_str(), &None));
    for trial in &record.trials {
        assert_eq!(trial.enforced.cores, None);
        assert!(trial.enforced.departures[0].contains("somebody else"), "{:?}", trial.enforced);
        let measured = trial.measurement().expect("measured");
        assert_eq!(measured.server_cpu_ns, 0);
        assert!(measured.server.not_measured.contains_key("server_cpu_ns"));
        assert!(!measured.failed_gates.iter().any(|failed| failed.gate == "server-unsaturated"));
    }
    if found.searches[0].rate_per_s > 0 {
        let curve = record.trials.iter().filter(|trial| trial.purpose == Purpose::Curve).count();
        assert!(curve > 10 && text.contains("latency against offered load"), "{text}");
    }
}

#[test]
fn a_capacity_that_is_interrupted_keeps_what_it_has() {
    let (server, results) = (SomebodyElses::start(), tempfile::tempdir().expect("folder"));
    let mut child = httpdyno(&["capacity", "--url", &server.url, "--results"])
        .arg(results.path())
        .args(SMALL)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("httpdyno runs");
    let deadline = Instant::now() + PATIENCE;
    let trials = || {
        let folder = results::record_in(results.path());
        let text = folder.map(|it| std::fs::read_to_string(it.join("trials.jsonl")));
        text.and_then(Result::ok).map_or(0, |text| text.lines().count())
    };
    while trials() == 0 {
        assert!(Instant::now() < deadline, "no trial within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
    kill_process(Pid::from_child(&child), Signal::INT).expect("it runs");
    let status = child.wait().expect("an end");
    assert_eq!(status.code(), Some(130));
    let record = record_in(results.path());
    assert_eq!(record.run.ending, Ending::Interrupted);
    let found = record.capacity().expect("readable").expect("there");
    assert_eq!(found.searches[0].ending, "interrupted");
    assert!(!record.truncated && !record.trials.is_empty());
}

#[test]
fn an_entry_is_scaled_over_its_cores_and_its_capacity_searched() {
    let tree = tree::empty();
    tree::add_implementation(tree.path(), "honest", &tree::server("rust-std"), "");
    let root = tree.path().to_str().expect("UTF-8");
    let results = tree.path().join("scaled");
    let mut arguments = vec!["scale", "honest", "--root", root, "--blocks", "2", "--results"];
    arguments.push(results.to_str().expect("UTF-8"));
    arguments.extend(SMALL);
    let output = run(&arguments);
    let (text, progress) = texts(&output);
    assert!(matches!(output.status.code(), Some(0 | 3)), "{text}{progress}");
    assert!(text.contains("honest: json, 4 connections"), "{text}");
    let record = record_in(&results);
    let cores = record.run.cores.server.len();
    let steps = httpdyno_runner::scale::steps(cores).len();
    assert_eq!(record.trials.len(), 2 * steps, "{progress}");
    assert_eq!(text.contains("nothing can be said about scaling"), cores == 1, "{text}");
    assert!(record.trials.iter().all(|trial| trial.purpose == Purpose::Scale));

    let results = tree.path().join("searched");
    let mut arguments = vec!["capacity", "honest", "--root", root, "--no-curve", "--json"];
    arguments.extend(["--soak", "100ms", "--results", results.to_str().expect("UTF-8")]);
    arguments.extend(SMALL);
    let output = run(&arguments);
    let (text, progress) = texts(&output);
    assert!(matches!(output.status.code(), Some(0 | 3)), "{text}{progress}");
    let found: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(found["searches"][0]["entry"], "honest", "{found}");
    let record = record_in(&results);
    let steps = found["searches"][0]["steps"].as_array().expect("steps").len();
    assert_eq!(record.trials.len(), steps + 1, "the closed loop and each step: {found}");
    assert!(record.trials.iter().any(|trial| trial.enforced.cores.is_some()));
}

/// A record of the first format.
fn fixture() -> PathBuf {
    tree::root().join("harness/record/tests/fixtures/v1")
}

/// A copy of `record` in which no gate has failed.
fn all_passed(record: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("folder");
    tree::copy(record, copy.path());
    let trials = copy.path().join("trials.jsonl");
    let text = std::fs::read_to_string(&trials).expect("readable");
    let lines = text.lines().map(|line| {
        let mut trial: Value = serde_json::from_str(line).expect("a trial");
        trial["outcome"]["measured"]["failed_gates"] = Value::Array(Vec::new());
        trial.to_string() + "\n"
    });
    std::fs::write(&trials, lines.collect::<String>()).expect("written");
    copy
}

#[test]
fn records_and_their_entries_are_compared_or_refused() {
    let record = fixture();
    let path = record.to_str().expect("UTF-8");
    let output = run(&["compare", "--base", path, "--candidate", path]);
    let (text, errors) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    assert!(text.contains("equivalent") || text.contains("unresolved"), "{text}");

    // In two of its three trials one entry has failed at a gate: no ratio, and the reason instead.
    let entries = Record::read(&record).expect("a record").run.entries;
    let (a, b) = (entries[0].entry.as_str(), entries[1].entry.as_str());
    let output = run(&["compare", "--record", path, "--candidate", a, "--base", b, "--json"]);
    let (text, errors) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    assert!(text.contains("littles-law 2/3") && !text.contains("ratio_ppm"), "{text}");

    let passed = all_passed(&record);
    let path = passed.path().to_str().expect("UTF-8");
    let output = run(&["compare", "--record", path, "--candidate", a, "--base", b, "--json"]);
    let (text, errors) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    let compared: Value = serde_json::from_str(&text).expect("JSON");
    assert!(compared.to_string().contains("ratio_ppm"), "{compared}");

    // The same record, as if another machine had made it.
    let elsewhere = tempfile::tempdir().expect("folder");
    for file in ["run.json", "trials.jsonl", "conformance.jsonl"] {
        let mut text = std::fs::read_to_string(record.join(file)).expect("readable");
        if file == "run.json" {
            let fingerprint = Record::read(&record).expect("a record").run.host.fingerprint;
            text = text.replace(&fingerprint, "0badcafe");
        }
        std::fs::write(elsewhere.path().join(file), text).expect("written");
    }
    let other = elsewhere.path().to_str().expect("UTF-8");
    let (_, errors) = texts(&run(&["compare", "--candidate", path, "--base", other]));
    assert!(errors.contains("--across-machines"), "{errors}");
    let output = run(&["compare", "--candidate", path, "--base", other, "--across-machines"]);
    let (text, errors) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    assert!(text.contains("0badcafe"), "it is labelled: {text}");
    let nowhere = run(&["compare", "--candidate", path, "--base", "/nonexistent"]);
    assert_eq!(nowhere.status.code(), Some(2));

    // Which is judged is said, or nothing is.
    for typed in [&["compare", path, path][..], &["compare", "--record", path, a, b]] {
        let output = run(typed);
        let (text, errors) = texts(&output);
        assert_eq!((output.status.code(), text.as_str()), (Some(2), ""), "{errors}");
        let last = typed[typed.len() - 1];
        assert!(errors.contains(&format!("--base {last} --candidate {}", typed[typed.len() - 2])));
    }
    let output = run(&["compare", "--candidate", path]);
    assert_eq!(output.status.code(), Some(2));
    assert!(texts(&output).1.contains("--base"), "{output:?}");
}

#[test]
fn a_report_has_the_baseline_that_is_named() {
    let record = fixture();
    let path = record.to_str().expect("UTF-8");
    let entries = Record::read(&record).expect("a record").run.entries;
    for entry in &entries {
        let arguments = ["report", path, "--format", "json", "--baseline", &entry.entry];
        let (text, errors) = texts(&run(&arguments));
        let comparison: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{errors}"));
        assert!(comparison.to_string().contains(&format!("\"baseline\":\"{}\"", entry.entry)));
    }
    let (_, errors) = texts(&run(&["report", path, "--baseline", "nobody"]));
    assert!(errors.contains("nobody") && errors.contains(&entries[0].entry), "{errors}");
    let arguments = ["bench", "--impl", "rust-std", "--baseline", "rust-hyper"];
    let output = run(&arguments);
    let (_, errors) = texts(&output);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(errors.contains("--baseline") && errors.contains("rust-std"), "{errors}");
}

#[test]
fn what_cannot_be_searched_says_why() {
    for (arguments, words) in [
        (&["capacity"][..], "name entries, e.g. `httpdyno capacity rust-hyper`"),
        (&["capacity", "rust-std", "--url", "http://127.0.0.1:9"], "cannot be used with"),
        (&["capacity", "--url", "https://127.0.0.1:9"], "http://"),
        (&["capacity", "rust-std", "--slo", "p99"], "p99=10ms"),
        (&["scale", "rust-std", "--blocks", "0"], "--blocks"),
    ] {
        let output = run(arguments);
        let (_, errors) = texts(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {errors}");
        assert!(errors.contains(words), "{arguments:?}: {errors}");
    }
}
