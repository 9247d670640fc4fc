//! The scheduling class and niceness of threads: a server that takes a higher one than it was given
//! has the core before whatever it is compared with.

use std::fmt;
use std::fs;

use crate::accounting::ThreadId;

/// How one thread is scheduled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scheduling {
    /// sched(7); 0 is the usual one.
    policy: u32,
    /// From -20, which has the core most, to 19.
    niceness: i32,
}

impl Scheduling {
    /// What a server may have: that of this thread, which it inherits where it is a process, or the
    /// usual one, which a container has.
    pub(super) fn given() -> Self {
        let own = fs::read_to_string("/proc/thread-self/stat").unwrap_or_default();
        let own = Self::parse(&own).unwrap_or(Self { policy: 0, niceness: 0 });
        Self { niceness: own.niceness.min(0), ..own }
    }

    /// Of every one of `threads`, each kind once, the most favoured first.
    pub(super) fn of_all(threads: &[ThreadId]) -> Vec<Self> {
        let stats = threads.iter().filter_map(|one| one.read("stat"));
        let mut found: Vec<Self> = stats.filter_map(|stat| Self::parse(&stat)).collect();
        found.sort_by_key(|it| (!it.is_realtime(), it.niceness, it.policy));
        found.dedup();
        found
    }

    /// All in words; nothing of no thread.
    pub(super) fn summary(all: &[Self]) -> Option<String> {
        let words: Vec<String> = all.iter().map(ToString::to_string).collect();
        (!words.is_empty()).then(|| words.join("; "))
    }

    /// Whether it is preferred to a thread that is scheduled as `given`.
    pub(super) fn is_above(self, given: Self) -> bool {
        let is_raised = self.is_realtime() && !given.is_realtime();
        is_raised || (!self.is_realtime() && self.niceness < given.niceness)
    }

    /// SCHED_FIFO, SCHED_RR and SCHED_DEADLINE come before everything else.
    fn is_realtime(self) -> bool {
        matches!(self.policy, 1 | 2 | 6)
    }

    /// Fields 19 and 41 of `stat` (proc(5)); the name in field 2 may hold anything.
    fn parse(stat: &str) -> Option<Self> {
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let field = |number: usize| fields.get(number - 3);
        Some(Self { niceness: field(19)?.parse().ok()?, policy: field(41)?.parse().ok()? })
    }
}

impl fmt::Display for Scheduling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let policy = match self.policy {
            0 => "other",
            1 => "fifo",
            2 => "rr",
            3 => "batch",
            5 => "idle",
            6 => "deadline",
            _ => "unknown",
        };
        write!(f, "{policy}, nice {}", self.niceness)
    }
}

#[cfg(test)]
mod tests {
    use super::{Scheduling, ThreadId};

    #[test]
    fn this_process_is_read_back() {
        let all = Scheduling::of_all(&ThreadId::all(&[std::process::id()]));
        assert!(
            !all.is_empty() && all.iter().all(|it| !it.is_above(Scheduling::given())),
            "{all:?}"
        );
        assert!(Scheduling::summary(&all).is_some_and(|text| text.contains("nice")));
        assert_eq!(Scheduling::summary(&[]), None);
    }

    #[test]
    fn a_higher_class_and_a_lower_niceness_are_above() {
        let of = |policy, niceness| Scheduling { policy, niceness };
        let given = of(0, 0);
        assert!(of(1, 0).is_above(given) && of(6, 0).is_above(given) && of(0, -1).is_above(given));
        assert!(!given.is_above(given) && !of(0, 5).is_above(given) && !of(5, 0).is_above(given));
        assert!(!of(0, 3).is_above(of(0, 3)) && of(0, 0).is_above(of(0, 3)));
        assert_eq!(of(2, -3).to_string(), "rr, nice -3");
    }
}
