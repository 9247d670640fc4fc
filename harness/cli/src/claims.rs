//! `httpdyno claims`: published claims, tested by one run of all trials that they need.

mod new;
mod outlook;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use httpdyno_record::files::write_whole;
use httpdyno_record::{Record, digest};
use httpdyno_report::claims::{Judged, json, judge_by, list, markdown, render, summary};
use httpdyno_runner::claims::{Part, claims as run_claims};
use httpdyno_runner::{BudgetedDesign, RunPlan};
use httpdyno_spec::claim::Claim;
use httpdyno_spec::id::{ProfileId, WorkloadId};
use httpdyno_spec::units::Span;
use httpdyno_spec::{Loaded, SpecTree, claim_named, claims as read_claims};

use crate::Outcome;
use crate::bench::single_block;
use crate::database::{DatabaseOption, Offered};
use crate::exit::{Exit, Failure};
use crate::isolation::IsolationOption;
use crate::progress::Progress;
use crate::{command_line, entries, interrupt, planning, report, root};

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    make: Option<Make>,
    /// The claims, by their ids [default: all]
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Only list them, with the verdicts of those that need no run
    #[arg(long, conflicts_with_all = ["dry_run", "record"])]
    list: bool,
    /// Only say which trials a run would make, how long it would take, and what it could find
    #[arg(long, conflicts_with = "record")]
    dry_run: bool,
    /// Judge by this record in place of a new run
    #[arg(long, value_name = "RECORD")]
    record: Option<PathBuf>,
    /// The hardware profile: which cores, how long, how often
    #[arg(long, default_value = "vm-2core", value_name = "PROFILE")]
    profile: ProfileId,
    /// Time for all blocks, in place of the profile's number of blocks
    #[arg(long, value_name = "TIME", conflicts_with = "blocks")]
    budget: Option<Span>,
    /// Blocks (repetitions of everything) in place of the profile's
    #[arg(long, value_name = "N")]
    blocks: Option<u32>,
    /// Measured time of each trial in place of the profile's, e.g. 2s
    #[arg(long, value_name = "TIME")]
    measure: Option<Span>,
    /// Load before measuring, in place of the profile's, e.g. 1s
    #[arg(long, value_name = "TIME")]
    warmup: Option<Span>,
    #[command(flatten)]
    database: DatabaseOption,
    #[command(flatten)]
    isolation: IsolationOption,
    /// Decides every random choice
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the record is put [default: runs/ in the root]
    #[arg(long, value_name = "DIR")]
    results: Option<PathBuf>,
    /// The form
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// JSON, as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Subcommand)]
enum Make {
    /// Write the file of a claim of your own, to be filled in
    New(new::Options),
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal
    Text,
    /// For a page or a pull request
    Markdown,
    /// For programs
    Json,
}

pub(crate) fn run(options: &Options, asked_root: Option<&Path>) -> Outcome {
    if let Some(Make::New(new)) = &options.make {
        return new::run(new, asked_root);
    }
    let tree = root::load(asked_root)?;
    let all = read_claims(&tree)?;
    let chosen = chosen(&all, &options.ids)?;
    if options.list {
        put_list(options, &tree, &chosen)?;
        return Ok(Exit::Done);
    }
    if let Some(record) = &options.record {
        put(options, &judged(&tree, &chosen, Some(&Record::read_decided(record)?))?)?;
        return Ok(Exit::Done);
    }
    let undecided: Vec<&Loaded<Claim>> =
        chosen.iter().copied().filter(|claim| is_undecided(claim)).collect();
    if undecided.is_empty() && !options.dry_run {
        crate::output::remark!("none of these needs a run: what is published, or missing, decides");
        put(options, &judged(&tree, &chosen, None)?)?;
        return Ok(Exit::Done);
    }
    let part = Part::of(&tree.root, &undecided)?;
    let plan = plan(options, &tree, &part)?;
    if options.dry_run {
        let outlook = part.outlook(&plan)?;
        return outlook::put(&outlook, &part, &plan, &chosen, options.format());
    }
    let stop = interrupt::watch()?;
    let summary = run_claims(&tree, &plan, &part, &mut Progress::new(), &stop)?;
    let record = Record::read_decided(&summary.folder)?;
    let judged = judged(&tree, &chosen, Some(&record))?;
    if report::discard_without_trials(&record)? {
        put(options, &judged)?;
        return Ok(planning::exit(&summary));
    }
    for (name, text) in
        [("claims.json", in_json(&judged)?), ("claims.md", markdown(&as_claims(&judged)))]
    {
        write_whole(&summary.folder.join(name), text)?;
    }
    put(options, &judged)?;
    crate::output::remark!(
        "the record, with claims.json and claims.md: {}",
        summary.folder.display()
    );
    Ok(planning::exit(&summary))
}

