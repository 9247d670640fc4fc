//! Which processes there are, and what `/proc` says of each (proc(5)).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use nix::unistd::Pid;

use super::Usage;

/// `/proc/PID/stat` counts CPU time in units of 1/100 s on every architecture (USER_HZ).
const NS_PER_TICK: u64 = 10_000_000;

/// The folder of a process in `/proc`.
pub(super) fn folder(process: u32) -> PathBuf {
    Path::new("/proc").join(process.to_string())
}

/// The ids of all processes that can be seen.
pub(crate) fn all_processes() -> impl Iterator<Item = u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.filter_map(|one| one.file_name().to_string_lossy().parse().ok())
}

/// All processes of the process group `group`. A child that makes a group of its own is missed.
pub(crate) fn members_of_group(group: u32) -> Vec<u32> {
    all_processes().filter(|&id| Stat::of(id).is_some_and(|stat| stat.group == group)).collect()
}

/// A process and what it has used until now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessTime {
    /// What the kernel calls it, at most 15 letters.
    pub name: String,
    /// User and system time of its own, in steps of 10 ms.
    pub cpu_ns: u64,
}

/// All processes there are, by their ids.
#[must_use]
pub fn times_of_processes() -> BTreeMap<u32, ProcessTime> {
    let Ok(processes) = fs::read_dir("/proc") else { return BTreeMap::new() };
    let time = |id: u32| {
        let text = fs::read_to_string(folder(id).join("stat")).ok()?;
        let (name, stat) = (text.split_once('(')?.1.rsplit_once(')')?.0, Stat::parse(&text)?);
        Some((id, ProcessTime { name: name.to_owned(), cpu_ns: stat.user_ns + stat.system_ns }))
    };
    let ids = processes.flatten().filter_map(|one| one.file_name().to_string_lossy().parse().ok());
    ids.filter_map(time).collect()
}

/// `first` and all that descends from it, in whatever process groups. What was orphaned in a
/// container has its first process as a parent, so nothing is missed there.
pub(crate) fn tree_of(first: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> =
        all_processes().filter_map(|id| Some((id, Stat::of(id)?.parent))).collect();
    let mut tree = Vec::new();
    let mut found: Vec<u32> = parents.iter().map(|&(id, _)| id).filter(|&id| id == first).collect();
    while !found.is_empty() {
        let below = parents.iter().filter(|(_, parent)| found.contains(parent));
        let below: Vec<u32> = below.map(|&(id, _)| id).collect();
        tree.append(&mut found);
        found = below;
    }
    tree
}

/// Adds up these processes; one that has ended adds nothing.
#[must_use]
pub(crate) fn usage_of_processes(ids: &[u32]) -> Usage {
    let mut usage = Usage::default();
    for &id in ids {
        usage.cpu_ns += cpu_clock_ns(id).unwrap_or(0);
        let status = fs::read_to_string(folder(id).join("status")).unwrap_or_default();
        usage.peak_rss_bytes += number(&status, "VmHWM").unwrap_or(0) * 1024;
        let threads = number(&status, "Threads").and_then(|count| u32::try_from(count).ok());
        usage.threads += threads.unwrap_or(0);
    }
    usage
}

/// The first number behind `name:` in a file of `name: value` lines.
pub(super) fn number(text: &str, name: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    value.trim().split(' ').next()?.parse().ok()
}

/// The CPU clock of a process, its ended threads included; nothing when it has just ended.
pub(super) fn cpu_clock_ns(process: u32) -> Option<u64> {
    let process = Pid::from_raw(i32::try_from(process).ok()?);
    let clock = nix::time::clock_getcpuclockid(process).ok()?;
    let time = nix::time::clock_gettime(clock).ok()?;
    u64::try_from(time.tv_sec() * 1_000_000_000 + time.tv_nsec()).ok()
}

/// The CPU clock of the calling thread.
#[must_use]
pub fn thread_cpu_ns() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    u64::try_from(time.tv_sec * 1_000_000_000 + time.tv_nsec).unwrap_or(0)
}

/// The CPU clock of a thread of this process, by the kernel's number of it; nothing when it has
/// ended.
#[must_use]
pub fn thread_clock_ns(thread: u32) -> Option<u64> {
    // As pthread_getcpuclockid(3) makes it: what is not the number is the kind of clock.
    const SCHEDULER_CLOCK_OF_THREAD: i32 = 6;
    let clock = (!i32::try_from(thread).ok()? << 3) | SCHEDULER_CLOCK_OF_THREAD;
    let time = nix::time::clock_gettime(nix::time::ClockId::from_raw(clock)).ok()?;
    u64::try_from(time.tv_sec() * 1_000_000_000 + time.tv_nsec()).ok()
}

