//! A control group of its own for the server: what is in it is the whole tree, whatever children
//! come and go, and its memory can be limited.
//!
//! Both versions are used, as far as they are there and may be written: version 2 (or `cpuacct` of
//! version 1) for the CPU time, version 2 or `memory` of version 1 for the limit. Nothing of it is
//! needed: what cannot be had is said, and accounted for in another way.

mod hierarchy;

use std::ffi::CString;
use std::fs;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use hierarchy::Hierarchies;

use crate::accounting::Stat;
use crate::leftovers::owner_is_dead;

/// Groups are called `httpdyno-<process>-<when it started>-<number>`.
const PREFIX: &str = "httpdyno-";
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// CPU time that a group has used, with all processes that ever were in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GroupCpu {
    /// User and system. The kernel adds a running thread's time at its ticks, so this is up to a
    /// tick (1 to 10 ms) behind for each core.
    pub(crate) total_ns: u64,
    /// The parts, where this version of control groups has them exactly scaled to the total.
    pub(crate) split: Option<Split>,
}

/// CPU time in user mode and in the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Split {
    pub(crate) user_ns: u64,
    pub(crate) system_ns: u64,
}

/// A group that this process has made, or that a container engine has. Dropping one of its own
/// removes it; its processes must have ended.
#[derive(Debug)]
pub(crate) struct ControlGroup {
    /// Whether this process has made it.
    is_own: bool,
    /// The folder in version 2's hierarchy.
    unified: Option<PathBuf>,
    /// The folder in version 1's `cpuacct`.
    cpuacct: Option<PathBuf>,
    /// The folder in version 1's `memory`.
    memory: Option<PathBuf>,
    /// Why there is no such limit, where one was asked for.
    without_limit: Option<String>,
}

impl ControlGroup {
    /// Makes the group `name` with what this machine allows.
    pub(crate) fn create(name: &str, memory_limit: Option<u64>) -> Self {
        Self::create_in(&Hierarchies::of_this_process(), name, memory_limit)
    }

    fn create_in(hierarchies: &Hierarchies, name: &str, memory_limit: Option<u64>) -> Self {
        let make = |parent: &Option<PathBuf>| {
            let folder = parent.as_deref()?.join(name);
            fs::create_dir(&folder).ok().map(|()| folder)
        };
        let unified = make(&hierarchies.unified);
        let cpuacct = if unified.is_none() { make(&hierarchies.cpuacct) } else { None };
        let mut group = Self { is_own: true, unified, cpuacct, memory: None, without_limit: None };
        let limited = memory_limit.map(|limit| group.limit_memory(hierarchies, limit, make));
        group.without_limit = limited.and_then(Result::err);
        group
    }

    /// The group that an engine made for its container `id`, whose first process is `process`;
    /// nothing where it cannot be found.
    pub(crate) fn of_container(process: u32, id: &str) -> Option<Self> {
        let Hierarchies { unified, cpuacct, memory } = Hierarchies::of_container(process, id);
        let is_there = unified.is_some() || cpuacct.is_some() || memory.is_some();
        is_there.then_some(Self { is_own: false, unified, cpuacct, memory, without_limit: None })
    }

    fn limit_memory(
        &mut self,
        hierarchies: &Hierarchies,
        limit: u64,
        make: impl Fn(&Option<PathBuf>) -> Option<PathBuf>,
    ) -> Result<(), String> {
        let limit = limit.to_string();
        if hierarchies.memory.is_some() {
            let folder = make(&hierarchies.memory)
                .ok_or("this process may not make a memory control group (version 1)")?;
            // Remembered first, so that it is removed whatever comes.
            self.memory = Some(folder.clone());
            return fs::write(folder.join("memory.limit_in_bytes"), limit)
                .map_err(|error| format!("the memory control group takes no limit: {error}"));
        }
        let folder = self.unified.as_deref().ok_or("there is no control group to limit it")?;
        if !folder.join("memory.max").exists()
            && let Some(parent) = folder.parent()
        {
            // Works where the parent holds no process itself, e.g. under `systemd-run -p Delegate=yes`.
            let _ = fs::write(parent.join("cgroup.subtree_control"), "+memory");
        }
        fs::write(folder.join("memory.max"), limit).map_err(|error| {
            format!(
                "the control group takes no memory limit ({error}); start httpdyno in a delegated \
                 group, e.g. `systemd-run --user --scope -p Delegate=yes`"
            )
        })
    }

    /// The files into which a process writes `0` to become a member.
    pub(crate) fn doors(&self) -> Vec<CString> {
        let folders = [&self.unified, &self.cpuacct, &self.memory].into_iter().flatten();
        folders
            .filter_map(|folder| {
                CString::new(folder.join("cgroup.procs").as_os_str().as_bytes()).ok()
            })
            .collect()
    }

    /// The processes in it; nothing where there is no group to ask.
    pub(crate) fn processes(&self) -> Option<Vec<u32>> {
        let folder = self.unified.as_ref().or(self.cpuacct.as_ref()).or(self.memory.as_ref())?;
        fs::metadata(folder.join("cgroup.procs")).ok()?;
        // A group that the server has made within its own is still its group.
        Some(members_below(folder))
    }

    /// The CPU time of everything that ever was in it.
    pub(crate) fn cpu(&self) -> Option<GroupCpu> {
        if let Some(folder) = &self.unified {
            return cpu_stat(&fs::read_to_string(folder.join("cpu.stat")).ok()?);
        }
        let usage = fs::read_to_string(self.cpuacct.as_ref()?.join("cpuacct.usage")).ok()?;
        Some(GroupCpu { total_ns: usage.trim().parse().ok()?, split: None })
    }

