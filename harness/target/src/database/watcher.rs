//! Whoever cleans up when the harness cannot any more.

use std::io::Write;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use super::error::StartDatabaseError;
use super::processes::cluster_name;
use crate::affinity::in_own_session;

/// A shell, since it is on every machine, is small, and shares nothing with the harness.
const SHELL: &str = "sh";

/// What the shell does; the folder and the cluster's name are arguments, and no text of it.
const SCRIPT: &str = include_str!("watcher.sh");

/// A process that outlives a killed harness for as long as it takes to end the cluster and remove
/// its folder: the harness holds one end of a pipe, which the kernel closes however it dies. In a
/// session of its own, so that what kills the harness's process group, or Ctrl-C, leaves it there.
/// Dropping this ends it and removes nothing, unless it was told to go on.
#[derive(Debug)]
pub(super) struct Watcher {
    process: Child,
    pipe: Option<ChildStdin>,
}

impl Watcher {
    /// Watches over the private folder `folder`.
    pub(super) fn start(folder: &Path) -> Result<Self, StartDatabaseError> {
        let mut command = Command::new(SHELL);
        command.arg("-c").arg(SCRIPT).arg(SHELL).arg(folder).arg(cluster_name(folder));
        // Not the harness's output, whose end somebody may wait for.
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        command.current_dir("/");
        in_own_session(&mut command);
        let mut process = command.spawn().map_err(|source| StartDatabaseError::NotRunnable {
            program: SHELL.into(),
            user: "the harness's user".to_owned(),
            source,
        })?;
        let pipe = process.stdin.take();
        Ok(Self { process, pipe })
    }

    /// Leaves to it what the harness could not remove.
    pub(super) fn go_on(&mut self) {
        // The end of the pipe without a word.
        self.pipe = None;
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        if let Some(mut pipe) = self.pipe.take() {
            // Where nobody reads it, the watcher has ended before.
            let _ = pipe.write_all(b"ended\n");
            let _ = self.process.wait();
        }
    }
}
