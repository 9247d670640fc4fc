//! Random numbers, and the cheats with them.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// A source of numbers that differs from start to start.
pub(super) struct Draw {
    state: AtomicU64,
    turn: AtomicU64,
}

impl Draw {
    pub(super) fn new() -> Self {
        let state = AtomicU64::new(RandomState::new().hash_one(0));
        Self { state, turn: AtomicU64::new(0) }
    }

    /// 1 to `largest`, by an xorshift-multiply of a Weyl sequence.
    pub(super) fn number(&self, largest: u64) -> i32 {
        let weyl = self.state.fetch_add(0xd1b5_4a32_d192_ed03, Ordering::Relaxed);
        let mixed = (weyl ^ (weyl >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        let mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        i32::try_from((mixed ^ (mixed >> 32)) % largest).unwrap_or(0) + 1
    }

    /// 1 to 10000 by turns.
    pub(super) fn next_turn(&self) -> i32 {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        i32::try_from(turn.wrapping_mul(6_181) % 10_000).unwrap_or(0) + 1
    }
}
