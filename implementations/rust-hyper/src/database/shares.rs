//! Which connections a worker uses: its own ones, which are driven by its own runtime, so that a
//! request and its rows stay on one core.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::connection::Connection;
use super::pool::{Lease, Pool, Slot, Unavailable, deadline};

/// The connections of one worker.
pub(crate) struct Share {
    pool: &'static Pool,
    own: Box<[&'static Slot]>,
    /// Which of them was taken last.
    last: AtomicUsize,
}

/// The numbers of the slots that each of `workers` keeps open: every slot once, as evenly as can
/// be. With more workers than slots some keep none.
pub(crate) fn deal(slots: usize, workers: usize) -> Vec<Vec<usize>> {
    (0..workers).map(|worker| (worker..slots).step_by(workers).collect()).collect()
}

impl Share {
    /// The share of the worker that keeps the slots `kept` open. One that keeps none asks all.
    pub(crate) fn new(pool: &'static Pool, kept: &[usize]) -> Self {
        let slots = pool.slots();
        let own = match kept {
            [] => slots.iter().collect(),
            kept => kept.iter().map(|slot| &slots[*slot]).collect(),
        };
        Self { pool, own, last: AtomicUsize::new(0) }
    }

    /// A connection for one request: the one that is about to be written to, since one write is
    /// far cheaper than two for both sides; else the least used of this worker, or of another
    /// while this one has none. Waits for it within the time that the request has.
    pub(super) async fn lease(&self) -> Result<Lease, Unavailable> {
        let deadline = deadline();
        let find = || {
            let found = self.gathering().or_else(|| self.least_used());
            let found = found.or_else(|| least_used(self.pool.slots().iter()))?;
            Some(Lease::new(self.pool, found.slot, found.connection, deadline))
        };
        match find() {
            Some(lease) => Ok(lease),
            None => self.pool.wait(deadline, find).await,
        }
    }

    fn gathering(&self) -> Option<Good> {
        let index = self.last.load(Ordering::Relaxed);
        let slot = self.own.get(index).copied()?;
        let connection = slot.get().filter(|connection| connection.is_gathering())?;
        Some(Good { index, slot, connection })
    }

    fn least_used(&self) -> Option<Good> {
        let found = least_used(self.own.iter().copied())?;
        self.last.store(found.index, Ordering::Relaxed);
        Some(found)
    }
}

/// A connection that can be lent, and which one it is among those that were looked at.
struct Good {
    index: usize,
    slot: &'static Slot,
    connection: Arc<Connection>,
}

/// The connection with the fewest users, the first one without any at once.
fn least_used(slots: impl Iterator<Item = &'static Slot>) -> Option<Good> {
    let mut best: Option<(usize, Good)> = None;
    for (index, slot) in slots.enumerate() {
        let Some(connection) = slot.get() else { continue };
        let load = connection.load();
        if best.as_ref().is_none_or(|(least, _)| load < *least) {
            best = Some((load, Good { index, slot, connection }));
        }
        if load == 0 {
            break;
        }
    }
    best.map(|(_, found)| found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slot_is_dealt_to_one_worker() {
        for (slots, workers) in [(8, 2), (7, 2), (3, 3), (1, 4), (5, 8), (256, 3)] {
            let dealt = deal(slots, workers);
            assert_eq!(dealt.len(), workers);
            let mut all = dealt.concat();
            all.sort_unstable();
            assert_eq!(all, (0..slots).collect::<Vec<_>>(), "{slots} to {workers}");
            let sizes = dealt.iter().map(Vec::len);
            let (least, most) = (sizes.clone().min().unwrap(), sizes.max().unwrap());
            assert!(most - least <= 1, "{slots} to {workers}: {least} to {most}");
        }
    }
}
