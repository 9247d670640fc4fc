//! Which finding leads to which verdict: rules as data, looked through in their order.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::Times;

/// The ratios that count as the published one; without an end, everything beyond counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tolerance {
    /// The least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Times>,
    /// The most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Times>,
}

impl Tolerance {
    /// Both ends in parts per million; an open one is as far as can be.
    #[must_use]
    pub fn ends_ppm(&self) -> (u64, u64) {
        (self.from.map_or(0, |end| end.0), self.to.map_or(u64::MAX, |end| end.0))
    }

    /// Whether a ratio counts as the published one.
    #[must_use]
    pub fn contains(&self, ratio: Times) -> bool {
        let (from, to) = self.ends_ppm();
        (from..=to).contains(&ratio.0)
    }
}

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.to) {
            (Some(from), Some(to)) => write!(f, "{from} to {to}"),
            (Some(from), None) => write!(f, "{from} or more"),
            (None, Some(to)) => write!(f, "{to} or less"),
            (None, None) => f.write_str("anything"),
        }
    }
}

/// How an experiment is decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Confidence of the interval that must lie outside the tolerance, or on one side of 1.
    #[schemars(range(min = 500_000, max = 999_999))]
    pub confidence_ppm: u32,
    /// Confidence of the interval that must lie inside the tolerance.
    #[schemars(range(min = 500_000, max = 999_999))]
    pub equivalence_ppm: u32,
    /// The first of these that holds gives the outcome; where none does, it is unresolved.
    #[schemars(length(min = 1))]
    pub rules: Vec<Way>,
}

/// One way to an outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// Where it leads to.
    pub outcome: Outcome,
    /// What must hold, all of it.
    #[schemars(length(min = 1))]
    pub when: Vec<Condition>,
}

/// What a rule can say of one comparison at one level.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The ratio is the published one, within the tolerance.
    Reproduced,
    /// The ratio is another one, on the same side of 1.
    DirectionOnly,
    /// The ratio is another one.
    NotReproduced,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Reproduced => "reproduced",
            Self::DirectionOnly => "direction only",
            Self::NotReproduced => "not reproduced",
        })
    }
}

/// Something that an interval can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// The interval for equivalence lies inside the tolerance.
    InsideTolerance,
    /// The interval has no ratio of the tolerance in it.
    OutsideTolerance,
    /// The interval lies on that side of 1 on which the published ratio is.
    SameSide,
    /// The interval lies on the other side of 1 than the published ratio.
    OtherSide,
}

/// An interval as it was found; ratios in parts per million.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The interval of [`Decision::confidence_ppm`].
    pub interval: (u64, u64),
    /// The one of [`Decision::equivalence_ppm`].
    pub equivalence: (u64, u64),
}

/// 1 in parts per million.
const ONE: u64 = 1_000_000;

impl Condition {
    /// Whether it holds of what was seen.
    #[must_use]
    pub fn holds(self, published: Times, tolerance: &Tolerance, seen: &Seen) -> bool {
        let (from, to) = tolerance.ends_ppm();
        let (low, high) = seen.interval;
        let is_above = low > ONE;
        let is_below = high < ONE;
        match self {
            Self::InsideTolerance => from <= seen.equivalence.0 && seen.equivalence.1 <= to,
            Self::OutsideTolerance => high < from || low > to,
            Self::SameSide => is_above && published.0 > ONE || is_below && published.0 < ONE,
            Self::OtherSide => is_below && published.0 > ONE || is_above && published.0 < ONE,
        }
    }
}

impl Decision {
    /// The outcome; nothing where no rule holds, which is unresolved.
    #[must_use]
    pub fn outcome(&self, published: Times, tolerance: &Tolerance, seen: &Seen) -> Option<Outcome> {
        let holds = |way: &&Way| {
            way.when.iter().all(|condition| condition.holds(published, tolerance, seen))
        };
        self.rules.iter().find(holds).map(|way| way.outcome)
    }