/// What `/proc/PID/stat` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stat {
    /// It has ended, and nobody has waited for it yet.
    pub(crate) is_zombie: bool,
    pub(crate) parent: u32,
    pub(super) group: u32,
    /// When it started, in ticks since the machine did: with the id, it names one process for good.
    pub(crate) started_ticks: u64,
    /// CPU time of the process itself in user mode and in the kernel.
    pub(super) user_ns: u64,
    pub(super) system_ns: u64,
    /// CPU time of children that have ended and were waited for.
    pub(super) reaped_user_ns: u64,
    pub(super) reaped_system_ns: u64,
}

impl Stat {
    pub(crate) fn of(process: u32) -> Option<Self> {
        Self::parse(&fs::read_to_string(folder(process).join("stat")).ok()?)
    }

    /// The name in field 2 may hold anything, so count from its end: what follows is field 3.
    fn parse(stat: &str) -> Option<Self> {
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let field = |number: usize| fields.get(number - 3).copied();
        // A negative time is one that overflowed long ago.
        let time = |number| Some(field(number)?.parse::<u64>().unwrap_or(0) * NS_PER_TICK);
        Some(Self {
            is_zombie: matches!(field(3)?, "Z" | "X"),
            parent: field(4)?.parse().ok()?,
            group: field(5)?.parse().ok()?,
            started_ticks: field(22)?.parse().ok()?,
            user_ns: time(14)?,
            system_ns: time(15)?,
            reaped_user_ns: time(16)?,
            reaped_system_ns: time(17)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Stat, members_of_group, thread_clock_ns, thread_cpu_ns, tree_of, usage_of_processes,
    };
    use rustix::process::getpgrp;

    #[test]
    fn fields_are_counted_from_the_end_of_the_name() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 9 9 0 0 11 12 13 14 20 0 1 0 5 0 0\n";
        let ticks = |ticks: u64| ticks * 10_000_000;
        let expected = Stat {
            is_zombie: false,
            parent: 1,
            group: 7,
            started_ticks: 5,
            user_ns: ticks(11),
            system_ns: ticks(12),
            reaped_user_ns: ticks(13),
            reaped_system_ns: ticks(14),
        };
        assert_eq!(Stat::parse(stat), Some(expected));
        assert_eq!(Stat::parse("7 (a) S"), None);
    }

    #[test]
    fn the_clock_of_a_thread_is_that_of_no_other() {
        let thread = |_| u32::try_from(rustix::thread::gettid().as_raw_nonzero().get());
        let own = thread(()).expect("positive");
        while thread_cpu_ns() < 5_000_000 {
            std::hint::spin_loop();
        }
        let (before, by_number, after) = (thread_cpu_ns(), thread_clock_ns(own), thread_cpu_ns());
        let by_number = by_number.expect("it is there");
        assert!((before..=after).contains(&by_number), "{before} {by_number} {after}");
        let ended = std::thread::spawn(move || thread(())).join().expect("ended");
        let gone = ended.expect("positive");
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while thread_clock_ns(gone).is_some() {
            assert!(std::time::Instant::now() < deadline, "it is still there");
            std::thread::yield_now();
        }
    }

    #[test]
    fn children_are_in_the_tree_and_nothing_else() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().expect("sleep runs");
        let of_child = tree_of(child.id());
        let of_this = tree_of(std::process::id());
        child.kill().expect("it is ours");
        child.wait().expect("ended");
        assert_eq!(of_child, [child.id()]);
        assert_eq!(of_this.first(), Some(&std::process::id()));
        assert!(of_this.contains(&child.id()), "{of_this:?}");
        assert!(tree_of(0).is_empty());
    }

    #[test]
    fn this_process_is_a_member_of_its_group_and_uses_something() {
        let group = u32::try_from(getpgrp().as_raw_nonzero().get()).expect("positive");
        let members = members_of_group(group);
        assert!(members.contains(&std::process::id()), "{members:?}");
        let usage = usage_of_processes(&members);
        assert!(usage.cpu_ns > 0 && usage.peak_rss_bytes > 0 && usage.threads > 0, "{usage:?}");
        assert!(members_of_group(u32::MAX).is_empty());
    }
}
