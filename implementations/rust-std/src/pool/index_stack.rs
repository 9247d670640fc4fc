//! A lock-free stack of small numbers, each at most once in it: R. K. Treiber's
//! stack with links that are indices, so that it needs no `unsafe`.
//!
//! Memory orderings. Every change of `top` is a compare-exchange, so all of them
//! form one release sequence: the `Acquire` load of a top sees every link that
//! was stored before the `Release` push that put it there, also when pops by
//! other threads came between. A `Relaxed` link read from an entry that another
//! thread has popped meanwhile may be of another time, but then `top` has
//! changed, and so has its tag: the exchange fails. The tag (32 bits, one up per
//! change) is what makes A-B-A harmless; it would have to wrap around between
//! the load and the exchange of one thread.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::padded::Padded;

const NONE: u32 = u32::MAX;

#[derive(Debug)]
pub(crate) struct IndexStack {
    /// The tag in the upper half, the topmost number (or `NONE`) in the lower.
    top: Padded<AtomicU64>,
    below: Box<[AtomicU32]>,
}

fn split(top: u64) -> (u32, u32) {
    ((top >> 32) as u32, top as u32)
}

fn join(tag: u32, number: u32) -> u64 {
    u64::from(tag) << 32 | u64::from(number)
}

impl IndexStack {
    /// An empty stack for the numbers below `capacity`.
    pub(crate) fn empty(capacity: usize) -> Self {
        assert!(capacity < NONE as usize, "numbers are 32 bits wide");
        Self {
            top: Padded(AtomicU64::new(join(0, NONE))),
            below: (0..capacity).map(|_| AtomicU32::new(NONE)).collect(),
        }
    }

    /// A stack with all of them, zero on top.
    pub(crate) fn full(capacity: usize) -> Self {
        let stack = Self::empty(capacity);
        for number in (0..capacity as u32).rev() {
            stack.push(number);
        }
        stack
    }

    /// Puts a number on top that is not in the stack.
    pub(crate) fn push(&self, number: u32) {
        let mut top = self.top.load(Ordering::Relaxed);
        loop {
            let (tag, below) = split(top);
            self.below[number as usize].store(below, Ordering::Relaxed);
            let next = join(tag.wrapping_add(1), number);
            match self.top.compare_exchange_weak(top, next, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(now) => top = now,
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        split(self.top.load(Ordering::Relaxed)).1 == NONE
    }

    /// Takes the topmost number.
    pub(crate) fn pop(&self) -> Option<u32> {
        let mut top = self.top.load(Ordering::Acquire);
        loop {
            let (tag, number) = split(top);
            if number == NONE {
                return None;
            }
            let below = self.below[number as usize].load(Ordering::Relaxed);
            let next = join(tag.wrapping_add(1), below);
            match self.top.compare_exchange_weak(top, next, Ordering::Acquire, Ordering::Acquire) {
                Ok(_) => return Some(number),
                Err(now) => top = now,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;

    #[test]
    fn last_in_first_out() {
        let stack = IndexStack::full(3);
        assert_eq!((stack.pop(), stack.pop()), (Some(0), Some(1)));
        stack.push(0);
        assert_eq!((stack.pop(), stack.pop(), stack.pop()), (Some(0), Some(2), None));
    }

    /// Threads pop and push back: no number is ever held by two of them.
    #[test]
    fn no_number_is_held_twice() {
        let stack = IndexStack::full(3);
        let held: [AtomicBool; 3] = Default::default();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50_000 {
                        let Some(number) = stack.pop() else { continue };
                        let held = &held[number as usize];
                        assert!(!held.swap(true, Ordering::Relaxed), "{number} is held twice");
                        held.store(false, Ordering::Relaxed);
                        stack.push(number);
                    }
                });
            }
        });
        let mut left: Vec<_> = std::iter::from_fn(|| stack.pop()).collect();
        left.sort_unstable();
        assert_eq!(left, [0, 1, 2]);
    }
}
