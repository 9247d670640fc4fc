//! CPU time of a tree of processes between two moments.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::processes::{Stat, cpu_clock_ns};
use crate::control_group::{ControlGroup, GroupCpu, Split};

/// Where CPU time was read.
///
/// While no process of the tree comes or goes, the sum of their CPU clocks is exact to the
/// nanosecond. When one does, its time is in the control group's account, which is exact too but
/// for the tick that may be under way (at most 10 ms per core). Without a control group, the time
/// of ended children is what their parents were told when they waited for them, in steps of 10 ms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CpuSource {
    /// The CPU clocks of the same processes at both ends.
    #[default]
    ProcessClocks,
    /// The account of the control group.
    ControlGroup,
    /// The CPU clocks, and what parents were told of children that ended.
    ClocksAndReaped,
}

impl fmt::Display for CpuSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::ProcessClocks => "process-clocks",
            Self::ControlGroup => "control-group",
            Self::ClocksAndReaped => "process-clocks-and-reaped-children",
        })
    }
}

/// CPU time that was used between two readings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuUse {
    /// User and system, in nanoseconds.
    pub total_ns: u64,
    /// In user mode: the total, divided as the kernel's own counters of the two divide it.
    pub user_ns: u64,
    /// In the kernel.
    pub system_ns: u64,
    /// Where the total is from.
    pub source: CpuSource,
}

/// The counters at one moment.
#[derive(Clone, Debug, Default)]
pub(super) struct CpuReading {
    clocks_ns: BTreeMap<u32, u64>,
    group: Option<GroupCpu>,
    reaped_ns: u64,
    /// Processes that work for the server and have left the group.
    outside: BTreeSet<u32>,
    /// Of the processes and their reaped children.
    split: Option<Split>,
}

impl CpuReading {
    pub(super) fn take(processes: &[u32], outside: &[u32], group: Option<&ControlGroup>) -> Self {
        let clocks = processes.iter().filter_map(|&id| Some((id, cpu_clock_ns(id)?)));
        let clocks_ns = clocks.collect();
        let group = group.and_then(ControlGroup::cpu);
        let stats: Vec<Stat> = processes.iter().filter_map(|&id| Stat::of(id)).collect();
        let reaped = |stat: &Stat| stat.reaped_user_ns + stat.reaped_system_ns;
        let by_stat = Split {
            user_ns: stats.iter().map(|stat| stat.user_ns + stat.reaped_user_ns).sum(),
            system_ns: stats.iter().map(|stat| stat.system_ns + stat.reaped_system_ns).sum(),
        };
        let split = group.and_then(|group| group.split).or(Some(by_stat));
        let reaped_ns = stats.iter().map(reaped).sum();
        Self { clocks_ns, group, reaped_ns, outside: outside.iter().copied().collect(), split }
    }

    pub(super) fn until(&self, later: &Self) -> CpuUse {
        let (total_ns, source) = self.total_until(later);
        let (user_ns, system_ns) = self.split_until(later, total_ns);
        CpuUse { total_ns, user_ns, system_ns, source }
    }

    fn total_until(&self, later: &Self) -> (u64, CpuSource) {
        let sum = |clocks: &BTreeMap<u32, u64>| clocks.values().sum::<u64>();
        let clocks =
            |reaped: u64| (sum(&later.clocks_ns) + reaped).saturating_sub(sum(&self.clocks_ns));
        let same_processes = self.clocks_ns.keys().eq(later.clocks_ns.keys());
        let reaped = later.reaped_ns.saturating_sub(self.reaped_ns);
        if same_processes && reaped == 0 && !self.lost_children(later) {
            return (clocks(0), CpuSource::ProcessClocks);
        }
        match (self.group, later.group) {
            (Some(before), Some(after)) => {
                let of_group = after.total_ns.saturating_sub(before.total_ns);
                (of_group + self.outside_until(later), CpuSource::ControlGroup)
            }
            // What a child had used before the first reading is in both sums and cancels.
            _ => (clocks(reaped), CpuSource::ClocksAndReaped),
        }
    }

    /// What the processes used that the group's account lacks at the later reading. One that left
    /// in between was in that account before, with what it had used until then.
    fn outside_until(&self, later: &Self) -> u64 {
        let clock = |clocks: &BTreeMap<u32, u64>, id| clocks.get(id).copied().unwrap_or(0);
        let used = |id| clock(&later.clocks_ns, id).saturating_sub(clock(&self.clocks_ns, id));
        later.outside.iter().map(used).sum()
    }

