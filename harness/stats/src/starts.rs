//! A figure over several fresh starts, with its interval: what another start would show.
//!
//! Each block gives one number, the mean logarithm of its starts' figures; the estimate is
//! exp(mean), its interval exp(mean +- t s/sqrt(n)) with Student's t of n - 1 degrees of freedom,
//! as of ratios ([`crate::LogDifferences`]), and so the ratio of two entries is that of their
//! estimates. It is how a tail is told: a percentile of all requests together hides in how many
//! starts it was what it is, and the requests of one start are no repetitions of it.
//!
//! ```
//! use httpdyno_stats::starts::OverStarts;
//! // The 99th percentile of three starts in ns, one in each block.
//! let p99 = OverStarts::of(&[vec![1_000_000], vec![1_200_000], vec![1_100_000]]).expect("3 blocks");
//! assert_eq!((p99.estimate, p99.low, p99.high), (1_096_961, 874_599, 1_375_859));
//! assert_eq!(OverStarts::of(&[vec![1_000_000]]), None, "one start says nothing of another");
//! ```

use crate::ratio::{LogDifferences, rounding_variance};
use crate::units::Probability;

/// A figure over the starts of several blocks, in its own unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverStarts {
    /// The geometric mean of the blocks.
    pub estimate: u64,
    /// The lower end of its 95 % interval.
    pub low: u64,
    /// The upper end.
    pub high: u64,
    /// Blocks that it stands on.
    pub blocks: u32,
}

impl OverStarts {
    /// Of the figures of each block's starts. Nothing of fewer than 2 blocks, which have no interval;
    /// a figure of 0 is none.
    #[must_use]
    pub fn of(blocks: &[Vec<u64>]) -> Option<Self> {
        let mut logs = Vec::with_capacity(blocks.len());
        let mut rounding = 0.0;
        for starts in blocks {
            let figures: Vec<u64> = starts.iter().copied().filter(|&figure| figure > 0).collect();
            if figures.is_empty() {
                continue;
            }
            let n = figures.len() as f64;
            logs.push(figures.iter().map(|&figure| (figure as f64).ln()).sum::<f64>() / n);
            rounding += figures.iter().map(|&it| rounding_variance(it)).sum::<f64>() / (n * n);
        }
        let count = logs.len() as f64;
        let estimate = LogDifferences::new(logs, rounding / count).ok()?.estimate();
        let interval = estimate.interval(Probability::P95);
        let whole = |figure: f64| figure.round() as u64;
        Some(Self {
            estimate: whole(estimate.ratio().value()),
            low: whole(interval.low.value()),
            high: whole(interval.high.value()),
            blocks: estimate.blocks(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::OverStarts;

    /// By hand: ln 1, ln 2 and ln 4 are 0, 0.693147 and 1.386294; their mean is 0.693147, s is
    /// 0.693147, the standard error 0.400189, t of 2 degrees 4.302653, so the half width is
    /// 1.721873, and exp(0.693147 -+ 1.721873) is 0.357462 and 11.189997.
    #[test]
    fn the_interval_is_students_over_the_logarithms_of_blocks() {
        let found = OverStarts::of(&[vec![1_000_000], vec![2_000_000], vec![4_000_000]]);
        let found = found.expect("three blocks");
        assert_eq!(found.estimate, 2_000_000);
        assert!(found.low.abs_diff(357_462) <= 2, "{found:?}");
        assert!(found.high.abs_diff(11_189_997) <= 60, "{found:?}");
        assert_eq!(found.blocks, 3);
    }

    #[test]
    fn starts_of_a_block_are_one_number_and_zeros_are_none() {
        let each = OverStarts::of(&[vec![1_000], vec![2_000]]);
        let twice = OverStarts::of(&[vec![500, 2_000], vec![0, 2_000, 2_000], vec![0], vec![]]);
        assert_eq!(twice.map(|it| it.estimate), each.map(|it| it.estimate));
        assert_eq!(twice.map(|it| it.blocks), Some(2));
        assert_eq!(OverStarts::of(&[vec![1_000, 1_000, 1_000]]), None, "one block");
        assert_eq!(OverStarts::of(&[]), None);
    }
}
