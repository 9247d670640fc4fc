//! `httpdyno prove`: the harness against servers whose truth is known.
//!
//! Two kinds of comparisons, in turn, each a run of its own with its own record and a budget of
//! time: the null server against itself, which must not be told apart; and the null server against
//! one that costs a declared share of CPU time more per request, which must be found, with the
//! right sign. What decides is stated before the first of them: the verdict on CPU time per
//! response at a fixed rate that both can keep.

mod comparison;
mod summary;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use httpdyno_record::{Figure, Record, TrialRecord};
use httpdyno_runner::{BenchPlan, BudgetedDesign, Entry, Event, bench, null_entry};
use httpdyno_spec::SpecTree;
use httpdyno_spec::profile::{FixedRates, Profile};
use httpdyno_spec::units::Span;
use httpdyno_spec::workload::{Arrivals, Workload};
use httpdyno_stats::Probability;
use jiff::Timestamp;

use crate::Outcome;
use crate::exit::{Exit, Failure};
use crate::{command_line, interrupt, root};
use comparison::Comparison;
use summary::{Setup, Summary};

#[derive(Args)]
pub(crate) struct Options {
    /// The hardware profile: which cores, idle guard, gates
    #[arg(long, default_value = "vm-2core")]
    profile: String,
    /// Comparisons of each kind
    #[arg(long, value_name = "N", default_value_t = 10)]
    runs: u32,
    /// Time for each comparison
    #[arg(long, value_name = "TIME", default_value = "3m")]
    budget: Span,
    /// How much more the costlier server costs per request, in parts per million of the null
    /// server's own cost
    #[arg(long, value_name = "PPM", default_value_t = 30_000)]
    difference_ppm: u32,
    /// What difference counts as none (the margin of the verdict), in parts per million
    #[arg(long, value_name = "PPM", default_value_t = 10_000)]
    margin_ppm: u32,
    /// Requests per second
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    rate: u64,
    /// Connections. With one, a request is never served together with another, so that its cost
    /// does not depend on how punctually requests come
    #[arg(long, value_name = "N", default_value_t = 1)]
    connections: u32,
    /// Load before measuring, in each trial
    #[arg(long, value_name = "TIME", default_value = "100ms")]
    warmup: Span,
    /// Measured load, in each trial
    #[arg(long, value_name = "TIME", default_value = "400ms")]
    measure: Span,
    /// Blocks of the pilot of each comparison
    #[arg(long, value_name = "N", default_value_t = 12)]
    pilot_blocks: u32,
    /// Decides every random choice
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the records are put [default: results/ in the root]
    #[arg(long, value_name = "DIR")]
    results: Option<PathBuf>,
}

/// The two servers of a comparison.
const FIRST: &str = "null-a";
const SECOND: &str = "null-b";
/// What is asked of them.
const WORKLOAD: &str = "json";

pub(crate) fn run(options: &Options, asked_root: Option<&Path>) -> Outcome {
    let tree = root::load(asked_root)?;
    let stop = interrupt::watch()?;
    let results = options.results.clone().unwrap_or_else(|| tree.root.join("results"));
    let date = Timestamp::now().strftime("%Y-%m-%d-%H%M%S").to_string();
    let folder = results.join(format!("{date}-prove"));
    let prover = Prover { options, tree: &tree, folder: &folder, stop: &stop };

    let setup = prover.find_out()?;
    anstream::eprintln!("{setup}");
    let mut summary = Summary::new(setup.clone());
    for number in 0..options.runs {
        for extra_cpu_ns in [0, setup.extra_cpu_ns] {
            let Some(comparison) = prover.compare(number, extra_cpu_ns, &setup)? else {
                return Ok(Exit::Interrupted);
            };
            anstream::eprintln!("{comparison}");
            summary.add(comparison, extra_cpu_ns > 0);
            // After each, so that nothing is lost when the machine is needed for something else.
            summary.write(&folder)?;
        }
    }
    anstream::println!("{summary}");
    Ok(if summary.holds() { Exit::Done } else { Exit::UnderTestFailed })
}

struct Prover<'a> {
    options: &'a Options,
    tree: &'a SpecTree,
    folder: &'a Path,
    stop: &'a std::sync::atomic::AtomicBool,
}

