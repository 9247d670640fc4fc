//! Programs that a test makes and runs.
//!
//! A file that this process has open for writing while another of its tests starts something is open for
//! writing in that child too until it has become another program, and the kernel runs no program that
//! somebody may still write ("text file busy", execve(2)). So a process of its own writes it.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Writes a program that can be run at once, whatever else this process starts meanwhile: a script, with
/// the line that says for whom.
///
/// # Panics
/// When it cannot be written.
pub fn write_program(path: &Path, script: &str) {
    let mut shell = Command::new("sh");
    shell.args(["-c", "cat >\"$1\" && chmod 755 \"$1\"", "sh"]).arg(path).stdin(Stdio::piped());
    let mut child = shell.spawn().expect("sh runs");
    let mut input = child.stdin.take().expect("piped");
    input.write_all(script.as_bytes()).expect("the shell reads");
    drop(input);
    assert!(child.wait().expect("an end").success(), "{} is not written", path.display());
}

/// The same of a program that is there.
///
/// # Panics
/// When it cannot be copied.
pub fn copy_program(from: &Path, to: &Path) {
    let words: [&OsStr; 3] = ["--".as_ref(), from.as_ref(), to.as_ref()];
    let status = Command::new("cp").args(words).status().expect("cp runs");
    assert!(status.success(), "{} is not copied to {}", from.display(), to.display());
}

/// An example server of the workspace at `root`, built where the running test was built: with the whole
/// workspace's choice of features, as `cargo test --workspace` has built it already. Of one package alone,
/// cargo would build all that it depends on anew.
///
/// # Panics
/// When it does not build.
#[must_use]
pub fn built_example(root: &Path, name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("own path");
    let profile_folder = test.ancestors().nth(2).expect("target/debug");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "--workspace", "--example", name, "--target-dir"])
        .arg(profile_folder.parent().expect("target"))
        .current_dir(root)
        .status()
        .expect("cargo runs");
    assert!(built.success(), "the example does not build");
    profile_folder.join("examples").join(name)
}

#[cfg(test)]
mod tests {
    use super::{copy_program, write_program};
    use std::path::PathBuf;
    use std::process::Command;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// Ends those that start programs, and takes its folder with it.
    struct Busy<'a>(&'a AtomicBool, PathBuf);

    impl Drop for Busy<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
            let _ = std::fs::remove_dir_all(&self.1);
        }
    }

    #[test]
    fn what_is_written_or_copied_runs_at_once_beside_others_that_start_programs() {
        let name = format!("httpdyno-testkit-programs-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let busy = Busy(&done, folder);
            for _ in 0..2 {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        assert!(Command::new("true").status().expect("it runs").success());
                    }
                });
            }
            for number in 0..20 {
                let program = busy.1.join(format!("one-{number}"));
                write_program(&program, "#!/bin/sh\nexit 7\n");
                let copy = busy.1.join(format!("other-{number}"));
                copy_program(&program, &copy);
                for path in [program, copy] {
                    let status = Command::new(&path).status().expect("it can be run");
                    assert_eq!(status.code(), Some(7), "{}", path.display());
                }
            }
        });
    }
}
