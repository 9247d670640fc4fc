//! Ctrl-C in `conform`, and in `bench` before it measures, whatever it does at that moment: it ends at
//! once with 130, and nothing that it has started or written is left.

#[path = "support/leftovers.rs"]
mod leftovers;
#[path = "support/tree.rs"]
mod tree;

use std::cell::{Cell, RefCell};
use std::fs;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use httpdyno_target::database::installed_version;
use httpdyno_testkit::{End, Script, ScriptedResponder, Server, Step, tell_skipped};
use leftovers::{command_line, descendants_of, folders_in, is_running, segments_of};
use rustix::process::{Pid, Signal, kill_process_group};

/// What a person waits for after Ctrl-C.
const AT_ONCE: Duration = Duration::from_secs(2);
/// A machine that is overloaded may take longer, but not each time.
const ATTEMPTS: usize = 4;
/// Within this the moment that is waited for comes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A command with a folder of its own for all that is temporary.
struct Run {
    child: Child,
    temporary: tempfile::TempDir,
}

impl Run {
    fn start(arguments: &[&str]) -> Self {
        Self::of("conform", arguments)
    }

    fn of(verb: &str, arguments: &[&str]) -> Self {
        let temporary = tempfile::tempdir().expect("folder");
        // The cluster of a database may belong to another user.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
        fs::set_permissions(temporary.path(), open).expect("permissions");
        let mut command = Command::new(env!("CARGO_BIN_EXE_httpdyno"));
        command.arg(verb).args(arguments).current_dir(tree::root());
        command.env("TMPDIR", temporary.path());
        // As a shell starts it: Ctrl-C goes to all that is in its process group.
        command.process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        Self { child: command.spawn().expect("httpdyno runs"), temporary }
    }

    fn runs(&self, words: &str) -> bool {
        descendants_of(self.child.id()).into_iter().any(|id| command_line(id).contains(words))
    }

    /// Waits for the moment, presses Ctrl-C, and says what is wrong with how it ends.
    fn interrupt_when(mut self, moment: impl Fn(&Self) -> bool) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        while !moment(&self) {
            let ended = self.child.try_wait().expect("a child");
            assert!(ended.is_none(), "it ended before: {ended:?} {}", self.said());
            assert!(Instant::now() < deadline, "the moment never comes");
            std::thread::sleep(Duration::from_millis(2));
        }
        let started = descendants_of(self.child.id());
        let pressed = Instant::now();
        kill_process_group(Pid::from_child(&self.child), Signal::INT).expect("it is there");
        let status = self.end();
        let ended_after = pressed.elapsed();
        let left = || -> Vec<String> {
            let running = started.iter().filter(|&&id| is_running(id));
            let mut left: Vec<String> = running.map(|&id| command_line(id)).collect();
            left.extend(segments_of(&started));
            left.extend(
                folders_in(self.temporary.path()).iter().map(|it| it.display().to_string()),
            );
            left
        };
        while !left().is_empty() && pressed.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(2));
        }
        let nothing_after = pressed.elapsed();
        assert!(left().is_empty(), "left: {:?}", left());
        assert_eq!(status.code(), Some(130), "{}", self.said());
        match ended_after.max(nothing_after) {
            late if late > AT_ONCE => Err(format!("ended {ended_after:?}, gone {nothing_after:?}")),
            _ => Ok(()),
        }
    }

    fn end(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status;
            }
            assert!(Instant::now() < deadline, "it does not end");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn said(&mut self) -> String {
        let mut said = String::new();
        if let Some(mut errors) = self.child.stderr.take() {
            let _ = errors.read_to_string(&mut said);
        }
        said
    }
}

/// Tries it until it is quick; an attempt that fails in another way than by time panics.
fn ends_at_once(what: &str, start: impl Fn() -> Run, moment: impl Fn(&Run) -> bool) {
    let mut said = Vec::new();
    for _ in 0..ATTEMPTS {
        match start().interrupt_when(&moment) {
            Ok(()) => return,
            Err(late) => said.push(late),
        }
    }
    panic!("{what}: not within {AT_ONCE:?}: {said:?}");
}

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
        Run::start(&["--url", &url])
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
        Run::start(&["--url", &url, "--case", "h1"])
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
        Run::start(&["--url", &url, "--page", "/x", "--case", "h1"])
    };
    // All that are asked at the same time wait by then.
    ends_at_once("silence", start, |_| server.borrow().accepted() > 20);
}

/// A root with one entry that runs `program`, with more lines under `process` and more endpoints.
fn root_with(program: &Path, process: &str, endpoints: Option<&str>) -> tempfile::TempDir {
    let root = tree::empty();
    tree::add_implementation(root.path(), "some", program, "");
    let manifest = root.path().join("implementations/some/implementation.yaml");
    let text = fs::read_to_string(&manifest).expect("a manifest");
    let text = text.replace("process:\n", &format!("process:\n{process}"));
    let text = match endpoints {
        Some(more) => text.replace("upload]", &format!("upload, {more}]")),
        None => text,
    };
    fs::write(&manifest, text).expect("written");
    root
}

fn conform_in(root: &Path, database: &str) -> Run {
    let folder = root.to_str().expect("UTF-8");
    Run::start(&["--root", folder, "--impl", "some", "--database", database])
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
    fs::write(&program, script).expect("written");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&program, executable).expect("permissions");
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
    let start = || Run::start(&[&["--root", root, "--impl", "some"], &database[..]].concat());
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
