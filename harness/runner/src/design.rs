//! How many blocks: the profile's number, or what a budget of time allows and a goal needs.
//!
//! Stein's two stages (see [`httpdyno_stats::stein`]): a pilot is looked at for its spread and for
//! nothing else, then the number of blocks is fixed. No verdict is looked at on the way.

use std::time::Duration;

use httpdyno_analysis::noise;
use httpdyno_record::{Design, TrialRecord};
use httpdyno_stats::stein::{self, Budget, Goal, Noise, PlanError};
use httpdyno_stats::{Effect, Probability};

/// What a run with a budget is to find, and in how much time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetedDesign {
    /// For all blocks; preparing the entries is not in it.
    pub budget: Duration,
    /// The difference that is to be found.
    pub effect_ppm: u32,
    /// The difference that counts as none.
    pub margin_ppm: u32,
    /// Spread of one block's log ratio that is assumed before the pilot, in parts per million.
    pub assumed_noise_ppm: u32,
    /// Blocks of the pilot.
    pub pilot_blocks: u32,
    /// The probability of finding the difference when it is there.
    pub power: Probability,
}

impl Default for BudgetedDesign {
    /// A difference of 3 % beyond a margin of 2 %, 1.5 % noise, a pilot of 6 blocks, found
    /// 8 times of 10.
    fn default() -> Self {
        Self {
            budget: Duration::ZERO,
            effect_ppm: 30_000,
            margin_ppm: 20_000,
            assumed_noise_ppm: 15_000,
            pilot_blocks: 6,
            power: Probability::P80,
        }
    }
}

/// What a trial takes beside its load: start, readiness, verification, stop.
const OVERHEAD: Duration = Duration::from_millis(400);

/// What a block of `trials` trials takes that put load for `load` each.
pub(crate) fn block_time(trials: usize, load: Duration) -> Duration {
    (load + OVERHEAD) * u32::try_from(trials).unwrap_or(u32::MAX)
}

impl BudgetedDesign {
    fn goal(&self) -> Goal {
        let (effect, margin) =
            (Effect::from_ppm(self.effect_ppm), Effect::from_ppm(self.margin_ppm));
        Goal { power: self.power, ..Goal::detect(effect, margin) }
    }

    /// The smallest difference that so many blocks can be expected to find, with the assumed noise.
    pub(crate) fn detectable_with(&self, blocks: u32) -> Effect {
        let noise = Noise::assumed(self.assumed_noise_ppm);
        noise.minimum_detectable_effect(blocks, &self.goal())
    }

    fn budget(&self, per_block: Duration) -> Option<Budget> {
        Some(Budget { total: self.budget, per_block })
    }

    fn record(&self, pilot_blocks: u32, plan: stein::Plan, noise_ppm: u64) -> Design {
        Design {
            budget_ns: u64::try_from(self.budget.as_nanos()).ok(),
            pilot_blocks,
            blocks: plan.blocks,
            noise_ppm: Some(noise_ppm),
            detectable_ppm: Some(plan.detectable.ppm().into()),
        }
    }

    /// Before the first block, from the assumed noise. The pilot may take half of the budget.
    ///
    /// # Errors
    /// When the budget has no time for two blocks.
    pub(crate) fn before_pilot(&self, per_block: Duration) -> Result<Design, PlanError> {
        let noise = Noise::assumed(self.assumed_noise_ppm);
        let plan = stein::plan(noise, &self.goal(), self.budget(per_block))?;
        let half = self.budget.as_nanos() / (2 * per_block.as_nanos().max(1));
        let pilot = self.pilot_blocks.min(u32::try_from(half).unwrap_or(u32::MAX)).max(2);
        Ok(self.record(pilot, plan, self.assumed_noise_ppm.into()))
    }

    /// After the pilot: `trials` are its trials, `per_block` what its blocks took. The noisiest
    /// pair of entries at any point decides. A pilot without a single pair decides nothing.
    ///
    /// # Errors
    /// As before it.
    pub(crate) fn after_pilot(
        &self,
        before: &Design,
        trials: &[TrialRecord],
        per_block: Duration,
    ) -> Result<Design, PlanError> {
        let Some(noisiest) = noise::of_pilot(trials)
            .into_iter()
            .max_by(|one, other| one.spread().total_cmp(&other.spread()))
        else {
            return Ok(Design { blocks: before.pilot_blocks, detectable_ppm: None, ..*before });
        };
        let budget = self.budget(per_block);
        let mut plan = stein::plan_after_pilot(&noisiest, &self.goal(), budget)?;
        plan.blocks = with_losses(plan.blocks, noisiest.blocks(), before.pilot_blocks);
        let affordable = self.budget.as_nanos() / per_block.as_nanos().max(1);
        let affordable = u32::try_from(affordable).unwrap_or(u32::MAX);
        plan.blocks = plan.blocks.min(affordable).max(before.pilot_blocks);
        let noise_ppm = (noisiest.spread() * 1e6).round() as u64;
        Ok(self.record(before.pilot_blocks, plan, noise_ppm))
    }
}

