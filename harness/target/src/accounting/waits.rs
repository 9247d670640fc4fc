//! How long the threads of a server were ready to run while something else had their core.

use std::collections::BTreeMap;

use super::threads::{MOST_THREADS, ThreadId};

/// What the kernel's scheduler tells of one thread (`schedstat`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Thread {
    ran_ns: u64,
    waited_ns: u64,
}

/// Waits between two readings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    /// Of all threads together, whoever had their core: threads of a server wait for each other.
    pub run_delay_ns: u64,
    /// The longest that one thread waited beyond all that the server's other threads ran meanwhile,
    /// so that it was somebody else who had its core. No more than that is certain.
    pub for_others_ns: u64,
}

/// The counters at one moment, by thread; nothing where there are too many threads, or the kernel
/// counts no waits.
#[derive(Clone, Debug, Default)]
pub(super) struct WaitReading(Option<BTreeMap<u32, Thread>>);

impl WaitReading {
    pub(super) fn take(processes: &[u32]) -> Self {
        let threads = ThreadId::all(processes);
        if threads.len() > MOST_THREADS {
            return Self(None);
        }
        let of_thread = |one: ThreadId| Some((one.thread, parse(&one.read("schedstat")?)?));
        let threads: BTreeMap<u32, Thread> = threads.into_iter().filter_map(of_thread).collect();
        Self(Some(threads).filter(|threads| !threads.is_empty()))
    }

    /// A thread that is new counts from its beginning; what one waited that ended in between is
    /// lost. `cpu_ns` is what all of them ran, those that ended included.
    pub(super) fn until(&self, later: &Self, cpu_ns: u64) -> Option<Waits> {
        let (before, after) = (self.0.as_ref()?, later.0.as_ref()?);
        let mut waits = Waits::default();
        for (thread, now) in after {
            let then = before.get(thread).copied().unwrap_or_default();
            let ran_ns = now.ran_ns.saturating_sub(then.ran_ns);
            let waited_ns = now.waited_ns.saturating_sub(then.waited_ns);
            let others_ran_ns = cpu_ns.saturating_sub(ran_ns);
            waits.run_delay_ns += waited_ns;
            waits.for_others_ns = waits.for_others_ns.max(waited_ns.saturating_sub(others_ran_ns));
        }
        Some(waits)
    }
}

/// Nanoseconds on a core, nanoseconds of waiting for one, and turns (Linux,
/// Documentation/scheduler/sched-stats.rst).
fn parse(schedstat: &str) -> Option<Thread> {
    let mut fields = schedstat.split_ascii_whitespace();
    let (ran_ns, waited_ns) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(Thread { ran_ns, waited_ns })
}

#[cfg(test)]
mod tests {
    use super::{Thread, WaitReading, Waits, parse};

    fn reading(threads: &[(u32, u64, u64)]) -> WaitReading {
        let thread = |&(id, ran_ns, waited_ns)| (id, Thread { ran_ns, waited_ns });
        WaitReading(Some(threads.iter().map(thread).collect()))
    }

    #[test]
    fn a_thread_alone_waits_for_others_only() {
        let before = reading(&[(1, 100, 10)]);
        let waits = before.until(&reading(&[(1, 300, 760)]), 200);
        assert_eq!(waits, Some(Waits { run_delay_ns: 750, for_others_ns: 750 }));
    }

    #[test]
    fn threads_that_wait_for_each_other_wait_for_nobody_else() {
        let before = reading(&[(1, 0, 0), (2, 0, 0), (3, 0, 0)]);
        // Each runs a third of 900 and waits for the two others.
        let crowd = reading(&[(1, 300, 600), (2, 300, 600), (3, 300, 600)]);
        let waits = before.until(&crowd, 900);
        assert_eq!(waits, Some(Waits { run_delay_ns: 1_800, for_others_ns: 0 }));
        // Somebody else takes two thirds: each runs 100 and waits for 800, 600 of which for them.
        let disturbed = reading(&[(1, 100, 800), (2, 100, 800), (3, 100, 800)]);
        let waits = before.until(&disturbed, 300);
        assert_eq!(waits, Some(Waits { run_delay_ns: 2_400, for_others_ns: 600 }));
    }

    #[test]
    fn threads_come_and_go() {
        let before = reading(&[(1, 50, 500), (2, 50, 50)]);
        // 1 has ended, after running 40 more; 3 is new.
        let waits = before.until(&reading(&[(2, 60, 250), (3, 20, 30)]), 70);
        assert_eq!(waits, Some(Waits { run_delay_ns: 230, for_others_ns: 140 }));
        assert_eq!(before.until(&WaitReading(None), 70), None);
    }

    #[test]
    fn the_kernel_tells_of_this_process() {
        assert_eq!(parse("12 34 5\n"), Some(Thread { ran_ns: 12, waited_ns: 34 }));
        assert_eq!(parse("12\n"), None);
        let own = [std::process::id()];
        assert!(WaitReading::take(&own).until(&WaitReading::take(&own), 0).is_some());
        assert_eq!(WaitReading::take(&[u32::MAX]).until(&WaitReading::take(&own), 0), None);
    }
}
