//! The ratio of a candidate to its base where each was built several times: the build is a source of
//! variance of its own.
//!
//! The order in which objects are linked and the size of the environment move code and stack, and with them
//! the speed, by several per cent (T. Mytkowicz, A. Diwan, M. Hauswirth, P. F. Sweeney, Producing Wrong Data
//! Without Doing Anything Obviously Wrong!, ASPLOS 2009, 265-276). Of one build each, such a difference
//! cannot be told from that of the change, however many blocks there are. So builds are nested within the
//! sides, and crossed with blocks: y = side + build(side) + block + block x side + start (T. Kalibera,
//! R. Jones, Rigorous Benchmarking in Reasonable Time, ISMM 2013, 63-74, for the levels of repetition).
//!
//! The variance of the difference of the sides' mean logarithms is put together of mean squares: A between
//! the builds' means, B between the blocks' differences, C what is left (build x block within a side), each
//! as a variance of that difference. A and B both have the starts' part in them, which C is, so that it is
//! A + B - C, with the degrees of freedom of F. E. Satterthwaite, An Approximate Distribution of Estimates of
//! Variance Components, Biometrics Bulletin 2 (1946), 110-114. It is never taken for less than A or B. The
//! variance of builds is taken to be the same for both sides; with as many builds of each, the t test keeps
//! its level where it is not (G. E. P. Box, Annals of Mathematical Statistics 25 (1954), 290-302).
//!
//! ```
//! use httpdyno_stats::builds::Nested;
//! use httpdyno_stats::Probability;
//! // Responses per second of two builds each in three blocks.
//! let head = [vec![10_300, 10_400, 10_200], vec![10_000, 10_090, 9_900]];
//! let base = [vec![10_010, 10_100, 9_890], vec![10_310, 10_390, 10_190]];
//! let nested = Nested::of(&head, &base).expect("builds and blocks");
//! assert!(nested.estimate().interval(Probability::P95).contains(httpdyno_stats::Ratio::from_ppm(1_000_000)));
//! assert!(nested.shares().build_ppm > 500_000, "most of it is the build's");
//! ```

use crate::ratio::{Estimate, RatioError, count, mean_and_spread, rounding_variance};

/// Why builds give no ratio.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NestedError {
    /// One build says nothing of the spread between builds.
    #[error("found {found} builds of one side, expected at least 2 of each; build more often")]
    TooFewBuilds {
        /// How many there are of the side that has the fewest.
        found: usize,
    },
    /// A build without a trial in a block that others have.
    #[error("a build has {found} blocks and another {others}; leave out what not all have")]
    Unequal {
        /// Blocks of the one.
        found: usize,
        /// Blocks of the other.
        others: usize,
    },
    /// What is wrong with the numbers.
    #[error(transparent)]
    Numbers(#[from] RatioError),
}

/// Which part of the variance of one trial each source has, in parts per million of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    /// Between builds of one revision.
    pub build_ppm: u32,
    /// Between blocks.
    pub block_ppm: u32,
    /// Between starts of one build, and all else.
    pub start_ppm: u32,
}

/// Both sides, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Nested {
    difference: f64,
    /// Variance of the difference, and the degrees of freedom of that.
    variance: f64,
    degrees: f64,
    blocks: usize,
    /// Of one trial: build, block, start.
    components: [f64; 3],
}

/// The mean logarithms of one side.
struct Side {
    builds: Vec<f64>,
    blocks: Vec<f64>,
    mean: f64,
    /// Sum of squares of build x block.
    rest: f64,
}

impl Side {
    fn of(logs: &[Vec<f64>]) -> Self {
        let mean_of = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let builds: Vec<f64> = logs.iter().map(|of_build| mean_of(of_build)).collect();
        let at = |block: usize| logs.iter().map(|of_build| of_build[block]).collect::<Vec<f64>>();
        let blocks: Vec<f64> = (0..logs[0].len()).map(|block| mean_of(&at(block))).collect();
        let mean = mean_of(&builds);
        let mut rest = 0.0;
        for (of_build, build) in logs.iter().zip(&builds) {
            let squares = of_build.iter().zip(&blocks).map(|(y, block)| y - build - block + mean);
            rest += squares.map(|left| left * left).sum::<f64>();
        }
        Self { builds, blocks, mean, rest }
    }

    fn between_builds(&self) -> f64 {
        self.builds.iter().map(|build| (build - self.mean).powi(2)).sum()
    }
}

