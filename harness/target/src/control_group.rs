//! A control group of its own for the server: what is in it is the whole tree, whatever children
//! come and go, and its memory can be limited.
//!
//! Both versions are used, as far as they are there and may be written: version 2 (or `cpuacct` of
//! version 1) for the CPU time, version 2 or `memory` of version 1 for the limit. Nothing of it is
//! needed: what cannot be had is said, and accounted for in another way.

mod hierarchy;

use std::ffi::CString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use hierarchy::Hierarchies;

/// Groups are called `httpdyno-<process>-<number>`.
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
    /// Makes a group with what this machine allows.
    pub(crate) fn create(memory_limit: Option<u64>) -> Self {
        Self::create_in(&Hierarchies::of_this_process(), memory_limit)
    }

    fn create_in(hierarchies: &Hierarchies, memory_limit: Option<u64>) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("{PREFIX}{}-{number}", std::process::id());
        let make = |parent: &Option<PathBuf>| {
            let parent = parent.as_deref()?;
            sweep(parent);
            let folder = parent.join(&name);
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
        let text = fs::read_to_string(folder.join("cgroup.procs")).ok()?;
        Some(text.lines().filter_map(|line| line.parse().ok()).collect())
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
            // From Linux 5.14 on; before it, the process group is all that is killed.
            let _ = fs::write(folder.join("cgroup.kill"), "1");
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

/// Removes a group. A process that was killed leaves it a moment later, so this is tried for a
/// while; what stays is swept by the next run.
fn remove(folder: &Path) {
    for _ in 0..200 {
        match fs::remove_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            _ => return,
        }
    }
}

/// Removes groups of harnesses that are no more (killed before they could do it). Groups that
/// still hold processes cannot be removed and stay.
fn sweep(parent: &Path) {
    let Ok(items) = fs::read_dir(parent) else { return };
    for item in items.flatten() {
        let name = item.file_name().to_string_lossy().into_owned();
        let owner = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
        let owner = owner.and_then(|owner| owner.parse::<u32>().ok());
        if owner.is_some_and(|owner| !Path::new("/proc").join(owner.to_string()).exists()) {
            let _ = fs::remove_dir(item.path());
        }
    }
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
