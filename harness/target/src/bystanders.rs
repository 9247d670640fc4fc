//! Who else used CPU time in a while: for a message that says what to stop.

use std::collections::BTreeMap;

use crate::accounting::{ProcessTime, times_of_processes};

/// Most programs that are named.
const NAMED: usize = 3;

/// Less than this is nothing to speak of.
const LEAST_NS: u64 = 20_000_000;

/// The CPU time of every process at one moment.
#[derive(Clone, Debug, Default)]
pub struct Bystanders(BTreeMap<u32, ProcessTime>);

impl Bystanders {
    /// All processes there are, those of the kernel included.
    #[must_use]
    pub fn now() -> Self {
        Self(times_of_processes())
    }

    /// Those that used most until a later moment, but for the processes `known`, each as
    /// "`name` (id) for 380 ms". What has ended by then is not seen.
    #[must_use]
    pub fn busiest_until(&self, later: &Self, known: &[u32]) -> Vec<String> {
        let used = |(id, now): (&u32, &ProcessTime)| {
            let before = self.0.get(id).filter(|before| before.name == now.name);
            let used_ns = now.cpu_ns.saturating_sub(before.map_or(0, |before| before.cpu_ns));
            (used_ns, *id, now.name.clone())
        };
        let others = later.0.iter().filter(|(id, _)| !known.contains(id));
        let mut used: Vec<(u64, u32, String)> =
            others.map(used).filter(|(used_ns, ..)| *used_ns >= LEAST_NS).collect();
        used.sort_by(|a, b| b.cmp(a));
        let told = |(used_ns, id, name)| format!("`{name}` ({id}) for {} ms", used_ns / 1_000_000);
        used.into_iter().take(NAMED).map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Bystanders;
    use crate::accounting::{ProcessTime, thread_cpu_ns};

    fn bystanders(of: &[(u32, &str, u64)]) -> Bystanders {
        let time = |&(id, name, ms): &(u32, &str, u64)| {
            (id, ProcessTime { name: name.to_owned(), cpu_ns: ms * 1_000_000 })
        };
        Bystanders(of.iter().map(time).collect())
    }

    #[test]
    fn the_busiest_are_named_but_for_those_that_belong_here() {
        let before = bystanders(&[(1, "init", 500), (7, "server", 10), (8, "make", 100)]);
        let after = bystanders(&[
            (1, "init", 510),
            (7, "server", 900),
            // Another one with the number of one that has ended.
            (8, "cc1", 90),
            (9, "python3", 380),
            (10, "ld", 40),
            (11, "as", 30),
        ]);
        assert_eq!(
            before.busiest_until(&after, &[7]),
            ["`python3` (9) for 380 ms", "`cc1` (8) for 90 ms", "`ld` (10) for 40 ms"]
        );
    }

    #[test]
    fn this_process_is_seen_when_it_works() {
        let before = Bystanders::now();
        let began_ns = thread_cpu_ns();
        while thread_cpu_ns() - began_ns < 60_000_000 {
            std::hint::spin_loop();
        }
        let own = std::process::id();
        let later = Bystanders::now();
        let others: Vec<u32> = later.0.keys().copied().filter(|id| *id != own).collect();
        let told = before.busiest_until(&later, &others);
        assert!(told.len() == 1 && told[0].contains(&format!("({own})")), "{told:?}");
        assert!(before.busiest_until(&later, &[&others[..], &[own]].concat()).is_empty());
    }
}
