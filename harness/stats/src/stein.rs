//! How many blocks: Stein's two stages, and what a given number of blocks can show.
//!
//! C. Stein, A Two-Sample Test for a Linear Hypothesis Whose Power is Independent of the Variance,
//! Annals of Mathematical Statistics 16 (1945), 243-258. A pilot of n0 blocks is looked at for its
//! spread s0 and for nothing else; then the number of blocks is fixed:
//!
//! n = max(n0, ceil((t s0 / ln(1 + delta))^2)), t of n0 - 1 degrees of freedom.
//!
//! The final interval uses all n blocks for the mean and s0 for the spread
//! ([`crate::LogDifferences::estimate_after_pilot`]); under normal noise it covers the truth at
//! exactly its stated rate, whatever the true spread is. Looking at p-values on the way, and
//! stopping when one pleases, has no such guarantee.

use std::time::Duration;

use crate::ratio::Estimate;
use crate::student;
use crate::units::{Effect, Probability};

/// What the blocks are to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// The true effect that is to be found.
    pub effect: Effect,
    /// The effect it is to be told from; [`Effect::NONE`] asks only for the sign.
    pub margin: Effect,
    /// Confidence of the two-sided interval.
    pub confidence: Probability,
    /// Probability of finding the effect when it is there.
    pub power: Probability,
}

impl Goal {
    /// An interval of 95 % that reaches no further than `delta` to either side: the formula above.
    /// (An effect of delta is then found half of the time, hence the power of 50 %.)
    #[must_use]
    pub fn half_width(delta: Effect) -> Self {
        let (confidence, power) = (Probability::P95, Probability::P50);
        Self { effect: delta, margin: Effect::NONE, confidence, power }
    }

    /// To find a true `effect` to be larger than `margin` in 8 of 10 experiments, at 95 %.
    #[must_use]
    pub fn detect(effect: Effect, margin: Effect) -> Self {
        Self { effect, margin, confidence: Probability::P95, power: Probability::P80 }
    }

    /// t of the confidence plus t of the power: standard errors between margin and effect.
    fn standard_errors(&self, degrees: u32) -> f64 {
        student::quantile(1.0 - self.confidence.each_tail(), degrees)
            + student::quantile(self.power.value(), degrees)
    }
}

/// The spread of one block's ratio on the logarithmic scale, and how well it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noise {
    spread: f64,
    /// None: it will be estimated anew, from the blocks themselves.
    degrees: Option<u32>,
}

impl Noise {
    /// A spread assumed before there is any block: 10_000 ppm is 1 % per block.
    #[must_use]
    pub fn assumed(spread_ppm: u32) -> Self {
        Self { spread: f64::from(spread_ppm) / 1e6, degrees: None }
    }

    /// The spread that a pilot, or a whole experiment, has shown.
    #[must_use]
    pub fn measured(estimate: &Estimate) -> Self {
        Self { spread: estimate.spread, degrees: Some(estimate.degrees) }
    }

    fn standard_errors(&self, goal: &Goal, blocks: u32) -> f64 {
        goal.standard_errors(self.degrees.unwrap_or(blocks.max(2) - 1))
    }

    /// The smallest true effect that `blocks` blocks find with the goal's power: the margin, and
    /// beyond it (t_confidence + t_power) standard errors (H. S. Bloom, Minimum Detectable
    /// Effects, Evaluation Review 19 (1995), 547-556). The goal's own effect is not looked at.
    ///
    /// Fewer than 2 blocks count as 2.
    ///
    /// ```
    /// use httpdyno_stats::stein::{Goal, Noise};
    /// use httpdyno_stats::Effect;
    /// let goal = Goal::detect(Effect::from_percent(3), Effect::NONE);
    /// let noise = Noise::assumed(10_000);
    /// assert_eq!(noise.minimum_detectable_effect(4, &goal).to_string(), "2.10 %");
    /// assert_eq!(noise.minimum_detectable_effect(16, &goal).to_string(), "0.75 %");
    /// ```
    #[must_use]
    pub fn minimum_detectable_effect(&self, blocks: u32, goal: &Goal) -> Effect {
        let blocks = blocks.max(2);
        let standard_error = self.spread / f64::from(blocks).sqrt();
        let beyond = self.standard_errors(goal, blocks) * standard_error;
        Effect::from_ln_rounded_up(goal.margin.ln() + beyond)
    }

