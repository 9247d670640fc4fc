//! A straight line through logarithms at equal steps, by least squares.

use crate::ratio::{count, rounding_variance};
use crate::student;
use crate::units::{Interval, Probability, Ratio};

/// The least number of points that a line and its spread can be fitted to.
pub(crate) const LEAST_POINTS: usize = 3;

/// How much a series changes from its first to its last point, along the fitted line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    change: f64,
    standard_error: f64,
    degrees: u32,
}

impl Trend {
    /// Last to first, on the line: 0.97 is a loss of 3 % over the series.
    #[must_use]
    pub fn change(&self) -> Ratio {
        Ratio::from_ln(self.change)
    }

    /// The t interval of the change, of n - 2 degrees of freedom. It takes the points' deviations
    /// from the line to be independent.
    #[must_use]
    pub fn interval(&self, confidence: Probability) -> Interval {
        let t = student::quantile(1.0 - confidence.each_tail(), self.degrees);
        Interval::around_ln(self.change, t * self.standard_error)
    }

    /// The line through the logarithms of `points`; none with fewer than 3, or with a 0.
    #[must_use]
    pub fn of(points: &[u64]) -> Option<Self> {
        if points.contains(&0) {
            return None;
        }
        let logs: Vec<f64> = points.iter().map(|&point| (point as f64).ln()).collect();
        let rounding: f64 = points.iter().map(|&point| rounding_variance(point)).sum();
        Self::of_logs(&logs, rounding / points.len().max(1) as f64)
    }

    pub(crate) fn of_logs(logs: &[f64], rounding_variance: f64) -> Option<Self> {
        if logs.len() < LEAST_POINTS {
            return None;
        }
        let n = logs.len() as f64;
        let centre = (n - 1.0) / 2.0;
        let mean = logs.iter().sum::<f64>() / n;
        let steps = || (0..logs.len()).map(|step| step as f64 - centre).zip(logs);
        let step_squares = n * (n * n - 1.0) / 12.0;
        let slope = steps().map(|(step, ln)| step * (ln - mean)).sum::<f64>() / step_squares;
        let rest: f64 = steps().map(|(step, ln)| (ln - mean - slope * step).powi(2)).sum();
        let variance = (rest / (n - 2.0)).max(rounding_variance);
        Some(Self {
            change: slope * (n - 1.0),
            standard_error: (variance / step_squares).sqrt() * (n - 1.0),
            degrees: count(logs.len()) - 2,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Trend;
    use crate::units::Probability;

    #[test]
    fn a_straight_line_is_found_exactly() {
        let logs: Vec<f64> = (0..11).map(|step| 3.0 - 0.01 * f64::from(step)).collect();
        let trend = Trend::of_logs(&logs, 0.0).unwrap();
        assert!((trend.change().ln() + 0.1).abs() < 1e-12);
        let interval = trend.interval(Probability::P95);
        assert!((interval.high.ln() - interval.low.ln()).abs() < 1e-9);
    }

    /// R. A. Fisher's formulas by hand: y = 0, 1, 1, 2 has slope 0.6, residual squares 0.2, so
    /// the slope's standard error is sqrt(0.1 / 5) = 0.141421; t(0.975, 2) = 4.302653.
    #[test]
    fn the_interval_is_that_of_the_slope() {
        let trend = Trend::of_logs(&[0.0, 1.0, 1.0, 2.0], 0.0).unwrap();
        let interval = trend.interval(Probability::P95);
        assert!((trend.change().ln() - 1.8).abs() < 1e-12);
        assert!((interval.high.ln() - 1.8 - 3.0 * 0.141_421_4 * 4.302_653).abs() < 1e-5);
    }

    #[test]
    fn points_that_agree_are_known_no_better_than_they_were_rounded() {
        let interval = Trend::of(&[10; 5]).unwrap().interval(Probability::P95);
        assert!(interval.low.value() < 0.9 && interval.high.value() > 1.1, "{interval}");
    }

    #[test]
    fn too_few_points_and_zeros_have_no_line() {
        assert_eq!(Trend::of(&[1, 2]), None);
        assert_eq!(Trend::of(&[]), None);
        assert_eq!(Trend::of(&[1, 0, 2, 3]), None);
        assert!(Trend::of(&[1, 2, 3]).is_some());
    }
}
