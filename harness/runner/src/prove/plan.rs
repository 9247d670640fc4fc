//! What is proved, and with which runs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use httpdyno_spec::profile::{FixedRates, Profile};
use httpdyno_spec::units::Span;
use httpdyno_spec::workload::{Arrivals, Workload};
use httpdyno_stats::Probability;

use crate::ceiling::null_entry;
use crate::design::BudgetedDesign;
use crate::entry::Entry;
use crate::plan::RunPlan;

/// The two servers of a comparison.
pub(super) const FIRST: &str = "null-a";
pub(super) const SECOND: &str = "null-b";

/// What is stated, and how it is tried.
#[derive(Clone, Debug)]
pub struct ProvePlan {
    /// Which cores, idle guard, gates.
    pub profile: Profile,
    /// What is asked of the servers.
    pub workload: Workload,
    /// Comparisons of each kind.
    pub runs: u32,
    /// Time for each comparison.
    pub budget: Span,
    /// How much more the costlier server costs per request, in parts per million of the null
    /// server's own cost.
    pub difference_ppm: u32,
    /// What difference counts as none (the margin of the verdict), in parts per million.
    pub margin_ppm: u32,
    /// Requests per second.
    pub rate_per_s: u64,
    /// Connections held.
    pub connections: u32,
    /// Load before measuring, in each trial.
    pub warmup: Span,
    /// Measured load, in each trial.
    pub measure: Span,
    /// Blocks of the pilot of each comparison.
    pub pilot_blocks: u32,
    /// Decides every random choice.
    pub seed: u64,
    /// `httpdyno` itself, which is the null server too.
    pub program: PathBuf,
    /// Where the records and the summary are put.
    pub folder: PathBuf,
    /// The command as typed, for the records.
    pub command_line: Vec<String>,
}

impl ProvePlan {
    /// A short run of the null server against itself.
    pub(super) fn pilot(&self, root: &Path) -> RunPlan {
        let mut plan = self.bench(root, 0, self.seed);
        plan.profile.blocks = 6;
        plan
    }

    /// A run of the null server against one that costs so much more.
    pub(super) fn comparison(&self, root: &Path, number: u32, extra_cpu_ns: u64) -> RunPlan {
        let seed = self.seed + 1 + u64::from(number) * 2 + u64::from(extra_cpu_ns > 0);
        let mut plan = self.bench(root, extra_cpu_ns, seed);
        plan.budget = Some(BudgetedDesign {
            budget: self.budget.duration(),
            effect_ppm: self.difference_ppm,
            margin_ppm: self.margin_ppm,
            pilot_blocks: self.pilot_blocks,
            // At least 9 of 10 are to be found: with a power of 90 % every fourth proof would fail.
            power: Probability::P99,
            ..BudgetedDesign::default()
        });
        plan
    }

    fn bench(&self, root: &Path, extra_cpu_ns: u64, seed: u64) -> RunPlan {
        let endpoints: Vec<_> = self.workload.endpoints().cloned().collect();
        let null = |name: &str, extra: u64| -> Entry {
            let options = ["--extra-cpu-ns".to_owned(), extra.to_string()];
            null_entry(name, &self.program, root, &options, &endpoints)
        };
        RunPlan {
            entries: vec![null(FIRST, 0), null(SECOND, extra_cpu_ns)],
            profile: self.narrowed_profile(),
            workloads: vec![self.workload.clone()],
            seed,
            results: self.folder.clone(),
            command_line: self.command_line.clone(),
            database: None,
            warnings: Vec::new(),
            null_server: None,
            budget: None,
            own_pace: false,
            faults: false,
        }
    }

    /// The profile, with the fixed rate as the one thing that it measures.
    fn narrowed_profile(&self) -> Profile {
        let mut profile = self.profile.clone();
        profile.workloads = vec![self.workload.id.clone()];
        profile.connections = vec![self.connections];
        (profile.warmup, profile.measure) = (self.warmup, self.measure);
        profile.idle = Span(Duration::ZERO);
        profile.fixed_rates = Some(FixedRates {
            connections: self.connections,
            shares_ppm: Vec::new(),
            per_s: vec![self.rate_per_s],
            arrivals: Arrivals::Constant,
        });
        profile
    }
}
