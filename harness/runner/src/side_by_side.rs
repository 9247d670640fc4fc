//! Work on several things at a time, on threads of a scope.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::Scope;

/// Does `work` with each of `items`, in their order, with at most `most` of them at a time (at least
/// one). It returns at once; the scope awaits the end.
pub(crate) fn side_by_side<'scope, T, W>(
    scope: &'scope Scope<'scope, '_>,
    most: usize,
    items: Vec<T>,
    work: W,
) where
    T: Sync + Send + 'scope,
    W: Fn(&T) + Clone + Send + 'scope,
{
    let threads = most.max(1).min(items.len());
    let shared = Arc::new((AtomicUsize::new(0), items));
    for _ in 0..threads {
        let (shared, work) = (Arc::clone(&shared), work.clone());
        scope.spawn(move || {
            let (next, items) = &*shared;
            while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                work(item);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Barrier, mpsc};

    use super::*;

    #[test]
    fn everything_is_done_with_so_many_at_a_time() {
        let (started, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let together = Barrier::new(3);
        let (send, done) = mpsc::channel();
        std::thread::scope(|scope| {
            let (started, ended, together) = (&started, &ended, &together);
            side_by_side(scope, 3, (0..9).collect(), move |item: &u32| {
                let running =
                    started.fetch_add(1, Ordering::SeqCst) + 1 - ended.load(Ordering::SeqCst);
                assert!(running <= 3, "{running}");
                // Passed only when three are here at the same time.
                together.wait();
                ended.fetch_add(1, Ordering::SeqCst);
                let _ = send.send(*item);
            });
        });
        let mut done: Vec<u32> = done.iter().collect();
        done.sort_unstable();
        assert_eq!(done, (0..9).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_to_do_is_done() {
        std::thread::scope(|scope| {
            side_by_side(scope, 0, Vec::<u32>::new(), |_| unreachable!("there is none"));
        });
    }
}