impl Prover<'_> {
    /// What a request costs: a short run of the null server against itself.
    fn find_out(&self) -> Result<Setup, Failure> {
        let mut plan = self.plan(0, self.options.seed)?;
        plan.profile.blocks = 6;
        let record = self.bench(&plan)?.ok_or_else(|| Failure::new("interrupted"))?;
        let mut costs: Vec<u64> = record.trials.iter().filter_map(comparison::cost_ps).collect();
        costs.sort_unstable();
        let Some(&cost_ps) = costs.get(costs.len() / 2) else {
            return Err(Failure::new(format!(
                "no valid trial of the null server at a fixed rate: {}",
                why_not(&record.trials)
            )));
        };
        let extra = u128::from(cost_ps) * u128::from(self.options.difference_ppm) / 1_000_000;
        Ok(Setup {
            rate_per_s: self.options.rate,
            connections: self.options.connections,
            cost_ps,
            extra_cpu_ns: u64::try_from((extra + 500) / 1000).unwrap_or(u64::MAX),
            difference_ppm: self.options.difference_ppm,
            margin_ppm: self.options.margin_ppm,
            budget_ms: millis(self.options.budget),
            warmup_ms: millis(self.options.warmup),
            measure_ms: millis(self.options.measure),
            seed: self.options.seed,
            host_fingerprint: record.run.host.fingerprint.clone(),
            git_revision: record.run.git_revision.clone(),
        })
    }

    /// One comparison of the null server with one that costs so much more.
    fn compare(
        &self,
        number: u32,
        extra_cpu_ns: u64,
        setup: &Setup,
    ) -> Result<Option<Comparison>, Failure> {
        let seed = self.options.seed + 1 + u64::from(number) * 2 + u64::from(extra_cpu_ns > 0);
        let mut plan = self.plan(extra_cpu_ns, seed)?;
        plan.budget = Some(BudgetedDesign {
            budget: self.options.budget.duration(),
            effect_ppm: self.options.difference_ppm,
            margin_ppm: self.options.margin_ppm,
            pilot_blocks: self.options.pilot_blocks,
            // At least 9 of 10 are to be found: with a power of 90 % every fourth proof would fail.
            power: Probability::P99,
            ..BudgetedDesign::default()
        });
        let begun = Instant::now();
        let Some(record) = self.bench(&plan)? else { return Ok(None) };
        let comparison =
            Comparison::of(&record, (SECOND, FIRST), setup.margin_ppm, begun.elapsed());
        comparison.map(Some).map_err(|error| {
            Failure::new(format!(
                "{}: {error}; {}",
                record.folder.display(),
                why_not(&record.trials)
            ))
        })
    }

    fn plan(&self, extra_cpu_ns: u64, seed: u64) -> Result<BenchPlan, Failure> {
        let workload: Workload = self.tree.workload(WORKLOAD)?.value.clone();
        let program = std::env::current_exe()
            .map_err(|error| Failure::new(format!("cannot find httpdyno itself: {error}")))?;
        let endpoints: Vec<_> =
            workload.routes.iter().map(|route| route.endpoint.clone()).collect();
        let null = |name: &str, extra: u64| -> Entry {
            let options = ["--extra-cpu-ns".to_owned(), extra.to_string()];
            null_entry(name, &program, &self.tree.root, &options, &endpoints)
        };
        Ok(BenchPlan {
            entries: vec![null(FIRST, 0), null(SECOND, extra_cpu_ns)],
            profile: self.profile()?,
            workloads: vec![workload],
            seed,
            results: self.folder.to_owned(),
            command_line: command_line::own(),
            database: None,
            warnings: Vec::new(),
            null_server: None,
            budget: None,
            own_pace: false,
        })
    }

    fn profile(&self) -> Result<Profile, Failure> {
        let options = self.options;
        let mut profile = self.tree.profile(&options.profile)?.value.clone();
        profile.workloads = vec![WORKLOAD.parse().map_err(Failure::new)?];
        profile.connections = vec![options.connections];
        (profile.warmup, profile.measure) = (options.warmup, options.measure);
        profile.idle = Span(std::time::Duration::ZERO);
        profile.fixed_rates = Some(FixedRates {
            connections: options.connections,
            shares_ppm: Vec::new(),
            per_s: vec![options.rate],
            arrivals: Arrivals::Constant,
        });
        Ok(profile)
    }

    /// Nothing when somebody stopped it.
    fn bench(&self, plan: &BenchPlan) -> Result<Option<Record>, Failure> {
        let mut silent = |event: &Event| {
            if let Event::Warning(warning) = event {
                anstream::eprintln!("warning: {warning}");
            }
        };
        let summary = bench(self.tree, plan, &mut silent, self.stop)?;
        if self.stop.load(std::sync::atomic::Ordering::SeqCst) {
            return Ok(None);
        }
        // The full histograms of some hundred trials say nothing here.
        let _ = std::fs::remove_dir_all(summary.folder.join("histograms"));
        Ok(Some(Record::read(&summary.folder)?))
    }
}

/// What the proof in `folder` came to, in words; nothing where there is none.
pub(crate) fn proof_in_words(folder: &Path) -> Option<String> {
    Summary::read(folder).map(|summary| summary.to_string())
}

/// The first thing that went wrong.
fn why_not(trials: &[TrialRecord]) -> String {
    let reason = |trial: &TrialRecord| match &trial.outcome {
        httpdyno_record::TrialOutcome::Failed { stage, reason } => {
            Some(format!("failed at {stage}: {reason}"))
        }
        httpdyno_record::TrialOutcome::Measured(measured) => {
            let mut failed = measured.failed_gates.iter();
            failed.find(|gate| gate.makes_void(Figure::Cost)).map(|gate| gate.message.clone())
        }
    };
    trials.iter().find_map(reason).unwrap_or_else(|| "no trial was made".to_owned())
}

fn millis(span: Span) -> u64 {
    u64::try_from(span.duration().as_millis()).unwrap_or(u64::MAX)
}
