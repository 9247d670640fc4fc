//! `httpdyno ab`: base against head, measured in one sitting in paired random blocks.

mod builds;
mod checkout;
mod sides;
mod workloads;

pub(crate) use workloads::name_of;

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use clap::{Args, ValueEnum};
use httpdyno_record::{EntryRecord, Record, TrialOutcome};
use httpdyno_report::compare::builds::{Builds, of_builds};
use httpdyno_report::compare::plain::{self, FailOn};
use httpdyno_report::compare::{self, Compared, forms};
use httpdyno_runner::{BudgetedDesign, RunPlan, RunSummary, bench};
use httpdyno_spec::units::Span;

use crate::Outcome;
use crate::ab::sides::{BASE, HEAD, Sides};
use crate::bench::single_block;
use crate::exit::{Exit, Failure};
use crate::judging::{FailOnOption, Margin};
use crate::own_hosts::OwnHostOption;
use crate::progress::Progress;
use crate::report::{put, typed_command};
use crate::{command_line, interrupt, report, root};

#[derive(Args)]
pub(crate) struct Options {
    /// What was there: a revision of git, or the URL of a server that runs already
    #[arg(long, value_name = "REV|URL", conflicts_with = "base_command")]
    base: Option<String>,
    /// What is to be judged, likewise
    #[arg(long, value_name = "REV|URL", conflicts_with = "head_command")]
    head: Option<String>,
    /// A command that starts the base, e.g. './old --port {port}'
    #[arg(long, value_name = "COMMAND")]
    base_command: Option<String>,
    /// A command that starts the head
    #[arg(long, value_name = "COMMAND")]
    head_command: Option<String>,
    /// The folder of the suite [default: httpdyno/ of the nearest folder that has one]
    #[arg(long, value_name = "DIR")]
    suite: Option<PathBuf>,
    /// The profile: its name, or a file [default: the suite's, else smoke]
    #[arg(long, value_name = "ID|FILE")]
    profile: Option<String>,
    /// Workloads: names, or files [default: those of the suite]
    #[arg(long = "workload", value_name = "ID|FILE", num_args = 1.., value_delimiter = ',')]
    workloads: Vec<String>,
    /// Ask for these paths, each a workload of its own, and expect 200 [default without a suite: /]
    #[arg(long = "path", value_name = "PATH", num_args = 1.., conflicts_with = "workloads")]
    paths: Vec<String>,
    /// What is asked for until it is answered, to know that a server is ready [default: the suite's,
    /// else the first --path]
    #[arg(long, value_name = "PATH")]
    ready: Option<String>,
    /// The port that the servers always listen on [default: the suite's, else a free one each time]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// Numbers of connections in place of the profile's
    #[arg(long, value_name = "N", num_args = 1.., value_delimiter = ',')]
    connections: Vec<u32>,
    /// Load before measuring, in place of the profile's, e.g. 1s
    #[arg(long, value_name = "TIME")]
    warmup: Option<Span>,
    /// Measured time of each trial in place of the profile's, e.g. 2s
    #[arg(long, value_name = "TIME")]
    measure: Option<Span>,
    /// Blocks in place of the profile's; in each, both are measured twice
    #[arg(long, value_name = "N")]
    blocks: Option<u32>,
    /// Time for all blocks, in place of a number of blocks: a pilot finds out how much it is worth
    #[arg(long, value_name = "TIME", conflicts_with = "blocks")]
    budget: Option<Span>,
    /// Build each revision so often, every time with another order of linking and another size of the
    /// server's environment: what the layout alone does is then no part of the verdict
    #[arg(long, value_name = "N", default_value_t = 1,
        value_parser = clap::value_parser!(u32).range(1..=32))]
    builds: u32,
    /// The difference that matters
    #[arg(long, value_name = "PER CENT", default_value = "2%")]
    margin: Margin,
    /// What of the head ends this with exit code 1
    #[arg(long, value_enum, value_name = "WHAT", default_value = "slower")]
    fail_on: FailOnOption,
    /// The form
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Where it is put; `-` is the standard output
    #[arg(long, short, value_name = "PATH", default_value = "-")]
    output: PathBuf,
    #[command(flatten)]
    own_host: OwnHostOption,
    /// Decides every random choice
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the record is put [default: httpdyno/results, or runs/ in a checkout]
    #[arg(long, value_name = "DIR")]
    results: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// A table for a terminal
    Text,
    /// For a pull request
    Markdown,
    /// For programs
    Json,
    /// For build servers: what --fail-on names is a failure
    Junit,
}

pub(crate) fn run(options: &Options, asked_root: Option<&Path>) -> Outcome {
    let built_in = root::load(asked_root)?;
    let suite = root::suite(options.suite.as_deref())?;
    let tree = suite.as_ref().map_or_else(|| built_in.clone(), |suite| suite.tree(&built_in));
    let (profile, workloads) = workloads::choose(options, suite.as_ref(), &tree)?;
    let stop = interrupt::watch()?;
    let sides = Sides::resolve(options, suite.as_ref(), &tree, &workloads);
    if stop.load(Ordering::SeqCst) {
        return Ok(Exit::Interrupted);
    }
    let sides = sides?;
    let single = single_block(options.budget.is_some(), profile.blocks);
    let plan = RunPlan {
        entries: sides.entries.clone(),
        profile,
        workloads,
        seed: options.seed,
        results: root::results(options.results.as_deref(), &tree)?,
        command_line: command_line::own(),
        null_server: None,
        budget: options.budget.map(|budget| design(budget, options.margin)),
        own_pace: true,
        database: None,
        faults: false,
        warnings: sides.warnings.iter().cloned().chain(single).collect(),
    };
    let summary = bench(&tree, &plan, &mut Progress::new(), &stop)?;
    drop(sides);
    if stop.load(Ordering::SeqCst) {
        report::discard_without_trials(&Record::read(&summary.folder)?)?;
        return Ok(Exit::Interrupted);
    }
    tell(options, &summary)
}

