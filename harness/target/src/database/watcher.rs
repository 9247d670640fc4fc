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
        Self::start_among(folder, Path::new("/proc"))
    }

    /// As [`Watcher::start`], where the processes there are stand in the folder `processes`.
    fn start_among(folder: &Path, processes: &Path) -> Result<Self, StartDatabaseError> {
        let mut command = Command::new(SHELL);
        command.arg("-c").arg(SCRIPT).arg(SHELL).arg(folder).arg(cluster_name(folder));
        command.arg(processes);
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

#[cfg(test)]
mod tests {
    use super::{Watcher, cluster_name};
    use std::os::unix::fs::symlink;
    use std::path::Path;
    use std::process::{Child, Command};
    use std::time::{Duration, Instant};

    /// How `process` is (field 3 of its stat, proc(5)).
    fn state_of(process: u32) -> Option<String> {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        stat.rsplit_once(") ")?.1.split(' ').next().map(str::to_owned)
    }

    fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !holds() {
            assert!(Instant::now() < deadline, "never {what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// A stopped process with a title of the cluster in `folder`, as it stands in `processes`.
    fn stopped_process(folder: &Path, processes: &Path) -> Child {
        let child = Command::new("sleep").arg("3600").spawn().expect("started");
        let entry = processes.join(child.id().to_string());
        std::fs::create_dir(&entry).expect("entry");
        let title = format!("postgres: {}: writer \0", cluster_name(folder));
        std::fs::write(entry.join("cmdline"), title).expect("title");
        let id = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(id, rustix::process::Signal::STOP).expect("stopped");
        wait_until("stopped", || state_of(child.id()).as_deref() == Some("T"));
        child
    }

    /// Whoever stands last among the processes decides nothing about the others: not one of the kernel
    /// (no command line), not one of another cluster.
    #[test]
    fn the_cluster_is_ended_whoever_else_runs() {
        for other in ["", "postgres: another: writer \0", "sh\0-c\0true\0"] {
            let around = tempfile::tempdir().expect("a folder");
            let folder = around.path().join("httpdyno-postgres-1-1");
            let processes = around.path().join("proc");
            std::fs::create_dir_all(folder.join("data")).expect("folders");
            // In the order of the shell, the last.
            let last = processes.join("999999999");
            std::fs::create_dir_all(&last).expect("folders");
            std::fs::write(last.join("cmdline"), other).expect("command line");
            symlink(around.path(), last.join("cwd")).expect("its folder");
            let mut of_the_cluster = stopped_process(&folder, &processes);
            let mut watcher = Watcher::start_among(&folder, &processes).expect("started");
            watcher.go_on();
            let process = of_the_cluster.id();
            wait_until("told to go on", || state_of(process).as_deref() != Some("T"));
            assert!(folder.exists(), "a process of the cluster is still there");
            of_the_cluster.kill().expect("killed");
            of_the_cluster.wait().expect("ended");
            std::fs::remove_dir_all(processes.join(process.to_string())).expect("removed");
            wait_until("removed", || !folder.exists());
            watcher.process.wait().expect("ended by itself");
        }
    }
}
