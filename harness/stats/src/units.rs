//! The units of comparisons: ratios, intervals of ratios, relative effects, probabilities.
//!
//! A ratio has no dimension and is a float; what a person sets (a margin, a confidence) is a whole
//! number of parts per million, so that it can be stored and compared exactly.

use std::fmt;

/// One, in parts per million.
const MILLION: u32 = 1_000_000;

/// A to B as a number without dimension: 1.03 is "A is 3 % above B".
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Ratio(f64);

impl Ratio {
    /// The ratio whose natural logarithm is `ln`.
    #[must_use]
    pub fn from_ln(ln: f64) -> Self {
        Self(ln.exp())
    }

    /// The ratio of `ppm` parts per million: 1_030_000 is 1.03.
    #[must_use]
    pub fn from_ppm(ppm: u64) -> Self {
        Self(ppm as f64 / f64::from(MILLION))
    }

    /// As a number.
    #[must_use]
    pub fn value(self) -> f64 {
        self.0
    }

    /// Its natural logarithm.
    #[must_use]
    pub fn ln(self) -> f64 {
        self.0.ln()
    }

    /// In parts per million, rounded; the form for records. Beyond `u64` it stays at the largest.
    #[must_use]
    pub fn ppm(self) -> u64 {
        (self.0 * f64::from(MILLION)).round() as u64
    }

    /// B to A.
    #[must_use]
    pub fn inverse(self) -> Self {
        Self(1.0 / self.0)
    }
}

impl fmt::Display for Ratio {
    /// Four digits after the point, unless the format asks for another number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.*}", f.precision().unwrap_or(4), self.0)
    }
}

/// All ratios from `low` to `high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: Ratio,
    /// The upper end.
    pub high: Ratio,
}

impl Interval {
    /// The interval exp(centre +- half_width).
    pub(crate) fn around_ln(centre: f64, half_width: f64) -> Self {
        Self { low: Ratio::from_ln(centre - half_width), high: Ratio::from_ln(centre + half_width) }
    }

    /// Whether `ratio` lies in it.
    #[must_use]
    pub fn contains(&self, ratio: Ratio) -> bool {
        self.low <= ratio && ratio <= self.high
    }

    /// Whether it lies in `other` without touching an end.
    #[must_use]
    pub fn is_inside(&self, other: &Self) -> bool {
        other.low < self.low && self.high < other.high
    }

    /// The interval of B to A.
    #[must_use]
    pub fn inverse(&self) -> Self {
        Self { low: self.high.inverse(), high: self.low.inverse() }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(4);
        write!(f, "[{:.digits$}, {:.digits$}]", self.low, self.high)
    }
}

/// A relative change without sign, in parts per million: 20_000 is 2 %.
///
/// An effect e means a factor of 1 + e or of 1/(1 + e). The two are the same change seen from A
/// and from B, and lie equally far from 1 on the logarithmic scale on which all is computed.
///
/// ```
/// use httpdyno_stats::Effect;
/// assert_eq!(Effect::from_ppm(23_456).to_string(), "2.35 %");
/// assert_eq!(Effect::from_percent(25).band().to_string(), "[0.8000, 1.2500]");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Effect(u32);

impl Effect {
    /// No change at all.
    pub const NONE: Self = Self(0);

    /// The effect of `ppm` parts per million.
    #[must_use]
    pub const fn from_ppm(ppm: u32) -> Self {
        Self(ppm)
    }

    /// The effect of `percent` per cent.
    #[must_use]
    pub const fn from_percent(percent: u16) -> Self {
        Self(percent as u32 * 10_000)
    }

    /// The smallest effect that is no less than a factor of exp(`ln`); `u32::MAX` ppm (a factor of
    /// about 4296) when there is none.
    pub(crate) fn from_ln_rounded_up(ln: f64) -> Self {
        Self((ln.exp_m1() * f64::from(MILLION)).ceil() as u32)
    }

    /// In parts per million.
    #[must_use]
    pub const fn ppm(self) -> u32 {
        self.0
    }

    /// ln(1 + e).
    #[must_use]
    pub fn ln(self) -> f64 {
        (f64::from(self.0) / f64::from(MILLION)).ln_1p()
    }

    /// All ratios that are no further than this from 1: from 1/(1 + e) to 1 + e.
    #[must_use]
    pub fn band(self) -> Interval {
        Interval::around_ln(0.0, self.ln())
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.*} %", f.precision().unwrap_or(2), f64::from(self.0) / 10_000.0)
    }
}