    /// Whether any finding at all leads to `outcome`: every ratio is tried, known exactly, that
    /// lies at, between or beyond what the conditions look at.
    #[must_use]
    pub fn can_give(&self, outcome: Outcome, published: Times, tolerance: &Tolerance) -> bool {
        let (from, to) = tolerance.ends_ppm();
        let mut ratios: Vec<u64> = [from, to, ONE]
            .into_iter()
            .flat_map(|mark| [mark.saturating_sub(1), mark, mark.saturating_add(1)])
            .chain([1, u64::MAX - 1])
            .filter(|ratio| (1..u64::MAX).contains(ratio))
            .collect();
        ratios.sort_unstable();
        let between: Vec<u64> =
            ratios.windows(2).map(|two| two[0] + (two[1] - two[0]) / 2).collect();
        ratios.iter().chain(&between).any(|&ratio| {
            let seen = Seen { interval: (ratio, ratio), equivalence: (ratio, ratio) };
            self.outcome(published, tolerance, &seen) == Some(outcome)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Condition, Decision, Outcome, Seen, Tolerance, Way};
    use crate::units::Times;

    fn times(text: &str) -> Times {
        text.parse().expect("a ratio")
    }

    fn tolerance(from: Option<&str>, to: Option<&str>) -> Tolerance {
        Tolerance { from: from.map(times), to: to.map(times) }
    }

    fn usual() -> Decision {
        let way = |outcome, when: &[Condition]| Way { outcome, when: when.to_vec() };
        Decision {
            confidence_ppm: 950_000,
            equivalence_ppm: 900_000,
            rules: vec![
                way(Outcome::Reproduced, &[Condition::InsideTolerance]),
                way(Outcome::DirectionOnly, &[Condition::OutsideTolerance, Condition::SameSide]),
                way(Outcome::NotReproduced, &[Condition::OutsideTolerance]),
            ],
        }
    }

    fn outcome(low: u64, high: u64) -> Option<Outcome> {
        let seen = Seen { interval: (low, high), equivalence: (low, high) };
        usual().outcome(times("2x"), &tolerance(Some("1.8x"), Some("2.2x")), &seen)
    }

    #[test]
    fn each_outcome_has_its_place() {
        assert_eq!(outcome(1_900_000, 2_100_000), Some(Outcome::Reproduced));
        assert_eq!(outcome(1_800_000, 2_200_000), Some(Outcome::Reproduced));
        assert_eq!(outcome(1_700_000, 2_100_000), None, "it reaches out of the tolerance");
        assert_eq!(outcome(1_200_000, 1_799_999), Some(Outcome::DirectionOnly));
        assert_eq!(outcome(3_000_000, 4_000_000), Some(Outcome::DirectionOnly));
        assert_eq!(outcome(900_000, 1_200_000), Some(Outcome::NotReproduced));
        assert_eq!(outcome(500_000, 600_000), Some(Outcome::NotReproduced));
        assert_eq!(outcome(900_000, 3_000_000), None);
    }

    #[test]
    fn sides_are_those_of_one_and_a_published_one_has_none() {
        let below = Seen { interval: (500_000, 600_000), equivalence: (500_000, 600_000) };
        let wide = tolerance(None, Some("0.9x"));
        assert!(Condition::SameSide.holds(times("0.8x"), &wide, &below));
        assert!(Condition::OtherSide.holds(times("1.2x"), &wide, &below));
        for condition in [Condition::SameSide, Condition::OtherSide] {
            assert!(!condition.holds(times("1x"), &wide, &below));
        }
    }

    #[test]
    fn a_rule_that_can_not_say_no_is_found() {
        let can = |decision: &Decision, tolerance| {
            decision.can_give(Outcome::NotReproduced, times("2x"), &tolerance)
        };
        let two = || tolerance(Some("1.8x"), Some("2.2x"));
        assert!(can(&usual(), two()));
        assert!(can(&usual(), tolerance(Some("1.8x"), None)));
        assert!(!can(&usual(), tolerance(None, None)), "everything counts as the published ratio");
        let mut without = usual();
        without.rules.pop();
        assert!(!can(&without, two()));
        // Whatever is outside is called something else before.
        let mut shadowed = usual();
        shadowed.rules[1].when.pop();
        assert!(!can(&shadowed, two()));
        // The two can not hold together.
        let mut impossible = usual();
        impossible.rules[2].when = vec![Condition::InsideTolerance, Condition::OutsideTolerance];
        assert!(!can(&impossible, two()));
        // All that is outside of this tolerance lies on the published side of 1.
        assert!(!can(&usual(), tolerance(None, Some("2.2x"))));
    }
}
