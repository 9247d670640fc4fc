//! Student's t distribution with whole degrees of freedom.
//!
//! Student (W. S. Gosset), The Probable Error of a Mean, Biometrika 6 (1908), 1-25. By the
//! incomplete beta function: M. Abramowitz, I. A. Stegun, Handbook of Mathematical Functions,
//! 26.7.1 and 26.5.27.
//!
//! ```
//! use httpdyno_stats::student;
//! // The figure of every table: 10 degrees of freedom, 95 % on both sides.
//! assert!((student::quantile(0.975, 10) - 2.228_138_851_986_27).abs() < 1e-10);
//! ```

use crate::normal;
use crate::special::{incomplete_beta, ln_beta};

/// P(T <= t) for Student's t with `degrees` degrees of freedom.
///
/// # Panics
///
/// When `degrees` is 0: there is no such distribution.
#[must_use]
pub fn cdf(t: f64, degrees: u32) -> f64 {
    if t < 0.0 { upper_tail(-t, degrees) } else { 1.0 - upper_tail(t, degrees) }
}

/// P(T > t) for t >= 0, exact also where it is tiny.
fn upper_tail(t: f64, degrees: u32) -> f64 {
    assert!(degrees > 0, "student's t needs at least 1 degree of freedom, got 0");
    if t.is_infinite() {
        return 0.0;
    }
    let n = f64::from(degrees);
    let square = t * t;
    0.5 * incomplete_beta(0.5 * n, 0.5, n / (n + square), square / (n + square))
}

/// P(|T| > |t|): the two-sided p-value of a t statistic.
///
/// # Panics
///
/// When `degrees` is 0.
#[must_use]
pub fn two_sided_p(t: f64, degrees: u32) -> f64 {
    2.0 * upper_tail(t.abs(), degrees)
}

fn density(t: f64, degrees: u32) -> f64 {
    let n = f64::from(degrees);
    let ln = -0.5 * (n + 1.0) * (t * t / n).ln_1p() - ln_beta(0.5 * n, 0.5) - 0.5 * n.ln();
    ln.exp()
}

/// The t with P(T <= t) = `p`; infinite at 0 and 1, not a number outside.
///
/// Tested to a relative 1e-11 between `p` = 1e-12 and 1 - 1e-12, and down to 1e-100.
///
/// # Panics
///
/// When `degrees` is 0.
#[must_use]
pub fn quantile(p: f64, degrees: u32) -> f64 {
    assert!(degrees > 0, "student's t needs at least 1 degree of freedom, got 0");
    if p == 0.0 {
        return f64::NEG_INFINITY;
    }
    if p == 1.0 {
        return f64::INFINITY;
    }
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p == 0.5 {
        return 0.0;
    }
    if p < 0.5 { -upper_quantile(p, degrees) } else { upper_quantile(1.0 - p, degrees) }
}

/// The t >= 0 with P(T > t) = `tail`, by Newton's method, held within a bracket.
fn upper_quantile(tail: f64, degrees: u32) -> f64 {
    let z = -normal::quantile(tail);
    // First term of the expansion of Cornish and Fisher (Abramowitz & Stegun 26.7.5).
    let mut t = z + (z * z * z + z) / (4.0 * f64::from(degrees));
    let (mut low, mut high) = (0.0, f64::INFINITY);
    // Far out a step at best doubles t: with 1 degree of freedom, a tail of 1e-100 takes about 330.
    for _ in 0..1_000 {
        let excess = upper_tail(t, degrees) - tail;
        if excess > 0.0 {
            low = t;
        } else {
            high = t;
        }
        let mut next = t + excess / density(t, degrees);
        if !(low..=high).contains(&next) {
            next = if high.is_finite() { 0.5 * (low + high) } else { 2.0 * t + 1.0 };
        }
        let step = (next - t).abs();
        t = next;
        // The digits double with each step: the one after this would be below the last bit.
        if step <= 1e-9 * t {
            break;
        }
    }
    t
}

#[cfg(test)]
mod tests {
    use super::{cdf, quantile, two_sided_p};

    /// Upper quantiles at 0.90, 0.95, 0.975, 0.995 and 0.9999, computed to 40 digits.
    const QUANTILES: [(u32, [f64; 5]); 8] = [
        (
            1,
            [
                3.077_683_537_175_253,
                6.313_751_514_675_043,
                12.706_204_736_174_705,
                63.656_741_162_871_58,
                3_183.098_757_118_151,
            ],
        ),
        (
            2,
            [
                1.885_618_083_164_126_7,
                2.919_985_580_353_725_7,
                4.302_652_729_749_464,
                9.924_843_200_918_293,
                70.700_071_074_964_28,
            ],
        ),
        (
            3,
            [
                1.637_744_353_696_210_1,
                2.353_363_434_801_823_9,
                3.182_446_305_283_709_6,
                5.840_909_309_733_357,
                22.203_742_273_204_183,
            ],
        ),
        (
            5,
            [
                1.475_884_048_824_481,
                2.015_048_373_333_024_2,
                2.570_581_835_636_315_5,
                4.032_142_983_555_228,
                9.677_566_300_882_59,
            ],
        ),
        (
            10,
            [
                1.372_183_641_110_335_6,
                1.812_461_122_811_676_6,
                2.228_138_851_986_275,
                3.169_272_672_616_951,
                5.693_820_101_457_513,
            ],
        ),
        (
            30,
            [
                1.310_415_025_391_395_6,
                1.697_260_886_593_957_8,
                2.042_272_456_301_238,
                2.749_995_653_567_225_3,
                4.233_985_957_272_02,
            ],
        ),
        (
            120,
            [
                1.288_646_233_656_378,
                1.657_650_899_355_235_6,
                1.979_930_405_082_441,
                2.617_421_145_106_866,
                3.837_170_749_032_807,
            ],
        ),
        (
            1_000,
            [
                1.282_398_721_460_924_4,
                1.646_378_817_285_464_5,
                1.962_339_080_826_408_5,
                2.580_754_698_065_951,
                3.732_851_604_575_368,
            ],
        ),
    ];

