//! Automatic task groups (sched(7)): the kernel can give every session a share of the processor, as
//! if it were one task.
//!
//! Whoever competes on a core then competes by sessions. An idle-class thread gives way at once to its
//! own session only: wherever it alone is runnable of that, it has the session's full share, and a
//! server or database of another session that wakes up waits for its slice of some 3 ms. And since
//! PostgreSQL makes a session for every connection, each connection has the weight of the whole
//! server that asks.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

const SWITCH: &str = "/proc/sys/kernel/sched_autogroup_enabled";
/// There while a harness has turned groups off, and gone with the next start of the machine, as the
/// setting itself: whoever finds it without its owner puts right what a killed harness left.
const MARKER: &str = "/run/httpdyno-autogroups-off";

/// Automatic groups are off as long as this lives, for what is started or makes a session
/// meanwhile; then they are on again where they were.
#[derive(Debug)]
pub(crate) struct NoAutogroups {
    _owned: Option<Owned>,
}

/// The switch, locked and turned off by this harness.
#[derive(Debug)]
struct Owned {
    switch: File,
    marker: PathBuf,
}

impl NoAutogroups {
    /// Turns them off.
    ///
    /// # Errors
    /// When they are on and cannot be turned off: only root can.
    pub(crate) fn turn_off() -> io::Result<Self> {
        Self::by(Path::new(SWITCH), Path::new(MARKER))
    }

    fn by(switch: &Path, marker: &Path) -> io::Result<Self> {
        let mut text = String::new();
        match File::open(switch) {
            Ok(mut file) => file.read_to_string(&mut text)?,
            // A kernel without them.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { _owned: None });
            }
            Err(error) => return Err(error),
        };
        if text.trim() == "0" && !marker.exists() {
            return Ok(Self { _owned: None });
        }
        let mut file = File::options().read(true).write(true).open(switch)?;
        // Another harness that lives has them off and will turn them on: its lock is not waited for,
        // since a run takes hours.
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            return Ok(Self { _owned: None });
        }
        // Before the switch: a harness that is killed in between has turned nothing off.
        File::create(marker)?;
        write(&mut file, "0")?;
        Ok(Self { _owned: Some(Owned { switch: file, marker: marker.to_owned() }) })
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // It could be written before. The marker stays where it cannot now.
        if write(&mut self.switch, "1").is_ok() {
            let _ = fs::remove_file(&self.marker);
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

    /// A switch, and where its marker may be, in a folder of their own.
    fn switch(text: &str) -> (tempfile::TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().expect("folder");
        let (switch, marker) = (folder.path().join("switch"), folder.path().join("marker"));
        fs::write(&switch, text).expect("write");
        (folder, switch, marker)
    }

    fn read(switch: &Path) -> String {
        fs::read_to_string(switch).expect("read").trim().to_owned()
    }

    #[test]
    fn groups_are_off_meanwhile_and_on_again_afterwards() {
        let (_folder, switch, marker) = switch("1\n");
        let off = NoAutogroups::by(&switch, &marker).expect("writable");
        assert_eq!(read(&switch), "0");
        // A second run at the same time changes nothing, now or at its end.
        drop(NoAutogroups::by(&switch, &marker).expect("off already"));
        assert_eq!(read(&switch), "0");
        drop(off);
        assert_eq!((read(&switch).as_str(), marker.exists()), ("1", false));
    }

    #[test]
    fn what_is_off_already_stays_off() {
        let (folder, switch, marker) = switch("0\n");
        drop(NoAutogroups::by(&switch, &marker).expect("off already"));
        assert_eq!((read(&switch).as_str(), marker.exists()), ("0", false));
        let absent = folder.path().join("absent");
        assert!(NoAutogroups::by(&absent, &marker).is_ok(), "a kernel without them");
    }

    #[test]
    fn what_a_killed_harness_left_off_is_on_after_the_next_run() {
        let (_folder, switch, marker) = switch("0\n");
        File::create(&marker).expect("left");
        drop(NoAutogroups::by(&switch, &marker).expect("off already"));
        assert_eq!((read(&switch).as_str(), marker.exists()), ("1", false));
    }

    #[test]
    fn what_cannot_be_turned_off_is_told() {
        let (folder, _, marker) = switch("1\n");
        // A folder can be opened and not be read.
        assert!(NoAutogroups::by(folder.path(), &marker).is_err());
    }
}
