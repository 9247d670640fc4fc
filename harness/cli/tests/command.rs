//! The command as a person meets it: messages, exit codes, and what it leaves behind.

#[path = "support/results.rs"]
mod results;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use httpdyno_record::{Ending, Record};
use rustix::process::{Pid, Signal, kill_process};

/// Long enough for a loaded machine; only what never comes waits so long.
const PATIENCE: Duration = Duration::from_secs(240);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("workspace root").to_owned()
}

fn httpdyno(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_httpdyno"));
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    httpdyno(arguments).output().expect("httpdyno runs")
}

/// What was written to standard error, and the exit code.
fn failure(arguments: &[&str]) -> (String, Option<i32>) {
    let output = run(arguments);
    (String::from_utf8_lossy(&output.stderr).into_owned(), output.status.code())
}

#[test]
fn wrong_usage_exits_with_2_and_says_what_is_known() {
    let (text, code) = failure(&["bench", "--profile", "smok"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("smok") && text.contains("did you mean `smoke`"), "{text}");

    let (text, code) = failure(&["conform", "--impl", "rust-hypr"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("did you mean `rust-hyper`"), "{text}");

    let (text, code) = failure(&["bench", "--blocks", "0"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("--blocks"), "{text}");

    let (text, code) = failure(&["frobnicate"]);
    assert_eq!(code, Some(2), "{text}");
}

#[test]
fn a_root_without_a_spec_is_refused() {
    let empty = tempfile::tempdir().expect("folder");
    let (text, code) = failure(&["list", "--root", empty.path().to_str().expect("UTF-8")]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("spec/endpoints.yaml") && text.contains("--root"), "{text}");
}

#[test]
fn a_case_that_does_not_exist_is_refused() {
    let (text, code) =
        failure(&["conform", "--url", "http://127.0.0.1:9", "--case", "h1/nonsense"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("h1/nonsense") && text.contains("list cases"), "{text}");
}

#[test]
fn a_url_that_cannot_be_checked_says_why() {
    let (text, code) = failure(&["conform", "--url", "https://127.0.0.1:9"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("http://"), "{text}");
}

#[test]
fn a_report_of_something_that_is_no_record_is_refused() {
    let empty = tempfile::tempdir().expect("folder");
    let (text, code) = failure(&["report", empty.path().to_str().expect("UTF-8")]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("run.json"), "{text}");
}

#[test]
fn the_lists_name_what_there_is() {
    for (what, wanted) in [
        ("implementations", "rust-hyper@per-worker"),
        ("endpoints", "GET /plaintext"),
        ("cases", "h1/host/"),
        ("workloads", "plaintext"),
        ("profiles", "smoke"),
    ] {
        let output = run(&["list", what]);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains(wanted), "{what}: {text}");
    }
}

/// A bench of one entry that would take many minutes, whose trials have begun.
fn long_bench(results: &Path) -> (Child, BufReader<std::process::ChildStderr>) {
    let arguments = ["bench", "--impl", "rust-std", "--workload", "plaintext", "--connections"];
    let mut child = httpdyno(&arguments)
        .args(["4", "--measure", "300ms", "--blocks", "2000", "--results"])
        .arg(results)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("httpdyno runs");
    let mut lines = BufReader::new(child.stderr.take().expect("piped"));
    let mut line = String::new();
    while !line.contains(" trials, at least") {
        line.clear();
        let read = lines.read_line(&mut line).expect("readable");
        assert!(read > 0, "the bench ended before its first trial");
    }
    (child, lines)
}

/// Waits until `done` says so.
fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn trials_in(results: &Path) -> usize {
    let record = results::record_in(results);
    let text = record.and_then(|run| std::fs::read_to_string(run.join("trials.jsonl")).ok());
    text.map_or(0, |text| text.lines().count())
}

/// The processes whose parent is `parent`.
fn children_of(parent: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").expect("/proc").flatten();
    let ids = processes.filter_map(|process| process.file_name().to_string_lossy().parse().ok());
    ids.filter(|id: &u32| {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let after_name = stat.rsplit_once(')').map(|(_, rest)| rest.to_owned());
        after_name.and_then(|rest| rest.split_whitespace().nth(1)?.parse().ok()) == Some(parent)
    })
    .collect()
}

fn is_running(process: u32) -> bool {
    std::fs::read(format!("/proc/{process}/cmdline")).is_ok_and(|line| !line.is_empty())
}

fn send(process: &Child, signal: Signal) {
    kill_process(Pid::from_child(process), signal).expect("the process is there");
}

#[test]
fn ctrl_c_keeps_what_was_measured_and_leaves_nothing_running() {
    let results = tempfile::tempdir().expect("folder");
    let (mut child, _lines) = long_bench(results.path());
    wait_until("a recorded trial", || trials_in(results.path()) > 0);
    send(&child, Signal::INT);
    let mut status = None;
    wait_until("the end of the run", || {
        status = child.try_wait().expect("a child");
        status.is_some()
    });
    assert_eq!(status.and_then(|status| status.code()), Some(130));
    let run = results::record_in(results.path()).expect("a run");
    let record = Record::read(&run).expect("a record");
    assert_eq!(record.run.ending, Ending::Interrupted);
    assert!(!record.trials.is_empty() && !record.truncated);
    assert!(record.run.finished_at.is_some());
}

#[test]
fn a_killed_bench_leaves_no_server_and_loses_at_most_the_trial_under_way() {
    let results = tempfile::tempdir().expect("folder");
    let (mut child, _lines) = long_bench(results.path());
    let mut recorded = 0;
    wait_until("three recorded trials", || {
        recorded = trials_in(results.path());
        recorded >= 3
    });
    let mut servers = Vec::new();
    wait_until("a running server", || {
        servers = children_of(child.id());
        !servers.is_empty()
    });
    send(&child, Signal::KILL);
    child.wait().expect("a child");
    wait_until("the end of the servers", || !servers.iter().any(|&server| is_running(server)));
    let run_folder = results::record_in(results.path()).expect("a run");
    let record = Record::read(&run_folder).expect("a record");
    assert_eq!((record.run.ending, record.run.finished_at), (Ending::Unfinished, None));
    assert!(record.trials.len() >= recorded, "{} of {recorded}", record.trials.len());
    // None is missing in between, and each is whole.
    for (number, trial) in record.trials.iter().enumerate() {
        assert_eq!(trial.trial as usize, number);
        if trial.measurement().is_some() {
            let log = record.histogram_log(trial.trial).expect("a histogram");
            assert!(log.contains("plaintext"), "{log}");
        }
    }
    let output = run(&["report", run_folder.to_str().expect("UTF-8")]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("did not come to its end"), "{text}");
}