    /// Whether `process` is in all of its hierarchies: joining may have been refused.
    pub(crate) fn holds(&self, process: u32) -> bool {
        let folders = [&self.unified, &self.cpuacct, &self.memory].into_iter().flatten();
        let mut is_empty = true;
        for folder in folders {
            is_empty = false;
            let members = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
            if !members.lines().any(|line| line.parse() == Ok(process)) {
                return false;
            }
        }
        !is_empty
    }

    /// Kills all processes in it at once, those too that made a process group of their own.
    pub(crate) fn kill(&self) {
        if let Some(folder) = &self.unified {
            kill_in(folder);
        }
    }

    /// The limit in force, as the kernel tells it.
    pub(crate) fn memory_limit_bytes(&self) -> Option<u64> {
        let read = |folder: &Option<PathBuf>, file: &str| {
            fs::read_to_string(folder.as_ref()?.join(file)).ok()
        };
        let version_1 = read(&self.memory, "memory.limit_in_bytes");
        limit_in(&version_1.or_else(|| read(&self.unified, "memory.max"))?)
    }

    /// Why the limit that was asked for is not in force.
    pub(crate) fn without_limit(&self) -> Option<&str> {
        self.without_limit.as_deref()
    }
}

impl Drop for ControlGroup {
    fn drop(&mut self) {
        if !self.is_own {
            return;
        }
        for folder in [&self.unified, &self.cpuacct, &self.memory].into_iter().flatten() {
            remove(folder);
        }
    }
}

/// A name that no group of any harness has.
pub(crate) fn new_name() -> String {
    let (id, number) = (std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let started = Stat::of(id).map_or(0, |stat| stat.started_ticks);
    format!("{PREFIX}{id}-{started}-{number}")
}

/// Where the group `name` is, or would be.
pub(crate) fn places(name: &str) -> Vec<PathBuf> {
    parents().into_iter().map(|parent| parent.join(name)).collect()
}

fn parents() -> Vec<PathBuf> {
    let Hierarchies { unified, cpuacct, memory } = Hierarchies::of_this_process();
    let mut parents: Vec<PathBuf> = [unified, cpuacct, memory].into_iter().flatten().collect();
    parents.dedup();
    parents
}

/// How long a group may take to be empty after its processes were killed.
const EMPTY_LIMIT: Duration = Duration::from_secs(2);

/// Removes a group and those within it. A process that was killed leaves it a moment later, so this
/// is tried for a while; what stays is swept by the next run.
fn remove(folder: &Path) {
    let deadline = Instant::now() + EMPTY_LIMIT;
    while let Err(error) = remove_now(folder) {
        if error.kind() != io::ErrorKind::ResourceBusy || Instant::now() >= deadline {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn remove_now(folder: &Path) -> io::Result<()> {
    for inner in folders_in(folder) {
        remove_now(&inner)?;
    }
    fs::remove_dir(folder)
}

fn folders_in(folder: &Path) -> Vec<PathBuf> {
    let items = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_folder = |item: &fs::DirEntry| item.file_type().is_ok_and(|kind| kind.is_dir());
    items.filter(is_folder).map(|item| item.path()).collect()
}

/// From Linux 5.14 on; before it, what is found is killed one by one.
fn kill_in(folder: &Path) {
    let file = fs::OpenOptions::new().write(true).open(folder.join("cgroup.kill"));
    let _ = file.and_then(|mut file| file.write_all(b"1"));
}

/// The processes in a group and those within it.
fn members_below(folder: &Path) -> Vec<u32> {
    let text = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
    let mut members: Vec<u32> = text.lines().filter_map(|line| line.parse().ok()).collect();
    for inner in folders_in(folder) {
        members.extend(members_below(&inner));
    }
    members
}

/// Ends and removes the groups of harnesses that are no more (killed before they could do it).
pub(crate) fn sweep_all() {
    parents().iter().for_each(|parent| sweep(parent));
}

fn sweep(parent: &Path) {
    for folder in folders_in(parent) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.strip_prefix(PREFIX).is_some_and(is_of_the_dead) {
            continue;
        }
        kill_in(&folder);
        crate::leftovers::end_all(|| members_below(&folder));
        remove(&folder);
    }
}

/// Whether the harness that gave a group this name (without the prefix) has ended.
fn is_of_the_dead(name: &str) -> bool {
    let parts: Vec<&str> = name.split('-').collect();
    let owner = parts.first().and_then(|owner| owner.parse::<u32>().ok());
    // Older harnesses wrote no time.
    let started = if parts.len() > 2 { parts[1].parse().ok() } else { None };
    owner.is_some_and(|owner| owner_is_dead(owner, started))
}

/// A limit as `memory.max` or `memory.limit_in_bytes` has it; nothing stands for no limit, which
/// version 2 calls `max` and version 1 a number as large as it can.
fn limit_in(text: &str) -> Option<u64> {
    const UNLIMITED: u64 = 1 << 62;
    text.trim().parse().ok().filter(|&limit| limit < UNLIMITED)
}

/// `cpu.stat` of version 2, in microseconds.
fn cpu_stat(text: &str) -> Option<GroupCpu> {
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
        line.trim().parse::<u64>().ok()?.checked_mul(1000)
    };
    let split = field("user_usec").zip(field("system_usec"));
    Some(GroupCpu {
        total_ns: field("usage_usec")?,
        split: split.map(|(user_ns, system_ns)| Split { user_ns, system_ns }),
    })
}

#[cfg(test)]
mod tests;
