//! `httpdyno conform`: check entries, or any server, against the spec.

mod after;
mod again;
mod against;
mod asking;
mod known;
mod own_server;
mod progress;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{Args, ValueEnum};
use httpdyno_record::{ConformanceCounts, digest};
use httpdyno_report::conformance_json::Origin;
use httpdyno_report::{conformance_json, conformance_junit, conformance_text};
use httpdyno_runner::{ConformOptions, Entry, Filter, count_cases, count_cases_of_entry};
use httpdyno_spec::SpecTree;
use httpdyno_spec::id::EndpointId;
use httpdyno_spec::profile::IsolationKind;
use httpdyno_spec::suite::Suite;
use httpdyno_spec::units::Span;
use httpdyno_target::Database;

use crate::Outcome;
use crate::conform::after::{Checked, Snapshot};
use crate::conform::again::Again;
use crate::conform::against::{Against, Extent};
use crate::conform::asking::{Asking, Found, What};
use crate::conform::known::KnownOption;
use crate::conform::own_server::Whose;
use crate::database::{DatabaseOption, Resolved};
use crate::exit::{Exit, Failure};
use crate::isolation::{IsolationOption, without_skipped};
use crate::output::{line, text};
use crate::{entries, interrupt, report, root};

#[derive(Args)]
pub(crate) struct Options {
    /// Entries to check, as `implementation` or `implementation@variant`
    /// [default: every implementation in every variant]
    #[arg(long = "impl", value_name = "ID", num_args = 1.., value_delimiter = ',')]
    entries: Vec<String>,
    /// Check the server at this URL instead, e.g. http://127.0.0.1:8080 [default in a project with a
    /// suite and no checkout around it: the suite's server]
    #[arg(long, conflicts_with = "entries")]
    url: Option<String>,
    /// The folder of the suite whose server is checked
    #[arg(long, value_name = "DIR", conflicts_with_all = ["entries", "url", "faults"])]
    suite: Option<PathBuf>,
    /// With --url or a suite: the page that the cases of HTTP/1.1 ask for, e.g. /health; any that is
    /// answered 200 and stays the same [default: the URL's path, what the suite's server answers when
    /// it is ready, /plaintext of the contract, or /]
    #[arg(long, value_name = "PATH", conflicts_with = "entries")]
    page: Option<String>,
    /// With --url or a suite: the application contract (spec/contract.md) decides the exit code too,
    /// and not HTTP/1.1 alone
    #[arg(long, conflicts_with = "entries")]
    contract: bool,
    /// With --url or a suite: the time that all cases may take together [default: 60s]
    #[arg(long, value_name = "TIME", conflicts_with = "entries")]
    deadline: Option<Span>,
    #[command(flatten)]
    known: KnownOption,
    /// Only checks of these endpoints, and the protocol cases that use them
    #[arg(long = "endpoint", value_name = "ID", num_args = 1.., value_delimiter = ',')]
    endpoints: Vec<String>,
    /// Only these cases: an id, its beginning up to a slash (h1/host), or with `*` for any text
    #[arg(long = "case", value_name = "ID", num_args = 1.., value_delimiter = ',')]
    cases: Vec<String>,
    #[command(flatten)]
    database: DatabaseOption,
    #[command(flatten)]
    isolation: IsolationOption,
    /// What entries do while their database fails (it is killed, locked, slow ...), instead of the
    /// cases; takes about a minute for each entry
    #[arg(long, conflicts_with_all = ["url", "endpoints", "cases"])]
    faults: bool,
    /// Write what the cases found as conformance.snap into the folder of each entry that passes, all
    /// its variants checked, three times
    #[arg(long, requires = "entries",
        conflicts_with_all = ["url", "endpoints", "cases", "faults", "strict"])]
    write_snapshot: bool,
    /// With --write-snapshot: write it over one that differs too, once what differs is shown
    #[arg(long, requires = "write_snapshot")]
    replace: bool,
    /// An unmet SHOULD is a failure too
    #[arg(long)]
    strict: bool,
    /// How to print the verdicts
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// List the cases that passed too (text)
    #[arg(long, short)]
    verbose: bool,
    /// Decides every random value that is sent
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// For a terminal; failures last and in full
    Text,
    /// For programs
    Json,
    /// For build servers
    Junit,
}

impl Format {
    /// What is for people stands beside a document, and not in it.
    fn say(self, text: &str) {
        match self {
            Self::Text => text!("{text}"),
            _ if text.is_empty() => {}
            _ => crate::output::remark!("{}", text.trim_end()),
        }
    }
}

pub(crate) fn run(options: &Options, asked_root: Option<&Path>) -> Outcome {
    let suite = match (&options.suite, &options.url, options.entries.as_slice()) {
        (folder, None, []) if !options.faults => root::suite_of(folder.as_deref(), asked_root)?,
        _ => None,
    };
    let tree = root::load(asked_root)?;
    let stop = interrupt::watch_what_is_not_kept()?;
    let outcome = check(options, &tree, suite.as_ref(), &stop);
    // Whatever went wrong then, it was because of that.
    if stop.load(Ordering::SeqCst) { Ok(Exit::Interrupted) } else { outcome }
}

