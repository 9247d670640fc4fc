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
use crate::units::{Interval, Probability};

/// Draws with replacement that an interval is made of, unless said otherwise: with 9 999, the
/// quantile at 95 % is the 9 500th value exactly (A. C. Davison, D. V. Hinkley, Bootstrap Methods
/// and their Application (1997), section 2.4).
pub const RESAMPLES: u32 = 9_999;

impl LogDifferences {
    /// The bootstrap-t interval from `resamples` draws under `seed`.
    ///
    /// None when the blocks cannot bound it: with fewer than 4 blocks, or with many that agree,
    /// too many draws have no spread of their own. The t interval then stands alone.
    ///
    /// ```
    /// use httpdyno_stats::bootstrap::RESAMPLES;
    /// use httpdyno_stats::{LogDifferences, PairedBlock, Probability};
    /// let rates = [1_031, 1_027, 1_033, 1_030, 1_036, 1_029, 1_031, 1_034];
    /// let blocks = rates.map(|rate| PairedBlock { a: vec![rate], b: vec![1_000] });
    /// let differences = LogDifferences::from_blocks(&blocks)?;
    /// let interval = differences.bootstrap_t(Probability::P95, RESAMPLES, 1).expect("8 blocks");
    /// assert!(interval.contains(differences.estimate().ratio()));
    /// assert_eq!(differences.bootstrap_t(Probability::P95, RESAMPLES, 1), Some(interval));
    /// # Ok::<(), httpdyno_stats::RatioError>(())
    /// ```
    #[must_use]
    pub fn bootstrap_t(
        &self,
        confidence: Probability,
        resamples: u32,
        seed: u64,
    ) -> Option<Interval> {
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
        let quantile = *statistics.get(rank - 1)?;
        let half_width = quantile * self.estimate().standard_error();
        (quantile.is_finite() && quantile > 0.0).then(|| Interval::around_ln(mean, half_width))
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
    use super::RESAMPLES;
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
        assert_eq!(interval(&[0.1, 0.2]), None);
        assert_eq!(interval(&[0.1, 0.2, 0.3]), None);
        assert_eq!(interval(&[0.1; 8]), None);
        assert_eq!(interval(&[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.2]), None);
        assert!(interval(&[0.1, 0.2, 0.3, 0.5, 0.4]).is_some());
    }

    #[test]
    fn too_few_draws_give_none() {
        let blocks = differences(&SYMMETRIC);
        // Of 19 draws the largest is the quantile at 95 %; of 18 there is none.
        assert_eq!(blocks.bootstrap_t(Probability::P95, 18, 1), None);
        assert!(blocks.bootstrap_t(Probability::P95, 19, 1).is_some());
        assert_eq!(blocks.bootstrap_t(Probability::P95, 0, 1), None);
    }
}
