//! Kernel threads kept off a core: those that may run elsewhere are sent there for a while, as
//! `tuna --isolate` does. Needs root; without it, nothing is moved and that is said.

use rustix::process::Pid;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Whose affinity was changed, and what it was. Put back when dropped.
pub(crate) struct Cleared(Vec<(Pid, CpuSet)>);

impl Cleared {
    pub(crate) fn core(core: usize) -> Self {
        let mut moved = Vec::new();
        for pid in kernel_threads() {
            let Ok(before) = sched_getaffinity(Some(pid)) else { continue };
            let mut elsewhere = before;
            elsewhere.unset(core);
            // Those of this very core refuse.
            if before.is_set(core)
                && elsewhere.count() > 0
                && sched_setaffinity(Some(pid), &elsewhere).is_ok()
            {
                moved.push((pid, before));
            }
        }
        println!("({} kernel threads kept off core {core})", moved.len());
        Self(moved)
    }
}

impl Drop for Cleared {
    fn drop(&mut self) {
        for (pid, before) in &self.0 {
            // It may have ended.
            let _ = sched_setaffinity(Some(*pid), before);
        }
    }
}

/// Children of kthreadd, which is process 2.
fn kernel_threads() -> Vec<Pid> {
    let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
    processes
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let pid: i32 = path.file_name()?.to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(path.join("stat")).ok()?;
            // After the name: state, then the parent.
            let parent = stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(1)?;
            (parent == "2").then(|| Pid::from_raw(pid))?
        })
        .collect()
}