/// A difference half as large again as the margin is what is looked for.
fn design(budget: Span, margin: Margin) -> BudgetedDesign {
    BudgetedDesign {
        budget: budget.duration(),
        margin_ppm: margin.ppm(),
        effect_ppm: margin.ppm() + margin.ppm() / 2 + 1,
        ..BudgetedDesign::default()
    }
}

/// Prints what came of it, and says how it ends.
fn tell(options: &Options, summary: &RunSummary) -> Outcome {
    let record = Record::read_decided(&summary.folder)?;
    let whole = is_whole(&record);
    report::discard_without_trials(&record)?;
    whole?;
    let names = [HEAD, BASE].map(|side| builds::names(side, options.builds));
    let compared = match &names {
        [head, base] if options.builds > 1 => {
            let (head, base) =
                (Builds { side: HEAD, entries: head }, Builds { side: BASE, entries: base });
            of_builds(&record, head, base, options.margin.effect())?
        }
        _ => compare::entries(&record, HEAD, BASE, options.margin.effect())?,
    };
    let (command, fail_on) = (typed_command(), FailOn::from(options.fail_on));
    let text = match options.format {
        Format::Text if options.output == Path::new("-") => compare::render(&compared),
        Format::Text => anstream::adapter::strip_str(&compare::render(&compared)).to_string(),
        Format::Markdown => forms::markdown(&compared, &command),
        Format::Json => forms::json(&compared, &command)?,
        Format::Junit => forms::junit(&compared, [&record, &record], &command, fail_on)?,
    };
    put(&text, &options.output)?;
    if let Some(page) = report::publish(&record, &report::comparison(&record, Some(&names[1][0]))?)?
    {
        crate::output::remark!("the whole report: {}", page.display());
    }
    say_what_is_odd(&record);
    Ok(verdict(&record, &compared, fail_on))
}

/// A side that could not be built, or does not start, is no verdict.
fn is_whole(record: &Record) -> Result<(), Failure> {
    let why = |entry: &EntryRecord| Some(format!("{}: {}", entry.entry, entry.excluded.as_ref()?));
    let missing: Vec<String> = record.run.entries.iter().filter_map(why).collect();
    match missing.as_slice() {
        [] => Ok(()),
        _ => Err(Failure::new(format!("nothing was compared, since {}", missing.join("; and ")))),
    }
}

/// Red for what the gate stops at and for a server that failed; a gate of measuring that left nothing
/// at some point comes after that.
fn verdict(record: &Record, compared: &Compared, fail_on: FailOn) -> Exit {
    let failed = first_failures(record);
    for line in &failed {
        crate::output::remark!("{line}");
    }
    let stops = plain::stops(compared, fail_on);
    if !stops.is_empty() {
        crate::output::remark!("head is stopped by: {}", stops.join("; "));
    }
    if !stops.is_empty() || !failed.is_empty() {
        return Exit::UnderTestFailed;
    }
    let is_empty = compared.points.iter().any(|point| point.ratios.is_empty());
    if is_empty || compared.points.is_empty() { Exit::Invalid } else { Exit::Done }
}

/// For each side the first of its trials that failed, and how many did.
fn first_failures(record: &Record) -> Vec<String> {
    let of_side = |side: &str| {
        let own = record.trials.iter().filter(|trial| builds::is_of(&trial.entry, side));
        let failures: Vec<String> = own
            .filter_map(|trial| match &trial.outcome {
                TrialOutcome::Failed { stage, reason } => {
                    Some(format!("at {stage} of {}: {reason}", trial.workload))
                }
                TrialOutcome::Measured(_) => None,
            })
            .collect();
        let first = failures.first()?;
        Some(format!("{side} failed in {} of its trials; the first, {first}", failures.len()))
    };
    [HEAD, BASE].into_iter().filter_map(of_side).collect()
}

/// Builds may have come to the same bytes, of both sides or of one.
fn say_what_is_odd(record: &Record) {
    let of_side = |side: &str| {
        let entries = record.run.entries.iter().filter(|it| builds::is_of(&it.entry, side));
        let digests = entries.map(|it| Some((it.version.clone(), it.program_digest.clone()?)));
        digests.collect::<Option<Vec<_>>>().unwrap_or_default()
    };
    let (base, head) = (of_side(BASE), of_side(HEAD));
    if let (Some((old, of_base)), Some((new, of_head))) = (base.first(), head.first())
        && of_base == of_head
        && old != new
    {
        crate::output::remark!(
            "base and head are of two revisions and run the same program, byte for byte: either the \
             change is not in it, or both were built into one place"
        );
    }
    for (side, found) in [(BASE, &base), (HEAD, &head)] {
        if let [(_, first), others @ ..] = found.as_slice()
            && !others.is_empty()
            && others.iter().all(|(_, digest)| digest == first)
        {
            crate::output::remark!(
                "all builds of {side} are the same program, byte for byte: it is not linked by a linker \
                 on the PATH, so that they differ by the size of their environment alone"
            );
        }
    }
}
