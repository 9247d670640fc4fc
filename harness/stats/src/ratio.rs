//! The ratio of A to B from paired blocks, with its interval.
//!
//! The unit of replication is the block: fresh starts of A and of B side by side. Each block b
//! gives one number, d_b = mean ln A - mean ln B, in which everything the block has in common
//! (the machine's mood) cancels. The ratio is exp(mean d), its interval
//! exp(mean d +- t s/sqrt(n)), with Student's t of n - 1 degrees of freedom. Requests within a
//! trial are never counted as repetitions: that would be pseudo-replication (S. H. Hurlbert,
//! Ecological Monographs 54 (1984), 187-211). Ratios on the logarithmic scale, because speeds
//! multiply and because A to B is then exactly the inverse of B to A (P. J. Fleming, J. J.
//! Wallace, How Not to Lie with Statistics, CACM 29 (1986), 218-221).
//!
//! ```
//! use httpdyno_stats::{LogDifferences, PairedBlock, Probability};
//!
//! // Responses per second in five ABBA blocks.
//! let blocks = [
//!     PairedBlock { a: vec![103_100, 102_900], b: vec![100_000, 100_200] },
//!     PairedBlock { a: vec![101_700, 102_300], b: vec![99_100, 98_900] },
//!     PairedBlock { a: vec![103_500, 103_300], b: vec![100_100, 100_500] },
//!     PairedBlock { a: vec![102_800, 102_600], b: vec![99_900, 99_500] },
//!     PairedBlock { a: vec![103_900, 103_500], b: vec![100_700, 100_900] },
//! ];
//! let estimate = LogDifferences::from_blocks(&blocks)?.estimate();
//! assert_eq!(estimate.ratio().to_string(), "1.0298");
//! assert_eq!(estimate.interval(Probability::P95).to_string(), "[1.0287, 1.0309]");
//! # Ok::<(), httpdyno_stats::RatioError>(())
//! ```

use crate::student;
use crate::units::{Effect, Interval, Probability, Ratio};

/// One block: what A gave and what B gave, each in one unit (responses per second, nanoseconds).
///
/// The unit should be so fine that the numbers are in the thousands: a whole number is only known
/// to a half, and that is taken into account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairedBlock {
    /// One number per trial of A.
    pub a: Vec<u64>,
    /// One number per trial of B.
    pub b: Vec<u64>,
}

/// Why blocks give no ratio.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RatioError {
    /// One block says nothing of the spread between blocks.
    #[error("found {found} blocks, expected at least 2 for an interval; measure more blocks")]
    TooFewBlocks {
        /// How many there are.
        found: usize,
    },
    /// A block without a trial of one of the two.
    #[error("block {block} has no trial of {arm}, expected at least 1; leave the block out")]
    NoTrial {
        /// The block, counted from 0.
        block: usize,
        /// `A` or `B`.
        arm: char,
    },
    /// Zero has no logarithm; a rate or a duration of zero is a failed trial.
    #[error(
        "block {block}, trial {trial} of {arm} is 0, expected a positive number; \
         a trial that gave nothing has failed and is not a number"
    )]
    NotPositive {
        /// The block, counted from 0.
        block: usize,
        /// `A` or `B`.
        arm: char,
        /// The trial within its arm and block, counted from 0.
        trial: usize,
    },
    /// Two ratios that are not of the same blocks.
    #[error("found {blocks} blocks and {others}, expected the same blocks; leave the others out")]
    Unequal {
        /// Blocks of the one.
        blocks: usize,
        /// Blocks of the other.
        others: usize,
    },
    /// More pilot blocks than blocks, or fewer than 2.
    #[error("the pilot has {pilot} blocks of {blocks}, expected 2 to {blocks}")]
    Pilot {
        /// The pilot's blocks.
        pilot: usize,
        /// All blocks.
        blocks: usize,
    },
}

/// One difference of mean logarithms per block.
#[derive(Clone, Debug, PartialEq)]
pub struct LogDifferences {
    values: Vec<f64>,
    /// Standard deviation of a difference from the rounding to whole numbers alone.
    resolution: f64,
}

