//! A bounded queue for many producers and many consumers: Dmitry Vyukov's ring
//! ("Bounded MPMC queue", 1024cores.net), first in, first out.
//!
//! Without `unsafe` a queue can not own values of any type, so this one carries
//! plain integers in atomics: numbers of slots, in which the connections lie.
//!
//! Memory orderings. A cell's `turn` says whose it is: `position` means free for
//! the producer of that position, `position + 1` filled for its consumer, and
//! `position + capacity` free again, one lap later. The `Release` store of
//! `turn` publishes the `Relaxed` store of `value` (and whatever the producer did
//! before) to the consumer's `Acquire` load of the same `turn`; likewise the
//! consumer's `Release` store orders its load of `value` before the next lap's
//! store. `head` and `tail` only hand out positions: a compare-exchange makes
//! each go to one thread, and no data hangs on them, so they are `Relaxed`.

use std::sync::atomic::{AtomicU64, Ordering};

use super::padded::Padded;

#[derive(Debug)]
pub(crate) struct Ring {
    cells: Box<[Cell]>,
    mask: u64,
    /// The next position to take.
    head: Padded<AtomicU64>,
    /// The next position to fill.
    tail: Padded<AtomicU64>,
}

#[derive(Debug)]
struct Cell {
    turn: AtomicU64,
    value: AtomicU64,
}

impl Ring {
    /// A ring for at least `capacity` values.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        let size = capacity.next_power_of_two().max(2) as u64;
        let cell = |position| Cell { turn: AtomicU64::new(position), value: AtomicU64::new(0) };
        Self {
            cells: (0..size).map(cell).collect(),
            mask: size - 1,
            head: Padded::default(),
            tail: Padded::default(),
        }
    }

    fn cell(&self, position: u64) -> &Cell {
        &self.cells[(position & self.mask) as usize]
    }

    /// Appends a value; `false` when the ring is full.
    pub(crate) fn push(&self, value: u64) -> bool {
        let mut position = self.tail.load(Ordering::Relaxed);
        loop {
            let cell = self.cell(position);
            let turn = cell.turn.load(Ordering::Acquire);
            if turn < position {
                return false;
            }
            if turn > position {
                position = self.tail.load(Ordering::Relaxed);
                continue;
            }
            match self.tail.compare_exchange_weak(
                position,
                position + 1,
                Ordering::Relaxed,
                Ordering::Relaxed,
            ) {
                Ok(_) => {
                    cell.value.store(value, Ordering::Relaxed);
                    cell.turn.store(position + 1, Ordering::Release);
                    return true;
                }
                Err(now) => position = now,
            }
        }
    }

    /// Takes the oldest value; `None` when there is none, or when the producer of
    /// the oldest has not finished (it will signal when it has).
    pub(crate) fn pop(&self) -> Option<u64> {
        let mut position = self.head.load(Ordering::Relaxed);
        loop {
            let cell = self.cell(position);
            let turn = cell.turn.load(Ordering::Acquire);
            if turn <= position {
                return None;
            }
            if turn > position + 1 {
                position = self.head.load(Ordering::Relaxed);
                continue;
            }
            match self.head.compare_exchange_weak(
                position,
                position + 1,
                Ordering::Relaxed,
                Ordering::Relaxed,
            ) {
                Ok(_) => {
                    let value = cell.value.load(Ordering::Relaxed);
                    cell.turn.store(position + self.mask + 1, Ordering::Release);
                    return Some(value);
                }
                Err(now) => position = now,
            }
        }
    }

    /// Whether `pop` would find nothing.
    pub(crate) fn is_empty(&self) -> bool {
        let position = self.head.load(Ordering::Relaxed);
        // A `head` that is out of date shows a turn of a later lap: not empty.
        self.cell(position).turn.load(Ordering::Acquire) <= position
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU32;

    #[test]
    fn first_in_first_out_over_many_laps_and_full_at_its_capacity() {
        let ring = Ring::with_capacity(4);
        for lap in 0..10 {
            assert!(ring.is_empty() && ring.pop().is_none());
            for value in 0..4 {
                assert!(ring.push(lap * 10 + value));
            }
            assert!(!ring.push(99));
            for value in 0..4 {
                assert!(!ring.is_empty());
                assert_eq!(ring.pop(), Some(lap * 10 + value));
            }
        }
    }

    /// Four producers and four consumers over a small ring: every value is taken
    /// exactly once, and one producer's values in their order.
    #[test]
    fn every_value_is_taken_exactly_once() {
        const EACH: u64 = 20_000;
        let ring = Ring::with_capacity(64);
        let counts: Vec<AtomicU32> = (0..4 * EACH).map(|_| AtomicU32::new(0)).collect();
        let taken = AtomicU64::new(0);
        let consume = || {
            let mut last = [None; 4];
            while taken.load(Ordering::Relaxed) < 4 * EACH {
                let Some(value) = ring.pop() else {
                    std::thread::yield_now();
                    continue;
                };
                taken.fetch_add(1, Ordering::Relaxed);
                counts[value as usize].fetch_add(1, Ordering::Relaxed);
                let producer = (value / EACH) as usize;
                assert!(last[producer] < Some(value), "out of order");
                last[producer] = Some(value);
            }
        };
        std::thread::scope(|scope| {
            for producer in 0..4 {
                let ring = &ring;
                scope.spawn(move || {
                    for value in producer * EACH..(producer + 1) * EACH {
                        while !ring.push(value) {
                            std::thread::yield_now();
                        }
                    }
                });
                scope.spawn(consume);
            }
        });
        assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == 1));
        assert!(ring.is_empty());
    }
}
