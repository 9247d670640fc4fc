//! What a handful of whole numbers looks like: smallest, largest, median, quantiles.

use crate::units::Probability;

/// Smallest, quartiles and largest of some numbers, in their own unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How many there are.
    pub count: usize,
    /// The smallest.
    pub min: u64,
    /// A quarter lies below.
    pub lower_quartile: u64,
    /// Half lies below.
    pub median: u64,
    /// Three quarters lie below.
    pub upper_quartile: u64,
    /// The largest.
    pub max: u64,
}

impl Summary {
    /// The summary of `numbers`, in any order; none of none.
    ///
    /// ```
    /// use httpdyno_stats::descriptive::Summary;
    /// let summary = Summary::of(&[7, 1, 3, 10]).expect("four numbers");
    /// assert_eq!((summary.min, summary.median, summary.max), (1, 5, 10));
    /// ```
    #[must_use]
    pub fn of(numbers: &[u64]) -> Option<Self> {
        let mut sorted = numbers.to_vec();
        sorted.sort_unstable();
        let at = |ppm| quantile_of_sorted(&sorted, ppm);
        Some(Self {
            count: sorted.len(),
            min: *sorted.first()?,
            lower_quartile: at(250_000),
            median: at(500_000),
            upper_quartile: at(750_000),
            max: *sorted.last()?,
        })
    }
}

/// The quantile of `numbers`, in any order: type 7 of R. J. Hyndman and Y. Fan, Sample Quantiles in
/// Statistical Packages, The American Statistician 50 (1996), 361-365. In whole numbers throughout,
/// the interpolated value rounded half up; none of none.
#[must_use]
pub fn quantile(numbers: &[u64], share: Probability) -> Option<u64> {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    (!sorted.is_empty()).then(|| quantile_of_sorted(&sorted, share.ppm()))
}

/// The median: the middle number, or the mean of the two in the middle, rounded half up.
#[must_use]
pub fn median(numbers: &[u64]) -> Option<u64> {
    quantile(numbers, Probability::P50)
}

fn quantile_of_sorted(sorted: &[u64], ppm: u32) -> u64 {
    const MILLION: u128 = 1_000_000;
    // The place is (n - 1) p, counted from 0; here in millionths.
    let place = (sorted.len() as u128 - 1) * u128::from(ppm);
    let index = (place / MILLION) as usize;
    let below = sorted[index];
    let above = sorted.get(index + 1).copied().unwrap_or(below);
    let part = u128::from(above - below) * (place % MILLION);
    below + ((part + MILLION / 2) / MILLION) as u64
}

#[cfg(test)]
mod tests {
    use super::{Summary, median, quantile};
    use crate::units::Probability;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[5]), Some(5));
        assert_eq!(median(&[9, 1, 5]), Some(5));
        assert_eq!(median(&[1, 2]), Some(2));
        assert_eq!(median(&[u64::MAX, u64::MAX - 2]), Some(u64::MAX - 1));
    }

    /// R: quantile(c(10, 20, 40, 80, 160), c(0.1, 0.25, 0.9, 0.99)) gives 14, 20, 128, 156.8.
    #[test]
    fn quantiles_are_those_of_type_seven() {
        let numbers = [160, 10, 80, 20, 40];
        let at = |ppm| quantile(&numbers, Probability::from_ppm(ppm).unwrap());
        assert_eq!(at(100_000), Some(14));
        assert_eq!(at(250_000), Some(20));
        assert_eq!(at(900_000), Some(128));
        assert_eq!(at(990_000), Some(157));
    }

    #[test]
    fn the_summary_has_the_ends_and_the_quartiles() {
        let summary = Summary::of(&[4, 3, 2, 1, 0]).unwrap();
        let expected =
            Summary { count: 5, min: 0, lower_quartile: 1, median: 2, upper_quartile: 3, max: 4 };
        assert_eq!(summary, expected);
        assert_eq!(Summary::of(&[]), None);
    }
}
