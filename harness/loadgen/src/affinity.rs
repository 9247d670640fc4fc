//! Where a generator thread runs.

use std::io;

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
