//! How busy cores are, from the kernel's own counters.

use std::fs;
use std::time::Duration;

/// `/proc/stat` counts in units of 1/100 s on every architecture Linux has today (USER_HZ).
const NS_PER_TICK: u64 = 10_000_000;

/// What was done on some cores in a while, as shares of their time in parts per million.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CoreLoad {
    /// User, system and interrupt time.
    pub busy_ppm: u64,
    /// Time that the hypervisor gave to somebody else.
    pub steal_ppm: u64,
}

/// Watches `cores` for `time`. Nothing where the kernel tells nothing.
#[must_use]
pub fn watch_cores(cores: &[u32], time: Duration) -> Option<CoreLoad> {
    let read = || fs::read_to_string("/proc/stat").ok().map(|stat| Ticks::of(&stat, cores));
    let before = read()?;
    std::thread::sleep(time);
    read()?.since(before)
}

/// Ticks since boot, over all cores asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Ticks {
    busy: u64,
    steal: u64,
    all: u64,
}

impl Ticks {
    /// proc(5): user, nice, system, idle, iowait, irq, softirq, steal; guest time is in user's.
    fn of(stat: &str, cores: &[u32]) -> Self {
        let mut sum = Self::default();
        for line in stat.lines() {
            let mut fields = line.split_whitespace();
            let core = fields.next().and_then(|name| name.strip_prefix("cpu")?.parse().ok());
            if !core.is_some_and(|core| cores.contains(&core)) {
                continue;
            }
            let ticks: Vec<u64> = fields.take(8).filter_map(|ticks| ticks.parse().ok()).collect();
            if let [user, nice, system, idle, iowait, irq, softirq, steal] = ticks[..] {
                let busy = user + nice + system + irq + softirq;
                sum.busy += busy;
                sum.steal += steal;
                sum.all += busy + idle + iowait + steal;
            }
        }
        sum
    }

    fn since(self, before: Self) -> Option<CoreLoad> {
        let all = self.all.checked_sub(before.all)?;
        let ppm = |now: u64, then: u64| {
            now.saturating_sub(then).saturating_mul(1_000_000).checked_div(all)
        };
        Some(CoreLoad {
            busy_ppm: ppm(self.busy, before.busy)?,
            steal_ppm: ppm(self.steal, before.steal)?,
        })
    }
}

/// The shortest time that these counters resolve to about one per cent.
pub const SHORTEST_WATCH: Duration = Duration::from_nanos(100 * NS_PER_TICK);

#[cfg(test)]
mod tests {
    use super::{CoreLoad, Ticks};

    #[test]
    fn shares_are_of_the_cores_asked_for() {
        let before = "cpu 9 9 9 9 9 9 9 9 0 0\ncpu0 10 0 10 70 10 0 0 0 0 0\n\
                      cpu1 1 1 1 1 1 1 1 1 0 0\nintr 5\n";
        let after = "cpu 9 9 9 9 9 9 9 9 0 0\ncpu0 20 5 15 130 10 5 5 10 0 0\n\
                     cpu1 900 1 1 1 1 1 1 1 0 0\nintr 5\n";
        let load = Ticks::of(after, &[0]).since(Ticks::of(before, &[0])).expect("time went by");
        assert_eq!(load, CoreLoad { busy_ppm: 300_000, steal_ppm: 100_000 });
        assert_eq!(Ticks::of(after, &[0]).since(Ticks::of(after, &[0])), None);
        assert_eq!(Ticks::of(after, &[7]), Ticks::default());
    }
}