impl LogDifferences {
    /// d_b = mean ln A - mean ln B of every block, in the order given.
    ///
    /// # Errors
    ///
    /// [`RatioError`] when there are fewer than 2 blocks, an arm is empty, or a number is 0.
    pub fn from_blocks(blocks: &[PairedBlock]) -> Result<Self, RatioError> {
        let mut values = Vec::with_capacity(blocks.len());
        let mut rounding = 0.0;
        for (number, block) in blocks.iter().enumerate() {
            let a = MeanLog::of(&block.a, number, 'A')?;
            let b = MeanLog::of(&block.b, number, 'B')?;
            values.push(a.mean - b.mean);
            rounding += a.rounding_variance + b.rounding_variance;
        }
        Self::new(values, rounding / blocks.len() as f64)
    }

    /// From differences as they are; `rounding_variance` is that of one difference.
    pub(crate) fn new(values: Vec<f64>, rounding_variance: f64) -> Result<Self, RatioError> {
        if values.len() < 2 {
            return Err(RatioError::TooFewBlocks { found: values.len() });
        }
        Ok(Self { values, resolution: rounding_variance.sqrt() })
    }

    /// The differences d_b: natural logarithms of the blocks' ratios.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The ratio of two ratios, block by block: how many times as large this one is. It is 1 where
    /// what distinguishes the two changes both arms alike (no interaction).
    ///
    /// # Errors
    ///
    /// [`RatioError::Unequal`] when the two are not of the same blocks.
    pub fn over(&self, other: &Self) -> Result<Self, RatioError> {
        let (blocks, others) = (self.values.len(), other.values.len());
        if blocks != others {
            return Err(RatioError::Unequal { blocks, others });
        }
        let values = self.values.iter().zip(&other.values).map(|(one, other)| one - other);
        Self::new(values.collect(), self.resolution.powi(2) + other.resolution.powi(2))
    }

    /// The ratio with the spread of all blocks: for a number of blocks fixed beforehand.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        self.with_spread_of(self.values.len())
    }

    /// The ratio of all blocks with the spread of the first `pilot` blocks alone: for a number of
    /// blocks that was chosen by looking at that pilot's spread ([`crate::stein`]).
    ///
    /// # Errors
    ///
    /// [`RatioError::Pilot`] when `pilot` is less than 2 or more than there are blocks.
    pub fn estimate_after_pilot(&self, pilot: usize) -> Result<Estimate, RatioError> {
        let blocks = self.values.len();
        if !(2..=blocks).contains(&pilot) {
            return Err(RatioError::Pilot { pilot, blocks });
        }
        Ok(self.with_spread_of(pilot))
    }

    fn with_spread_of(&self, first: usize) -> Estimate {
        let (_, spread) = mean_and_spread(&self.values[..first]);
        Estimate {
            blocks: count(self.values.len()),
            mean: mean_and_spread(&self.values).0,
            // Whole numbers that agree in every block are not known exactly all the same.
            spread: spread.max(self.resolution),
            degrees: count(first) - 1,
        }
    }
}

/// The mean logarithm of one arm in one block.
struct MeanLog {
    mean: f64,
    rounding_variance: f64,
}

impl MeanLog {
    fn of(numbers: &[u64], block: usize, arm: char) -> Result<Self, RatioError> {
        if numbers.is_empty() {
            return Err(RatioError::NoTrial { block, arm });
        }
        if let Some(trial) = numbers.iter().position(|&number| number == 0) {
            return Err(RatioError::NotPositive { block, arm, trial });
        }
        let n = numbers.len() as f64;
        let mean = numbers.iter().map(|&number| (number as f64).ln()).sum::<f64>() / n;
        let variance: f64 = numbers.iter().map(|&number| rounding_variance(number)).sum();
        Ok(Self { mean, rounding_variance: variance / (n * n) })
    }
}

/// Variance of the logarithm of a number that was rounded to a whole one: 1/12 of the unit's
/// square (W. F. Sheppard, 1897), relative to the number.
pub(crate) fn rounding_variance(number: u64) -> f64 {
    1.0 / (12.0 * (number as f64).powi(2))
}