impl Nested {
    /// `candidate` and `base` have one list for each build, with one number for each block, the same
    /// blocks for all.
    ///
    /// # Errors
    ///
    /// [`NestedError`] when a side has fewer than 2 builds, there are fewer than 2 blocks, not all builds
    /// have all blocks, or a number is 0.
    pub fn of(candidate: &[Vec<u64>], base: &[Vec<u64>]) -> Result<Self, NestedError> {
        let found = candidate.len().min(base.len());
        if found < 2 {
            return Err(NestedError::TooFewBuilds { found });
        }
        let blocks = candidate[0].len();
        let mut rounding = 0.0;
        let mut logs = |builds: &[Vec<u64>], arm: char| {
            let log = |numbers: &Vec<u64>| -> Result<Vec<f64>, NestedError> {
                if numbers.len() != blocks {
                    return Err(NestedError::Unequal { found: numbers.len(), others: blocks });
                }
                if let Some(block) = numbers.iter().position(|&number| number == 0) {
                    return Err(RatioError::NotPositive { block, arm, trial: 0 }.into());
                }
                rounding += numbers.iter().map(|&it| rounding_variance(it)).sum::<f64>();
                Ok(numbers.iter().map(|&number| (number as f64).ln()).collect())
            };
            builds.iter().map(log).collect::<Result<Vec<_>, _>>()
        };
        let (a, b) = (logs(candidate, 'A')?, logs(base, 'B')?);
        if blocks < 2 {
            return Err(RatioError::TooFewBlocks { found: blocks }.into());
        }
        let trials = ((a.len() + b.len()) * blocks) as f64;
        Ok(Self::apart(&Side::of(&a), &Side::of(&b), rounding / trials))
    }

    /// `rounding` is the variance of one trial from rounding to whole numbers alone.
    fn apart(a: &Side, b: &Side, rounding: f64) -> Self {
        let (of_a, of_b) = (a.builds.len() as f64, b.builds.len() as f64);
        let (blocks, more) = (a.blocks.len() as f64, a.blocks.len() as f64 - 1.0);
        let both = 1.0 / of_a + 1.0 / of_b;
        let of_builds = of_a + of_b - 2.0;
        let between_builds = (a.between_builds() + b.between_builds()) / of_builds;
        let start = ((a.rest + b.rest) / (of_builds * more)).max(rounding);
        let pairs = || a.blocks.iter().zip(&b.blocks);
        let differences: Vec<f64> = pairs().map(|(one, other)| one - other).collect();
        let middles: Vec<f64> = pairs().map(|(one, other)| f64::midpoint(*one, *other)).collect();
        let (difference, spread) = mean_and_spread(&differences);
        let part_a = between_builds * both;
        let part_b = spread * spread / blocks;
        let part_c = start * both / blocks;
        let whole = part_a + part_b - part_c;
        let squares = part_a.powi(2) / of_builds
            + part_b.powi(2) / more
            + part_c.powi(2) / (of_builds * more);
        let (variance, degrees) =
            [(whole, whole.powi(2) / squares), (part_a, of_builds), (part_b, more)]
                .into_iter()
                .fold(
                    (part_c, of_builds * more),
                    |most, one| if one.0 > most.0 { one } else { most },
                );
        let build = (between_builds - start / blocks).max(0.0);
        let block = (mean_and_spread(&middles).1.powi(2) - start * both / 4.0).max(0.0);
        Self {
            difference,
            variance,
            degrees,
            blocks: a.blocks.len(),
            components: [build, block, start],
        }
    }

    /// Candidate to base.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        Estimate {
            blocks: count(self.blocks),
            mean: self.difference,
            // As of one block, so that its standard error is that of the difference.
            spread: (self.variance * self.blocks as f64).sqrt(),
            degrees: self.degrees.floor().max(1.0) as u32,
        }
    }

    /// Where the variance of one trial comes from.
    #[must_use]
    pub fn shares(&self) -> Shares {
        let [build, block, start] = self.components;
        let all = build + block + start;
        let part = |one: f64| if all > 0.0 { (one / all * 1e6).round() as u32 } else { 0 };
        let (build_ppm, block_ppm) = (part(build), part(block));
        Shares {
            build_ppm,
            block_ppm,
            start_ppm: 1_000_000_u32.saturating_sub(build_ppm + block_ppm),
        }
    }
}
