//! The order of A and B within a block: ABBA or BAAB.
//!
//! In either order A and B have the same mean time, so that a drift that is linear within the
//! block cancels from their difference. Which of the two a block gets is drawn at random, so that
//! nothing periodic can fall in step with it (R. A. Fisher, The Design of Experiments (1935)).

use crate::random::Seeded;

/// One of the two that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arm {
    /// The first.
    A,
    /// The second.
    B,
}

/// The orders of `blocks` blocks under `seed`: half ABBA and half BAAB, in random sequence; with
/// an odd number, a coin decides what the last one is.
///
/// ```
/// use httpdyno_stats::abba::{Arm, orders};
/// for order in orders(6, 42) {
///     assert_eq!(order[0], order[3]);
///     assert_eq!(order[1], order[2]);
///     assert_ne!(order[0], order[1]);
/// }
/// ```
#[must_use]
pub fn orders(blocks: usize, seed: u64) -> Vec<[Arm; 4]> {
    let mut random = Seeded::new(seed);
    let coin = random.below(2);
    let mut orders: Vec<[Arm; 4]> = (0..blocks)
        .map(|block| match (block + coin) % 2 {
            0 => [Arm::A, Arm::B, Arm::B, Arm::A],
            _ => [Arm::B, Arm::A, Arm::A, Arm::B],
        })
        .collect();
    random.shuffle(&mut orders);
    orders
}

#[cfg(test)]
mod tests {
    use super::{Arm, orders};

    fn starting_with_a(orders: &[[Arm; 4]]) -> usize {
        orders.iter().filter(|order| order[0] == Arm::A).count()
    }

    #[test]
    fn both_orders_come_equally_often() {
        for seed in 0..50 {
            assert_eq!(starting_with_a(&orders(10, seed)), 5);
            assert!((5..=6).contains(&starting_with_a(&orders(11, seed))));
        }
    }

    #[test]
    fn the_seed_decides_which_block_gets_which() {
        assert_eq!(orders(10, 1), orders(10, 1));
        let first_of: std::collections::BTreeSet<usize> =
            (0..50).map(|seed| starting_with_a(&orders(1, seed))).collect();
        assert_eq!(first_of.len(), 2);
        assert!((0..50).any(|seed| orders(10, seed) != orders(10, 1)));
    }

    #[test]
    fn a_linear_drift_cancels() {
        for order in orders(8, 3) {
            let signed = |(time, arm): (i32, Arm)| if arm == Arm::A { time } else { -time };
            assert_eq!((0_i32..).zip(order).map(signed).sum::<i32>(), 0);
        }
    }

    #[test]
    fn no_blocks_have_no_orders() {
        assert!(orders(0, 1).is_empty());
    }
}