fn check(
    options: &Options,
    tree: &SpecTree,
    suite: Option<&Suite>,
    stop: &Arc<AtomicBool>,
) -> Outcome {
    let whose = options.url.as_deref().map(Whose::Url).or_else(|| suite.map(Whose::Suite));
    let conform = ConformOptions {
        filter: filter(options, tree)?,
        strict: options.strict,
        seed: options.seed,
        stop: Arc::clone(stop).into(),
        ..ConformOptions::default()
    };
    let count = if whose.is_some() { count_cases } else { count_cases_of_entry };
    if count(tree, &conform) == 0 {
        return Err(Failure::new(format!(
            "no case fits --case {:?} and --endpoint {:?}; `httpdyno list cases` names them all",
            options.cases, options.endpoints
        )));
    }
    if let Some(whose) = whose {
        return own_server::check(options, tree, whose, conform, stop);
    }
    options.of_entries_alone()?;
    let chosen = choose(options, tree)?;
    let database = start_database(&options.database.resolve(tree, &chosen)?)?;
    let offered = database.is_some();
    let mut asking = Asking::new(tree, stop, database);
    let asked = ask(options, &conform, &chosen, &mut asking);
    // Whatever comes of it, the verdicts are there.
    let stopped = asking.database.take().map_or(Ok(()), Database::stop);
    let (found, again) = asked;
    let Found { cases, skipped, broken } = &found;
    if stop.load(Ordering::SeqCst) {
        return Ok(Exit::Interrupted);
    }
    found.has_some()?;
    match options.format {
        Format::Text => text!("{}", conformance_text::render(cases, options.verbose)),
        Format::Json => line!("{}", conformance_json::render(cases, &origin(tree)?)),
        Format::Junit => line!("{}", conformance_junit::render(cases, &origin(tree)?)?),
    }
    let whole = Checked::whole(tree, &chosen, cases, offered);
    let extent = options.extent(tree, offered);
    let against: Vec<Against> = of_implementations(&chosen)
        .iter()
        .map(|entries| Against::of(extent, entries, cases, &again))
        .collect();
    against.iter().for_each(|one| options.format.say(&one.text));
    let complete = if options.write_snapshot && !broken.is_empty() {
        crate::output::remark!("no snapshot is written: not all could be asked three times");
        true
    } else if options.write_snapshot {
        write_snapshots(&whole, &against, options.replace)?
    } else {
        say_what_is_missing(options, tree, &whole);
        !against.iter().any(|one| one.differs)
    };
    let conformant = ConformanceCounts::of(cases).is_conformant();
    found.tell_of_the_rest(chosen.len());
    stopped?;
    let is_done = broken.is_empty() && (skipped.is_empty() || options.entries.is_empty());
    Ok(exit(conformant && complete, is_done))
}

fn exit(conformant: bool, is_done: bool) -> Exit {
    match (conformant, is_done) {
        (true, true) => Exit::Done,
        // What was asked for by name was not done, or something went wrong on the way.
        (true, false) => Exit::UsageOrEnvironment,
        (false, _) => Exit::UnderTestFailed,
    }
}

impl Options {
    /// Refuses what is said of somebody's own server where none is named.
    fn of_entries_alone(&self) -> Result<(), Failure> {
        let said = [
            ("--page", self.page.is_some()),
            ("--contract", self.contract),
            ("--deadline", self.deadline.is_some()),
            ("--known", self.known.known.is_some()),
            ("--write-known", self.known.write_known.is_some()),
        ];
        match said.into_iter().find(|(_, is_said)| *is_said) {
            Some((flag, _)) => Err(Failure::new(format!(
                "{flag} is of somebody's own server, and none is named; name it with --url or --suite"
            ))),
            None => Ok(()),
        }
    }

    /// How much is compared with snapshots: nothing where other rules apply than to them.
    fn extent<'a>(&self, tree: &'a SpecTree, offered: bool) -> Option<Extent<'a>> {
        let all = self.endpoints.is_empty() && self.cases.is_empty();
        (!self.faults && !self.strict).then_some(Extent { tree, all, offered })
    }
}

