//! `httpdyno bench`: build, check and measure entries side by side.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use httpdyno_record::{Ending, Record};
use httpdyno_report::bench_text;
use httpdyno_runner::{BudgetedDesign, RunPlan, RunSummary, bench};
use httpdyno_spec::SpecTree;
use httpdyno_spec::profile::{FixedRates, Profile};
use httpdyno_spec::suite::Suite;
use httpdyno_spec::units::{Share, Span};
use httpdyno_spec::workload::{Arrivals, Workload};
use httpdyno_target::DatabaseSource;

use crate::Outcome;
use crate::database::{DatabaseOption, Offered};
use crate::exit::{Exit, Failure};
use crate::isolation::{IsolationOption, without_what_cannot_be_had};
use crate::own_hosts::OwnHostOption;
use crate::progress::Progress;
use crate::{asked, command_line, entries, interrupt, report, root, service};

#[derive(Args)]
pub(crate) struct Options {
    /// The hardware profile: which cores, how long, how often; its name, or a file [default: smoke, or
    /// the suite's]
    #[arg(long, value_name = "ID|FILE")]
    profile: Option<String>,
    /// The folder of the suite whose server is measured [default, in a project without a checkout around
    /// it: httpdyno/ of the nearest folder that has one]
    #[arg(long, value_name = "DIR", conflicts_with_all = ["entries", "all_variants"])]
    suite: Option<PathBuf>,
    /// Entries to compare, as `implementation` or `implementation@variant`
    /// [default: the profile's, else every implementation in its default variant]
    #[arg(long = "impl", value_name = "ID", num_args = 1.., value_delimiter = ',')]
    entries: Vec<String>,
    /// Every variant of every implementation
    #[arg(long, conflicts_with = "entries")]
    all_variants: bool,
    /// The entry that the others are compared with [default: the first]
    #[arg(long, value_name = "ID")]
    baseline: Option<String>,
    /// Workloads in place of the profile's: names, or files
    #[arg(long = "workload", value_name = "ID|FILE", num_args = 1.., value_delimiter = ',')]
    workloads: Vec<String>,
    /// Numbers of connections in place of the profile's
    #[arg(long, value_name = "N", num_args = 1.., value_delimiter = ',')]
    connections: Vec<u32>,
    /// Measured time of each trial in place of the profile's, e.g. 2s
    #[arg(long, value_name = "TIME")]
    measure: Option<Span>,
    /// Blocks (repetitions of everything) in place of the profile's
    #[arg(long, value_name = "N")]
    blocks: Option<u32>,
    /// Load before measuring, in place of the profile's, e.g. 1s
    #[arg(long, value_name = "TIME")]
    warmup: Option<Span>,
    /// Rates at which all entries are compared beside their own pace, in place of the profile's: in
    /// per cent of what the slowest can do, as `shares` in a profile, e.g. `25%,75%`; or `none`
    #[arg(long, value_name = "SHARES")]
    rates: Option<Shares>,
    /// Time for all blocks, in place of a number of blocks: a pilot finds out how much it is
    /// worth, and the smallest difference that it can show is printed before it starts
    #[arg(long, value_name = "TIME", conflicts_with = "blocks")]
    budget: Option<Span>,
    #[command(flatten)]
    own_host: OwnHostOption,
    /// Decides every random choice: the order of trials, the requests, the checks
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    database: DatabaseOption,
    #[command(flatten)]
    isolation: IsolationOption,
    /// Check, too, what entries do while their database fails, as `conform --faults` does: those that
    /// break the contract are not measured, and the record has the verdicts. About a minute more
    #[arg(long)]
    faults: bool,
    /// Where the record is put [default: runs/ in the root, httpdyno/results of a suite]
    #[arg(long, value_name = "DIR")]
    results: Option<PathBuf>,
}

pub(crate) fn run(options: &Options, asked_root: Option<&Path>) -> Outcome {
    let suite = root::suite_of(options.suite.as_deref(), asked_root)?;
    let tree = root::load(asked_root)?;
    let tree = suite.as_ref().map_or_else(|| tree.clone(), |suite| suite.tree(&tree));
    let plan = plan(options, &tree, suite.as_ref())?;
    let baseline = options.baseline.as_deref();
    let baseline =
        baseline.map(|name| entries::baseline(&tree, &plan.entries, name)).transpose()?;
    let stop = interrupt::watch()?;
    let summary = bench(&tree, &plan, &mut Progress::new(), &stop)?;
    let record = Record::read_decided(&summary.folder)?;
    let comparison = report::comparison(&record, baseline.as_deref())?;
    crate::output::text!(
        "\n{}",
        bench_text::render(&record, &comparison, report::terminal_width())
    );
    if let Some(page) = report::publish(&record, &comparison)? {
        crate::output::line!("the whole report: {}", page.display());
    }
    Ok(exit(&summary))
}

