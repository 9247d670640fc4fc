//! Memory of a tree of processes.

use std::fs;

use super::processes::{folder, number};

/// Memory at one moment, summed over the processes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Resident set: pages shared by several processes count for each.
    pub rss_bytes: u64,
    /// Proportional set: pages shared by n processes count 1/n for each. Absent where the kernel
    /// does not tell (`smaps_rollup` is from Linux 4.14 on, and for the same user).
    pub pss_bytes: Option<u64>,
    /// Sum of the largest resident sets until now.
    pub peak_rss_bytes: u64,
    /// Threads.
    pub threads: u32,
}

impl Memory {
    /// Reads the memory of `processes`. The kernel walks all their pages for it, so this is not
    /// for the measured window.
    pub(crate) fn of(processes: &[u32]) -> Self {
        let mut sum = Self { pss_bytes: Some(0), ..Self::default() };
        for &process in processes {
            let read = |file: &str| fs::read_to_string(folder(process).join(file)).ok();
            let Some(status) = read("status") else { continue };
            let kibibytes = |name| number(&status, name).unwrap_or(0) * 1024;
            sum.rss_bytes += kibibytes("VmRSS");
            sum.peak_rss_bytes += kibibytes("VmHWM");
            let threads = number(&status, "Threads").unwrap_or(0);
            sum.threads += u32::try_from(threads).unwrap_or(u32::MAX);
            let pss = read("smaps_rollup").and_then(|text| number(&text, "Pss"));
            sum.pss_bytes = sum.pss_bytes.zip(pss).map(|(sum, pss)| sum + pss * 1024);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::Memory;

    #[test]
    fn the_proportional_set_is_within_the_resident_set() {
        let memory = Memory::of(&[std::process::id()]);
        assert!(memory.rss_bytes > 0 && memory.rss_bytes <= memory.peak_rss_bytes, "{memory:?}");
        assert!(memory.threads >= 1);
        if let Some(pss) = memory.pss_bytes {
            assert!(pss > 0 && pss <= memory.peak_rss_bytes, "{memory:?}");
        }
    }

    #[test]
    fn a_process_that_ended_adds_nothing() {
        assert_eq!(Memory::of(&[u32::MAX]).rss_bytes, 0);
    }
}