/// Mean and standard deviation (n - 1 in the denominator) of at least two numbers.
pub(crate) fn mean_and_spread(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    // From the first value, so that values that are equal have a spread of exactly 0.
    let first = values[0];
    let mean = first + values.iter().map(|value| value - first).sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0)).sqrt())
}

pub(crate) fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// A ratio as it was estimated, with all that its intervals need.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    pub(crate) blocks: u32,
    pub(crate) mean: f64,
    pub(crate) spread: f64,
    pub(crate) degrees: u32,
}

impl Estimate {
    /// Blocks it was estimated from.
    #[must_use]
    pub fn blocks(&self) -> u32 {
        self.blocks
    }

    /// A to B: exp(mean d).
    #[must_use]
    pub fn ratio(&self) -> Ratio {
        Ratio::from_ln(self.mean)
    }

    /// Standard deviation of the logarithm of one block's ratio: 0.01 is about 1 % per block.
    #[must_use]
    pub fn spread(&self) -> f64 {
        self.spread
    }

    /// Degrees of freedom of the spread.
    #[must_use]
    pub fn degrees(&self) -> u32 {
        self.degrees
    }

    /// The t interval, exp(mean d +- t s/sqrt(n)).
    ///
    /// Two blocks give one too (t = 12.7 at 95 %): wide, but honest.
    #[must_use]
    pub fn interval(&self, confidence: Probability) -> Interval {
        let t = student::quantile(1.0 - confidence.each_tail(), self.degrees);
        Interval::around_ln(self.mean, t * self.standard_error())
    }

    /// B to A.
    #[must_use]
    pub fn inverse(&self) -> Self {
        Self { mean: -self.mean, ..*self }
    }

    /// The two-sided p-value of "the ratio is no further from 1 than the margin": at most 5 % where
    /// the whole 95 % interval lies beyond it.
    pub(crate) fn p_value_beyond(&self, margin: Effect) -> f64 {
        match self.mean.abs() - margin.ln() {
            beyond if beyond > 0.0 => {
                student::two_sided_p(beyond / self.standard_error(), self.degrees)
            }
            _ => 1.0,
        }
    }

    pub(crate) fn standard_error(&self) -> f64 {
        self.spread / f64::from(self.blocks).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::{LogDifferences, PairedBlock, RatioError};
    use crate::units::{Effect, Probability};

    fn blocks(pairs: &[(u64, u64)]) -> Vec<PairedBlock> {
        pairs.iter().map(|&(a, b)| PairedBlock { a: vec![a], b: vec![b] }).collect()
    }

    #[test]
    fn what_blocks_have_in_common_cancels() {
        let steady =
            LogDifferences::from_blocks(&blocks(&[(110_000, 100_000), (108_000, 100_000)]));
        let moody = LogDifferences::from_blocks(&blocks(&[(11_000, 10_000), (324_000, 300_000)]));
        let (steady, moody) = (steady.unwrap().estimate(), moody.unwrap().estimate());
        assert!((steady.mean - moody.mean).abs() < 1e-12);
        assert!((steady.spread - moody.spread).abs() < 1e-12);
    }

    /// Student's own example, the additional hours of sleep (Biometrika 6 (1908), 20): the paired
    /// differences have mean 1.58, s = 1.2300 and a 95 % interval of 0.7001 to 2.4599.
    #[test]
    fn the_interval_is_students() {
        let hours = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4];
        let estimate = LogDifferences::new(hours.to_vec(), 0.0).unwrap().estimate();
        let interval = estimate.interval(Probability::P95);
        assert!((estimate.mean - 1.58).abs() < 1e-12);
        assert!((estimate.spread - 1.229_995).abs() < 1e-6);
        assert!((interval.low.ln() - 0.700_114_2).abs() < 1e-6, "{}", interval.low.ln());
        assert!((interval.high.ln() - 2.459_885_8).abs() < 1e-6, "{}", interval.high.ln());
        assert!(
            (estimate.p_value_beyond(Effect::NONE) - 0.002_832_89).abs() < 1e-7,
            "{estimate:?}"
        );
        // Beyond a margin the p-value is that of the distance to it.
        let beyond = estimate.p_value_beyond(Effect::from_percent(101));
        assert!((beyond - 0.049_9).abs() < 0.002, "{beyond}: the interval begins at 2.014");
        assert_eq!(estimate.p_value_beyond(Effect::from_percent(400)), 1.0);
    }

