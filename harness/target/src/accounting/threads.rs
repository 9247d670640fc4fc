//! The threads of a server's processes.

use std::fs;
use std::hash::{BuildHasher, RandomState};

use super::processes::folder;

/// With more threads, asking each takes longer than a window's edge may.
pub(crate) const MOST_THREADS: usize = 512;

/// One thread, and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ThreadId {
    pub(crate) process: u32,
    pub(crate) thread: u32,
}

impl ThreadId {
    /// Of all `processes`, at this moment.
    pub(crate) fn all(processes: &[u32]) -> Vec<Self> {
        processes.iter().flat_map(|&process| Self::of(process)).collect()
    }

    fn of(process: u32) -> Vec<Self> {
        let Ok(threads) = fs::read_dir(folder(process).join("task")) else { return Vec::new() };
        let ids = threads.flatten().filter_map(|it| it.file_name().to_string_lossy().parse().ok());
        ids.map(|thread| Self { process, thread }).collect()
    }

    /// As many of `processes` as the edge of a window has time for. Of more they are drawn, evenly, from
    /// a place that is another each time: whoever hides among many is found sooner or later.
    pub(crate) fn drawn(processes: &[u32]) -> Vec<Self> {
        let all = Self::all(processes);
        let place = usize::try_from(RandomState::new().hash_one(all.len()) >> 32).unwrap_or(0);
        drawn(&all, MOST_THREADS, place)
    }

    /// What `/proc` has of it under this name; nothing once it has ended.
    pub(crate) fn read(self, file: &str) -> Option<String> {
        let path = folder(self.process).join(format!("task/{}/{file}", self.thread));
        fs::read_to_string(path).ok()
    }
}

/// At most so many, at equal distances from a place that `place` decides.
fn drawn<T: Copy>(all: &[T], most: usize, place: usize) -> Vec<T> {
    let count = all.len().min(most);
    let nth = |index: usize| all[(place + index * all.len() / count) % all.len()];
    (0..count).map(nth).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{ThreadId, drawn};

    #[test]
    fn of_few_all_are_drawn_and_of_many_each_has_its_turn() {
        let all: Vec<u32> = (0..1300).collect();
        let few: BTreeSet<u32> = drawn(&all[..512], 512, 77).into_iter().collect();
        assert_eq!(few.len(), 512);
        assert_eq!(drawn(&all[..0], 512, 77), [0; 0]);
        let mut seen = BTreeSet::new();
        for place in 0..3 {
            let drawn: BTreeSet<u32> = drawn(&all, 512, place).into_iter().collect();
            assert_eq!(drawn.len(), 512, "nobody is drawn twice");
            seen.extend(drawn);
        }
        assert_eq!(seen.len(), all.len());
    }

    #[test]
    fn this_process_has_threads_and_one_that_is_none_has_not() {
        let own = ThreadId::all(&[std::process::id()]);
        assert!(own.iter().any(|it| it.read("status").is_some_and(|it| it.contains("Name:"))));
        assert_eq!(ThreadId::all(&[u32::MAX]), []);
        assert_eq!(ThreadId::drawn(&[u32::MAX]), []);
    }
}