fn plan(options: &Options, tree: &SpecTree, suite: Option<&Suite>) -> Result<RunPlan, Failure> {
    let mut profile = asked::profile(options.profile.as_deref(), suite, tree)?;
    let is_own = suite.is_some() && options.entries.is_empty();
    let named: Vec<String> = match options.workloads.as_slice() {
        [] => profile.workloads.iter().map(ToString::to_string).collect(),
        named => named.to_vec(),
    };
    let found = named.iter().map(|name| asked::workload(name, is_own, tree));
    let workloads: Vec<Workload> = found.collect::<Result<_, _>>()?;
    profile.workloads = workloads.iter().map(|workload| workload.id.clone()).collect();
    profile = changed(profile, options)?;
    let program = std::env::current_exe()
        .map_err(|error| Failure::new(format!("cannot find httpdyno itself: {error}")))?;
    let mut entries = match suite {
        Some(suite) if options.entries.is_empty() => {
            vec![service::entry(suite, tree, options.own_host)?]
        }
        _ => entries::select(tree, &self::named(options, &profile), options.all_variants)?,
    };
    // The server of somebody else shows no response that a null server could give.
    let program = Some(program).filter(|_| entries.iter().all(|entry| entry.foreign.is_none()));
    profile.isolation = options.isolation.apply(profile.isolation, &mut entries)?;
    let entries = without_what_cannot_be_had(entries)?;
    let Offered { source: database, workloads, warnings } =
        options.database.offer(tree, &entries, workloads, options.faults)?;
    if options.faults && !matches!(database, Some(DatabaseSource::Private { .. })) {
        return Err(Failure::new(
            "--faults kills the database, and so needs one of the harness's own; choose entries that \
             use a database, and `--database private`",
        ));
    }
    let single = single_block(options.budget.is_some(), profile.blocks);
    Ok(RunPlan {
        entries,
        profile,
        workloads,
        database,
        warnings: warnings.into_iter().chain(single).collect(),
        seed: options.seed,
        results: root::results(options.results.as_deref(), tree)?,
        command_line: command_line::own(),
        null_server: program,
        budget: options.budget.map(|budget| BudgetedDesign {
            budget: budget.duration(),
            ..BudgetedDesign::default()
        }),
        own_pace: true,
        faults: options.faults,
    })
}

/// Said before a run of one block, and in its record.
pub(crate) fn single_block(is_budgeted: bool, blocks: u32) -> Option<String> {
    let text = "one block says nothing of chance: there will be no intervals, no verdicts and no \
                ranks; --blocks 3 or more gives them";
    (blocks == 1 && !is_budgeted).then(|| text.to_owned())
}

/// What the command line names, else what the profile does; nothing means everything.
fn named(options: &Options, profile: &Profile) -> Vec<String> {
    if !options.entries.is_empty() || options.all_variants {
        return options.entries.clone();
    }
    profile.implementations.iter().map(ToString::to_string).collect()
}

/// The profile with what the command line puts in place of it.
fn changed(mut profile: Profile, options: &Options) -> Result<Profile, Failure> {
    if !options.connections.is_empty() {
        profile.connections.clone_from(&options.connections);
    }
    if let Some(measure) = options.measure {
        profile.measure = measure;
    }
    if let Some(warmup) = options.warmup {
        profile.warmup = warmup;
    }
    if let Some(blocks) = options.blocks {
        profile.blocks = blocks;
    }
    put_rates(&mut profile, options.rates.as_ref());
    let positive = [
        ("--connections", profile.connections.iter().all(|&connections| connections > 0)),
        ("--measure", !profile.measure.duration().is_zero()),
        ("--blocks", profile.blocks > 0),
    ];
    match positive.into_iter().find(|(_, positive)| !positive) {
        Some((flag, _)) => Err(Failure::new(format!("{flag} must be more than 0"))),
        None => Ok(profile),
    }
}

