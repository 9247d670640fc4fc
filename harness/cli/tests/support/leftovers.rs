//! What a harness has started, and what of it is left.

use std::fs;
use std::path::{Path, PathBuf};

/// What `harness` has started, and what that has started.
pub(crate) fn descendants_of(harness: u32) -> Vec<u32> {
    let parents = parents();
    let mut found = vec![harness];
    loop {
        let more: Vec<u32> = parents
            .iter()
            .filter(|(id, parent)| found.contains(parent) && !found.contains(id))
            .map(|&(id, _)| id)
            .collect();
        if more.is_empty() {
            found.remove(0);
            return found;
        }
        found.extend(more);
    }
}

/// The id of each process, and that of its parent.
fn parents() -> Vec<(u32, u32)> {
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    let ids = processes.filter_map(|process| process.file_name().to_string_lossy().parse().ok());
    let with_parent = ids.filter_map(|id: u32| {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
        Some((id, parent))
    });
    with_parent.collect()
}

/// Empty where it has ended.
pub(crate) fn command_line(process: u32) -> String {
    let line = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&line).replace('\0', " ")
}

pub(crate) fn is_running(process: u32) -> bool {
    !command_line(process).is_empty()
}

/// The shared memory that such processes have made (the fifth field is who made it, proc(5)).
pub(crate) fn segments_of(processes: &[u32]) -> Vec<String> {
    let all = fs::read_to_string("/proc/sysvipc/shm").expect("a list");
    let is_theirs = |line: &&str| {
        let maker = line.split_whitespace().nth(4).and_then(|id| id.parse().ok());
        maker.is_some_and(|maker| processes.contains(&maker))
    };
    all.lines().skip(1).filter(is_theirs).map(|line| format!("shared memory {line}")).collect()
}

/// What stands in a folder for temporary files, but for the files that all runs share.
pub(crate) fn folders_in(folder: &Path) -> Vec<PathBuf> {
    let items = fs::read_dir(folder).expect("readable").flatten();
    items.map(|item| item.path()).filter(|path| path.is_dir()).collect()
}