/// A probability strictly between 0 and 1, in parts per million: a confidence or a power.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Probability(u32);

impl Probability {
    /// 1 %.
    pub const P1: Self = Self(10_000);
    /// 50 %.
    pub const P50: Self = Self(500_000);
    /// 80 %.
    pub const P80: Self = Self(800_000);
    /// 90 %.
    pub const P90: Self = Self(900_000);
    /// 95 %.
    pub const P95: Self = Self(950_000);
    /// 99 %.
    pub const P99: Self = Self(990_000);

    /// The probability of `ppm` parts per million; none when that is 0 or 1 000 000 and more.
    #[must_use]
    pub const fn from_ppm(ppm: u32) -> Option<Self> {
        if 0 < ppm && ppm < MILLION { Some(Self(ppm)) } else { None }
    }

    /// In parts per million.
    #[must_use]
    pub const fn ppm(self) -> u32 {
        self.0
    }

    /// As a number between 0 and 1.
    #[must_use]
    pub fn value(self) -> f64 {
        f64::from(self.0) / f64::from(MILLION)
    }

    /// What an interval of this confidence leaves out on each of its two sides.
    pub(crate) fn each_tail(self) -> f64 {
        f64::from(MILLION - self.0) / f64::from(2 * MILLION)
    }
}

/// Which way a quantity is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// More is better: responses per second.
    Higher,
    /// Less is better: nanoseconds of CPU per response, latency, bytes.
    Lower,
}

impl Better {
    /// The logarithm so turned that more is better.
    pub(crate) fn oriented(self, ln: f64) -> f64 {
        match self {
            Self::Higher => ln,
            Self::Lower => -ln,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Better, Effect, Interval, Probability, Ratio};

    #[test]
    fn ratios_go_to_parts_per_million_and_back() {
        assert_eq!(Ratio::from_ppm(1_030_001).ppm(), 1_030_001);
        assert_eq!(Ratio::from_ln(0.0).ppm(), 1_000_000);
        assert_eq!(Ratio::from_ln(1_000.0).ppm(), u64::MAX);
        assert_eq!(Ratio::from_ppm(500_000).inverse().ppm(), 2_000_000);
        assert_eq!(
            format!("{} {:.1}", Ratio::from_ppm(1_234_567), Ratio::from_ppm(2)),
            "1.2346 0.0"
        );
    }

    #[test]
    fn an_effect_is_as_far_from_one_on_either_side() {
        let band = Effect::from_percent(2).band();
        assert!((band.low.ln() + band.high.ln()).abs() < 1e-15);
        assert_eq!((band.low.ppm(), band.high.ppm()), (980_392, 1_020_000));
        assert_eq!(Effect::NONE.band().low, Effect::NONE.band().high);
    }

    #[test]
    fn an_effect_from_a_logarithm_is_rounded_up_and_bounded() {
        assert_eq!(Effect::from_ln_rounded_up(0.03_f64.ln_1p() + 1e-9).ppm(), 30_001);
        assert_eq!(Effect::from_ln_rounded_up(f64::INFINITY).ppm(), u32::MAX);
    }

    #[test]
    fn an_interval_contains_its_ends_but_is_not_inside_itself() {
        let band = Effect::from_percent(2).band();
        assert!(band.contains(band.low) && band.contains(band.high));
        assert!(!band.contains(Ratio::from_ppm(1_020_001)));
        assert!(!band.is_inside(&band));
        assert!(Effect::from_percent(1).band().is_inside(&band));
        let skewed = Interval { low: Ratio::from_ppm(500_000), high: Ratio::from_ppm(4_000_000) };
        assert_eq!(skewed.inverse().to_string(), "[0.2500, 2.0000]");
    }

    #[test]
    fn a_probability_is_strictly_between_none_and_all() {
        assert_eq!(Probability::from_ppm(0), None);
        assert_eq!(Probability::from_ppm(1_000_000), None);
        assert_eq!(Probability::from_ppm(950_000), Some(Probability::P95));
        assert_eq!(Probability::P95.each_tail(), 0.025);
    }

    #[test]
    fn better_turns_the_sign() {
        assert_eq!(Better::Higher.oriented(2.0), 2.0);
        assert_eq!(Better::Lower.oriented(2.0), -2.0);
    }
}
