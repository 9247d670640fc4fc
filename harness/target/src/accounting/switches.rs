//! Context switches of all threads.

use std::collections::BTreeMap;

use super::processes::number;
use super::threads::{MOST_THREADS, ThreadId};

/// Context switches between two readings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switches {
    /// That a thread asked for by waiting.
    pub voluntary: u64,
    /// That the kernel forced.
    pub involuntary: u64,
}

/// The counters at one moment, by thread; nothing where there are too many threads.
#[derive(Clone, Debug, Default)]
pub(super) struct SwitchReading(Option<BTreeMap<u32, Switches>>);

impl SwitchReading {
    pub(super) fn take(processes: &[u32]) -> Self {
        let threads = ThreadId::all(processes);
        if threads.len() > MOST_THREADS {
            return Self(None);
        }
        let of_thread = |one: ThreadId| Some((one.thread, parse(&one.read("status")?)?));
        Self(Some(threads.into_iter().filter_map(of_thread).collect()))
    }

    /// Threads that ended in between took their counters with them.
    pub(super) fn until(&self, later: &Self) -> Option<Switches> {
        let (before, after) = (self.0.as_ref()?, later.0.as_ref()?);
        let mut sum = Switches::default();
        for (thread, now) in after {
            let then = before.get(thread).copied().unwrap_or_default();
            sum.voluntary += now.voluntary.saturating_sub(then.voluntary);
            sum.involuntary += now.involuntary.saturating_sub(then.involuntary);
        }
        Some(sum)
    }
}

fn parse(status: &str) -> Option<Switches> {
    Some(Switches {
        voluntary: number(status, "voluntary_ctxt_switches")?,
        involuntary: number(status, "nonvoluntary_ctxt_switches")?,
    })
}

#[cfg(test)]
mod tests {
    use super::{SwitchReading, Switches};

    #[test]
    fn waiting_is_a_voluntary_switch() {
        let own = [std::process::id()];
        let before = SwitchReading::take(&own);
        std::thread::sleep(std::time::Duration::from_millis(1));
        let switches = before.until(&SwitchReading::take(&own)).expect("few threads");
        assert!(switches.voluntary >= 1, "{switches:?}");
    }

    #[test]
    fn a_thread_that_is_new_counts_from_zero() {
        let of = |entries: &[(u32, u64)]| {
            let switches = |voluntary| Switches { voluntary, involuntary: 1 };
            SwitchReading(Some(entries.iter().map(|&(id, n)| (id, switches(n))).collect()))
        };
        let used = of(&[(1, 10), (2, 20)]).until(&of(&[(1, 15), (3, 4)]));
        assert_eq!(used, Some(Switches { voluntary: 9, involuntary: 1 }));
        assert_eq!(of(&[]).until(&SwitchReading(None)), None);
    }
}