/// Blocks to start so that `needed` of them are whole, when of a pilot of `pilot` blocks `whole`
/// were (in the others, a gate took a trial away).
fn with_losses(needed: u32, whole: u32, pilot: u32) -> u32 {
    let more = u64::from(needed.saturating_sub(whole));
    let started = (more * u64::from(pilot)).div_ceil(u64::from(whole.max(1)));
    pilot.saturating_add(u32::try_from(started).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::{BudgetedDesign, block_time};
    use crate::made_up;
    use httpdyno_record::{Measurement, Purpose, TrialRecord};
    use httpdyno_stats::Probability;
    use std::time::Duration;

    fn trial(entry: &str, block: u32, cpu_ns: u64) -> TrialRecord {
        let measurement = Measurement {
            elapsed_ns: 1_000_000_000,
            responses: 1_000,
            server_cpu_ns: cpu_ns * 1_000,
            ..Measurement::default()
        };
        TrialRecord {
            block,
            entry: entry.to_owned(),
            purpose: Purpose::FixedRate,
            offered_per_s: Some(1_000),
            ..made_up::trial(measurement)
        }
    }

    /// Six blocks in which B differs from A by 3 % and by `noise` back and forth.
    fn pilot(noise: u64) -> Vec<TrialRecord> {
        (0..6)
            .flat_map(|block| {
                let off = if block % 2 == 0 { noise } else { 0 };
                [trial("a", block, 10_000 + off), trial("b", block, 10_300)]
            })
            .collect()
    }

    fn design(seconds: u64) -> BudgetedDesign {
        BudgetedDesign { budget: Duration::from_secs(seconds), ..BudgetedDesign::default() }
    }

    #[test]
    fn the_budget_bounds_the_blocks_and_says_what_they_can_show() {
        let per_block = block_time(4, Duration::from_millis(600));
        assert_eq!(per_block, Duration::from_secs(4));
        let tight = design(40).before_pilot(per_block).expect("ten blocks");
        let ample = design(4_000).before_pilot(per_block).expect("a thousand blocks");
        assert_eq!((tight.blocks, tight.pilot_blocks), (10, 5));
        assert!(ample.blocks < 100, "{ample:?}");
        assert!(tight.detectable_ppm > ample.detectable_ppm);
        assert!(ample.detectable_ppm.is_some_and(|ppm| ppm <= 30_000), "{ample:?}");
        let text = design(7).before_pilot(per_block).expect_err("one block").to_string();
        assert!(text.contains("budget"), "{text}");
    }

    #[test]
    fn the_pilots_noise_decides_and_not_its_difference() {
        let per_block = Duration::from_secs(4);
        let design = design(4_000);
        let before = design.before_pilot(per_block).expect("a plan");
        let after = |noise| design.after_pilot(&before, &pilot(noise), per_block).expect("a plan");
        let (quiet, noisy) = (after(2), after(300));
        assert_eq!(quiet.blocks, 6, "{quiet:?}");
        assert!(noisy.blocks > 20 && noisy.noise_ppm > Some(10_000), "{noisy:?}");
    }

    #[test]
    fn more_power_takes_more_blocks() {
        let per_block = Duration::from_secs(4);
        let design = design(4_000);
        let certain = BudgetedDesign { power: Probability::P99, ..design };
        let blocks = |design: &BudgetedDesign| design.before_pilot(per_block).map(|it| it.blocks);
        assert!(blocks(&certain).expect("a plan") > blocks(&design).expect("a plan"));
    }

    #[test]
    fn blocks_that_a_gate_took_away_are_made_up_for() {
        let per_block = Duration::from_secs(4);
        let design = design(4_000);
        let before = design.before_pilot(per_block).expect("a plan");
        let mut lossy = pilot(2);
        lossy.retain(|trial| trial.block > 1 || trial.entry == "a");
        let after = design.after_pilot(&before, &lossy, per_block).expect("a plan");
        assert_eq!(after.blocks, 6, "four whole blocks are enough: {after:?}");
        assert_eq!(super::with_losses(20, 4, 6), 6 + 24);
        assert_eq!(super::with_losses(3, 4, 6), 6);
    }

    #[test]
    fn a_pilot_without_pairs_ends_with_its_blocks() {
        let design = design(400);
        let before = design.before_pilot(Duration::from_secs(4)).expect("a plan");
        let alone: Vec<TrialRecord> = (0..6).map(|block| trial("a", block, 1)).collect();
        let after = design.after_pilot(&before, &alone, Duration::from_secs(4)).expect("a plan");
        assert_eq!((after.blocks, after.detectable_ppm), (before.pilot_blocks, None));
    }
}
