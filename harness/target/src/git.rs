//! What git says, and never for longer than a limit: a repository may lie on a file system that hangs, or
//! be locked by somebody.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::bounded;
use crate::output::OutputTail;

/// What git needs at most to say something of a repository.
pub const ASKED: Duration = Duration::from_secs(30);

/// What git needs at most to write a work tree.
pub const CHECKED_OUT: Duration = Duration::from_secs(600);

/// What git prints when asked in `folder`, without the end of the line, and its first 4 KiB.
///
/// Hooks do not run: they are for the repository's own work tree. Variables that a hook would set are
/// not passed on.
///
/// # Errors
/// What git complains of, or that it cannot be run, or was ended after `limit`.
pub fn git(folder: &Path, arguments: &[&str], limit: Duration) -> Result<String, String> {
    run("git".as_ref(), folder, arguments, limit)
}

fn run(
    program: &Path,
    folder: &Path,
    arguments: &[&str],
    limit: Duration,
) -> Result<String, String> {
    let mut git = Command::new(program);
    git.args(["-c", "core.hooksPath=/dev/null", "-C"]).arg(folder).args(arguments);
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        git.env_remove(name);
    }
    git.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = git.spawn().map_err(|error| format!("cannot run git: {error}"))?;
    let mut output = OutputTail::first_of(child.stdout.take().expect("piped"));
    let mut complaints = OutputTail::drain(child.stderr.take().expect("piped"));
    let status = bounded::wait(&mut child, limit);
    output.finish();
    complaints.finish();
    match status {
        Some(status) if status.success() => Ok(output.text()),
        Some(_) => Err(complaints.text()),
        None => Err(format!(
            "`git {}` did not end within {} s, and was ended; does the file system answer?",
            arguments.join(" "),
            limit.as_secs()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::{ASKED, git, run};
    use std::time::{Duration, Instant};

    #[test]
    fn what_git_says_or_complains_of_is_told() {
        let folder = tempfile::tempdir().expect("folder");
        let version = git(folder.path(), &["--version"], ASKED).expect("git is there");
        assert!(version.starts_with("git version "), "{version}");
        let why = git(folder.path(), &["rev-parse", "HEAD"], ASKED).expect_err("no repository");
        assert!(why.contains("not a git repository"), "{why}");
    }

    #[test]
    fn one_that_hangs_is_ended() {
        let folder = tempfile::tempdir().expect("folder");
        let program = folder.path().join("git");
        httpdyno_testkit::write_program(&program, "#!/bin/sh\nsleep 3600 & wait\n");
        let begun = Instant::now();
        let why = run(&program, folder.path(), &["status"], Duration::from_secs(1));
        let why = why.expect_err("it hangs");
        assert!(why.contains("`git status` did not end within 1 s"), "{why}");
        assert!(begun.elapsed() < Duration::from_secs(60), "what it had started was waited for");
    }
}
