//! The processes of a cluster. Each has a session of its own, so no process group holds them all,
//! and once the postmaster has died they have no common parent either. What they have in common is
//! the folder that they work in, and the cluster's name, which PostgreSQL puts into the title of each
//! (`cluster_name`).

use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::folder::data_in;

/// How long PostgreSQL has to end after SIGQUIT. It kills its own children after 5 s
/// (`SIGKILL_CHILDREN_AFTER_SECS` of postmaster.c).
const QUIT_LIMIT: Duration = Duration::from_secs(8);

/// How long killed processes may take to be gone.
const KILL_LIMIT: Duration = Duration::from_secs(8);

/// The name of the cluster in the private folder `folder`.
pub(super) fn cluster_name(folder: &Path) -> String {
    folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The processes of the cluster in `folder`.
pub(super) fn in_folder(folder: &Path) -> Vec<Pid> {
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let title = format!("postgres: {}: ", cluster_name(folder));
    let data = data_in(folder);
    processes
        .flatten()
        .filter(|process| {
            let path = process.path();
            std::fs::read(path.join("cmdline")).is_ok_and(|line| {
                let line = String::from_utf8_lossy(&line);
                let works_there =
                    || std::fs::read_link(path.join("cwd")).is_ok_and(|it| it == data);
                belongs(&line, &title, &data) || (of_postgres(&line) && works_there())
            })
        })
        .filter_map(|process| process.file_name().to_str()?.parse().ok().and_then(Pid::from_raw))
        .collect()
}

/// Whether `line`, a command line as in proc(5), is that of the postmaster of `data`, or of a
/// process that has given itself the title.
fn belongs(line: &str, title: &str, data: &Path) -> bool {
    let mut words = line.split('\0');
    let program = words.next().unwrap_or_default();
    program.starts_with(title)
        || (program.ends_with("/postgres") && words.any(|word| Path::new(word) == data))
}

/// Whether `line` is that of something that PostgreSQL consists of, or of a shell that starts it: what
/// initdb runs has neither title nor folder in its command line, and for a moment nobody has one
/// whose program has just been put in the place of another.
fn of_postgres(line: &str) -> bool {
    line.is_empty() || line.contains("postgres") || line.contains("initdb")
}

/// A postmaster and its children: all that PostgreSQL consists of.
pub(super) fn with_children(postmaster: u32) -> Vec<u32> {
    let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
    let parent_of = |process: &Path| {
        // Field 4 of stat (proc(5)); the name in field 2 may hold anything.
        let stat = std::fs::read_to_string(process.join("stat")).ok()?;
        stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse::<u32>().ok()
    };
    let children = processes
        .flatten()
        .filter_map(|process| Some((process.file_name().to_str()?.parse().ok()?, process.path())))
        .filter(|(_, path): &(u32, _)| parent_of(path) == Some(postmaster))
        .map(|(id, _)| id);
    std::iter::once(postmaster).chain(children).collect()
}

/// Ends every process of the cluster in `folder`: PostgreSQL's immediate shutdown first, which
/// gives back its shared memory, then SIGKILL. Whether all are gone.
///
/// `reap` is called while waiting, for a caller whose child the postmaster is.
pub(super) fn end_all(folder: &Path, mut reap: impl FnMut()) -> bool {
    if let Some(postmaster) = postmaster(folder) {
        let _ = kill_process(postmaster, Signal::QUIT);
    }
    if all_gone(folder, QUIT_LIMIT, &mut reap) {
        return true;
    }
    kill_all(folder, reap)
}

/// Kills every process of the cluster in `folder`. Whether all are gone. `reap` as in [`end_all`].
pub(super) fn kill_all(folder: &Path, mut reap: impl FnMut()) -> bool {
    signal_all(folder, Signal::KILL);
    all_gone(folder, KILL_LIMIT, &mut reap)
}

/// Sends a signal to every process of the cluster in `folder`.
pub(super) fn signal_all(folder: &Path, signal: Signal) {
    for process in in_folder(folder) {
        let _ = kill_process(process, signal);
    }
}

/// The postmaster, by its own pid file (or nothing, when that process is not of this cluster).
fn postmaster(folder: &Path) -> Option<Pid> {
    let file = std::fs::read_to_string(data_in(folder).join("postmaster.pid")).ok()?;
    let process = Pid::from_raw(maker(&file)?.parse().ok()?)?;
    in_folder(folder).contains(&process).then_some(process)
}

/// The id of the process that wrote a pid file, which stands there below zero where that is no
/// postmaster but one of those that initdb runs (`CreateLockFile` of miscinit.c).
pub(super) fn maker(pid_file: &str) -> Option<&str> {
    pid_file.lines().next().map(|id| id.trim().trim_start_matches('-'))
}

fn all_gone(folder: &Path, limit: Duration, reap: &mut impl FnMut()) -> bool {
    let deadline = Instant::now() + limit;
    loop {
        reap();
        if in_folder(folder).is_empty() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[cfg(test)]
mod tests {
    use super::belongs;
    use std::path::Path;

    #[test]
    fn only_processes_of_that_very_cluster_belong_to_it() {
        let title = "postgres: httpdyno-postgres-7-1: ";
        let data = Path::new("/tmp/httpdyno-postgres-7-1/data");
        for (line, belonging) in [
            ("/usr/lib/postgresql/15/bin/postgres\0-D\0/tmp/httpdyno-postgres-7-1/data\0", true),
            ("postgres: httpdyno-postgres-7-1: checkpointer \0\0\0", true),
            ("postgres: httpdyno-postgres-7-10: checkpointer \0", false),
            ("postgres: checkpointer \0", false),
            ("/usr/bin/postgres\0-D\0/tmp/httpdyno-postgres-7-10/data\0", false),
            ("vim\0/tmp/httpdyno-postgres-7-1/data\0", false),
            ("", false),
        ] {
            assert_eq!(belongs(line, title, data), belonging, "{line:?}");
        }
    }
}
