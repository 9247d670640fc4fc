//! Ctrl-C in `conform`, and in `bench` before it measures, whatever it does at that moment: it ends at
//! once with 130, and nothing that it has started or written is left.

#[path = "support/interrupting.rs"]
mod interrupting;
#[path = "support/leftovers.rs"]
mod leftovers;
#[path = "support/tree.rs"]
mod tree;

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};

use httpdyno_target::database::installed_version;
use httpdyno_testkit::{End, Script, ScriptedResponder, Server, Step, tell_skipped, write_program};
use interrupting::{Run, ends_at_once, root_with};

fn silent() -> Script {
    Script { steps: vec![Step::ReadRequest], end: End::Silence }
}

fn answer() -> Script {
    Script::answer("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine", End::Again)
}

#[test]
fn while_a_server_is_looked_at() {
    let server = ScriptedResponder::start([silent()]);
    let url = format!("http://{}", server.address());
    let before = Cell::new(0);
    let start = || {
        before.set(server.accepted());
        Run::of("conform", &["--url", &url])
    };
    ends_at_once("preflight", start, |_| server.accepted() > before.get());
}

#[test]
fn while_the_cases_run() {
    let server = Server::perfect();
    let url = format!("http://{}", server.address());
    let before = Cell::new(0);
    let start = || {
        before.set(server.accepted());
        Run::of("conform", &["--url", &url, "--case", "h1"])
    };
    // From the first case to far into the run.
    for connections in [5, 40, 400] {
        let at = |_: &Run| server.accepted() - before.get() > connections;
        ends_at_once("cases", start, at);
    }
}

#[test]
fn while_cases_wait_for_a_server_that_fell_silent() {
    let scripts = [answer(), answer(), answer(), answer(), silent()];
    let server = RefCell::new(ScriptedResponder::start(scripts.clone()));
    let start = || {
        server.replace(ScriptedResponder::start(scripts.clone()));
        let url = format!("http://{}", server.borrow().address());
        Run::of("conform", &["--url", &url, "--page", "/x", "--case", "h1"])
    };
    // All that are asked at the same time wait by then.
    ends_at_once("silence", start, |_| server.borrow().accepted() > 20);
}

fn conform_in(root: &Path, database: &str) -> Run {
    let folder = root.to_str().expect("UTF-8");
    Run::of("conform", &["--root", folder, "--impl", "some", "--database", database])
}

#[test]
fn while_an_entry_is_built() {
    // A build with a child of its own that heeds no Ctrl-C.
    let script = "trap '' INT; sleep 3600 & wait";
    let build = format!("  build: [sh, -c, \"{script}\"]\n");
    let root = root_with("/nonexistent".as_ref(), &build, None);
    let start = || conform_in(root.path(), "none");
    ends_at_once("a build", start, |run| run.runs("sleep 3600"));
}

/// A program that never listens, heeds no signal, and has a child in a session of its own.
fn never_ready(folder: &Path) -> PathBuf {
    let program = folder.join("never-ready");
    let script = "#!/bin/sh\ntrap '' INT TERM\nsetsid sleep 3600 &\nwait\nwait\n";
    write_program(&program, script);
    program
}

#[test]
fn while_an_entry_starts() {
    let folder = tempfile::tempdir().expect("folder");
    let root = root_with(&never_ready(folder.path()), "", None);
    let start = || conform_in(root.path(), "none");
    ends_at_once("a start", start, |run| run.runs("sleep 3600"));
}

#[test]
fn while_a_database_starts_or_runs() {
    if installed_version().is_none() {
        assert!(std::env::var_os("HTTPDYNO_REQUIRE_POSTGRES").is_none(), "PostgreSQL is missing");
        return tell_skipped(&"PostgreSQL is not installed");
    }
    let build = "  build: [sleep, \"3600\"]\n";
    let root = root_with("/nonexistent".as_ref(), build, Some("db"));
    let start = || conform_in(root.path(), "private");
    // What initdb runs in turn names no folder, and still writes when initdb itself is gone.
    for part in ["initdb", "--boot", "--single"] {
        ends_at_once(part, start, |run| run.runs(part));
    }
    let is_up = |run: &Run| run.runs("postgres") && !run.runs("initdb");
    ends_at_once("a postmaster", start, is_up);
    ends_at_once("a build beside a database", start, |run| run.runs("sleep 3600"));
    // The checks under faults have a database, an entry and waits of their own.
    let folder = tempfile::tempdir().expect("folder");
    let root = root_with(&never_ready(folder.path()), "", Some("db"));
    let root = root.path().to_str().expect("UTF-8");
    let database = ["--faults", "--database", "private"];
    let start =
        || Run::of("conform", &[&["--root", root, "--impl", "some"], &database[..]].concat());
    ends_at_once("an entry under faults", start, |run| run.runs("sleep 3600"));
}

#[test]
fn while_a_bench_checks_its_entries() {
    let root = root_with(&tree::server("rust-std"), "", None);
    let folder = root.path().to_str().expect("UTF-8");
    let results = tempfile::tempdir().expect("folder");
    let results = results.path().to_str().expect("UTF-8");
    let options = ["--impl", "some", "--profile", "smoke", "--results", results];
    let start = || Run::of("bench", &[&["--root", folder], &options[..]].concat());
    // The checks take some seconds from then on.
    ends_at_once("checks", start, |run| run.runs("--queue mutex"));
}
