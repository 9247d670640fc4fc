//! CPU time that a hypervisor gave to somebody else.

use std::fs;

/// `/proc/stat` counts in units of 1/100 s on every architecture Linux has today (USER_HZ).
const NS_PER_TICK: u64 = 10_000_000;

/// Stolen time of `cores` since boot, in nanoseconds (with the resolution of 10 ms that the kernel
/// gives; 0 where it tells nothing).
#[must_use]
pub fn steal_ns(cores: &[u32]) -> u64 {
    steal_in(&fs::read_to_string("/proc/stat").unwrap_or_default(), cores)
}

/// Field 8 after the core's name is steal (proc(5)).
fn steal_in(stat: &str, cores: &[u32]) -> u64 {
    let of_line = |line: &str| {
        let mut fields = line.split_whitespace();
        let core: u32 = fields.next()?.strip_prefix("cpu")?.parse().ok()?;
        let ticks: u64 = fields.nth(7)?.parse().ok()?;
        cores.contains(&core).then_some(ticks * NS_PER_TICK)
    };
    stat.lines().filter_map(of_line).sum()
}

#[cfg(test)]
mod tests {
    use super::steal_in;

    #[test]
    fn steal_is_added_up_over_the_cores_asked_for() {
        // Early after the start the sum of all cores may begin with a number that is one of them.
        let stat = "cpu  11 2 3 4 5 6 7 99 0 0\n\
                    cpu0 1 2 3 4 5 6 7 10 0 0\n\
                    cpu1 1 2 3 4 5 6 7 20 0 0\n\
                    cpu11 1 2 3 4 5 6 7 40 0 0\nintr 5\n";
        assert_eq!(steal_in(stat, &[0, 11]), 500_000_000);
        assert_eq!(steal_in(stat, &[]), 0);
    }
}
