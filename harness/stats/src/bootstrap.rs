//! The bootstrap-t interval, beside the t interval.
//!
//! Blocks are drawn with replacement, each draw gives t* = (mean* - mean) / (s*/sqrt(n)), and the
//! quantile of |t*| takes the place of Student's: exp(mean +- q s/sqrt(n)). (B. Efron, R. J.
//! Tibshirani, An Introduction to the Bootstrap (1993), section 12.5; the symmetric form: P. Hall,
//! On Symmetric Bootstrap Confidence Intervals, Journal of the Royal Statistical Society B 50
//! (1988), 35-45.) It does not assume normal noise. Where it is much wider than the t interval, the
//! noise is not what Student's t assumes, and that is worth seeing.
//!
//! Symmetric, because differences within pairs are nearly so, whatever the noise of a trial: with
//! the few blocks of a benchmark and heavy tails the equal-tailed form covers only 91 to 93 %
//! where 95 are stated, and this one does as stated (`tests/simulation/coverage.rs`).

use crate::random::Seeded;
use crate::ratio::{LogDifferences, mean_and_spread};
use crate::student;
use crate::units::{Interval, Probability};

/// Draws with replacement that an interval is made of, unless said otherwise: with 9 999, the
/// quantile at 95 % is the 9 500th value exactly (A. C. Davison, D. V. Hinkley, Bootstrap Methods
/// and their Application (1997), section 2.4).
pub const RESAMPLES: u32 = 9_999;

/// An interval that would reach further than this many times Student's is none. Under outliers and
/// stalls it reaches up to some three times as far; beyond, it is a few of the blocks that
/// happen to agree: a draw of these alone has next to no spread, by which its t* is divided.
pub const FURTHEST: u32 = 5;

/// Why blocks give no bootstrap-t interval. The t interval then stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoBootstrap {
    /// Too many draws of these blocks are all alike.
    #[error(
        "too many draws of these {blocks} blocks have no spread, which leaves nothing to bound the \
         interval; measure more blocks"
    )]
    NoSpread {
        /// How many blocks there are.
        blocks: usize,
    },
    /// It would be a figure of chance.
    #[error(
        "with these {blocks} blocks it would reach more than {FURTHEST} times as far as Student's, \
         since some of them happen to agree; measure more blocks"
    )]
    Unbounded {
        /// How many blocks there are.
        blocks: usize,
    },
    /// Of so few the quantile is none of them.
    #[error("{draws} draws are too few for the quantile; make more")]
    TooFewDraws {
        /// How many were made.
        draws: u32,
    },
}

impl LogDifferences {
    /// The bootstrap-t interval from `resamples` draws under `seed`.
    ///
    /// # Errors
    ///
    /// [`NoBootstrap`] when the blocks cannot bound it: with fewer than 4 blocks, or with many that
    /// agree, too many draws have no spread of their own, or next to none.
    ///
    /// ```
    /// use httpdyno_stats::bootstrap::RESAMPLES;
    /// use httpdyno_stats::{LogDifferences, PairedBlock, Probability};
    /// let rates = [1_031, 1_027, 1_033, 1_030, 1_036, 1_029, 1_031, 1_034];
    /// let blocks = rates.map(|rate| PairedBlock { a: vec![rate], b: vec![1_000] });
    /// let differences = LogDifferences::from_blocks(&blocks)?;
    /// let interval = differences.bootstrap_t(Probability::P95, RESAMPLES, 1)?;
    /// assert!(interval.contains(differences.estimate().ratio()));
    /// assert_eq!(differences.bootstrap_t(Probability::P95, RESAMPLES, 1), Ok(interval));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn bootstrap_t(
        &self,
        confidence: Probability,
        resamples: u32,
        seed: u64,
    ) -> Result<Interval, NoBootstrap> {
        let values = self.values();
        let root_n = (values.len() as f64).sqrt();
        let (mean, _) = mean_and_spread(values);
        let mut random = Seeded::new(seed);
        let mut draw = vec![0.0; values.len()];
        let mut statistics: Vec<f64> = (0..resamples)
            .map(|_| {
                draw.fill_with(|| values[random.below(values.len())]);
                let (drawn_mean, drawn_spread) = mean_and_spread(&draw);
                studentised(drawn_mean - mean, drawn_spread / root_n)
            })
            .collect();
        statistics.sort_unstable_by(f64::total_cmp);
        let rank = ((f64::from(resamples) + 1.0) * confidence.value()).ceil() as usize;
        let (blocks, draws) = (values.len(), resamples);
        let quantile = statistics.get(rank.saturating_sub(1));
        let quantile = *quantile.ok_or(NoBootstrap::TooFewDraws { draws })?;
        if !quantile.is_finite() || quantile <= 0.0 {
            return Err(NoBootstrap::NoSpread { blocks });
        }
        let estimate = self.estimate();
        let students = student::quantile(1.0 - confidence.each_tail(), estimate.degrees());
        if quantile > f64::from(FURTHEST) * students {
            return Err(NoBootstrap::Unbounded { blocks });
        }
        Ok(Interval::around_ln(mean, quantile * estimate.standard_error()))
    }
}

