//! What the processes of a server use: CPU time from nanosecond sources, memory, context
//! switches, threads, system calls, energy.
//!
//! `/proc/PID/stat` counts in ticks of 10 ms, which is wrong by tens of per cent for a trial of a
//! second, and `/proc/PID/task/*/schedstat` forgets threads that have ended. The CPU clock of a
//! process (clock_getcpuclockid(3)) counts nanoseconds and forgets no thread. Children that come
//! and go are another matter: see [`CpuSource`].

mod cpu;
mod energy;
mod memory;
mod processes;
mod sockets;
mod switches;
mod syscalls;
mod threads;
mod waits;

pub use cpu::{CpuSource, CpuUse};
pub use energy::{Energy, EnergyMeter};
pub use memory::Memory;
pub use processes::{ProcessTime, thread_clock_ns, thread_cpu_ns, times_of_processes};
pub use switches::Switches;
pub use syscalls::{SyscallCounters, can_count_syscalls};
pub use waits::Waits;

use serde::{Deserialize, Serialize};

pub(crate) use processes::{Stat, all_processes, members_of_group, tree_of, usage_of_processes};
pub(crate) use sockets::owners_of;
pub(crate) use threads::ThreadId;

use crate::control_group::ControlGroup;

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

/// The state of all counters of a server at one moment.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    cpu: cpu::CpuReading,
    switches: switches::SwitchReading,
    waits: waits::WaitReading,
}

/// What was used between two readings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// CPU time.
    pub cpu: CpuUse,
    /// Context switches; absent where there are too many threads to ask each.
    pub switches: Option<Switches>,
    /// Waits for a core; absent where there are too many threads, or the kernel counts none.
    pub waits: Option<Waits>,
}

impl Reading {
    /// Reads the counters of `processes`, the CPU clocks first: they are what must be of the very
    /// moment. `outside` are those of them that the group's own account lacks.
    pub(crate) fn take(processes: &[u32], outside: &[u32], group: Option<&ControlGroup>) -> Self {
        let cpu = cpu::CpuReading::take(processes, outside, group);
        let waits = waits::WaitReading::take(processes);
        Self { cpu, switches: switches::SwitchReading::take(processes), waits }
    }

    /// What was used from this reading to a later one.
    #[must_use]
    pub fn until(&self, later: &Self) -> Use {
        let cpu = self.cpu.until(&later.cpu);
        let waits = self.waits.until(&later.waits, cpu.total_ns);
        Use { cpu, switches: self.switches.until(&later.switches), waits }
    }
}

#[cfg(test)]
mod tests {
    use super::Reading;

    #[test]
    fn a_process_that_works_uses_cpu_time() {
        let own = [std::process::id()];
        let before = Reading::take(&own, &[], None);
        let mut sum = 0_u64;
        while before.until(&Reading::take(&own, &[], None)).cpu.total_ns < 1_000_000 {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        let used = before.until(&Reading::take(&own, &[], None));
        assert!(used.cpu.user_ns + used.cpu.system_ns <= used.cpu.total_ns, "{used:?}");
    }

    #[test]
    fn processes_that_are_not_there_use_nothing() {
        let none = Reading::take(&[u32::MAX], &[], None);
        assert_eq!(none.until(&Reading::take(&[u32::MAX], &[], None)).cpu.total_ns, 0);
    }
}