/// Those that were named, each once; all of them where none was.
fn chosen<'a>(all: &'a [Loaded<Claim>], ids: &[String]) -> Result<Vec<&'a Loaded<Claim>>, Failure> {
    if ids.is_empty() {
        return Ok(all.iter().collect());
    }
    let mut chosen: Vec<&Loaded<Claim>> = Vec::new();
    for id in ids {
        let claim = claim_named(all, id)?;
        if !chosen.iter().any(|known| known.id == claim.id) {
            chosen.push(claim);
        }
    }
    Ok(chosen)
}

/// Whether nothing but an experiment decides it.
fn is_undecided(claim: &Claim) -> bool {
    judge_by(claim, "", None).verdict.is_none()
}

/// A claim and what became of it.
type Case<'a> = (&'a Loaded<Claim>, Judged);

fn judged<'a>(
    tree: &SpecTree,
    chosen: &[&'a Loaded<Claim>],
    record: Option<&Record>,
) -> Result<Vec<Case<'a>>, Failure> {
    let each = |claim: &&'a Loaded<Claim>| {
        let sha256 = digest::of_file(&tree.root.join(&claim.path))?;
        Ok((*claim, judge_by(claim, &sha256, record)))
    };
    chosen.iter().map(each).collect()
}

fn as_claims<'a>(cases: &'a [Case<'a>]) -> Vec<(&'a Claim, Judged)> {
    cases.iter().map(|(claim, judged)| (&claim.value, judged.clone())).collect()
}

fn in_json(cases: &[Case<'_>]) -> Result<String, Failure> {
    Ok(serde_json::to_string_pretty(&json(&as_claims(cases)))? + "\n")
}

fn put_list(options: &Options, tree: &SpecTree, chosen: &[&Loaded<Claim>]) -> Result<(), Failure> {
    let cases = judged(tree, chosen, None)?;
    let text = match options.format() {
        Format::Text => list(&as_claims(&cases)),
        Format::Markdown => summary(&as_claims(&cases)),
        Format::Json => in_json(&cases)?,
    };
    crate::output::print(&text)
}

fn put(options: &Options, cases: &[Case<'_>]) -> Result<(), Failure> {
    let text = match options.format() {
        Format::Text => render(&as_claims(cases)),
        Format::Markdown => markdown(&as_claims(cases)),
        Format::Json => in_json(cases)?,
    };
    crate::output::print(&text)
}

impl Options {
    fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }
}

/// One run of everything that the claims need, in the profile's blocks.
fn plan(options: &Options, tree: &SpecTree, part: &Part) -> Result<RunPlan, Failure> {
    let mut profile = tree.profile(options.profile.as_str())?.value.clone();
    profile.measure = options.measure.unwrap_or(profile.measure);
    profile.warmup = options.warmup.unwrap_or(profile.warmup);
    profile.blocks = options.blocks.unwrap_or(profile.blocks);
    if profile.measure.duration().is_zero() || profile.blocks == 0 {
        return Err(Failure::new("--measure and --blocks must be more than 0"));
    }
    // A claim is tested at the workload's own pace.
    profile.fixed_rates = None;
    let mut names: Vec<String> = part.arms().map(|arm| arm.entry.clone()).collect();
    let mut ids: Vec<WorkloadId> = part.arms().map(|arm| arm.workload.clone()).collect();
    profile.connections = part.arms().map(|arm| arm.connections).collect();
    names.sort();
    names.dedup();
    ids.sort();
    ids.dedup();
    profile.connections.sort_unstable();
    profile.connections.dedup();
    let workloads = ids
        .iter()
        .map(|id| Ok(tree.workload(id.as_str())?.value.clone()))
        .collect::<Result<Vec<_>, Failure>>()?;
    // Without names, `select` takes all.
    let mut selected =
        if names.is_empty() { Vec::new() } else { entries::select(tree, &names, false)? };
    profile.isolation = options.isolation.apply(profile.isolation, &mut selected)?;
    let Offered { source: database, workloads, warnings } =
        options.database.offer(tree, &selected, workloads, false)?;
    profile.workloads = workloads.iter().map(|workload| workload.id.clone()).collect();
    let program = std::env::current_exe()
        .map_err(|error| Failure::new(format!("cannot find httpdyno itself: {error}")))?;
    Ok(RunPlan {
        entries: selected,
        workloads,
        database,
        warnings: warnings
            .into_iter()
            .chain(single_block(options.budget.is_some(), profile.blocks))
            .collect(),
        profile,
        seed: options.seed,
        results: root::results(options.results.as_deref(), tree)?,
        command_line: command_line::own(),
        null_server: Some(program),
        budget: options.budget.map(|budget| BudgetedDesign {
            budget: budget.duration(),
            ..BudgetedDesign::default()
        }),
        own_pace: true,
        faults: false,
    })
}