/// Fixed rates need entries' own pace at the same connections, so they follow `--connections`.
fn put_rates(profile: &mut Profile, asked: Option<&Shares>) {
    let most = profile.connections.iter().copied().max().unwrap_or(1);
    if let Some(Shares(shares_ppm)) = asked {
        let mut rates = profile.fixed_rates.clone().unwrap_or_else(|| FixedRates {
            connections: most,
            shares_ppm: Vec::new(),
            per_s: Vec::new(),
            arrivals: Arrivals::default(),
        });
        (rates.shares_ppm, rates.per_s) = (shares_ppm.clone(), Vec::new());
        profile.fixed_rates = Some(rates).filter(|rates| !rates.shares_ppm.is_empty());
    }
    if let Some(rates) = &mut profile.fixed_rates
        && !profile.connections.contains(&rates.connections)
    {
        rates.connections = most;
    }
}

/// Shares in parts per million, written as a profile has them with commas between; `none` is no share.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shares(Vec<u32>);

impl FromStr for Shares {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self(Vec::new()));
        }
        let share = |part: &str| match part.parse::<Share>() {
            Ok(Share(ppm)) => Ok(ppm),
            Err(error) => Err(error.to_string()),
        };
        text.split(',').map(share).collect::<Result<_, _>>().map(Self)
    }
}

/// The exit code of a run in which each trial is a figure. Where no entry has the figure that a point
/// is about, the others that it may have do not make the run a success.
pub(crate) fn exit(summary: &RunSummary) -> Exit {
    if summary.ending == Ending::Interrupted {
        Exit::Interrupted
    } else if summary.excluded > 0 || summary.failed_trials > 0 {
        Exit::UnderTestFailed
    } else if summary.invalid_trials > 0 || summary.points_without_figure > 0 {
        Exit::Invalid
    } else {
        Exit::Done
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use httpdyno_spec::profile::Profile;
    use httpdyno_spec::read::read_str;

    use super::Shares;

    /// `--rates` and the `shares` of a profile, written in every way alike.
    #[test]
    fn a_flag_and_the_profile_that_it_changes_are_written_alike() {
        for (flag, yaml) in [
            ("25%,50%,75%", "[25%, 50%, 75%]"),
            ("25,50", "[25, 50]"),
            ("12.5%,0.1%", "[12.5%, 0.1%]"),
            ("12.5,33.3333", "[12.5, 33.3333]"),
        ] {
            let Shares(flag) = flag.parse().expect("shares");
            assert_eq!(read(&format!("shares: {yaml}")), Ok(flag.clone()), "{yaml}");
            // As older files and records have it.
            assert_eq!(read(&format!("shares_ppm: {flag:?}")), Ok(flag));
        }
        for wrong in ["0%", "101%", "half"] {
            let of_flag = wrong.parse::<Shares>().expect_err(wrong);
            let of_file = read(&format!("shares: [{wrong}]")).expect_err(wrong);
            assert!(of_file.contains(&of_flag), "{of_flag} in {of_file}");
        }
    }

    /// The shares of a profile that says this of its fixed rates.
    fn read(shares: &str) -> Result<Vec<u32>, String> {
        let text = format!(
            "version: 1\nid: x\nsummary: x\npublishable: false\nplacement: split\nidle_guard: false\n\
             workloads: [json]\nconnections: [16]\nwarmup: 1s\nmeasure: 1s\nblocks: 3\n\
             fixed_rates: {{ connections: 16, {shares} }}\n"
        );
        let profile = read_str::<Profile>(Path::new("x.yaml"), &text);
        let profile = profile.map_err(|errors| errors.to_string())?;
        Ok(profile.value.fixed_rates.expect("rates").shares_ppm)
    }

    #[test]
    fn rates_are_shares_in_per_cent_or_none() {
        for text in ["25,75", "25%,75%", "25 %, 75 %", "25.0,75%"] {
            assert_eq!(text.parse(), Ok(Shares(vec![250_000, 750_000])), "{text}");
        }
        assert_eq!("12.5%".parse(), Ok(Shares(vec![125_000])));
        assert_eq!("none".parse(), Ok(Shares(vec![])));
        for wrong in ["", "0", "101", "half", "25;75"] {
            assert!(wrong.parse::<Shares>().is_err(), "{wrong}");
        }
    }
}