    /// Whether the group used clearly more than the processes that were there at both ends:
    /// children have come and gone in between. (A parent that ignores SIGCHLD is told nothing.)
    fn lost_children(&self, later: &Self) -> bool {
        /// More than the group's account can be behind at both ends together.
        const CERTAIN_NS: u64 = 40_000_000;
        let (Some(before), Some(after)) = (self.group, later.group) else { return false };
        let of_group = after.total_ns.saturating_sub(before.total_ns);
        let clocks = later.clocks_ns.values().sum::<u64>();
        of_group > clocks.saturating_sub(self.clocks_ns.values().sum()) + CERTAIN_NS
    }

    /// The total, divided as the kernel divides it.
    fn split_until(&self, later: &Self, total_ns: u64) -> (u64, u64) {
        let (Some(before), Some(after)) = (self.split, later.split) else { return (0, 0) };
        let user = u128::from(after.user_ns.saturating_sub(before.user_ns));
        let system = u128::from(after.system_ns.saturating_sub(before.system_ns));
        let user_ns = (u128::from(total_ns) * user).checked_div(user + system).unwrap_or(0);
        let user_ns = u64::try_from(user_ns).unwrap_or(total_ns);
        if user + system == 0 { (0, 0) } else { (user_ns, total_ns - user_ns) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{CpuReading, CpuSource};
    use crate::control_group::{GroupCpu, Split};

    fn reading(clocks: &[(u32, u64)], reaped_ns: u64, group: Option<u64>) -> CpuReading {
        let group = group.map(|total_ns| GroupCpu { total_ns, split: None });
        let split = Some(Split { user_ns: 0, system_ns: 0 });
        let (clocks_ns, outside) = (clocks.iter().copied().collect(), BTreeSet::new());
        CpuReading { clocks_ns, group, reaped_ns, outside, split }
    }

    fn used(before: &CpuReading, after: &CpuReading) -> (u64, CpuSource) {
        let used = before.until(after);
        (used.total_ns, used.source)
    }

    #[test]
    fn clocks_of_the_same_processes_are_exact() {
        let before = reading(&[(1, 100), (2, 50)], 7, Some(1_000));
        let after = reading(&[(1, 180), (2, 55)], 7, Some(1_090));
        assert_eq!(used(&before, &after), (85, CpuSource::ProcessClocks));
    }

    #[test]
    fn a_process_that_came_or_went_is_in_the_groups_account() {
        let before = reading(&[(1, 100), (2, 50)], 0, Some(1_000));
        let after = reading(&[(1, 180), (3, 5)], 0, Some(1_090));
        assert_eq!(used(&before, &after), (90, CpuSource::ControlGroup));
    }

    #[test]
    fn children_that_came_and_went_in_between_are_noticed() {
        let before = reading(&[(1, 100)], 0, Some(1_000));
        let reaped = reading(&[(1, 180)], 10_000_000, Some(11_000_000));
        assert_eq!(used(&before, &reaped).1, CpuSource::ControlGroup);
        let never_waited_for = reading(&[(1, 180)], 0, Some(50_000_000));
        assert_eq!(used(&before, &never_waited_for), (49_999_000, CpuSource::ControlGroup));
    }

    #[test]
    fn without_a_group_the_reaped_childrens_time_counts_once() {
        // The child 2 had used 50 of the 10_000_000 before the first reading.
        let before = reading(&[(1, 100), (2, 50)], 0, None);
        let after = reading(&[(1, 180)], 10_000_000, None);
        assert_eq!(used(&before, &after), (10_000_030, CpuSource::ClocksAndReaped));
    }

    #[test]
    fn what_has_left_the_group_is_added_to_its_account() {
        // Process 2 came and went in the group; 3 works outside of it.
        let mut before = reading(&[(1, 100), (3, 1_000)], 0, Some(1_000));
        let mut after = reading(&[(1, 180), (2, 7), (3, 5_000)], 0, Some(1_090));
        before.outside.insert(3);
        after.outside.insert(3);
        assert_eq!(used(&before, &after), (4_090, CpuSource::ControlGroup));
    }

    #[test]
    fn the_parts_are_scaled_to_the_exact_total() {
        let before = reading(&[(1, 0)], 0, None);
        let mut after = reading(&[(1, 1_001)], 0, None);
        after.split = Some(Split { user_ns: 30_000_000, system_ns: 10_000_000 });
        let used = before.until(&after);
        assert_eq!((used.user_ns, used.system_ns), (750, 251));
    }
}
