//! Whoever ends a server's or a build's processes when the harness cannot any more.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::marker::Marker;
use crate::affinity::in_own_session;

/// As for the database: on every machine, small, and it shares nothing with the harness.
const SHELL: &str = "sh";

const SCRIPT: &str = include_str!("watcher.sh");

/// A shell that waits for the end of a pipe, which the kernel closes however the harness dies, and
/// then ends whatever bears the marker or is in the control groups. Dropping this ends it at once.
#[derive(Debug)]
pub(crate) struct Watcher(Child);

impl Watcher {
    /// Watches over what bears `marker`, and the groups in `folders`, whether they are there yet or
    /// not. Call it before anything is started, so that there is no moment without it.
    pub(crate) fn start(marker: &Marker, folders: &[PathBuf]) -> io::Result<Self> {
        let mut command = Command::new(SHELL);
        command.arg("-c").arg(SCRIPT).arg(SHELL).arg(marker.assignment()).args(folders);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        command.current_dir("/");
        in_own_session(&mut command);
        command.spawn().map(Self)
    }

    /// Has it end this process too, which bears no marker, perhaps.
    pub(crate) fn note(&self, process: u32, started_ticks: u64) {
        if let Some(mut pipe) = self.0.stdin.as_ref() {
            let _ = pipe.write_all(format!("{process} {started_ticks}\n").as_bytes());
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // The pipe is still open: it has done nothing yet.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
