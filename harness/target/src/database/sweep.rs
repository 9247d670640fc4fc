//! Removing what killed harnesses left behind, so that a machine never fills up with clusters.
//!
//! A folder is taken for a dead harness's when its lock is free: the kernel gives a lock back when
//! its holder dies, however it dies.

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::folder::{LOCK, PREFIX, data_in, parent};
use super::processes::{end_all, maker};
use crate::bounded;

/// How long processes that have ended may still be attached to their shared memory.
const DETACH_LIMIT: Duration = Duration::from_secs(2);

/// How long giving back a segment may take: a moment, but on a busy machine it waits for its turn, and
/// what it does not give back stays until the machine is started anew.
const RELEASE_LIMIT: Duration = Duration::from_secs(10);

/// Removes the folders, processes and shared memory of harnesses that are dead. Only what `owner`
/// or this process's own user has made is looked at. What cannot be removed is left for the next
/// time: somebody's leftovers must not keep this run from starting.
pub(super) fn sweep(owner: u32) {
    let Ok(entries) = std::fs::read_dir(parent()) else { return };
    let own = rustix::process::geteuid().as_raw();
    for entry in entries.flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        // Not followed: a link is none of ours.
        let Ok(metadata) = entry.metadata() else { continue };
        if metadata.is_dir() && [owner, own].contains(&metadata.uid()) {
            sweep_folder(&entry.path());
        }
    }
}

fn sweep_folder(folder: &Path) {
    let Ok(lock) = File::open(folder.join(LOCK)) else {
        // Its harness died (or stands) between making and locking it: only an empty one goes.
        let _ = std::fs::remove_dir(folder);
        return;
    };
    if lock.try_lock().is_err() {
        return;
    }
    let data = data_in(folder);
    if end_all(folder, || ()) {
        release_interlock(&data);
        let _ = std::fs::remove_dir_all(folder);
    }
}

/// Gives back the postmaster's System V segment. It does so itself except when it was killed; the
/// segment would then stay until the machine is started anew. The cluster's processes are gone.
pub(super) fn release_interlock(data: &Path) {
    let Ok(file) = std::fs::read_to_string(data.join("postmaster.pid")) else { return };
    let deadline = Instant::now() + DETACH_LIMIT;
    loop {
        let segments = std::fs::read_to_string("/proc/sysvipc/shm").unwrap_or_default();
        match segment_of(&file, &segments) {
            // A process that has just ended may not have let go of it yet.
            Some((_, true)) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(1));
            }
            Some((id, false)) => return remove_segment(id),
            _ => return,
        }
    }
}

fn remove_segment(id: &str) {
    // The system call itself would need unsafe code; util-linux is everywhere.
    let mut ipcrm = Command::new("ipcrm");
    ipcrm.args(["-m", id]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Ok(mut child) = ipcrm.spawn() {
        bounded::wait(&mut child, RELEASE_LIMIT);
    }
}

/// The id of the segment that a postmaster's pid file names, if that very process made it, and
/// whether somebody is attached to it.
fn segment_of<'a>(pid_file: &'a str, segments: &str) -> Option<(&'a str, bool)> {
    let process = maker(pid_file)?;
    // The seventh line is the segment's key and id (miscadmin.h, LOCK_FILE_LINE_SHMEM_KEY).
    let id = pid_file.lines().nth(6)?.split_whitespace().nth(1)?;
    segments.lines().find_map(|line| {
        // key shmid perms size cpid lpid nattch ...
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, shmid, _, _, maker, _, attached, ..] = fields[..] else { return None };
        (shmid == id && maker == process).then_some((id, attached != "0"))
    })
}

#[cfg(test)]
mod tests {
    use super::segment_of;

    const PID_FILE: &str = "4711\n/tmp/x/data\n1779000000\n5433\n/tmp/x/socket\n127.0.0.1\n  123456        42\nready\n";

    #[test]
    fn only_the_segment_of_that_very_postmaster_is_found() {
        let head = "       key      shmid perms  size  cpid  lpid nattch   uid\n";
        let line = |shmid, cpid, attached| {
            format!("{head}  123456 {shmid}   600    56  {cpid}  4720 {attached} 101\n")
        };
        assert_eq!(segment_of(PID_FILE, &line(42, 4711, 0)), Some(("42", false)));
        assert_eq!(segment_of(PID_FILE, &line(42, 4711, 1)), Some(("42", true)));
        assert_eq!(segment_of(PID_FILE, &line(42, 99, 0)), None);
        assert_eq!(segment_of(PID_FILE, &line(43, 4711, 0)), None);
        let of_initdb = format!("-{PID_FILE}");
        assert_eq!(segment_of(&of_initdb, &line(42, 4711, 0)), Some(("42", false)));
        assert_eq!(segment_of("4711\n", &line(42, 4711, 0)), None);
    }
}
