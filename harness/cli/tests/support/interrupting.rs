//! Ctrl-C at a moment of a command: how it ends, and what is left.

use std::fs;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::leftovers::{command_line, descendants_of, folders_in, is_running, segments_of};
use crate::tree;

/// What a person waits for after Ctrl-C.
const AT_ONCE: Duration = Duration::from_secs(2);
/// A machine that is overloaded may take longer, but not each time.
const ATTEMPTS: usize = 4;
/// Within this the moment that is waited for comes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A command with a folder of its own for all that is temporary.
pub(crate) struct Run {
    child: Child,
    temporary: tempfile::TempDir,
}

impl Run {
    pub(crate) fn of(verb: &str, arguments: &[&str]) -> Self {
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

    pub(crate) fn runs(&self, words: &str) -> bool {
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
pub(crate) fn ends_at_once(what: &str, start: impl Fn() -> Run, moment: impl Fn(&Run) -> bool) {
    let mut said = Vec::new();
    for _ in 0..ATTEMPTS {
        match start().interrupt_when(&moment) {
            Ok(()) => return,
            Err(late) => said.push(late),
        }
    }
    panic!("{what}: not within {AT_ONCE:?}: {said:?}");
}

/// A root with one entry that runs `program`, with more lines under `process` and more endpoints.
pub(crate) fn root_with(
    program: &Path,
    process: &str,
    endpoints: Option<&str>,
) -> tempfile::TempDir {
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
