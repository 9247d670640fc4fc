//! Williams Latin squares: orders of N entries that balance place and carry-over.
//!
//! E. J. Williams, Experimental Designs Balanced for the Estimation of Residual Effects of
//! Treatments, Australian Journal of Scientific Research A 2 (1949), 149-168. Every entry stands
//! in every place equally often, and every entry follows every other equally often, so that
//! neither warming up nor what the predecessor left behind (a hot core, a full cache, sockets in
//! TIME_WAIT) favours anyone. An even number of entries needs one square, an odd one two.

use crate::random::Seeded;

/// Blocks after which the design for `entries` entries is balanced: `entries` when they are even,
/// twice that when odd. A number of blocks should be a multiple of it, where time allows.
#[must_use]
pub fn balanced_blocks(entries: usize) -> usize {
    if entries > 1 && entries % 2 == 1 { 2 * entries } else { entries }
}

/// The order of the entries 0 to `entries` - 1 in each of `blocks` blocks, under `seed`.
///
/// Who bears which label of the square is drawn at random, and so is the sequence of its rows;
/// blocks beyond one balanced set begin another with labels drawn anew. An unfinished set is
/// balanced as far as it goes.
///
/// ```
/// use httpdyno_stats::williams;
/// let orders = williams::orders(4, williams::balanced_blocks(4), 7);
/// for entry in 0..4 {
///     let predecessors: Vec<usize> = orders
///         .iter()
///         .filter_map(|order| order.windows(2).find(|pair| pair[1] == entry))
///         .map(|pair| pair[0])
///         .collect();
///     assert_eq!(predecessors.len(), 3); // each of the other three, once
/// }
/// ```
#[must_use]
pub fn orders(entries: usize, blocks: usize, seed: u64) -> Vec<Vec<usize>> {
    let mut random = Seeded::new(seed);
    let mut orders = Vec::with_capacity(blocks);
    while orders.len() < blocks {
        let mut labels: Vec<usize> = (0..entries).collect();
        random.shuffle(&mut labels);
        let mut rows = balanced_set(entries);
        random.shuffle(&mut rows);
        for row in rows.iter().take(blocks - orders.len()) {
            orders.push(row.iter().map(|&symbol| labels[symbol]).collect());
        }
    }
    orders
}

/// The square for an even number; the square and its mirror image for an odd one.
fn balanced_set(entries: usize) -> Vec<Vec<usize>> {
    let first_row = zigzag(entries);
    let shifted = |by: usize| first_row.iter().map(move |symbol| (symbol + by) % entries);
    let mut rows: Vec<Vec<usize>> = (0..entries.max(1)).map(|by| shifted(by).collect()).collect();
    if balanced_blocks(entries) > entries {
        let mirrored: Vec<Vec<usize>> =
            rows.iter().map(|row| row.iter().rev().copied().collect()).collect();
        rows.extend(mirrored);
    }
    rows
}

/// 0, 1, n-1, 2, n-2, ...: the steps between neighbours are all different, modulo n (for odd n,
/// together with those of the mirror image).
fn zigzag(entries: usize) -> Vec<usize> {
    (0..entries)
        .map(
            |place| {
                if place % 2 == 1 { place.div_ceil(2) } else { (entries - place / 2) % entries }
            },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{balanced_blocks, orders, zigzag};

    /// How often `second` directly follows `first`, and how often an entry stands in a place.
    fn counts(entries: usize, orders: &[Vec<usize>]) -> (Vec<Vec<u32>>, Vec<Vec<u32>>) {
        let mut follows = vec![vec![0; entries]; entries];
        let mut places = vec![vec![0; entries]; entries];
        for order in orders {
            order.windows(2).for_each(|pair| follows[pair[0]][pair[1]] += 1);
            order.iter().enumerate().for_each(|(place, &entry)| places[entry][place] += 1);
        }
        (follows, places)
    }

    #[test]
    fn the_first_row_is_williams() {
        assert_eq!(zigzag(4), [0, 1, 3, 2]);
        assert_eq!(zigzag(6), [0, 1, 5, 2, 4, 3]);
        assert_eq!(zigzag(5), [0, 1, 4, 2, 3]);
    }

    #[test]
    fn place_and_carry_over_are_balanced_for_even_and_odd_numbers() {
        for entries in 2..=13 {
            let orders = orders(entries, balanced_blocks(entries), entries as u64);
            let times = if entries % 2 == 0 { 1 } else { 2 };
            let (follows, places) = counts(entries, &orders);
            for first in 0..entries {
                for second in 0..entries {
                    let expected = if first == second { 0 } else { times };
                    assert_eq!(follows[first][second], expected, "{entries}: {first}, {second}");
                    assert_eq!(places[first][second], times, "{entries}: {first} at {second}");
                }
            }
        }
    }

    #[test]
    fn every_block_holds_every_entry_once_also_in_an_unfinished_set() {
        for mut order in orders(5, 17, 3) {
            order.sort_unstable();
            assert_eq!(order, [0, 1, 2, 3, 4]);
        }
        assert_eq!(orders(5, 17, 3).len(), 17);
    }

    #[test]
    fn several_sets_are_balanced_together() {
        let (follows, _) = counts(4, &orders(4, 12, 9));
        for (first, row) in follows.iter().enumerate() {
            for (second, &times) in row.iter().enumerate() {
                assert_eq!(times, if first == second { 0 } else { 3 });
            }
        }
    }

    #[test]
    fn the_seed_decides() {
        assert_eq!(orders(6, 6, 1), orders(6, 6, 1));
        assert_ne!(orders(6, 6, 1), orders(6, 6, 2));
    }

    #[test]
    fn one_entry_or_none_needs_no_square() {
        assert_eq!(orders(1, 3, 1), [[0], [0], [0]]);
        assert_eq!(orders(0, 2, 1), [Vec::<usize>::new(), Vec::new()]);
        assert!(orders(4, 0, 1).is_empty());
        assert_eq!((balanced_blocks(0), balanced_blocks(1), balanced_blocks(2)), (0, 1, 2));
    }
}