    /// Blocks that the goal needs, 2 at least; none when the effect does not exceed the margin.
    ///
    /// ```
    /// use httpdyno_stats::stein::{Goal, Noise};
    /// use httpdyno_stats::Effect;
    /// let one_percent = Goal::half_width(Effect::from_percent(1));
    /// assert_eq!(Noise::assumed(20_000).blocks_needed(&one_percent), Some(18));
    /// ```
    #[must_use]
    pub fn blocks_needed(&self, goal: &Goal) -> Option<u32> {
        let distance = goal.effect.ln() - goal.margin.ln();
        if distance <= 0.0 {
            return None;
        }
        let needed = |at: u32| {
            let root = self.standard_errors(goal, at) * self.spread / distance;
            (root * root).ceil().max(2.0) as u32
        };
        if self.degrees.is_some() {
            return Some(needed(2));
        }
        // More blocks make t smaller: the least n that is enough for its own t.
        let (mut too_few, mut enough) = (1, 2);
        while needed(enough) > enough {
            too_few = enough;
            enough = enough.saturating_mul(2);
        }
        while enough - too_few > 1 {
            let middle = too_few + (enough - too_few) / 2;
            if needed(middle) > middle { too_few = middle } else { enough = middle }
        }
        Some(enough)
    }
}

/// The time there is, and what a block takes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// For all blocks, those of the pilot among them.
    pub total: Duration,
    /// For one block, with starts, warm-up and stops.
    pub per_block: Duration,
}

impl Budget {
    fn blocks(&self) -> u32 {
        let blocks = self.total.as_nanos().checked_div(self.per_block.as_nanos());
        blocks.map_or(u32::MAX, |blocks| u32::try_from(blocks).unwrap_or(u32::MAX))
    }
}

/// A number of blocks, fixed before they are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Blocks that the goal needs.
    pub wanted: u32,
    /// Blocks to measure, the pilot's among them.
    pub blocks: u32,
    /// The smallest true effect that they find with the goal's power.
    pub detectable: Effect,
}

impl Plan {
    /// Whether the budget stands between the plan and its goal.
    #[must_use]
    pub fn is_limited_by_budget(&self) -> bool {
        self.blocks < self.wanted
    }
}

/// Why there is no plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The time is not enough for two blocks.
    #[error(
        "the budget of {total:?} has time for {affordable} of the at least 2 blocks, which take \
         {per_block:?} each; give more time, or fewer entries, points or seconds per trial"
    )]
    BudgetTooSmall {
        /// The budget.
        total: Duration,
        /// What a block takes.
        per_block: Duration,
        /// Whole blocks in it.
        affordable: u32,
    },
    /// What is to be found lies within what counts as equal.
    #[error(
        "an effect of {effect} is to be found beyond a margin of {margin}, expected a larger \
         effect than the margin; raise the effect or lower the margin"
    )]
    EffectWithinMargin {
        /// The effect.
        effect: Effect,
        /// The margin.
        margin: Effect,
    },
}

/// The plan before the first block, from an assumed spread: at most what the budget allows.
///
/// # Errors
///
/// [`PlanError`] when the budget is too small for two blocks, or no number of blocks would do.
///
/// ```
/// use std::time::Duration;
/// use httpdyno_stats::stein::{Budget, Goal, Noise, plan};
/// use httpdyno_stats::Effect;
/// let budget = Budget { total: Duration::from_secs(180), per_block: Duration::from_secs(12) };
/// let goal = Goal::detect(Effect::from_percent(3), Effect::from_percent(2));
/// let plan = plan(Noise::assumed(15_000), &goal, Some(budget))?;
/// assert_eq!((plan.wanted, plan.blocks), (21, 15));
/// assert_eq!(plan.detectable.to_string(), "3.20 %");
/// # Ok::<(), httpdyno_stats::stein::PlanError>(())
/// ```
pub fn plan(noise: Noise, goal: &Goal, budget: Option<Budget>) -> Result<Plan, PlanError> {
    fix(noise, goal, budget, 2)
}

/// The second stage: the plan after a pilot, which is spent already and is never taken back.
///
/// # Errors
///
/// As [`plan`].
pub fn plan_after_pilot(
    pilot: &Estimate,
    goal: &Goal,
    budget: Option<Budget>,
) -> Result<Plan, PlanError> {
    fix(Noise::measured(pilot), goal, budget, pilot.blocks)
}

