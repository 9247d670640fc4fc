//! `httpdyno prove`: the harness against servers whose truth is known.

mod planted;
mod words;

use std::path::{Path, PathBuf};

use clap::Args;
use httpdyno_runner::prove::{PlantedSummary, Progress, Summary};
use httpdyno_runner::{Event, ProvePlan, prove, prove_planted};
use httpdyno_spec::SpecTree;
use httpdyno_spec::units::Span;
use jiff::Timestamp;

use crate::Outcome;
use crate::exit::{Exit, Failure};
use crate::{command_line, interrupt, root};

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
    /// Plant costs (0, 1, 2 and 5 % of a response's) in these entries, and look which figures find
    /// them again. Each must have the cargo feature `planted`
    #[arg(long, value_name = "ENTRY,...", value_delimiter = ',')]
    planted: Vec<String>,
    /// Blocks of each run of `--planted`
    #[arg(long, value_name = "N", default_value_t = 10, requires = "planted")]
    blocks: u32,
    /// Blocks of the pilot of each comparison
    #[arg(long, value_name = "N", default_value_t = 12)]
    pilot_blocks: u32,
    /// Decides every random choice
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the records are put [default: runs/ in the root]
    #[arg(long, value_name = "DIR")]
    results: Option<PathBuf>,
}

/// What is asked of the servers.
const WORKLOAD: &str = "json";

pub(crate) fn run(options: &Options, asked_root: Option<&Path>) -> Outcome {
    let tree = root::load(asked_root)?;
    let stop = interrupt::watch()?;
    let mut warnings = |event: &Event| {
        if let Event::Warning(warning) = event {
            crate::output::remark!("warning: {warning}");
        }
    };
    let mut told = |progress: Progress<'_>| match progress {
        Progress::Decided(setup) => crate::output::remark!("{}", words::setup(setup)),
        Progress::Compared(comparison) => {
            crate::output::remark!("{}", words::comparison(comparison));
        }
        Progress::Planted(planted_cost) => {
            crate::output::remark!("{}", words::planted_cost(planted_cost));
        }
    };
    if !options.planted.is_empty() {
        let plan = planted::plan(options, &tree)?;
        let Some(summary) = prove_planted(&tree, &plan, &mut warnings, &stop, &mut told)? else {
            return Ok(Exit::Interrupted);
        };
        crate::output::line!("{}", words::planted(&summary));
        return Ok(if summary.holds() { Exit::Done } else { Exit::UnderTestFailed });
    }
    let plan = plan(options, &tree)?;
    let Some(summary) = prove(&tree, &plan, &mut warnings, &stop, &mut told)? else {
        return Ok(Exit::Interrupted);
    };
    crate::output::line!("{}", words::summary(&summary));
    Ok(if summary.holds() { Exit::Done } else { Exit::UnderTestFailed })
}

fn plan(options: &Options, tree: &SpecTree) -> Result<ProvePlan, Failure> {
    let program = std::env::current_exe()
        .map_err(|error| Failure::new(format!("cannot find httpdyno itself: {error}")))?;
    Ok(ProvePlan {
        profile: tree.profile(&options.profile)?.value.clone(),
        workload: tree.workload(WORKLOAD)?.value.clone(),
        runs: options.runs,
        budget: options.budget,
        difference_ppm: options.difference_ppm,
        margin_ppm: options.margin_ppm,
        rate_per_s: options.rate,
        connections: options.connections,
        warmup: options.warmup,
        measure: options.measure,
        pilot_blocks: options.pilot_blocks,
        seed: options.seed,
        program,
        folder: folder(options, tree)?,
        command_line: command_line::own(),
    })
}

/// Where the records of this proof and its summary are put.
fn folder(options: &Options, tree: &SpecTree) -> Result<PathBuf, Failure> {
    let results = root::results(options.results.as_deref(), tree)?;
    let date = Timestamp::now().strftime("%Y-%m-%d-%H%M%S");
    Ok(results.join(format!("{date}-prove")))
}

/// What the proof in `folder` came to, in words; nothing where there is none.
pub(crate) fn proof_in_words(folder: &Path) -> Option<String> {
    let of_planted = || PlantedSummary::read(folder).map(|summary| words::planted(&summary));
    Summary::read(folder).map(|summary| words::summary(&summary)).or_else(of_planted)
}
