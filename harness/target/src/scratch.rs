//! A folder of the harness's own among the temporary files, that goes when the harness does, however
//! that ends.

use std::fs::DirBuilder;
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::affinity::in_own_session;

/// Waits for the end of a pipe, which the kernel closes however the harness dies. Without a word before
/// that, it removes the folder, in which builds may still write for a moment, and has git forget the
/// work trees that were in it.
const SCRIPT: &str = "\
read -r word && exit
for attempt in 1 2 3 4 5 6 7 8 9 10; do
    rm -rf \"$1\" 2>/dev/null
    [ -e \"$1\" ] || break
    sleep 0.2
done
[ -z \"$2\" ] || git -C \"$2\" worktree prune
";

static MADE: AtomicU32 = AtomicU32::new(0);

/// A folder that only this user may enter. Removed when dropped, or by a shell that outlives a killed
/// harness.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    watcher: Child,
    pipe: Option<ChildStdin>,
}

impl Scratch {
    /// Makes one; `name` is a part of its name. Where git's work trees are checked out in it,
    /// `repository` is the one that must forget them.
    ///
    /// # Errors
    /// When the folder cannot be made, or nobody can be had to watch over it.
    pub fn create(name: &str, repository: Option<&Path>) -> io::Result<Self> {
        // The true path: what is built in it may be asked for by another one.
        let parent = std::env::temp_dir().canonicalize()?;
        let path = loop {
            let number = MADE.fetch_add(1, Ordering::Relaxed);
            let path = parent.join(format!("httpdyno-{name}-{}-{number}", std::process::id()));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => break path,
                // Of a dead process that had our id.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 1000 => {}
                Err(error) => return Err(error),
            }
        };
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "sh"]).arg(&path).arg(repository.unwrap_or(Path::new("")));
        // Not the harness's output, whose end somebody may wait for.
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        command.current_dir("/");
        in_own_session(&mut command);
        let mut watcher = command.spawn().inspect_err(|_| {
            let _ = std::fs::remove_dir(&path);
        })?;
        let pipe = watcher.stdin.take();
        Ok(Self { path, watcher, pipe })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
        if self.path.exists() {
            // Somebody still writes there: the watcher goes on with it.
            self.pipe = None;
            return;
        }
        if let Some(mut pipe) = self.pipe.take() {
            // Where nobody reads it, the watcher has ended before.
            let _ = pipe.write_all(b"ended\n");
            let _ = self.watcher.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Scratch;
    use std::time::{Duration, Instant};

    #[test]
    fn it_goes_with_all_that_is_in_it() {
        let scratch = Scratch::create("test", None).expect("a folder");
        let path = scratch.path().to_owned();
        std::fs::create_dir_all(path.join("a/b")).expect("folders");
        std::fs::write(path.join("a/b/c"), "x").expect("a file");
        drop(scratch);
        assert!(!path.exists());
    }

    #[test]
    fn it_goes_too_when_nobody_drops_it() {
        let mut scratch = Scratch::create("test", None).expect("a folder");
        let path = scratch.path().to_owned();
        std::fs::write(path.join("x"), "x").expect("a file");
        // What the kernel does when the harness is killed.
        scratch.pipe = None;
        let deadline = Instant::now() + Duration::from_secs(60);
        while path.exists() {
            assert!(Instant::now() < deadline, "{} is left", path.display());
            std::thread::sleep(Duration::from_millis(10));
        }
        std::mem::forget(scratch);
    }
}
