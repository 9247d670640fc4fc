//! How long cores were busy between two moments, with whatever it was.
//!
//! The kernel's counts of what cores did (user, system) are samples at ticks, which is wrong by
//! per cents within seconds. Its account of how long they did nothing is exact (a core that halts
//! notes when), so busy is what is left of the time that went by.

use std::collections::BTreeMap;
use std::fs;
use std::time::Instant;

/// `/proc/stat` counts in units of 1/100 s on every architecture Linux has today (USER_HZ).
const NS_PER_TICK: u64 = 10_000_000;

/// By how much [`CoreTimes::busy_ns`] may be wrong for each core: three counters in steps of 10 ms.
pub const RESOLUTION_NS: u64 = 3 * NS_PER_TICK;

/// The account of all cores at one moment.
#[derive(Clone, Debug)]
pub struct CoreTimes {
    at: Instant,
    /// Time that nobody's program had, by core: idle, or stolen.
    unused_ns: BTreeMap<u32, u64>,
}

impl CoreTimes {
    /// Of this moment.
    #[must_use]
    pub fn now() -> Self {
        let at = Instant::now();
        Self { at, unused_ns: unused(&fs::read_to_string("/proc/stat").unwrap_or_default()) }
    }

    /// Nanoseconds that programs had on `cores` from this moment to a later one; nothing where the
    /// kernel does not tell of each.
    #[must_use]
    pub fn busy_ns(&self, later: &Self, cores: &[u32]) -> Option<u64> {
        let elapsed = later.at.saturating_duration_since(self.at).as_nanos();
        let elapsed = u64::try_from(elapsed).unwrap_or(u64::MAX);
        let busy = |core| {
            let unused = later.unused_ns.get(core)?.saturating_sub(*self.unused_ns.get(core)?);
            Some(elapsed.saturating_sub(unused))
        };
        cores.iter().map(busy).sum()
    }
}

/// proc(5): user, nice, system, idle, iowait, irq, softirq, steal.
///
/// Where the kernel keeps account of interrupts apart (CONFIG_IRQ_TIME_ACCOUNTING), the CPU clocks
/// of threads leave them out, and so they are nobody's here either. It is told by a count of hard
/// interrupts: without that account it is 0, since no tick can fall into one.
fn unused(stat: &str) -> BTreeMap<u32, u64> {
    let of_line = |line: &str| {
        let mut fields = line.split_whitespace();
        let core: u32 = fields.next()?.strip_prefix("cpu")?.parse().ok()?;
        let ticks: Vec<u64> = fields.map_while(|ticks| ticks.parse().ok()).collect();
        let [_, _, _, idle, waiting, hard, soft, stolen, ..] = ticks[..] else { return None };
        Some((core, [idle + waiting + stolen, hard, soft]))
    };
    let cores: BTreeMap<u32, [u64; 3]> = stat.lines().filter_map(of_line).collect();
    let are_apart = cores.values().any(|[_, hard, _]| *hard > 0);
    let interrupts = |hard: u64, soft: u64| if are_apart { hard + soft } else { 0 };
    let unused = |[free, hard, soft]: [u64; 3]| (free + interrupts(hard, soft)) * NS_PER_TICK;
    cores.into_iter().map(|(core, ticks)| (core, unused(ticks))).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{CoreTimes, RESOLUTION_NS, unused};
    use crate::accounting::thread_cpu_ns;
    use crate::{allowed_cores, pin_current_thread};

    #[test]
    fn what_is_idle_or_stolen_is_nobodys() {
        let stat = "cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 1 2 3 40 5 0 70 8 0 0\ncpu11 1 1 1 1 1 0 1 1 0 0\n\
                    intr 5\n";
        assert_eq!(unused(stat), [(0, 530_000_000), (11, 30_000_000)].into());
        // Interrupts are accounted for apart, so no thread has their time.
        let apart = stat.replace("5 0 70", "5 2 70");
        assert_eq!(unused(&apart), [(0, 1_250_000_000), (11, 40_000_000)].into());
    }

    #[test]
    fn a_thread_that_works_makes_its_core_busy() {
        let core = *allowed_cores().expect("own affinity").last().expect("a core");
        let worked = std::thread::spawn(move || {
            pin_current_thread(&[core]).expect("pinned");
            let (before, began_ns) = (CoreTimes::now(), thread_cpu_ns());
            while thread_cpu_ns() - began_ns < 100_000_000 {
                std::hint::spin_loop();
            }
            let own_ns = thread_cpu_ns() - began_ns;
            (before.busy_ns(&CoreTimes::now(), &[core]), own_ns, before)
        });
        let (busy, own_ns, before) = worked.join().expect("no panic");
        let busy = busy.expect("the kernel tells of this core");
        assert!(busy + RESOLUTION_NS >= own_ns, "{busy} and {own_ns}");
        let mut later = before.clone();
        later.at += Duration::from_secs(1);
        assert_eq!(before.busy_ns(&later, &[core]), Some(1_000_000_000));
        assert_eq!(before.busy_ns(&later, &[core, u32::MAX]), None);
    }
}
