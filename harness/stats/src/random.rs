//! Randomness from a seed, the same for ever.
//!
//! A record names a seed; whoever analyses it years later must get the same schedule and the same
//! intervals. So the numbers are defined here and not by a library's version: the keystream of
//! ChaCha8 (D. J. Bernstein, ChaCha, a variant of Salsa20, 2008) under the seed as its key.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A seeded source of random numbers.
///
/// ```
/// use httpdyno_stats::Seeded;
/// let order = |seed| {
///     let mut entries = [0, 1, 2, 3, 4, 5, 6, 7];
///     Seeded::new(seed).shuffle(&mut entries);
///     entries
/// };
/// assert_eq!(order(7), order(7));
/// assert_ne!(order(7), order(8));
/// ```
#[derive(Clone, Debug)]
pub struct Seeded(ChaCha8Rng);

impl Seeded {
    /// The source of `seed`: the seed is the low 64 bits of the key, little-endian.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A whole number from 0 to `bound` - 1; 0 when `bound` is 0.
    ///
    /// The high half of a 128-bit product (D. Lemire, Fast Random Integer Generation in an
    /// Interval, 2019); without its rejection step no number is likelier by more than bound/2^64.
    pub fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.0.next_u64()) * bound as u128;
        (wide >> 64) as usize
    }

    /// A number strictly between 0 and 1, of 53 random bits.
    pub fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Shuffles in place, every order equally likely (R. Durstenfeld, Algorithm 235, 1964).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Seeded;
    use rand_chacha::rand_core::Rng;

    /// The published ChaCha8 keystream of the all-zero key (draft-strombergson-chacha-test-vectors,
    /// TC1, 256-bit key, 8 rounds) begins 3e00ef2f895f40d6 7f5bb8e81f09a5a1.
    #[test]
    fn the_numbers_are_the_published_keystream() {
        let mut zero = Seeded::new(0);
        assert_eq!(zero.0.next_u64(), 0xd640_5f89_2fef_003e);
        assert_eq!(zero.0.next_u64(), 0xa1a5_091f_e8b8_5b7f);
    }

    #[test]
    fn a_bounded_number_is_the_high_half_of_the_product() {
        assert_eq!(Seeded::new(0).below(1_000), 0xd640 * 1_000 / 0x1_0000);
        assert_eq!(Seeded::new(0).below(0), 0);
    }

    #[test]
    fn every_number_below_the_bound_comes_equally_often() {
        let mut random = Seeded::new(11);
        let mut counts = [0_i32; 6];
        for _ in 0..60_000 {
            counts[random.below(6)] += 1;
        }
        // Five standard deviations of a binomial count are 456.
        assert!(counts.iter().all(|count| (count - 10_000).abs() < 456), "{counts:?}");
    }

    #[test]
    fn uniform_numbers_have_the_right_mean_and_stay_inside() {
        let mut random = Seeded::new(3);
        let numbers: Vec<f64> = (0..10_000).map(|_| random.uniform()).collect();
        assert!(numbers.iter().all(|number| *number > 0.0 && *number < 1.0));
        let mean = numbers.iter().sum::<f64>() / 10_000.0;
        assert!((mean - 0.5).abs() < 0.015, "{mean}");
    }

    #[test]
    fn a_shuffle_keeps_every_item_and_reaches_every_order() {
        let mut random = Seeded::new(5);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..200 {
            let mut items = [1, 2, 3];
            random.shuffle(&mut items);
            seen.insert(items);
        }
        assert_eq!(seen.len(), 6);
    }
}
