//! Automatic task groups (sched(7)): the kernel can give every session a share of the processor, as
//! if it were one task.
//!
//! Whoever competes on a core then competes by sessions. An idle-class thread gives way at once to its
//! own session only: wherever it alone is runnable of that, it has the session's full share, and a
//! server or database of another session that wakes up waits for its slice of some 3 ms. And since
//! PostgreSQL makes a session for every connection, each connection has the weight of the whole
//! server that asks.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

const SWITCH: &str = "/proc/sys/kernel/sched_autogroup_enabled";

/// Automatic groups are off as long as this lives, for what is started or makes a session
/// meanwhile; then they are on again where they were.
#[derive(Debug)]
pub(crate) struct NoAutogroups(Option<File>);

impl NoAutogroups {
    /// Turns them off.
    ///
    /// # Errors
    /// When they are on and cannot be turned off: only root can.
    pub(crate) fn turn_off() -> io::Result<Self> {
        Self::by(Path::new(SWITCH))
    }

    fn by(switch: &Path) -> io::Result<Self> {
        let mut text = String::new();
        match File::open(switch) {
            Ok(mut file) => file.read_to_string(&mut text)?,
            // A kernel without them.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self(None)),
            Err(error) => return Err(error),
        };
        if text.trim() == "0" {
            return Ok(Self(None));
        }
        let mut file = File::options().read(true).write(true).open(switch)?;
        // Whoever has the lock is turning them off, or about to turn them on: asked for at once, the
        // lock is never held up by a run of hours.
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            return Ok(Self(None));
        }
        write(&mut file, "0")?;
        Ok(Self(Some(file)))
    }
}

impl Drop for NoAutogroups {
    fn drop(&mut self) {
        if let Some(file) = &mut self.0 {
            // It could be written before.
            let _ = write(file, "1");
        }
    }
}

fn write(file: &mut File, text: &str) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn switch(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("file");
        std::fs::write(file.path(), text).expect("write");
        file
    }

    fn read(file: &tempfile::NamedTempFile) -> String {
        std::fs::read_to_string(file.path()).expect("read").trim().to_owned()
    }

    #[test]
    fn groups_are_off_meanwhile_and_on_again_afterwards() {
        let file = switch("1\n");
        let off = NoAutogroups::by(file.path()).expect("writable");
        assert_eq!(read(&file), "0");
        // A second run at the same time changes nothing, now or at its end.
        drop(NoAutogroups::by(file.path()).expect("off already"));
        assert_eq!(read(&file), "0");
        drop(off);
        assert_eq!(read(&file), "1");
    }

    #[test]
    fn what_is_off_already_stays_off() {
        let file = switch("0\n");
        drop(NoAutogroups::by(file.path()).expect("off already"));
        assert_eq!(read(&file), "0");
        assert!(
            NoAutogroups::by(Path::new("/nonexistent/switch")).is_ok(),
            "a kernel without them"
        );
    }

    #[test]
    fn what_cannot_be_turned_off_is_told() {
        let folder = tempfile::tempdir().expect("folder");
        // A folder can be opened and not be read.
        assert!(NoAutogroups::by(folder.path()).is_err());
    }
}
