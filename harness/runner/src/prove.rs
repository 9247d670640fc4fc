//! The harness against servers whose truth is known.
//!
//! Two kinds of comparisons, in turn, each a run of its own with its own record and a budget of
//! time: the null server against itself, which must not be told apart; and the null server against
//! one that costs a declared share of CPU time more per request, which must be found, with the
//! right sign. What decides is stated before the first of them: the verdict on CPU time per
//! response at a fixed rate that both can keep.
//!
//! [`prove_planted`] plants costs in real entries, where the same work costs less the busier a
//! server is, and shows which figures find them again.

mod comparison;
mod error;
mod found;
mod plan;
mod planted;
mod summary;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use httpdyno_analysis::number::Number;
use httpdyno_record::Record;
use httpdyno_spec::SpecTree;
use httpdyno_spec::units::Span;

use crate::bench::bench;
use crate::event::Observer;
use crate::plan::RunPlan;
pub use comparison::Comparison;
pub use error::ProveError;
pub use found::{Coverage, Found, PlantedCost, PlantedSummary};
pub use plan::ProvePlan;
pub use planted::{PlantedPlan, prove_planted};
pub use summary::{Setup, Summary};

/// What a proof tells while it goes on.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// What was decided before the first comparison.
    Decided(&'a Setup),
    /// A comparison is done.
    Compared(&'a Comparison),
    /// What was planted in an entry at one point was looked for.
    Planted(&'a PlantedCost),
}

/// Makes all comparisons, each with its own record in the plan's folder, and the summary beside
/// them; nothing when `stop` ended it early.
///
/// # Errors
/// When a run cannot be made at all, when it gives nothing that could be compared, or when a file
/// cannot be written.
pub fn prove(
    tree: &SpecTree,
    plan: &ProvePlan,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
    told: &mut dyn FnMut(Progress<'_>),
) -> Result<Option<Summary>, ProveError> {
    let mut prover = Prover { tree, plan, observer, stop };
    let Some(setup) = prover.find_out()? else { return Ok(None) };
    told(Progress::Decided(&setup));
    let mut summary = Summary::new(setup.clone());
    for number in 0..plan.runs {
        for extra_cpu_ns in [0, setup.extra_cpu_ns] {
            let Some(comparison) = prover.compare(number, extra_cpu_ns)? else { return Ok(None) };
            told(Progress::Compared(&comparison));
            summary.add(comparison, extra_cpu_ns > 0);
            // After each, so that nothing is lost when the machine is needed for something else.
            summary.write(&plan.folder)?;
        }
    }
    Ok(Some(summary))
}

struct Prover<'a> {
    tree: &'a SpecTree,
    plan: &'a ProvePlan,
    observer: &'a mut dyn Observer,
    stop: &'a AtomicBool,
}

impl Prover<'_> {
    /// What a request costs: a short run of the null server against itself.
    fn find_out(&mut self) -> Result<Option<Setup>, ProveError> {
        let plan = self.plan;
        let Some(record) = self.bench(&plan.pilot(&self.tree.root))? else { return Ok(None) };
        let mut costs: Vec<u64> =
            record.trials.iter().filter_map(|trial| Number::CpuPerResponse.of(trial)).collect();
        costs.sort_unstable();
        let Some(&cost_ps) = costs.get(costs.len() / 2) else {
            return Err(ProveError::no_cost(&record.trials));
        };
        let extra = u128::from(cost_ps) * u128::from(plan.difference_ppm) / 1_000_000;
        Ok(Some(Setup {
            rate_per_s: plan.rate_per_s,
            connections: plan.connections,
            cost_ps,
            extra_cpu_ns: u64::try_from((extra + 500) / 1000).unwrap_or(u64::MAX),
            difference_ppm: plan.difference_ppm,
            margin_ppm: plan.margin_ppm,
            budget_ms: millis(plan.budget),
            warmup_ms: millis(plan.warmup),
            measure_ms: millis(plan.measure),
            seed: plan.seed,
            host_fingerprint: record.run.host.fingerprint.clone(),
            git_revision: record.run.git_revision.clone(),
        }))
    }

    /// One comparison of the null server with one that costs so much more.
    fn compare(
        &mut self,
        number: u32,
        extra_cpu_ns: u64,
    ) -> Result<Option<Comparison>, ProveError> {
        let begun = Instant::now();
        let asked = self.plan.comparison(&self.tree.root, number, extra_cpu_ns);
        let Some(record) = self.bench(&asked)? else { return Ok(None) };
        let pair = (plan::SECOND, plan::FIRST);
        Comparison::of(&record, pair, self.plan.margin_ppm, begun.elapsed())
            .map(Some)
            .map_err(|source| ProveError::incomparable(&record, source))
    }

    /// Nothing when somebody stopped it.
    fn bench(&mut self, plan: &RunPlan) -> Result<Option<Record>, ProveError> {
        measured(self.tree, plan, self.observer, self.stop)
    }
}

/// The record of a run without its histograms; nothing when somebody stopped it.
fn measured(
    tree: &SpecTree,
    plan: &RunPlan,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<Option<Record>, ProveError> {
    let summary = bench(tree, plan, observer, stop)?;
    let record = Record::read_decided(&summary.folder)?;
    if record.trials.is_empty() {
        let _ = std::fs::remove_dir_all(&summary.folder);
    }
    if stop.load(Ordering::SeqCst) {
        return Ok(None);
    }
    forget_histograms(&summary.folder);
    Ok(Some(record))
}

/// The full histograms of some hundred trials say nothing here.
fn forget_histograms(record: &Path) {
    let _ = std::fs::remove_dir_all(record.join("histograms"));
}

fn millis(span: Span) -> u64 {
    u64::try_from(span.duration().as_millis()).unwrap_or(u64::MAX)
}