    #[test]
    fn a_to_b_is_the_inverse_of_b_to_a() {
        let pairs = [(110, 95), (104, 99), (131, 99)];
        let turned: Vec<(u64, u64)> = pairs.iter().map(|&(a, b)| (b, a)).collect();
        let estimate = LogDifferences::from_blocks(&blocks(&pairs)).unwrap().estimate();
        let inverse = LogDifferences::from_blocks(&blocks(&turned)).unwrap().estimate();
        let interval = estimate.interval(Probability::P95);
        let turned_back = inverse.interval(Probability::P95).inverse();
        assert!((estimate.ratio().value() * inverse.ratio().value() - 1.0).abs() < 1e-12);
        assert!((interval.low.value() - turned_back.low.value()).abs() < 1e-12);
        assert!((interval.high.value() - turned_back.high.value()).abs() < 1e-12);
    }

    #[test]
    fn the_ratio_of_two_ratios_is_taken_block_by_block() {
        let wide = LogDifferences::from_blocks(&blocks(&[(220, 100), (420, 200)])).unwrap();
        let narrow = LogDifferences::from_blocks(&blocks(&[(110, 100), (210, 200)])).unwrap();
        let twice = wide.over(&narrow).unwrap();
        assert!((twice.estimate().ratio().value() - 2.0).abs() < 1e-12);
        // What the blocks have in common cancels, and rounding is not forgotten.
        assert!(twice.estimate().spread() < 0.01 && twice.resolution > wide.resolution);
        let three = LogDifferences::from_blocks(&blocks(&[(1, 2), (1, 2), (1, 2)])).unwrap();
        assert_eq!(wide.over(&three), Err(RatioError::Unequal { blocks: 2, others: 3 }));
    }

    #[test]
    fn numbers_that_agree_are_known_no_better_than_they_were_rounded() {
        let coarse = LogDifferences::from_blocks(&blocks(&[(101, 100), (101, 100)])).unwrap();
        let fine = LogDifferences::from_blocks(&blocks(&[(101_000_000, 100_000_000); 2])).unwrap();
        let interval = coarse.estimate().interval(Probability::P95);
        assert!(interval.low.value() < 0.98 && interval.high.value() > 1.04, "{interval}");
        let interval = fine.estimate().interval(Probability::P95);
        assert_eq!(interval.to_string(), "[1.0100, 1.0100]");
        assert!(interval.low < interval.high);
    }

    #[test]
    fn after_a_pilot_the_spread_is_that_of_the_pilot() {
        let pairs = [(100, 100), (102, 100), (90, 100), (150, 100)];
        let all = LogDifferences::from_blocks(&blocks(&pairs)).unwrap();
        let pilot = LogDifferences::from_blocks(&blocks(&pairs[..2])).unwrap().estimate();
        let estimate = all.estimate_after_pilot(2).unwrap();
        assert_eq!((estimate.blocks, estimate.degrees), (4, 1));
        assert_eq!(estimate.spread, pilot.spread);
        assert_eq!(estimate.mean, all.estimate().mean);
        assert_eq!(all.estimate_after_pilot(5), Err(RatioError::Pilot { pilot: 5, blocks: 4 }));
        assert!(all.estimate_after_pilot(1).is_err());
    }

    #[test]
    fn what_gives_no_ratio_is_named() {
        let error = |blocks: &[PairedBlock]| LogDifferences::from_blocks(blocks).unwrap_err();
        assert_eq!(error(&[]), RatioError::TooFewBlocks { found: 0 });
        assert_eq!(error(&blocks(&[(1, 2)])), RatioError::TooFewBlocks { found: 1 });
        assert_eq!(
            error(&blocks(&[(1, 2), (1, 0)])),
            RatioError::NotPositive { block: 1, arm: 'B', trial: 0 }
        );
        let empty = PairedBlock { a: vec![], b: vec![1] };
        assert_eq!(
            error(&[empty]).to_string(),
            "block 0 has no trial of A, expected at least 1; leave the block out"
        );
    }
}
