//! What a comparison says: faster, slower, equivalent, or unresolved.
//!
//! A margin rho says what difference matters (2 % by default). The verdict is
//!
//! - *faster* or *slower* when the whole 95 % interval lies beyond the margin. This is stricter
//!   than "not 1": it shows that the difference matters (K. R. Murphy, B. Myors, Testing the
//!   Hypothesis that Treatments Have Negligible Effects, Journal of Applied Psychology 84 (1999),
//!   234-248);
//! - *equivalent* when the 90 % interval lies within the margin: two one-sided tests of 5 % each
//!   (D. J. Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 15 (1987), 657-680);
//! - else *unresolved*, which is no tie: the blocks were too few for this noise.
//!
//! The margin is the band from 1/(1 + rho) to 1 + rho rather than 1 +- rho, so that A against B
//! and B against A always get mirrored verdicts; at 2 % the two differ by 0.04 %.

use std::fmt;

use crate::ratio::Estimate;
use crate::stein::{Goal, Noise};
use crate::units::{Better, Effect, Interval, Probability, Ratio};

/// How a verdict is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Which way the quantity is good.
    pub better: Better,
    /// What difference matters (rho).
    pub margin: Effect,
    /// Of the interval that must lie beyond the margin.
    pub confidence: Probability,
    /// Of the interval that must lie within the margin.
    pub equivalence: Probability,
    /// At which the minimum detectable effect is stated.
    pub power: Probability,
}

impl Rule {
    /// The default: a margin of 2 %, intervals of 95 % and 90 %, a power of 80 %.
    #[must_use]
    pub fn new(better: Better) -> Self {
        Self {
            better,
            margin: Effect::from_percent(2),
            confidence: Probability::P95,
            equivalence: Probability::P90,
            power: Probability::P80,
        }
    }
}

/// A against B.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A is better than B by more than the margin.
    Faster,
    /// A is worse than B by more than the margin.
    Slower,
    /// A and B differ by less than the margin.
    Equivalent,
    /// The blocks do not tell.
    Unresolved,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Faster => "faster",
            Self::Slower => "slower",
            Self::Equivalent => "equivalent",
            Self::Unresolved => "unresolved",
        })
    }
}

impl Verdict {
    /// In a word, of a cost at a given rate: such costs may be alike, and are never called equivalent,
    /// since a busier server is woken less often, which hides a part of what its requests take.
    #[must_use]
    pub fn of_cost_at_rate(self) -> String {
        match self {
            Self::Equivalent => "alike at this load".to_owned(),
            verdict => verdict.to_string(),
        }
    }
}

/// The sign of the difference, whatever its size: the 95 % interval against 1.
///
/// It goes beside the verdict: a difference can be certain in sign and still too small to matter
/// (equivalent), or certain in sign and not yet certain in size (unresolved).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The interval lies on the better side of 1.
    Better,
    /// The interval lies on the worse side of 1.
    Worse,
    /// The interval has 1 in it.
    Unclear,
}

impl fmt::Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Unclear => "unclear",
        })
    }
}

/// A verdict with the figures it stands on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// The sign of the difference.
    pub sign: Sign,
    /// A to B.
    pub ratio: Ratio,
    /// Its interval at the rule's confidence (95 %).
    pub interval: Interval,
    /// Its interval for equivalence (90 %).
    pub equivalence_interval: Interval,
    /// The smallest true effect that would have been found faster or slower with the rule's power
    /// (80 %); effects smaller than this may be there and have been missed.
    pub detectable: Effect,
}

/// Judges an estimate of A to B.
///
/// ```
/// use httpdyno_stats::verdict::{Rule, Verdict, judge};
/// use httpdyno_stats::{Better, LogDifferences, PairedBlock};
///
/// // CPU nanoseconds per response: A needs about 5 % less.
/// let pairs = [(9_500, 10_010), (9_480, 9_990), (9_530, 10_000), (9_470, 9_980), (9_520, 10_020)];
/// let blocks = pairs.map(|(a, b)| PairedBlock { a: vec![a], b: vec![b] });
/// let estimate = LogDifferences::from_blocks(&blocks)?.estimate();
/// let judgement = judge(&estimate, &Rule::new(Better::Lower));
/// assert_eq!(judgement.verdict, Verdict::Faster);
/// assert_eq!(judgement.ratio.to_string(), "0.9500");
/// # Ok::<(), httpdyno_stats::RatioError>(())
/// ```
#[must_use]
pub fn judge(estimate: &Estimate, rule: &Rule) -> Judgement {
    let interval = estimate.interval(rule.confidence);
    let equivalence_interval = estimate.interval(rule.equivalence);
    let band = rule.margin.band();
    let verdict = match side(&interval, &band, rule.better) {
        Sign::Better => Verdict::Faster,
        Sign::Worse => Verdict::Slower,
        Sign::Unclear if equivalence_interval.is_inside(&band) => Verdict::Equivalent,
        Sign::Unclear => Verdict::Unresolved,
    };
    let goal = Goal {
        effect: Effect::NONE,
        margin: rule.margin,
        confidence: rule.confidence,
        power: rule.power,
    };
    Judgement {
        verdict,
        sign: side(&interval, &Effect::NONE.band(), rule.better),
        ratio: estimate.ratio(),
        interval,
        equivalence_interval,
        detectable: Noise::measured(estimate).minimum_detectable_effect(estimate.blocks, &goal),
    }
}

