//! Drift of the machine between the first and the last block.
//!
//! Blocks cancel drift from ratios; from absolute rates nothing can. So a run in which the machine
//! became faster or slower is told from one in which it did not.

use crate::trend::Trend;
use crate::units::{Effect, Probability, Ratio};

/// How the machine changed over the blocks of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drift {
    /// The last block to the first, as they were measured.
    pub observed: Ratio,
    /// The line through all blocks; none with fewer than 3.
    pub trend: Option<Trend>,
}

/// What can be said of a machine over the blocks of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steadiness {
    /// It changed by more than the limit: the whole 95 % interval of the change lies beyond it.
    Drifted,
    /// It did not: the 90 % interval lies within the limit (two one-sided tests).
    Steady,
    /// Too few blocks, or too much noise, to say either.
    Unknown,
}

impl Drift {
    /// Whether the machine changed from the first to the last block by more than `limit`; the same
    /// rule as for two entries (see [`crate::verdict`]).
    #[must_use]
    pub fn judge(&self, limit: Effect) -> Steadiness {
        let Some(trend) = self.trend else { return Steadiness::Unknown };
        let (band, certain) = (limit.band(), trend.interval(Probability::P95));
        if certain.high < band.low || band.high < certain.low {
            Steadiness::Drifted
        } else if trend.interval(Probability::P90).is_inside(&band) {
            Steadiness::Steady
        } else {
            Steadiness::Unknown
        }
    }
}

/// The drift of one or more `series`, each with one number per block: the null server's rates,
/// or those of all entries. Blocks are compared by their geometric means.
///
/// None when there are fewer than two blocks, a number is 0, or the series differ in length.
///
/// ```
/// use httpdyno_stats::drift::{Steadiness, drift};
/// use httpdyno_stats::Effect;
/// let throttled = [100_300, 99_600, 97_900, 97_200, 96_100, 94_800];
/// let drift = drift(&[&throttled]).expect("six blocks");
/// assert_eq!(drift.observed.to_string(), "0.9452");
/// assert_eq!(drift.judge(Effect::from_percent(3)), Steadiness::Drifted);
/// ```
#[must_use]
pub fn drift(series: &[&[u64]]) -> Option<Drift> {
    let blocks = series.first()?.len();
    let is_whole = |one: &&&[u64]| one.len() == blocks && !one.contains(&0);
    if blocks < 2 || series.iter().filter(is_whole).count() != series.len() {
        return None;
    }
    let entries = series.len() as f64;
    let mean_log =
        |block: usize| series.iter().map(|one| (one[block] as f64).ln()).sum::<f64>() / entries;
    let logs: Vec<f64> = (0..blocks).map(mean_log).collect();
    let rounding = |one: &&[u64]| {
        one.iter().map(|&number| crate::ratio::rounding_variance(number)).sum::<f64>()
    };
    let variance = series.iter().map(rounding).sum::<f64>() / (blocks as f64 * entries.powi(2));
    Some(Drift {
        observed: Ratio::from_ln(logs[blocks - 1] - logs[0]),
        trend: Trend::of_logs(&logs, variance),
    })
}

#[cfg(test)]
mod tests {
    use super::{Steadiness, drift};
    use crate::units::Effect;

    const LIMIT: Effect = Effect::from_percent(3);

    #[test]
    fn a_steady_machine_does_not_drift_though_its_last_block_is_odd() {
        let steady = [100_000, 101_000, 99_500, 100_400, 100_900, 99_800, 100_200, 95_000];
        let drift = drift(&[&steady]).unwrap();
        assert_eq!(drift.observed.to_string(), "0.9500");
        assert_ne!(drift.judge(LIMIT), Steadiness::Drifted, "{drift:?}");
    }

    #[test]
    fn a_small_but_certain_trend_is_within_the_limit() {
        let slow: Vec<u64> = (0..10).map(|block| 100_000 + 200 * block).collect();
        let drift = drift(&[&slow]).unwrap();
        assert_eq!(drift.judge(LIMIT), Steadiness::Steady, "{drift:?}");
        assert_eq!(drift.judge(Effect::from_percent(1)), Steadiness::Drifted, "{drift:?}");
    }

    #[test]
    fn series_that_move_against_each_other_are_no_drift_of_the_machine() {
        let up = [100_000, 110_000, 121_000, 133_100];
        let down = [133_100, 121_000, 110_000, 100_000];
        assert_eq!(drift(&[&up]).unwrap().judge(LIMIT), Steadiness::Drifted);
        assert_eq!(drift(&[&up, &up]).unwrap().judge(LIMIT), Steadiness::Drifted);
        assert_eq!(drift(&[&up, &down]).unwrap().judge(LIMIT), Steadiness::Steady);
    }

    #[test]
    fn of_two_blocks_and_of_noise_nothing_can_be_said() {
        let two = drift(&[&[100_000, 104_000]]).unwrap();
        assert_eq!((two.trend, two.judge(LIMIT)), (None, Steadiness::Unknown));
        let noise = drift(&[&[100_000, 91_000, 109_000, 90_000, 108_000, 99_000]]).unwrap();
        assert_eq!(noise.judge(LIMIT), Steadiness::Unknown, "{noise:?}");
    }

    #[test]
    fn what_has_no_drift_is_none() {
        assert_eq!(drift(&[]), None);
        assert_eq!(drift(&[&[1]]), None);
        assert_eq!(drift(&[&[1, 0, 2]]), None);
        assert_eq!(drift(&[&[1, 2, 3], &[1, 2]]), None);
    }
}
