//! The ratio of A to B where nothing pairs them: two runs, one after the other.
//!
//! B. L. Welch, The Generalization of "Student's" Problem when Several Different Population
//! Variances are Involved, Biometrika 34 (1947), 28-35; degrees of freedom by F. E. Satterthwaite,
//! An Approximate Distribution of Estimates of Variance Components, Biometrics Bulletin 2 (1946),
//! 110-114, rounded down. What differs between the two runs beside A and B - the day, the
//! neighbours - is in the ratio and not in the interval, which is why pairs are better.

use crate::ratio::{Estimate, RatioError, count, mean_and_spread, rounding_variance};

/// The ratio of the numbers of `a` to those of `b`, one number for each block of its run.
///
/// # Errors
///
/// [`RatioError`] when one of them has fewer than 2 numbers, or a number is 0.
///
/// ```
/// use httpdyno_stats::{Probability, welch::welch};
/// let before = [100_100, 99_600, 100_900, 99_900, 100_400];
/// let after = [103_000, 102_500, 103_600, 102_900];
/// let estimate = welch(&after, &before)?;
/// assert_eq!(estimate.ratio().to_string(), "1.0282");
/// assert_eq!(estimate.interval(Probability::P95).to_string(), "[1.0203, 1.0360]");
/// # Ok::<(), httpdyno_stats::RatioError>(())
/// ```
pub fn welch(a: &[u64], b: &[u64]) -> Result<Estimate, RatioError> {
    let (one, other) = (Arm::of(a, 'A')?, Arm::of(b, 'B')?);
    let variance = one.of_mean + other.of_mean;
    let squares = one.of_mean.powi(2) / one.degrees + other.of_mean.powi(2) / other.degrees;
    // Where neither has any spread, not even from rounding, all degrees of freedom are equal.
    let degrees = if squares > 0.0 { variance.powi(2) / squares } else { one.degrees };
    let blocks = count(a.len().min(b.len()));
    Ok(Estimate {
        blocks,
        mean: one.mean - other.mean,
        spread: (variance * f64::from(blocks)).sqrt(),
        degrees: (degrees.floor() as u32).max(1),
    })
}

/// One side.
struct Arm {
    mean: f64,
    /// Variance of the mean.
    of_mean: f64,
    degrees: f64,
}

impl Arm {
    fn of(numbers: &[u64], arm: char) -> Result<Self, RatioError> {
        if numbers.len() < 2 {
            return Err(RatioError::TooFewBlocks { found: numbers.len() });
        }
        if let Some(block) = numbers.iter().position(|&number| number == 0) {
            return Err(RatioError::NotPositive { block, arm, trial: 0 });
        }
        let n = numbers.len() as f64;
        let logs: Vec<f64> = numbers.iter().map(|&number| (number as f64).ln()).collect();
        let (mean, spread) = mean_and_spread(&logs);
        let rounding = numbers.iter().map(|&number| rounding_variance(number)).sum::<f64>() / n;
        Ok(Self { mean, of_mean: spread.powi(2).max(rounding) / n, degrees: n - 1.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::welch;
    use crate::ratio::RatioError;
    use crate::units::Probability;

    /// exp of whole numbers, so that the logarithms are round.
    fn of_logs(logs: &[f64]) -> Vec<u64> {
        logs.iter().map(|log| (10.0 + log).exp().mul_add(1e6, 0.5) as u64).collect()
    }

    /// By hand: A = 1, 2, 3, 4 (variance 5/3, n 4), B = 0, 4 (variance 8, n 2): difference 0.5,
    /// standard error sqrt(5/12 + 4) = 2.10159, degrees (53/12)^2 / ((5/12)^2/3 + 16) = 1.21.
    #[test]
    fn the_standard_error_and_its_degrees_are_welchs() {
        let estimate = welch(&of_logs(&[1.0, 2.0, 3.0, 4.0]), &of_logs(&[0.0, 4.0])).unwrap();
        assert!((estimate.mean - 0.5).abs() < 1e-9, "{estimate:?}");
        assert!((estimate.standard_error() - 2.101_587).abs() < 1e-6, "{estimate:?}");
        assert_eq!((estimate.degrees, estimate.blocks), (1, 2));
    }

    #[test]
    fn equal_variances_and_numbers_have_students_degrees() {
        let a = of_logs(&[0.0, 1.0, 2.0, 3.0, 4.0]);
        let b = of_logs(&[1.0, 2.0, 3.0, 4.0, 5.0]);
        // 8 degrees of freedom, up to rounding.
        let degrees = welch(&a, &b).unwrap().degrees;
        assert!((7..=8).contains(&degrees), "{degrees}");
    }

    #[test]
    fn a_to_b_is_the_inverse_of_b_to_a() {
        let (a, b) = ([110, 104, 131], [95, 99, 99, 97]);
        let there = welch(&a, &b).unwrap().interval(Probability::P95);
        let back = welch(&b, &a).unwrap().interval(Probability::P95).inverse();
        assert!((there.low.value() - back.low.value()).abs() < 1e-12);
        assert!((there.high.value() - back.high.value()).abs() < 1e-12);
    }

    #[test]
    fn what_gives_no_ratio_is_named() {
        assert_eq!(welch(&[1], &[1, 2]), Err(RatioError::TooFewBlocks { found: 1 }));
        let zero = Err(RatioError::NotPositive { block: 1, arm: 'B', trial: 0 });
        assert_eq!(welch(&[1, 2], &[1, 0]), zero);
    }
}
