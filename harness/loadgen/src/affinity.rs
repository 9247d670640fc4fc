//! Where a generator thread runs, and what may take its core.

#![allow(unsafe_code)] // one call; see its reason

use std::io;

use rustix::process::{getpriority_process, setpriority_process};
use rustix::thread::{CpuSet, sched_setaffinity, set_current_timer_slack};

/// Pins the calling thread to one core.
pub(crate) fn pin(core: usize) -> io::Result<()> {
    if core >= CpuSet::MAX_CPU {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "no such core"));
    }
    let mut set = CpuSet::new();
    set.set(core);
    Ok(sched_setaffinity(None, &set)?)
}

/// Lets timers of the calling thread fire when they are due, not up to 50 us later. Where the
/// system refuses, timers are only less exact, and the report's send lag says by how much.
pub(crate) fn sharpen_timers() {
    let _ = set_current_timer_slack(std::num::NonZeroU64::new(1));
}

/// Asks for a niceness for the calling thread, and tells the one it has. (In Linux niceness is of
/// threads, setpriority(2).) Less than before takes CAP_SYS_NICE or RLIMIT_NICE.
pub(crate) fn renice(nice: i32) -> i32 {
    if nice != 0 {
        let _ = setpriority_process(None, nice);
    }
    getpriority_process(None).unwrap_or(0)
}

/// The niceness that a generator's thread is granted where it asks for `asked`, by trying.
#[must_use]
pub fn granted_niceness(asked: i32) -> i32 {
    // Of a thread that ends with it. None to be had is none to be reniced.
    std::thread::spawn(move || renice(asked)).join().unwrap_or(0)
}

/// Makes the calling thread one of the real-time class (SCHED_FIFO, lowest priority): it comes
/// before kernel threads and whatever else is not real-time. `false` where the system refuses
/// (it takes CAP_SYS_NICE or RLIMIT_RTPRIO).
pub(crate) fn become_realtime() -> bool {
    let parameters = libc::sched_param { sched_priority: 1 };
    // SAFETY: pid 0 means the calling thread, `parameters` outlives the call, and the kernel only
    // reads it.
    unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO, &raw const parameters) == 0 }
}

#[cfg(test)]
mod tests {
    use super::{become_realtime, granted_niceness, renice};

    #[test]
    fn niceness_is_of_the_thread_that_asks() {
        let here = renice(0);
        let (before, after) =
            std::thread::spawn(|| (renice(0), renice(11))).join().expect("the thread");
        assert_eq!((before, after), (here, 11.max(here)));
        assert_eq!(granted_niceness(11), 11.max(here));
        assert_eq!(renice(0), here);
    }

    /// The scheduling policy of the calling thread, by the kernel's number.
    fn policy() -> String {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
        // Field 41 of proc(5); the first after the name, which may hold anything, is field 3.
        let (_, fields) = stat.rsplit_once(')').unwrap();
        fields.split_ascii_whitespace().nth(38).unwrap().to_owned()
    }

    #[test]
    fn the_realtime_class_is_what_the_kernel_says_it_is() {
        // On a thread of its own, which ends here.
        let (granted, policy) =
            std::thread::spawn(|| (become_realtime(), policy())).join().unwrap();
        assert_eq!(policy, if granted { "1" } else { "0" }, "SCHED_FIFO is policy 1");
    }
}