/// Asks all that are chosen, and asks again what a single run cannot tell: whatever fails or is not
/// as in the snapshot, or, before one is written, all.
fn ask(
    options: &Options,
    conform: &ConformOptions,
    chosen: &[Entry],
    asking: &mut Asking<'_>,
) -> (Found, Again) {
    if options.faults {
        return (asking.ask(chosen, What::Faults), Again::default());
    }
    let mut found = asking.ask(chosen, What::Cases(conform));
    let (tree, offered) = (asking.tree, asking.database.is_some());
    let extent = options.extent(tree, offered);
    let of = |entry: &Entry| {
        let name = entry.id.to_string();
        found.cases.iter().filter(move |case| case.entry == name)
    };
    let asked: Vec<Entry> =
        chosen.iter().filter(|entry| of(entry).next().is_some()).cloned().collect();
    let whole = |entry: &Entry| {
        let variants = asked.iter().filter(|one| one.manifest.id == entry.manifest.id);
        let fails = variants.flat_map(of).any(|case| case.status.fails_entry());
        let in_part = entry.uses_database(tree) && !offered;
        options.write_snapshot && !fails && !in_part
    };
    let doubtful = |entry: &Entry| {
        let failing = of(entry).filter(|case| case.status.fails_entry());
        let mut cases: BTreeSet<String> = failing.map(|case| case.case.clone()).collect();
        let differing = extent.map(|it| it.differences(entry, &found.cases)).unwrap_or_default();
        cases.extend(differing.into_iter().filter(|it| it.now.is_some()).map(|it| it.case));
        cases
    };
    let mut again = Again::ask(asking, &asked, conform, whole, doubtful);
    found.broken.append(&mut again.trouble);
    (found, again)
}

/// The entries by implementation, in their order.
fn of_implementations(chosen: &[Entry]) -> Vec<Vec<&Entry>> {
    let mut all: Vec<Vec<&Entry>> = Vec::new();
    for entry in chosen {
        match all.iter_mut().find(|of_one| of_one[0].manifest.id == entry.manifest.id) {
            Some(of_one) => of_one.push(entry),
            None => all.push(vec![entry]),
        }
    }
    all
}

/// What makes the verdicts of this command.
fn origin(tree: &SpecTree) -> Result<Origin, Failure> {
    Ok(Origin {
        command: report::typed_command(),
        tool: concat!("httpdyno ", env!("CARGO_PKG_VERSION")).to_owned(),
        spec: digest::of_spec(&tree.spec)?,
    })
}

/// The entries to check; a snapshot is of all variants.
fn choose(options: &Options, tree: &SpecTree) -> Result<Vec<Entry>, Failure> {
    let mut chosen = if options.write_snapshot {
        with_all_variants(tree, &options.entries)?
    } else {
        entries::select(tree, &options.entries, true)?
    };
    options.isolation.apply(IsolationKind::default(), &mut chosen)?;
    without_skipped(chosen)
}

/// The entries named, in every variant.
fn with_all_variants(tree: &SpecTree, names: &[String]) -> Result<Vec<Entry>, Failure> {
    let named = entries::select(tree, names, true)?;
    let all =
        tree.entries().filter(|entry| named.iter().any(|one| one.manifest.id == entry.manifest.id));
    Ok(all.map(|entry| Entry::resolve(tree, &entry)).collect())
}

/// Whether all could be written.
fn write_snapshots(
    whole: &[Checked<'_>],
    against: &[Against],
    replace: bool,
) -> Result<bool, Failure> {
    let mut complete = true;
    for checked in whole {
        let name = checked.manifest().id.as_str();
        let is_of_it = |entry: &str| entry == name || entry.split('@').next() == Some(name);
        let unstable = against
            .iter()
            .find(|one| one.unstable.first().is_some_and(|unstable| is_of_it(&unstable.entry)));
        let unstable = unstable.map_or(&[][..], |one| &one.unstable);
        match checked.write(unstable, replace)? {
            Snapshot::Kept(message) => crate::output::remark!("{message}"),
            Snapshot::Refused(message) => {
                complete = false;
                crate::output::remark!("{message}");
            }
        }
    }
    Ok(complete)
}

/// For people only: what is not served, what to mend, and how the snapshot comes about.
fn say_what_is_missing(options: &Options, tree: &SpecTree, whole: &[Checked<'_>]) {
    let in_part = !options.endpoints.is_empty() || !options.cases.is_empty();
    if options.format != Format::Text || options.faults || in_part {
        return;
    }
    let several = whole.len() > 1;
    for checked in whole {
        if !several {
            text!("{}", checked.not_served(tree));
        }
        if let Some(advice) = checked.advice().filter(|_| !options.strict) {
            line!("{advice}");
        }
    }
}

fn start_database(resolved: &Resolved) -> Result<Option<Database>, Failure> {
    if let Some(warning) = &resolved.warning {
        crate::output::remark!("warning: {warning}");
    }
    let start = |source| Database::start(source, &[]);
    Ok(resolved.source.as_ref().map(start).transpose()?)
}

fn filter(options: &Options, tree: &SpecTree) -> Result<Filter, Failure> {
    let endpoints = options
        .endpoints
        .iter()
        .map(|id| tree.endpoint(id).map(|endpoint| endpoint.id.clone()))
        .collect::<Result<Vec<EndpointId>, _>>()?;
    Ok(Filter { endpoints, cases: options.cases.clone() })
}