/// |t*|. A draw without spread is infinitely far off: dropping it would make the interval too
/// short.
fn studentised(difference: f64, standard_error: f64) -> f64 {
    if standard_error > 0.0 {
        difference.abs() / standard_error
    } else if difference == 0.0 {
        0.0
    } else {
        f64::INFINITY
    }
}

#[cfg(test)]
mod tests {
    use super::{FURTHEST, NoBootstrap, RESAMPLES};
    use crate::random::Seeded;
    use crate::ratio::LogDifferences;
    use crate::units::Probability;

    fn differences(values: &[f64]) -> LogDifferences {
        LogDifferences::new(values.to_vec(), 0.0).unwrap()
    }

    const SYMMETRIC: [f64; 12] =
        [-0.06, -0.04, -0.03, -0.02, -0.01, -0.005, 0.005, 0.01, 0.02, 0.03, 0.04, 0.06];

    #[test]
    fn for_well_behaved_blocks_it_is_near_students_interval() {
        let blocks = differences(&SYMMETRIC);
        let bootstrap = blocks.bootstrap_t(Probability::P95, RESAMPLES, 1).unwrap();
        let t = blocks.estimate().interval(Probability::P95);
        for (found, expected) in [(bootstrap.low, t.low), (bootstrap.high, t.high)] {
            assert!((found.ln() / expected.ln() - 1.0).abs() < 0.1, "{bootstrap} and {t}");
        }
    }

    #[test]
    fn with_an_outlier_it_reaches_further_than_students() {
        let mut values = SYMMETRIC;
        values[11] = 0.6;
        let blocks = differences(&values);
        let bootstrap = blocks.bootstrap_t(Probability::P95, RESAMPLES, 2).unwrap();
        let t = blocks.estimate().interval(Probability::P95);
        assert!(t.is_inside(&bootstrap), "{bootstrap} and {t}");
    }

    #[test]
    fn it_is_centred_on_the_estimate_and_grows_with_the_confidence() {
        let blocks = differences(&SYMMETRIC);
        let at = |confidence| blocks.bootstrap_t(confidence, RESAMPLES, 3).unwrap();
        let (narrow, wide) = (at(Probability::P90), at(Probability::P99));
        assert!(narrow.is_inside(&wide));
        let centre = 0.5 * (wide.low.ln() + wide.high.ln());
        assert!((centre - blocks.estimate().ratio().ln()).abs() < 1e-12);
    }

    #[test]
    fn blocks_that_cannot_bound_it_give_none() {
        let interval =
            |values: &[f64]| differences(values).bootstrap_t(Probability::P95, RESAMPLES, 1);
        let no_spread = |blocks| Err(NoBootstrap::NoSpread { blocks });
        assert_eq!(interval(&[0.1, 0.2]), no_spread(2));
        assert_eq!(interval(&[0.1, 0.2, 0.3]), no_spread(3));
        assert_eq!(interval(&[0.1; 8]), no_spread(8));
        assert_eq!(interval(&[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.2]), no_spread(8));
        assert!(interval(&[0.1, 0.2, 0.3, 0.5, 0.4]).is_ok());
    }

    #[test]
    fn blocks_of_which_some_happen_to_agree_do_not_make_it_absurd() {
        let interval =
            |values: &[f64]| differences(values).bootstrap_t(Probability::P95, RESAMPLES, 1);
        // Draws of the two that agree alone, one of sixteen, have a spread of nearly nothing.
        for apart in [1e-3, 1e-6, 1e-12] {
            let found = interval(&[0.02, 0.02 + apart, 0.09, 0.15]);
            assert_eq!(found, Err(NoBootstrap::Unbounded { blocks: 4 }), "{apart}");
        }
        let message = interval(&[0.0, 1e-9, 0.1, 0.2]).unwrap_err().to_string();
        assert!(message.contains("4 blocks") && message.contains("more blocks"), "{message}");
        // Whatever the blocks: none, or one that reaches no further than what is said.
        let mut random = Seeded::new(5);
        for round in 0..200 {
            let values: Vec<f64> = (0..2 + round % 9).map(|_| random.uniform().powi(5)).collect();
            let blocks = differences(&values);
            let Ok(found) = blocks.bootstrap_t(Probability::P95, 999, 1) else { continue };
            let t = blocks.estimate().interval(Probability::P95);
            let reach = |of: crate::Interval| of.high.ln() - of.low.ln();
            assert!(reach(found) <= f64::from(FURTHEST) * reach(t) * 1.000_001, "{values:?}");
        }
    }

    #[test]
    fn too_few_draws_give_none() {
        let blocks = differences(&SYMMETRIC);
        // Of 19 draws the largest is the quantile at 95 %; of 18 there is none.
        let of = |draws| blocks.bootstrap_t(Probability::P95, draws, 1);
        assert_eq!(of(18), Err(NoBootstrap::TooFewDraws { draws: 18 }));
        assert!(of(19).is_ok());
        assert_eq!(of(0), Err(NoBootstrap::TooFewDraws { draws: 0 }));
    }
}
