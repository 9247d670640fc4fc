//! The standard normal distribution.
//!
//! ```
//! use httpdyno_stats::normal;
//! assert!((normal::quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-12);
//! ```

use std::f64::consts::PI;

/// Beyond this many standard deviations the continued fraction is the better form.
const TAIL_FROM: f64 = 3.0;

/// The density at `x`.
pub(crate) fn density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / (2.0 * PI).sqrt()
}

/// P(Z <= x), to a relative 1e-12 in both tails.
///
/// Near the centre the series of G. Marsaglia, Evaluating the Normal Distribution, Journal of
/// Statistical Software 11(4) (2004); in the tails the continued fraction of Laplace (M.
/// Abramowitz, I. A. Stegun, Handbook of Mathematical Functions, 26.2.14).
#[must_use]
pub fn cdf(x: f64) -> f64 {
    if x < -TAIL_FROM {
        upper_tail_far(-x)
    } else if x > TAIL_FROM {
        1.0 - upper_tail_far(x)
    } else {
        0.5 + density(x) * odd_series(x)
    }
}

/// x + x^3/3 + x^5/(3*5) + x^7/(3*5*7) + ...
fn odd_series(x: f64) -> f64 {
    let (mut term, mut sum, mut odd) = (x, x, 1.0);
    while f64::abs(term) > f64::EPSILON * 0.01 * f64::abs(sum) {
        odd += 2.0;
        term *= x * x / odd;
        sum += term;
    }
    sum
}

/// P(Z > x) for x > 3: density(x) / (x + 1/(x + 2/(x + 3/(x + ...)))).
fn upper_tail_far(x: f64) -> f64 {
    // At 3, the slowest, 150 steps leave nothing of the rest.
    let denominator = (1..=150).rev().fold(x, |below, k| x + f64::from(k) / below);
    density(x) / denominator
}

/// The x with P(Z <= x) = `p`; infinite at 0 and 1, not a number outside.
///
/// Started by M. Abramowitz, I. A. Stegun, 26.2.23 (within 4.5e-4), then refined by Halley's
/// method, which triples the digits at each of its steps.
#[must_use]
pub fn quantile(p: f64) -> f64 {
    if p == 0.0 {
        return f64::NEG_INFINITY;
    }
    if p == 1.0 {
        return f64::INFINITY;
    }
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    // Refined in the lower tail, where the cdf keeps its relative accuracy.
    if p > 0.5 { -lower_quantile(1.0 - p) } else { lower_quantile(p) }
}

fn lower_quantile(p: f64) -> f64 {
    let t = (-2.0 * p.ln()).sqrt();
    let numerator = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let denominator = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let mut x = numerator / denominator - t;
    for _ in 0..3 {
        let newton = (cdf(x) - p) / density(x);
        x -= newton / (1.0 + 0.5 * x * newton);
    }
    x
}

#[cfg(test)]
mod tests {
    use super::{cdf, quantile};

    #[test]
    fn the_cdf_agrees_with_forty_digits() {
        let expected = [
            (0.0, 0.5),
            (0.5, 0.691_462_461_274_013_1),
            (-1.0, 0.158_655_253_931_457_05),
            (-3.0, 1.349_898_031_630_094_5e-3),
            (-5.0, 2.866_515_718_791_939e-7),
            (-8.0, 6.220_960_574_271_784e-16),
            (-20.0, 2.753_624_118_606_233_7e-89),
            (2.5, 0.993_790_334_674_224),
            (-37.0, 5.725_571_222_524_577e-300),
        ];
        for (x, value) in expected {
            assert!((cdf(x) / value - 1.0).abs() < 1e-11, "cdf({x}): {}, {value}", cdf(x));
        }
    }

    #[test]
    fn the_quantile_agrees_with_forty_digits() {
        let expected = [
            (0.5, 0.0),
            (0.6, 0.253_347_103_135_799_8),
            (0.9, 1.281_551_565_544_600_5),
            (0.95, 1.644_853_626_951_472_7),
            (0.975, 1.959_963_984_540_054_2),
            (0.995, 2.575_829_303_548_901),
            (0.9999, 3.719_016_485_455_680_6),
            (0.001, -3.090_232_306_167_813_5),
            (1e-10, -6.361_340_902_404_056),
            (1e-300, -37.047_096_299_361_2),
        ];
        for (p, value) in expected {
            assert!((quantile(p) - value).abs() < 1e-10, "{p}: {}, {value}", quantile(p));
        }
    }

    #[test]
    fn the_edges_are_infinite_and_beyond_them_is_nothing() {
        assert_eq!(quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(quantile(1.0), f64::INFINITY);
        assert!(quantile(1.1).is_nan() && quantile(-0.1).is_nan() && quantile(f64::NAN).is_nan());
    }
}
