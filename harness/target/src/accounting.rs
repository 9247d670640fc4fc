//! What a process group uses: CPU time from nanosecond sources, memory, threads.
//!
//! `/proc/PID/stat` counts in ticks (4 ms at 250 Hz), which is wrong by tens of per cent for a
//! trial of a second, and `/proc/PID/task/*/schedstat` forgets threads that have ended. The CPU
//! clock of a process (clock_getcpuclockid(3)) counts nanoseconds and forgets nothing.

use std::fs;
use std::path::Path;

use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

/// What has been used until now; the difference of two readings is the use in between.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// CPU time, user and system, of all living processes with all their threads, in nanoseconds.
    pub cpu_ns: u64,
    /// Sum of the peak resident sets of all processes, in bytes.
    pub peak_rss_bytes: u64,
    /// Living threads.
    pub threads: u32,
}

/// Adds up all processes of the group `group`.
#[must_use]
pub(crate) fn usage_of_process_group(group: u32) -> Usage {
    let mut usage = Usage::default();
    let Ok(processes) = fs::read_dir("/proc") else {
        return usage;
    };
    for process in processes.flatten() {
        let is_process = process.file_name().to_string_lossy().bytes().all(|b| b.is_ascii_digit());
        if is_process && group_of(&process.path()) == Some(group) {
            add_process(&mut usage, &process.path());
        }
    }
    usage
}

/// Adds up these processes; one that has ended adds nothing.
#[must_use]
pub(crate) fn usage_of_processes(ids: &[u32]) -> Usage {
    let mut usage = Usage::default();
    for id in ids {
        add_process(&mut usage, &Path::new("/proc").join(id.to_string()));
    }
    usage
}

/// Field 5 of `stat` (proc(5)); the name in field 2 may hold anything, so count from its end.
fn group_of(process: &Path) -> Option<u32> {
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(2)?.parse().ok()
}

fn add_process(usage: &mut Usage, process: &Path) {
    let id = process.file_name().and_then(|name| name.to_string_lossy().parse().ok());
    usage.cpu_ns += id.and_then(cpu_time_ns).unwrap_or(0);
    let status = fs::read_to_string(process.join("status")).unwrap_or_default();
    let field = |name: &str| {
        let value = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        value.trim().split(' ').next()?.parse::<u64>().ok()
    };
    usage.peak_rss_bytes += field("VmHWM").unwrap_or(0) * 1024;
    usage.threads += field("Threads").and_then(|count| u32::try_from(count).ok()).unwrap_or(0);
}

/// The CPU clock of a process; nothing when it has just ended.
fn cpu_time_ns(process: i32) -> Option<u64> {
    let clock = nix::time::clock_getcpuclockid(Pid::from_raw(process)).ok()?;
    let time = nix::time::clock_gettime(clock).ok()?;
    u64::try_from(time.tv_sec() * 1_000_000_000 + time.tv_nsec()).ok()
}

#[cfg(test)]
mod tests {
    use super::usage_of_process_group;
    use rustix::process::getpgrp;

    #[test]
    fn own_group_uses_cpu_time_and_memory() {
        let group = u32::try_from(getpgrp().as_raw_nonzero().get()).expect("positive");
        let before = usage_of_process_group(group);
        let mut sum = 0_u64;
        while usage_of_process_group(group).cpu_ns < before.cpu_ns + 1_000_000 {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(before.peak_rss_bytes > 0);
        assert!(before.threads > 0);
    }

    #[test]
    fn a_group_that_is_not_there_uses_nothing() {
        assert_eq!(usage_of_process_group(u32::MAX), super::Usage::default());
    }
}
