//! The trials that published claims need: each made once, however many claims share it, in the
//! blocks and with the gates of any bench.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use httpdyno_record::{ClaimRecord, digest};
use httpdyno_spec::claim::{Arm, Claim};
use httpdyno_spec::{Loaded, SpecTree};
use httpdyno_stats::Effect;
use httpdyno_stats::stein::PlanError;

use crate::bench::bench_part;
use crate::design::{BudgetedDesign, block_time};
use crate::error::RunError;
use crate::event::Observer;
use crate::plan::RunPlan;
use crate::run::RunSummary;
use crate::run_record::git_revision_of;
use crate::schedule::{Design, Point, Who, schedule};
use crate::trial::COUNTING_TIME;

/// The part of all trials that claims need.
#[derive(Clone, Debug, Default)]
pub struct Part {
    arms: BTreeSet<Arm>,
    /// As they go into the record.
    pub claims: Vec<ClaimRecord>,
}

/// What a run of claims will take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// Trials of entries in each block.
    pub trials: usize,
    /// Trials of the null server in each block: its rate is the ceiling of each point.
    pub null_trials: usize,
    /// Blocks; with a budget, as many as it allows if the noise is as assumed.
    pub blocks: u32,
    /// All blocks, without building and checking the entries.
    pub time: Duration,
    /// The smallest difference that so many blocks find 8 times of 10, if the noise is as assumed.
    pub detectable: Effect,
}

impl Part {
    /// What the experiments of `claims` need.
    ///
    /// # Errors
    /// When the file of a claim can not be read again for its digest.
    pub fn of(root: &Path, claims: &[&Loaded<Claim>]) -> io::Result<Self> {
        let arms = claims
            .iter()
            .flat_map(|claim| claim.cells())
            .flat_map(|cell| [cell.subject, cell.baseline])
            .collect();
        let records = claims.iter().map(|claim| record(root, claim)).collect::<io::Result<_>>()?;
        Ok(Self { arms, claims: records })
    }

    /// Every entry at every point that is needed, each once.
    pub fn arms(&self) -> impl Iterator<Item = &Arm> {
        self.arms.iter()
    }

    /// Whether anything is wanted at a point.
    pub(crate) fn has(&self, point: &Point) -> bool {
        self.arms.iter().any(|arm| is_at(arm, point))
    }

    /// Whether the entry is wanted at a point.
    pub(crate) fn wants(&self, entry: &str, point: &Point) -> bool {
        self.arms.iter().any(|arm| arm.entry == entry && is_at(arm, point))
    }

    /// Trials of entries and of the null server in each block, as the schedule makes them.
    fn trials_of_block(&self, null_server: bool) -> (usize, usize) {
        let distinct = |names: BTreeSet<(&str, u32)>| -> Vec<(String, u32)> {
            names.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
        };
        let at = |arm: &Arm| (arm.workload.to_string(), arm.connections);
        let points = distinct(
            self.arms.iter().map(|arm| (arm.workload.as_str(), arm.connections)).collect(),
        );
        let entries = distinct(self.arms.iter().map(|arm| (arm.entry.as_str(), 0)).collect());
        let design = Design {
            points: points.len(),
            entries: entries.len(),
            first_block: 0,
            blocks: 1,
            null_server,
            null_process: false,
            seed: 0,
        };
        let slots = schedule(design, |entry, point| {
            self.arms.iter().any(|arm| arm.entry == entries[entry].0 && at(arm) == points[point])
        });
        let of_entries = slots.iter().filter(|slot| matches!(slot.who, Who::Entry(_))).count();
        (of_entries, slots.len() - of_entries)
    }

    /// What a run of `plan` will take, before anything is built.
    ///
    /// # Errors
    /// When the plan's budget has no time for two blocks.
    pub fn outlook(&self, plan: &RunPlan) -> Result<Outlook, PlanError> {
        let profile = &plan.profile;
        let (trials, null_trials) = self.trials_of_block(plan.null_server.is_some());
        let load = profile.idle.duration()
            + profile.warmup.duration()
            + profile.measure.duration()
            + COUNTING_TIME;
        let per_block = block_time(trials + null_trials, load);
        let (blocks, detectable) = match plan.budget {
            Some(asked) => {
                let design = asked.before_pilot(per_block)?;
                let ppm = design.detectable_ppm.unwrap_or(0);
                (design.blocks, Effect::from_ppm(u32::try_from(ppm).unwrap_or(u32::MAX)))
            }
            None => (profile.blocks, BudgetedDesign::default().detectable_with(profile.blocks)),
        };
        let time = per_block * blocks;
        Ok(Outlook { trials, null_trials, blocks, time, detectable })
    }
}

fn is_at(arm: &Arm, point: &Point) -> bool {
    arm.workload == point.workload
        && arm.connections == point.connections
        && point.rate_per_s.is_none()
}

/// What a record says of a claim.
fn record(root: &Path, claim: &Loaded<Claim>) -> io::Result<ClaimRecord> {
    Ok(ClaimRecord {
        id: claim.id.to_string(),
        file: claim.path.display().to_string(),
        sha256: digest::of_file(&root.join(&claim.path))?,
        git_revision: git_revision_of(root, &claim.path),
    })
}

/// Makes the trials of `part` and writes their record; `plan` names the entries, workloads and
/// numbers of connections of all of them.
///
/// # Errors
/// As [`crate::bench()`].
pub fn claims(
    tree: &SpecTree,
    plan: &RunPlan,
    part: &Part,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<RunSummary, RunError> {
    bench_part(tree, plan, Some(part), observer, stop)
}