    #[test]
    fn quantiles_agree_with_forty_digits() {
        for (degrees, row) in QUANTILES {
            for (p, value) in [0.90, 0.95, 0.975, 0.995, 0.9999].into_iter().zip(row) {
                let found = quantile(p, degrees);
                let error = (found / value - 1.0).abs();
                assert!(error < 1e-11, "t({p}, {degrees}): {found}, expected {value}");
                assert!((quantile(1.0 - p, degrees) / value + 1.0).abs() < 1e-11);
            }
        }
    }

    /// NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2: column 0.975, 1 to 30.
    #[test]
    fn quantiles_agree_with_the_published_table() {
        let column = [
            12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179,
            2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064,
            2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
        ];
        for (degrees, value) in (1..).zip(column) {
            let found: f64 = quantile(0.975, degrees);
            assert!((found - value).abs() <= 0.000_501, "{degrees}: {found}, table {value}");
        }
    }

    #[test]
    fn the_cdf_agrees_with_forty_digits() {
        let expected = [
            (0.001, 1, 0.500_318_309_780_080_6),
            (0.5, 2, 0.666_666_666_666_666_7),
            (1.5, 3, 0.884_708_067_377_588_5),
            (-2.5, 7, 0.020_496_109_292_876_448),
            (4.0, 10, 0.998_740_833_687_631_6),
            (-12.0, 5, 3.544_746_258_580_761e-5),
            (-0.1, 100, 0.460_272_265_547_925_6),
            (2.0, 1_000, 0.977_114_826_753_374_2),
        ];
        for (t, degrees, value) in expected {
            let found = cdf(t, degrees);
            assert!((found / value - 1.0).abs() < 1e-12, "cdf({t}, {degrees}): {found}, {value}");
        }
    }

    /// Closed forms that owe nothing to the beta function: Abramowitz & Stegun 26.7.3, 26.7.4.
    #[test]
    fn the_cdf_agrees_with_the_closed_forms() {
        for step in -40..=40 {
            let t = f64::from(step) * 0.25;
            let one = 0.5 + t.atan() / std::f64::consts::PI;
            let two = 0.5 + t / (2.0 * (2.0 + t * t).sqrt());
            assert!((cdf(t, 1) - one).abs() < 1e-14, "{t}");
            assert!((cdf(t, 2) - two).abs() < 1e-14, "{t}");
        }
    }

    #[test]
    fn the_quantile_inverts_the_cdf_from_one_tail_to_the_other() {
        for degrees in [1, 2, 4, 9, 33, 500, 100_000] {
            for p in [1e-12, 1e-6, 0.01, 0.3, 0.499, 0.5, 0.7, 0.999] {
                let back = cdf(quantile(p, degrees), degrees);
                assert!((back / p - 1.0).abs() < 1e-10, "{p}, {degrees}: {back}");
            }
        }
    }

    #[test]
    fn the_middle_and_the_edges_are_exact() {
        assert_eq!(quantile(0.5, 3), 0.0);
        assert_eq!(quantile(0.0, 3), f64::NEG_INFINITY);
        assert_eq!(quantile(1.0, 3), f64::INFINITY);
        assert!(quantile(1.5, 3).is_nan() && quantile(f64::NAN, 3).is_nan());
        // One degree of freedom: -1 / tan(pi p).
        assert!((quantile(1e-100, 1) / -3.183_098_861_837_907e99 - 1.0).abs() < 1e-10);
        let near: f64 = quantile(0.5 + 1e-9, 3);
        // 1e-9 over the density in the middle, 2/(pi sqrt(3)).
        assert!((near - 1e-9 * 2.720_699_046_351_327).abs() < 1e-15, "{near}");
    }

    #[test]
    fn the_p_value_has_two_sides() {
        assert_eq!(two_sided_p(0.0, 4), 1.0);
        assert!((two_sided_p(-2.228_138_851_986_275, 10) - 0.05).abs() < 1e-12);
        assert_eq!(two_sided_p(-2.0, 7), two_sided_p(2.0, 7));
        assert_eq!(two_sided_p(f64::INFINITY, 7), 0.0);
    }

    #[test]
    #[should_panic(expected = "at least 1 degree of freedom, got 0")]
    fn no_degrees_of_freedom_is_refused() {
        let _ = quantile(0.9, 0);
    }
}
