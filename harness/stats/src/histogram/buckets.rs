//! The bucket arithmetic of HdrHistogram for 1 ns to 60 s with 3 significant digits.
//!
//! Two thousand and forty-eight sub-buckets of one unit, then 1024 sub-buckets for each further
//! power of two, which keeps every bucket narrower than a thousandth of its value.

/// The highest value that is told apart from higher ones, in nanoseconds.
pub const MAX_NS: u64 = 60_000_000_000;

const HALF_BITS: u32 = 10;
const SUB_MASK: u64 = (1 << (HALF_BITS + 1)) - 1;

/// How many buckets there are.
pub(crate) const BUCKETS: usize = index_of(MAX_NS) + 1;

/// The bucket of a value; the value must not exceed [`MAX_NS`].
#[inline]
#[allow(clippy::cast_possible_truncation)] // a bucket number is below 2^15
pub(crate) const fn index_of(value: u64) -> usize {
    let shift = (u64::BITS - HALF_BITS - 1) - (value | SUB_MASK).leading_zeros();
    ((shift as usize) << HALF_BITS) + (value >> shift) as usize
}

/// The lowest value of a bucket.
pub(crate) fn lowest(index: usize) -> u64 {
    let shift = (index >> HALF_BITS).saturating_sub(1);
    ((index - (shift << HALF_BITS)) as u64) << shift
}

/// The highest value of a bucket.
pub(crate) fn highest(index: usize) -> u64 {
    lowest(index + 1) - 1
}

/// The middle of a bucket, rounded as HdrHistogram does.
pub(crate) fn median(index: usize) -> u64 {
    lowest(index) + ((lowest(index + 1) - lowest(index)) >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_contiguous_and_narrow() {
        let mut expected = 0;
        for index in 0..BUCKETS {
            assert_eq!(lowest(index), expected);
            assert_eq!((index_of(lowest(index)), index_of(highest(index))), (index, index));
            assert!((highest(index) - lowest(index)) * 1000 <= lowest(index));
            expected = highest(index) + 1;
        }
        assert!(expected > MAX_NS);
    }
}
