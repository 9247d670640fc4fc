//! Counts of successes: how many false verdicts a stated rate allows.

use crate::special::incomplete_beta;
use crate::units::Probability;

/// P(X >= `successes`) among `trials` trials that each succeed with `probability`.
///
/// M. Abramowitz, I. A. Stegun, Handbook of Mathematical Functions, 26.5.24.
#[must_use]
pub fn at_least(successes: u32, trials: u32, probability: Probability) -> f64 {
    if successes == 0 {
        return 1.0;
    }
    if successes > trials {
        return 0.0;
    }
    let p = probability.value();
    let failures = f64::from(trials - successes);
    incomplete_beta(f64::from(successes), failures + 1.0, p, 1.0 - p)
}

/// The true rate that `successes` of `trials` leave possible at most, with `confidence` on one
/// side, in parts per million, rounded up.
///
/// C. J. Clopper, E. S. Pearson, Biometrika 26 (1934), 404-413: exact, never too low.
///
/// ```
/// use httpdyno_stats::{Probability, binomial};
/// // No false verdict in 59 comparisons: the rate is below 5 % with 95 % confidence.
/// assert!(binomial::upper_bound_ppm(0, 59, Probability::P95) < 50_000);
/// assert!(binomial::upper_bound_ppm(0, 58, Probability::P95) > 50_000);
/// ```
#[must_use]
pub fn upper_bound_ppm(successes: u32, trials: u32, confidence: Probability) -> u32 {
    let refuted = 1.0 - confidence.value();
    // At a rate of p, so few successes have the probability 1 - P(X > successes).
    let is_possible = |ppm: u32| {
        Probability::from_ppm(ppm).is_none_or(|p| {
            let p_value = incomplete_beta(
                f64::from(trials - successes.min(trials)),
                f64::from(successes) + 1.0,
                1.0 - p.value(),
                p.value(),
            );
            p_value > refuted
        })
    };
    if successes >= trials {
        return 1_000_000;
    }
    let (mut possible, mut refuted_at) = (0, 1_000_000);
    while refuted_at - possible > 1 {
        let middle = (possible + refuted_at) / 2;
        if is_possible(middle) { possible = middle } else { refuted_at = middle }
    }
    refuted_at
}

#[cfg(test)]
mod tests {
    use super::{at_least, upper_bound_ppm};
    use crate::units::Probability;

    #[test]
    fn the_tail_is_the_sum_of_its_terms() {
        // 1 - 0.95^10 - 10 * 0.05 * 0.95^9
        let p = Probability::from_ppm(50_000).unwrap();
        assert!((at_least(2, 10, p) - 0.086_138_356_4).abs() < 1e-9);
        assert!((at_least(10, 10, Probability::P50) - 1.0 / 1_024.0).abs() < 1e-12);
        assert_eq!(at_least(0, 10, p), 1.0);
        assert_eq!(at_least(11, 10, p), 0.0);
    }

    /// The "rule of three" exactly: 1 - 0.05^(1/n). And R: binom.test(3, 200, alternative =
    /// "less") gives an upper bound of 0.03831.
    #[test]
    fn the_upper_bound_is_that_of_clopper_and_pearson() {
        assert_eq!(upper_bound_ppm(0, 200, Probability::P95), 14_868);
        let three = upper_bound_ppm(3, 200, Probability::P95);
        assert_eq!(three, 38_310);
        assert_eq!(upper_bound_ppm(5, 5, Probability::P95), 1_000_000);
        assert_eq!(upper_bound_ppm(0, 0, Probability::P95), 1_000_000);
    }
}
