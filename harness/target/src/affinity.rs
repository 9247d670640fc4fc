//! The few system calls that need `unsafe`: what a child does between fork and exec, and the
//! scheduling class of a thread. Everything else in this crate forbids it.

#![allow(unsafe_code)]

use std::ffi::CString;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::fs::{Mode, OFlags};
use rustix::process::{Resource, Rlimit, Signal, setrlimit};
use rustix::thread::{CpuSet, sched_setaffinity};

/// The set of these cores, by the kernel's number.
fn cpu_set(cores: &[u32]) -> CpuSet {
    let mut set = CpuSet::new();
    for &core in cores {
        set.set(core as usize);
    }
    set
}

/// Pins the calling thread to `cores`; an empty list leaves it where it is.
///
/// # Errors
/// What the kernel says, e.g. `EINVAL` when none of the cores is allowed to this process.
pub fn pin_current_thread(cores: &[u32]) -> io::Result<()> {
    if cores.is_empty() {
        return Ok(());
    }
    Ok(sched_setaffinity(None, &cpu_set(cores))?)
}

/// Makes the child of `command` run on `cores` only, allows it as many open files as the hard
/// limit does, and has the kernel kill it should the spawning thread die (so that a killed
/// harness leaves no server behind).
pub(crate) fn confine_child(command: &mut Command, cores: &[u32]) {
    confine_child_until(command, cores, Signal::KILL);
}

/// Makes the child of `command` the first process of a session, which no signal to the harness's
/// process group or terminal reaches.
pub(crate) fn in_own_session(command: &mut Command) {
    let leave = || Ok(rustix::process::setsid().map(|_| ())?);
    // SAFETY: the closure runs in the child between fork and exec. It makes one plain system call
    // through rustix (setsid), allocates nothing, and takes no lock.
    unsafe {
        command.pre_exec(leave);
    }
}

/// Makes the child of `command` the parent of whatever its descendants orphan, as long as it lives:
/// so all that it ever starts stays in its tree.
pub(crate) fn adopt_orphans(command: &mut Command) {
    let adopt =
        || Ok(rustix::process::set_child_subreaper(Some(rustix::process::getpid())).map(|_| ())?);
    // SAFETY: the closure runs in the child between fork and exec. It makes plain system calls
    // through rustix (getpid, prctl), allocates nothing, and takes no lock.
    unsafe {
        command.pre_exec(adopt);
    }
}

/// Makes the child of `command` join control groups, of which `doors` are the `cgroup.procs`
/// files. A refusal is no error here: the caller looks afterwards whether it is a member.
pub(crate) fn join_groups(command: &mut Command, doors: Vec<CString>) {
    let join = move || {
        for door in &doors {
            let flags = OFlags::WRONLY | OFlags::CLOEXEC;
            if let Ok(file) = rustix::fs::open(door.as_c_str(), flags, Mode::empty()) {
                // `0` stands for the process that writes it (cgroups(7)).
                let _ = rustix::io::write(&file, b"0");
            }
        }
        Ok(())
    };
    // SAFETY: the closure runs in the child between fork and exec. It makes plain system calls
    // through rustix (open, write, close) on strings that were made before, allocates nothing,
    // and takes no lock.
    unsafe {
        command.pre_exec(join);
    }
}

/// Like [`confine_child`], with the signal that the child gets when the spawning thread dies: for
/// a program that must clean up after itself.
pub(crate) fn confine_child_until(command: &mut Command, cores: &[u32], at_death: Signal) {
    let set = (!cores.is_empty()).then(|| cpu_set(cores));
    let parent = rustix::process::getpid();
    let confine = move || {
        if let Some(set) = &set {
            sched_setaffinity(None, set)?;
        }
        let open_files = rustix::process::getrlimit(Resource::Nofile);
        setrlimit(
            Resource::Nofile,
            Rlimit { current: open_files.maximum, maximum: open_files.maximum },
        )?;
        rustix::process::set_parent_process_death_signal(Some(at_death))?;
        // The parent may have died before the line above took effect.
        if rustix::process::getppid() != Some(parent) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Ok(())
    };
    // SAFETY: the closure runs in the child between fork and exec, where only async-signal-safe
    // calls are allowed. It makes plain system calls through rustix (sched_setaffinity,
    // getrlimit, setrlimit, prctl, getppid), allocates nothing, and takes no lock.
    unsafe {
        command.pre_exec(confine);
    }
}

/// Puts the calling thread into SCHED_IDLE: it runs only when nothing else wants its core.
///
/// # Errors
/// What the kernel says; lowering one's own class needs no privilege.
pub(crate) fn become_idle_class() -> io::Result<()> {
    let parameters = libc::sched_param { sched_priority: 0 };
    // SAFETY: pid 0 means the calling thread, `parameters` outlives the call, and the kernel only
    // reads it.
    let result = unsafe { libc::sched_setscheduler(0, libc::SCHED_IDLE, &raw const parameters) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
