//! Programs that end by themselves - of PostgreSQL, of git, of the system - and are ended where they do
//! not in time.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::output::OutputTail;

/// How long a program may take to say its version.
const VERSION_LIMIT: Duration = Duration::from_secs(10);

/// How it ended; none when it had to be killed, with the process group that it leads, if it does.
pub(crate) fn wait(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let deadline = Instant::now() + limit;
    while Instant::now() < deadline {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    let _ = child.kill();
    let _ = child.wait();
    None
}

/// What `program --version` answers.
pub(crate) fn version_of(program: &Path) -> io::Result<String> {
    version_within(program, VERSION_LIMIT)
}

fn version_within(program: &Path, limit: Duration) -> io::Result<String> {
    let mut command = Command::new(program);
    command.arg("--version").process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let mut output = OutputTail::drain(child.stdout.take().expect("piped"));
    if wait(&mut child, limit).is_none() {
        let why = format!("`--version` gave no answer within {} ms", limit.as_millis());
        return Err(io::Error::new(io::ErrorKind::TimedOut, why));
    }
    output.finish();
    Ok(output.text().trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::version_within;
    use std::time::{Duration, Instant};

    #[test]
    fn whoever_never_answers_is_ended_with_what_it_has_started() {
        let folder = tempfile::tempdir().expect("folder");
        let program = folder.path().join("hangs");
        let script = "#!/bin/sh\nsleep 3600 &\necho $! > \"$0.child\"\nwait\n";
        httpdyno_testkit::write_program(&program, script);
        // Long enough for the shell to have started its child, on a loaded machine too.
        let error = version_within(&program, Duration::from_secs(5)).expect_err("it hangs");
        assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
        let child = std::fs::read_to_string(folder.path().join("hangs.child")).expect("its id");
        let is_gone = || {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.trim()));
            // Nobody may have asked for its end yet.
            stat.map_or(true, |stat| stat.contains(") Z "))
        };
        let deadline = Instant::now() + Duration::from_secs(20);
        while !is_gone() {
            assert!(Instant::now() < deadline, "it still runs");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
