//! When a server is warm: its rate does not change any more.
//!
//! The rule: of the responses per window since the start, take the later half. The server is warm
//! when the change along the straight line through their logarithms is shown to be small, that is
//! when its 90 % interval lies within the tolerance (an equivalence test like that of
//! [`crate::verdict`]; "no significant slope" would call every noisy server warm).
//!
//! As time goes on, the half leaves the start behind, and it grows, so that a noisy server needs
//! longer but gets there. It is looked at after each window, and windows of one run are not quite
//! independent, so the 90 % is nominal: this is a rule for when to begin, not an inference, and
//! needs a cap on the time. T. Kalibera, R. Jones, Rigorous Benchmarking in Reasonable Time (ISMM
//! 2013), on why the start must be left out, and on servers that never settle.

use crate::trend::Trend;
use crate::units::{Effect, Interval, Probability};

/// When a rate counts as flat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlatRule {
    /// The least number of windows in the later half.
    pub least_windows: usize,
    /// The change over the later half that still counts as none.
    pub tolerance: Effect,
}

impl Default for FlatRule {
    /// At least 10 windows (with 100 ms each: 2 s from the start), within 2 %.
    fn default() -> Self {
        Self { least_windows: 10, tolerance: Effect::from_percent(2) }
    }
}

/// How far the warm-up is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WarmUp {
    /// Too few windows to tell.
    TooShort {
        /// Windows needed from the start.
        needed: usize,
    },
    /// A window without a response in the later half: a server that stalls is not warm.
    Stalled,
    /// The rate changes, or may do so for all that is known.
    NotFlat {
        /// Where the change over the later half lies (90 %).
        change: Interval,
    },
    /// The rate does not change any more.
    Flat {
        /// Where the change over the later half lies (90 %).
        change: Interval,
    },
}

impl WarmUp {
    /// Judges the responses per window, all windows since the start being equally long.
    ///
    /// ```
    /// use httpdyno_stats::warmup::{FlatRule, WarmUp};
    /// // Per 100 ms: slow for the first second, then steady.
    /// let rates = |windows: u64| (0..windows).map(|w| if w < 10 { 300 } else { 1_000 + w % 3 });
    /// let rule = FlatRule::default();
    /// let judge = |windows| WarmUp::judge(&rates(windows).collect::<Vec<_>>(), &rule);
    /// assert!(matches!(judge(15), WarmUp::TooShort { needed: 20 }));
    /// assert!(matches!(judge(20), WarmUp::Flat { .. }));
    /// ```
    #[must_use]
    pub fn judge(responses: &[u64], rule: &FlatRule) -> Self {
        let least = rule.least_windows.max(crate::trend::LEAST_POINTS);
        let later_half = &responses[responses.len() / 2..];
        if later_half.len() < least || responses.len() < 2 * least {
            return Self::TooShort { needed: 2 * least };
        }
        let Some(trend) = Trend::of(later_half) else { return Self::Stalled };
        let change = trend.interval(Probability::P90);
        if change.is_inside(&rule.tolerance.band()) {
            Self::Flat { change }
        } else {
            Self::NotFlat { change }
        }
    }

    /// Whether measuring may begin.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        matches!(self, Self::Flat { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::{FlatRule, WarmUp};
    use crate::random::Seeded;

    fn judge(responses: &[u64]) -> WarmUp {
        WarmUp::judge(responses, &FlatRule::default())
    }

    /// Windows until the rate counts as flat, or none within `cap`.
    fn windows_needed(rate: impl FnMut(u64) -> u64, cap: u64) -> Option<usize> {
        let rates: Vec<u64> = (0..cap).map(rate).collect();
        (0..=rates.len()).find(|&seen| judge(&rates[..seen]).is_flat())
    }

    #[test]
    fn a_steady_rate_is_flat_as_soon_as_it_can_be() {
        assert_eq!(windows_needed(|_| 10_000, 100), Some(20));
    }

    #[test]
    fn a_rate_that_settles_is_flat_once_the_later_half_has_settled() {
        // e-folding time of 10 windows: 2 % of the change is left after 39.
        let settling = |window: u64| (100_000.0 * (1.0 - (-(window as f64) / 10.0).exp())) as u64;
        let needed = windows_needed(settling, 300).unwrap();
        assert!((50..=120).contains(&needed), "{needed}");
    }

    #[test]
    fn a_rate_that_goes_on_changing_is_never_flat() {
        assert_eq!(windows_needed(|window| 100_000 + 500 * window, 200), None);
        assert_eq!(windows_needed(|window| 200_000 - 500 * window, 200), None);
    }

    #[test]
    fn noise_takes_longer_but_gets_there() {
        let mut random = Seeded::new(1);
        let mut noisy = |_| 90_000 + random.below(20_001) as u64;
        let needed = windows_needed(&mut noisy, 2_000).unwrap();
        assert!((100..2_000).contains(&needed), "{needed}");
    }

    #[test]
    fn a_stall_in_the_later_half_is_not_warm_and_one_before_it_is_forgotten() {
        let mut rates = [1_000; 40];
        rates[25] = 0;
        assert_eq!(judge(&rates), WarmUp::Stalled);
        rates[25] = 1_000;
        rates[5] = 0;
        assert!(judge(&rates).is_flat());
    }

    #[test]
    fn few_windows_are_too_short_for_any_rule() {
        assert_eq!(judge(&[]), WarmUp::TooShort { needed: 20 });
        assert_eq!(judge(&[1_000; 19]), WarmUp::TooShort { needed: 20 });
        let hasty = FlatRule { least_windows: 0, ..FlatRule::default() };
        assert_eq!(WarmUp::judge(&[1], &hasty), WarmUp::TooShort { needed: 6 });
    }
}
