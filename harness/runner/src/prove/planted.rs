//! Costs planted in real entries, and which figures find them again.
//!
//! One run for each entry and number of connections. In it stand the entry as it is and the same with
//! each planted cost (one of them 0, which must not be told apart), in a closed loop and at shares of
//! its pace. What is planted is CPU time in user mode, a declared share of what a response costs in
//! the closed loop there, which a short run finds first.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use httpdyno_analysis::number::Number;
use httpdyno_record::Record;
use httpdyno_spec::SpecTree;
use httpdyno_spec::profile::{FixedRates, Profile};
use httpdyno_spec::units::Span;
use httpdyno_spec::workload::{Arrivals, Workload};
use httpdyno_stats::descriptive::median;

use super::found::{PlantedSummary, planted_costs};
use super::{Progress, ProveError, measured};
use crate::entry::Entry;
use crate::event::Observer;
use crate::plan::RunPlan;

/// Blocks of the short run that finds what a response costs: so many that two may fail.
const PILOT_BLOCKS: u32 = 10;

/// What is planted, where, and how it is looked for.
#[derive(Clone, Debug)]
pub struct PlantedPlan {
    /// Which cores, idle guard, gates.
    pub profile: Profile,
    /// What is asked of the servers.
    pub workload: Workload,
    /// Where costs are planted.
    pub entries: Vec<Entry>,
    /// The same entry with so many nanoseconds of CPU time more per request.
    pub plant: fn(&Entry, u64) -> Entry,
    /// The costs, in parts per million of what a response costs in the closed loop.
    pub costs_ppm: Vec<u32>,
    /// Numbers of connections, each with runs of its own.
    pub connections: Vec<u32>,
    /// Fixed rates, in parts per million of the slowest pace.
    pub shares_ppm: Vec<u32>,
    /// Blocks of each run.
    pub blocks: u32,
    /// Load before measuring, in each trial.
    pub warmup: Span,
    /// Measured load, in each trial.
    pub measure: Span,
    /// What difference counts as none, in parts per million.
    pub margin_ppm: u32,
    /// Decides every random choice.
    pub seed: u64,
    /// Where the records and the summary are put.
    pub folder: PathBuf,
    /// The command as typed, for the records.
    pub command_line: Vec<String>,
}

