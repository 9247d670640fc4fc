//! Two servers of one run, block by block: which blocks hold both, and the ratio they come to.

use std::collections::BTreeMap;

use httpdyno_stats::{Estimate, LogDifferences, PairedBlock, RatioError};

use crate::series::ByBlock;

/// The blocks in which both have a number.
pub type Pairs = BTreeMap<u32, PairedBlock>;

/// `one` beside `other`, in the blocks that hold both.
#[must_use]
pub fn pairs(one: ByBlock, mut other: ByBlock) -> Pairs {
    let both = one.into_iter();
    both.filter_map(|(block, a)| Some((block, PairedBlock { a, b: other.remove(&block)? })))
        .collect()
}

/// The differences of `pairs`, and the ratio they come to, with the spread of those of the first
/// `pilot_blocks` blocks (see [`estimate`]).
///
/// # Errors
/// When fewer than two blocks hold both: a single pair says nothing about how far another one would
/// lie.
pub fn ratio(pairs: &Pairs, pilot_blocks: u32) -> Result<(LogDifferences, Estimate), RatioError> {
    let blocks: Vec<PairedBlock> = pairs.values().cloned().collect();
    let differences = LogDifferences::from_blocks(&blocks)?;
    let estimate = estimate(&differences, of_pilot(pairs, pilot_blocks));
    Ok((differences, estimate))
}

/// How many of the blocks that count were the pilot's.
#[must_use]
pub fn of_pilot<T>(by_block: &BTreeMap<u32, T>, pilot_blocks: u32) -> usize {
    by_block.range(..pilot_blocks).count()
}

/// What `differences` come to. Where the spread of a pilot decided how many blocks there are, the
/// interval stands on that spread alone (Stein 1945); of fewer than two blocks of a pilot there is
/// none, and all blocks count.
#[must_use]
pub fn estimate(differences: &LogDifferences, of_pilot: usize) -> Estimate {
    differences.estimate_after_pilot(of_pilot).unwrap_or_else(|_| differences.estimate())
}

#[cfg(test)]
mod tests {
    use super::{pairs, ratio};
    use crate::series::ByBlock;

    fn by_block(numbers: &[(u32, u64)]) -> ByBlock {
        numbers.iter().map(|&(block, number)| (block, vec![number])).collect()
    }

    #[test]
    fn blocks_that_hold_one_of_two_are_no_pairs() {
        let one = by_block(&[(0, 10), (1, 11), (3, 12)]);
        let both = pairs(one, by_block(&[(1, 22), (2, 5), (3, 24)]));
        assert_eq!(both.keys().copied().collect::<Vec<_>>(), [1, 3]);
        let (_, estimate) = ratio(&both, 0).expect("two blocks");
        assert_eq!(estimate.ratio().ppm(), 500_000);
        assert!(ratio(&pairs(by_block(&[(0, 1)]), by_block(&[(0, 2)])), 0).is_err());
    }

    #[test]
    fn the_pilots_spread_decides_where_two_of_its_blocks_count() {
        let steady: Vec<(u32, u64)> = (0..6).map(|block| (block, 1_000_000)).collect();
        let loud = by_block(&[
            (0, 1_000_000),
            (1, 1_010_000),
            (2, 1_000_000),
            (3, 1_900_000),
            (4, 600_000),
            (5, 1_800_000),
        ]);
        let both = pairs(loud, by_block(&steady));
        let spread = |pilot| ratio(&both, pilot).expect("six blocks").1.spread();
        assert!(spread(3) < spread(0) / 5.0, "{} and {}", spread(3), spread(0));
        assert_eq!(spread(1).to_bits(), spread(0).to_bits(), "one block has no spread");
    }
}
