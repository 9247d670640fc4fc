//! CPU time of the calling thread, from the kernel's own accounts.

use crate::clock::{now_ns, thread_cpu_ns};

/// Accounts of one thread at one moment.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CpuTimes {
    /// The clock just before and just after the accounts were read.
    before_ns: u64,
    after_ns: u64,
    total_ns: u64,
    user_ticks: u64,
    system_ticks: u64,
    run_delay_ns: Option<u64>,
    preemptions: Option<u64>,
}

/// What a thread used between two moments.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CpuUse {
    /// Time that passed, from before the first reading to after the second: no thread can have
    /// used more.
    pub(crate) passed_ns: u64,
    pub(crate) total_ns: u64,
    pub(crate) user_ns: u64,
    pub(crate) system_ns: u64,
    pub(crate) run_delay_ns: Option<u64>,
    pub(crate) preemptions: Option<u64>,
}

impl CpuTimes {
    /// Of the calling thread.
    pub(crate) fn now() -> Self {
        let (user_ticks, system_ticks) = ticks().unwrap_or_default();
        let before_ns = now_ns();
        let total_ns = thread_cpu_ns();
        Self {
            before_ns,
            after_ns: now_ns(),
            total_ns,
            user_ticks,
            system_ticks,
            run_delay_ns: run_delay(),
            preemptions: preemptions(),
        }
    }

    /// What was used since then. The clock's total is exact; the kernel's ticks (10 ms) only
    /// say how it is divided.
    pub(crate) fn until(self, later: Self) -> CpuUse {
        let total_ns = later.total_ns.saturating_sub(self.total_ns);
        let user = later.user_ticks.saturating_sub(self.user_ticks);
        let system = later.system_ticks.saturating_sub(self.system_ticks);
        let share = u128::from(total_ns) * u128::from(user) / u128::from((user + system).max(1));
        let user_ns = u64::try_from(share).unwrap_or(total_ns);
        CpuUse {
            passed_ns: later.after_ns.saturating_sub(self.before_ns),
            total_ns,
            user_ns,
            system_ns: total_ns - user_ns,
            run_delay_ns: later.run_delay_ns.zip(self.run_delay_ns).map(|(b, a)| b - a),
            preemptions: later.preemptions.zip(self.preemptions).map(|(b, a)| b - a),
        }
    }
}

/// Fields 14 and 15 of /proc/thread-self/stat (proc(5)), in ticks.
fn ticks() -> Option<(u64, u64)> {
    let text = std::fs::read_to_string("/proc/thread-self/stat").ok()?;
    // The name, in parentheses, may hold anything; field 3 comes after the last one.
    let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

/// The second number of /proc/thread-self/schedstat: nanoseconds spent waiting for a core.
fn run_delay() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_ascii_whitespace().nth(1)?.parse().ok()
}

/// Involuntary context switches, from /proc/thread-self/status.
fn preemptions() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("nonvoluntary_ctxt_switches:"))?;
    line.trim().parse().ok()
}