fn fix(noise: Noise, goal: &Goal, budget: Option<Budget>, least: u32) -> Result<Plan, PlanError> {
    let &Goal { effect, margin, .. } = goal;
    let needed =
        noise.blocks_needed(goal).ok_or(PlanError::EffectWithinMargin { effect, margin })?;
    let affordable = budget.map_or(u32::MAX, |budget| budget.blocks());
    if let Some(Budget { total, per_block }) = budget.filter(|_| affordable < 2) {
        return Err(PlanError::BudgetTooSmall { total, per_block, affordable });
    }
    let wanted = needed.max(least);
    let blocks = wanted.min(affordable).max(least);
    let detectable = noise.minimum_detectable_effect(blocks, goal);
    Ok(Plan { wanted, blocks, detectable })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Budget, Goal, Noise, PlanError, plan, plan_after_pilot};
    use crate::ratio::Estimate;
    use crate::units::{Effect, Probability};

    fn pilot(blocks: u32, spread: f64) -> Estimate {
        Estimate { blocks, mean: 0.0, spread, degrees: blocks - 1 }
    }

    fn seconds(total: u64, per_block: u64) -> Option<Budget> {
        let (total, per_block) = (Duration::from_secs(total), Duration::from_secs(per_block));
        Some(Budget { total, per_block })
    }

    #[test]
    fn the_second_stage_is_steins_formula() {
        // t(0.975, 9) = 2.262157; (2.262157 * 0.03 / ln 1.01)^2 = 46.52.
        let goal = Goal::half_width(Effect::from_percent(1));
        assert_eq!(plan_after_pilot(&pilot(10, 0.03), &goal, None).unwrap().blocks, 47);
        // A pilot that is quiet enough already is all there is.
        assert_eq!(plan_after_pilot(&pilot(10, 0.003), &goal, None).unwrap().blocks, 10);
    }

    #[test]
    fn power_adds_its_own_t() {
        // t(0.80, 9) = 0.883404; ((2.262157 + 0.883404) * 0.03 / ln 1.01)^2 = 89.94.
        let goal = Goal::detect(Effect::from_percent(1), Effect::NONE);
        assert_eq!(plan_after_pilot(&pilot(10, 0.03), &goal, None).unwrap().wanted, 90);
    }

    #[test]
    fn what_the_planned_blocks_detect_is_what_was_asked() {
        let goal = Goal::detect(Effect::from_percent(3), Effect::from_percent(2));
        for spread_ppm in [1_000, 7_000, 20_000, 90_000] {
            let noise = Noise::assumed(spread_ppm);
            let blocks = noise.blocks_needed(&goal).unwrap();
            assert!(noise.minimum_detectable_effect(blocks, &goal) <= goal.effect);
            if blocks > 2 {
                assert!(noise.minimum_detectable_effect(blocks - 1, &goal) > goal.effect);
            }
        }
    }

    #[test]
    fn a_budget_bounds_the_blocks_and_says_what_is_lost() {
        let goal = Goal::half_width(Effect::from_percent(1));
        let limited = plan_after_pilot(&pilot(5, 0.03), &goal, seconds(100, 10)).unwrap();
        assert_eq!((limited.wanted, limited.blocks), (71, 10));
        assert!(limited.is_limited_by_budget());
        assert!(limited.detectable > goal.effect);
        // The pilot is never taken back.
        let spent = plan_after_pilot(&pilot(5, 0.03), &goal, seconds(30, 10)).unwrap();
        assert_eq!(spent.blocks, 5);
        let enough = plan_after_pilot(&pilot(5, 0.03), &goal, seconds(1_000, 10)).unwrap();
        assert_eq!((enough.blocks, enough.is_limited_by_budget()), (71, false));
    }

    #[test]
    fn a_plan_that_cannot_be_is_refused_with_the_remedy() {
        let goal = Goal::detect(Effect::from_percent(3), Effect::NONE);
        let error = plan(Noise::assumed(10_000), &goal, seconds(15, 10)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the budget of 15s has time for 1 of the at least 2 blocks, which take 10s each; \
             give more time, or fewer entries, points or seconds per trial"
        );
        let within = Goal::detect(Effect::from_percent(2), Effect::from_percent(2));
        let (effect, margin) = (within.effect, within.margin);
        assert_eq!(
            plan(Noise::assumed(10_000), &within, None),
            Err(PlanError::EffectWithinMargin { effect, margin })
        );
    }

    #[test]
    fn extremes_are_bounded() {
        let goal = Goal::half_width(Effect::from_ppm(1));
        assert_eq!(Noise::measured(&pilot(2, 1e6)).blocks_needed(&goal), Some(u32::MAX));
        assert_eq!(Noise::assumed(u32::MAX).blocks_needed(&goal), Some(u32::MAX));
        let mute = Noise::assumed(u32::MAX).minimum_detectable_effect(0, &goal);
        assert_eq!(mute.ppm(), u32::MAX);
        assert_eq!(Noise::assumed(0).blocks_needed(&goal), Some(2));
        let instant = Budget { total: Duration::from_secs(1), per_block: Duration::ZERO };
        assert_eq!(instant.blocks(), u32::MAX);
        assert_eq!(goal.power, Probability::P50);
    }
}
