//! What a person sees while a bench or a check goes on, on a terminal and through a pipe.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use httpdyno_testkit::{End, Script, ScriptedResponder, Server, Step, Terminal};
use indicatif::{InMemoryTerm, TermLike};

/// Long enough for a loaded machine that builds a server first.
const PATIENCE: Duration = Duration::from_secs(300);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("workspace root")
}

/// A bench of one entry in two blocks, as typed.
fn bench(results: &Path) -> Vec<&str> {
    let mut words = vec![env!("CARGO_BIN_EXE_httpdyno"), "bench", "--impl", "rust-std"];
    words.extend(["--workload", "plaintext", "--connections", "4", "--measure", "300ms"]);
    words.extend(["--blocks", "2", "--results", results.to_str().expect("UTF-8")]);
    words
}

#[test]
fn on_a_terminal_one_view_shows_what_runs_how_far_it_is_and_what_came_out() {
    let results = tempfile::tempdir().expect("folder");
    let mut terminal = Terminal::run(root(), &bench(results.path()), 40, 120);
    // Each is to be seen at some time, all of the second group at one and the same.
    let mut wanted = vec!["checking rust-std", "cases until now", "at least"];
    let together = [" of 4 trials", " left", "block 2 of 2", "now ", "last ", "warnings "];
    let mut seen_together = false;
    let screen = InMemoryTerm::new(40, 120);
    while let Some(bytes) = terminal.read(PATIENCE) {
        screen.write_str(&String::from_utf8_lossy(&bytes)).expect("a screen");
        let seen = screen.contents();
        wanted.retain(|words| !seen.contains(words));
        // What runs now, and what came out last.
        let of_trials = seen.matches("plaintext, 4 connections").count();
        seen_together |= of_trials >= 2 && together.iter().all(|words| seen.contains(words));
    }
    let seen = screen.contents();
    assert!(wanted.is_empty() && seen_together, "never seen: {wanted:?}; at last: {seen}");
    // What stays: lines, without the view.
    assert!(seen.contains("checked rust-std") && seen.contains("record: "), "{seen}");
    assert!(!seen.contains("warnings "), "{seen}");
}

#[test]
fn through_a_pipe_come_plain_lines() {
    let results = tempfile::tempdir().expect("folder");
    let words = bench(results.path());
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).current_dir(root()).stdin(Stdio::null());
    let output = command.output().expect("httpdyno runs");
    let lines = String::from_utf8(output.stderr).expect("UTF-8");
    for words in ["checked rust-std", "4 trials, at least", "record: "] {
        assert!(lines.contains(words), "{words}: {lines}");
    }
    for text in [&lines, &String::from_utf8_lossy(&output.stdout).into_owned()] {
        assert!(!text.contains(['\u{1b}', '\r']), "{text:?}");
    }
}

/// Of `12 of 380 cases, 3 failed; checking http://...`: how many have ended, and of how many.
fn progress(line: &str) -> Option<(usize, usize)> {
    let (ended, rest) = line.trim().split_once(" of ")?;
    let (all, rest) = rest.split_once(" cases, ")?;
    let (failed, now) = rest.split_once(" failed; ")?;
    let (ended, failed) = (ended.parse::<usize>().ok()?, failed.parse::<usize>().ok()?);
    (failed <= ended && now.starts_with("checking http://")).then_some(())?;
    Some((ended, all.parse().ok()?))
}

#[test]
fn a_check_of_a_server_shows_on_a_terminal_how_far_it_is() {
    let server = Server::perfect();
    let url = format!("http://{}", server.address());
    let words = [env!("CARGO_BIN_EXE_httpdyno"), "conform", "--url", &url, "--case", "h1"];
    let mut terminal = Terminal::run(root(), &words, 24, 100);
    let screen = InMemoryTerm::new(24, 100);
    let mut seen: Vec<(usize, usize)> = Vec::new();
    while let Some(bytes) = terminal.read(PATIENCE) {
        screen.write_str(&String::from_utf8_lossy(&bytes)).expect("a screen");
        let shown = screen.contents();
        let lines: Vec<(usize, usize)> = shown.lines().filter_map(progress).collect();
        // It is one line, written anew each time.
        assert!(lines.len() <= 1, "{shown}");
        seen.extend(lines);
    }
    let all = seen.first().map(|&(_, all)| all).expect("a progress line");
    assert!(all >= 280 && seen.iter().all(|&(ended, of)| of == all && ended <= all), "{seen:?}");
    assert!(seen.is_sorted() && seen.last() > seen.first(), "{seen:?}");
    let at_last = screen.contents();
    assert!(!at_last.contains(" cases, 0 failed"), "the line stays: {at_last}");
    assert!(at_last.contains(&format!("{url}: {all} cases")), "{at_last}");
}

/// Whoever keeps the output of a long check wants a line now and then.
#[test]
fn a_check_through_a_pipe_says_now_and_then_how_far_it_is() {
    let right = Script::answer("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine", End::Again);
    let silent = Script { steps: vec![Step::ReadRequest], end: End::Silence };
    let scripts = [right.clone(), right.clone(), right.clone(), right, silent];
    let server = ScriptedResponder::start(scripts);
    let url = format!("http://{}", server.address());
    let mut command = Command::new(env!("CARGO_BIN_EXE_httpdyno"));
    command.args(["conform", "--url", &url, "--page", "/x", "--deadline", "13s", "--case", "h1"]);
    let output = command.current_dir(root()).stdin(Stdio::null()).output().expect("it runs");
    let errors = String::from_utf8(output.stderr).expect("UTF-8");
    let lines: Vec<(usize, usize)> = errors.lines().filter_map(progress).collect();
    assert!(!lines.is_empty() && lines.is_sorted(), "{errors}");
    assert!(lines.len() < 10, "{errors}");
    for text in [errors, String::from_utf8_lossy(&output.stdout).into_owned()] {
        assert!(!text.contains(['\u{1b}', '\r']), "{text:?}");
    }
}