fn side(interval: &Interval, band: &Interval, better: Better) -> Sign {
    let above = interval.low > band.high;
    let below = interval.high < band.low;
    match better {
        Better::Higher if above => Sign::Better,
        Better::Higher if below => Sign::Worse,
        Better::Lower if below => Sign::Better,
        Better::Lower if above => Sign::Worse,
        _ => Sign::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use super::{Judgement, Rule, Sign, Verdict, judge};
    use crate::ratio::Estimate;
    use crate::units::{Better, Effect};

    /// Of 16 blocks: t(0.975, 15) = 2.131, t(0.95, 15) = 1.753, four to the root.
    fn judged(percent: f64, spread: f64, better: Better) -> Judgement {
        let mean = (percent / 100.0).ln_1p();
        let estimate = Estimate { blocks: 16, mean, spread, degrees: 15 };
        judge(&estimate, &Rule::new(better))
    }

    fn verdict(percent: f64, spread: f64) -> (Verdict, Sign) {
        let judgement = judged(percent, spread, Better::Higher);
        (judgement.verdict, judgement.sign)
    }

    #[test]
    fn each_verdict_has_its_place() {
        assert_eq!(verdict(5.0, 0.02), (Verdict::Faster, Sign::Better));
        assert_eq!(verdict(-5.0, 0.02), (Verdict::Slower, Sign::Worse));
        assert_eq!(verdict(0.1, 0.02), (Verdict::Equivalent, Sign::Unclear));
        assert_eq!(verdict(0.1, 0.06), (Verdict::Unresolved, Sign::Unclear));
        // Certain in sign: too small to matter, or not certain to matter.
        assert_eq!(verdict(1.0, 0.01), (Verdict::Equivalent, Sign::Better));
        assert_eq!(verdict(2.5, 0.02), (Verdict::Unresolved, Sign::Better));
        assert_eq!(verdict(-2.5, 0.02), (Verdict::Unresolved, Sign::Worse));
    }

    #[test]
    fn the_verdict_turns_where_the_interval_meets_the_margin() {
        // Half-widths: 2.131450 * 0.01 / 4 at 95 %, 1.753050 * 0.01 / 4 at 90 %.
        let at = |ln: f64| judged(100.0 * ln.exp_m1(), 0.01, Better::Higher).verdict;
        let margin = 0.02_f64.ln_1p();
        assert_eq!(at(margin + 0.005_328_7), Verdict::Faster);
        assert_eq!(at(margin + 0.005_328_5), Verdict::Unresolved);
        assert_eq!(at(margin - 0.004_382_5), Verdict::Unresolved);
        assert_eq!(at(margin - 0.004_382_7), Verdict::Equivalent);
    }

    #[test]
    fn swapping_a_and_b_mirrors_the_verdict() {
        for step in -80..=80 {
            let ln = f64::from(step) * 0.001;
            let forth = judged(100.0 * ln.exp_m1(), 0.02, Better::Higher);
            let back = judged(100.0 * (-ln).exp_m1(), 0.02, Better::Higher);
            let mirrored = match back.verdict {
                Verdict::Faster => Verdict::Slower,
                Verdict::Slower => Verdict::Faster,
                same => same,
            };
            assert_eq!(forth.verdict, mirrored, "{ln}");
        }
    }

    #[test]
    fn less_of_a_cost_is_faster() {
        assert_eq!(judged(-5.0, 0.02, Better::Lower).verdict, Verdict::Faster);
        assert_eq!(judged(5.0, 0.02, Better::Lower).verdict, Verdict::Slower);
        assert_eq!(judged(-5.0, 0.02, Better::Lower).sign, Sign::Better);
    }

    #[test]
    fn the_detectable_effect_is_beyond_the_margin_and_grows_with_noise() {
        let quiet = judged(0.0, 0.005, Better::Higher).detectable;
        let loud = judged(0.0, 0.05, Better::Higher).detectable;
        assert!(Effect::from_percent(2) < quiet && quiet < loud, "{quiet}, {loud}");
        // (1 + rho) exp((2.131450 + 0.866245) * 0.005 / 4) - 1.
        assert_eq!(quiet.to_string(), "2.38 %");
    }

    #[test]
    fn without_a_margin_the_verdict_is_the_sign() {
        let estimate = Estimate { blocks: 16, mean: 0.01, spread: 0.01, degrees: 15 };
        let rule = Rule { margin: Effect::NONE, ..Rule::new(Better::Higher) };
        assert_eq!(judge(&estimate, &rule).verdict, Verdict::Faster);
        let none = Estimate { mean: 0.0, ..estimate };
        assert_eq!(judge(&none, &rule).verdict, Verdict::Unresolved);
    }
}