/// Makes all runs, each with its own record in the plan's folder, and the summary beside them;
/// nothing when `stop` ended it early.
///
/// # Errors
/// When a run cannot be made at all, when the entry as it is has no valid cost in the closed loop, or
/// when a file cannot be written.
pub fn prove_planted(
    tree: &SpecTree,
    plan: &PlantedPlan,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
    told: &mut dyn FnMut(Progress<'_>),
) -> Result<Option<PlantedSummary>, ProveError> {
    let endpoints: Vec<_> = plan.workload.endpoints().cloned().collect();
    if let Some(entry) = plan.entries.iter().find(|entry| !entry.serves(&endpoints)) {
        let (entry, workload) = (entry.id.to_string(), plan.workload.id.to_string());
        return Err(ProveError::NotServed { entry, workload });
    }
    let mut summary = PlantedSummary::new(plan);
    for entry in &plan.entries {
        for &connections in &plan.connections {
            let pilot = plan.pilot(entry, connections);
            let Some(pilot) = measured(tree, &pilot, observer, stop)? else { return Ok(None) };
            let base_ps = base_ps(&pilot)?;
            let arms = Arms::of(plan, base_ps);
            let asked = plan.comparison(entry, connections, &arms);
            let Some(record) = measured(tree, &asked, observer, stop)? else { return Ok(None) };
            for planted_cost in
                planted_costs((&record.folder, &record.trials), &entry.id, &arms, plan.margin_ppm)
            {
                told(Progress::Planted(&planted_cost));
                summary.planted_costs.push(planted_cost);
            }
            summary.host_fingerprint.clone_from(&record.run.host.fingerprint);
            summary.git_revision.clone_from(&record.run.git_revision);
            // After each, so that nothing is lost when the machine is needed for something else.
            summary.write(&plan.folder)?;
        }
    }
    Ok(Some(summary))
}

/// What a response costs without anything planted, in picoseconds.
fn base_ps(pilot: &Record) -> Result<u64, ProveError> {
    let costs = pilot.trials.iter().filter_map(|trial| Number::CpuPerResponse.of(trial));
    let costs: Vec<u64> = costs.collect();
    median(&costs).ok_or_else(|| ProveError::no_cost(&pilot.trials))
}

/// The costs of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arms(pub(super) Vec<Arm>);

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arm {
    /// The share that was asked for, in parts per million.
    pub(super) cost_ppm: u32,
    /// What that came to.
    pub(super) extra_cpu_ns: u64,
}

impl Arms {
    fn of(plan: &PlantedPlan, base_ps: u64) -> Self {
        let arm = |&cost_ppm: &u32| {
            let extra = u128::from(base_ps) * u128::from(cost_ppm) / 1_000_000;
            let extra_cpu_ns = u64::try_from((extra + 500) / 1000).unwrap_or(u64::MAX);
            Arm { cost_ppm, extra_cpu_ns }
        };
        Self(plan.costs_ppm.iter().map(arm).collect())
    }
}

impl Arm {
    /// The entry under the name of this cost.
    fn of(self, entry: &Entry) -> Entry {
        renamed(entry, &self.suffix())
    }

    /// What stands behind the entry's own name.
    pub(super) fn suffix(self) -> String {
        format!("plus-{}ppm", self.cost_ppm)
    }
}

/// The entry without a planted cost, with which all others are compared.
pub(super) const AS_IT_IS: &str = "as-it-is";

/// The same entry under another name.
fn renamed(entry: &Entry, suffix: &str) -> Entry {
    let mut renamed = entry.clone();
    let name = format!("{}-{suffix}", entry.id.implementation);
    let id: httpdyno_spec::id::ImplementationId =
        name.parse().expect("an id with words of letters and digits behind it is one");
    renamed.id.implementation = id.clone();
    renamed.manifest.id = id;
    renamed
}

impl PlantedPlan {
    /// A short run of an entry as it is.
    fn pilot(&self, entry: &Entry, connections: u32) -> RunPlan {
        let entry = renamed(&(self.plant)(entry, 0), AS_IT_IS);
        let mut profile = self.narrowed_profile(connections);
        profile.blocks = PILOT_BLOCKS;
        profile.fixed_rates = None;
        self.run(vec![entry], profile)
    }

    /// A run of an entry as it is and with each cost.
    fn comparison(&self, entry: &Entry, connections: u32, arms: &Arms) -> RunPlan {
        let mut entries = vec![renamed(&(self.plant)(entry, 0), AS_IT_IS)];
        let planted = |arm: &Arm| arm.of(&(self.plant)(entry, arm.extra_cpu_ns));
        entries.extend(arms.0.iter().map(planted));
        self.run(entries, self.narrowed_profile(connections))
    }

    fn run(&self, mut entries: Vec<Entry>, profile: Profile) -> RunPlan {
        let endpoints: Vec<_> = self.workload.endpoints().cloned().collect();
        for entry in &mut entries {
            // Nothing else is asked of it, so nothing else is checked before.
            entry.manifest.endpoints.clone_from(&endpoints);
        }
        RunPlan {
            entries,
            profile,
            workloads: vec![self.workload.clone()],
            seed: self.seed,
            results: self.folder.clone(),
            command_line: self.command_line.clone(),
            database: None,
            warnings: Vec::new(),
            null_server: None,
            budget: None,
            own_pace: true,
            faults: false,
        }
    }

    /// The profile, with one number of connections and the rates.
    fn narrowed_profile(&self, connections: u32) -> Profile {
        let mut profile = self.profile.clone();
        profile.workloads = vec![self.workload.id.clone()];
        profile.connections = vec![connections];
        profile.blocks = self.blocks;
        (profile.warmup, profile.measure) = (self.warmup, self.measure);
        profile.idle = Span(Duration::ZERO);
        profile.fixed_rates = Some(FixedRates {
            connections,
            shares_ppm: self.shares_ppm.clone(),
            per_s: Vec::new(),
            arrivals: Arrivals::Constant,
        });
        profile
    }
}
