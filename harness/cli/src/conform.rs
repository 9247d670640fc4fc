//! `httpdyno conform`: check entries, or any server, against the spec.

mod after;
mod own_server;
mod progress;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{Args, ValueEnum};
use httpdyno_record::{CaseRecord, ConformanceCounts, digest};
use httpdyno_report::conformance_json::Origin;
use httpdyno_report::{conformance_json, conformance_junit, conformance_text};
use httpdyno_runner::{
    ConformError, ConformOptions, Entry, Filter, check_faults, conform_entry, count_cases,
    count_cases_of_entry,
};
use httpdyno_spec::SpecTree;
use httpdyno_spec::id::{EndpointId, EntryId};
use httpdyno_spec::profile::IsolationKind;
use httpdyno_spec::units::Span;
use httpdyno_target::{BuildError, Database};

use crate::Outcome;
use crate::conform::after::{Checked, Snapshot};
use crate::conform::progress::Progress;
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
    /// Check the server at this URL instead, e.g. http://127.0.0.1:8080
    #[arg(long, conflicts_with = "entries")]
    url: Option<String>,
    /// With --url: the page that the cases of HTTP/1.1 ask for, e.g. /health; any that is answered
    /// 200 and stays the same [default: the URL's path, /plaintext of the contract, or /]
    #[arg(long, value_name = "PATH", requires = "url")]
    page: Option<String>,
    /// With --url: the application contract (spec/contract.md) decides the exit code too, and not
    /// HTTP/1.1 alone
    #[arg(long, requires = "url")]
    contract: bool,
    /// With --url: the time that all cases may take together
    #[arg(long, value_name = "TIME", requires = "url", default_value = "60s")]
    deadline: Span,
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
    /// its variants checked
    #[arg(long, requires = "entries",
        conflicts_with_all = ["url", "endpoints", "cases", "faults", "strict"])]
    write_snapshot: bool,
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

pub(crate) fn run(options: &Options, asked_root: Option<&Path>) -> Outcome {
    let tree = root::load(asked_root)?;
    let stop = interrupt::watch_what_is_not_kept()?;
    let outcome = check(options, &tree, &stop);
    // Whatever went wrong then, it was because of that.
    if stop.load(Ordering::SeqCst) { Ok(Exit::Interrupted) } else { outcome }
}

fn check(options: &Options, tree: &SpecTree, stop: &Arc<AtomicBool>) -> Outcome {
    let conform = ConformOptions {
        filter: filter(options, tree)?,
        strict: options.strict,
        seed: options.seed,
        stop: Arc::clone(stop).into(),
        ..ConformOptions::default()
    };
    let count = if options.url.is_some() { count_cases } else { count_cases_of_entry };
    if count(tree, &conform) == 0 {
        return Err(Failure::new(format!(
            "no case fits --case {:?} and --endpoint {:?}; `httpdyno list cases` names them all",
            options.cases, options.endpoints
        )));
    }
    if let Some(url) = &options.url {
        return own_server::check(options, tree, url, conform, stop);
    }
    let chosen = choose(options, tree)?;
    let mut database = start_database(&options.database.resolve(tree, &chosen)?)?;
    let offered = database.is_some();
    let what = if options.faults { What::Faults } else { What::Cases(&conform) };
    let found = check_entries(tree, &chosen, what, database.as_mut(), stop);
    // Whatever comes of it, the verdicts are there.
    let stopped = database.map_or(Ok(()), Database::stop);
    let Found { cases, skipped, broken } = &found;
    if stop.load(Ordering::SeqCst) {
        return Ok(Exit::Interrupted);
    }
    if cases.is_empty() && !(skipped.is_empty() && broken.is_empty()) {
        let reasons: Vec<&str> = skipped.iter().chain(broken).map(String::as_str).collect();
        return Err(Failure::new(format!("no entry could be checked:\n{}", reasons.join("\n"))));
    }
    if cases.is_empty() {
        return Err(Failure::new(
            "no entry with a database could be put to the faults; see --database",
        ));
    }
    match options.format {
        Format::Text => text!("{}", conformance_text::render(cases, options.verbose)),
        Format::Json => line!("{}", conformance_json::render(cases, &origin(tree)?)),
        Format::Junit => line!("{}", conformance_junit::render(cases, &origin(tree)?)?),
    }
    let whole = Checked::whole(tree, &chosen, cases, offered);
    let complete = if options.write_snapshot {
        write_snapshots(&whole)?
    } else {
        say_what_is_missing(options, tree, &whole);
        true
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
fn write_snapshots(whole: &[Checked<'_>]) -> Result<bool, Failure> {
    let mut complete = true;
    for checked in whole {
        match checked.write()? {
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

/// What entries are checked for.
#[derive(Clone, Copy)]
enum What<'a> {
    Cases(&'a ConformOptions),
    Faults,
}

/// What came of all entries.
#[derive(Default)]
struct Found {
    cases: Vec<CaseRecord>,
    /// Those that could not be checked, each with the reason.
    skipped: Vec<String>,
    /// Those whose checks ended by something that is not theirs, each with the reason; the next ones
    /// had their turn.
    broken: Vec<String>,
}

impl Found {
    /// What came of one entry. Where something that is not the server's went wrong, what its cases had
    /// found until then may be of that, and is no verdict.
    fn add(&mut self, entry: &EntryId, came: Result<Vec<CaseRecord>, ConformError>) {
        match came {
            Ok(cases) => self.cases.extend(cases),
            Err(ConformError::Start(error)) if !error.is_ours() => {
                self.skipped.push(format!("{entry}: cannot check it: {error}"));
            }
            Err(error) => self.broken.push(format!("{entry}: {error}")),
        }
    }

    /// Who is missing in the verdicts and why; the sum last.
    fn tell_of_the_rest(&self, of: usize) {
        for entry in &self.skipped {
            crate::output::remark!("skipped: {entry}");
        }
        for trouble in &self.broken {
            crate::output::remark!("no verdicts: {trouble}");
        }
        let missing = self.skipped.len() + self.broken.len();
        if missing > 0 {
            crate::output::remark!(
                "{missing} of {of} entries have no verdicts, for the reasons above"
            );
        }
    }
}

fn check_entries(
    tree: &SpecTree,
    chosen: &[Entry],
    what: What<'_>,
    mut database: Option<&mut Database>,
    stop: &AtomicBool,
) -> Found {
    let mut found = Found::default();
    let mut builds: BTreeMap<String, Result<(), String>> = BTreeMap::new();
    let progress = Progress::new(match what {
        What::Cases(options) => chosen.len() * count_cases_of_entry(tree, options),
        What::Faults => chosen.len(),
    });
    for entry in chosen {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let id = entry.manifest.id.to_string();
        let built = builds.entry(id).or_insert_with(|| {
            progress.now(&format!("building {}", entry.manifest.id));
            let built = entry.isolation.build(&entry.manifest, &entry.context, stop);
            built.map_err(|error| match error {
                BuildError::CannotBeHad { .. } => error.to_string(),
                _ => format!("cannot build it: {error}"),
            })
        });
        if let Err(reason) = built {
            found.skipped.push(format!("{}: {reason}", entry.id));
            continue;
        }
        progress.now(&format!("checking {}", entry.id));
        let on_case = |case: CaseRecord| progress.case(&case);
        let of_entry = match (what, database.as_deref_mut()) {
            (What::Cases(options), database) => {
                conform_entry(tree, entry, options, database, on_case)
            }
            (What::Faults, Some(database)) if entry.uses_database(tree) => {
                check_faults(tree, entry, database, None, |_| ())
            }
            (What::Faults, _) => continue,
        };
        found.add(&entry.id, of_entry);
    }
    found
}

#[cfg(test)]
mod tests {
    use std::io;

    use httpdyno_runner::ConformError;
    use httpdyno_target::StartError;

    use super::Found;

    #[test]
    fn the_trouble_of_one_entry_is_named_and_takes_nothing_from_the_others() {
        let mut found = Found::default();
        let id = |name: &str| name.parse().expect("an id");
        let start = |number| {
            let source = io::Error::from_raw_os_error(number);
            ConformError::Start(StartError::NotRunnable { command: "x".to_owned(), source })
        };
        found.add(&id("fine"), Ok(Vec::new()));
        found.add(&id("missing"), Err(start(2)));
        let run = ConformError::Run(io::Error::other("this machine cannot open a connection"));
        found.add(&id("hindered"), Err(run));
        found.add(&id("no-files"), Err(start(24)));
        found.add(&id("unowned"), Err(ConformError::NoFaults));
        let names = |all: &[String]| -> Vec<String> {
            all.iter().map(|text| text.split(':').next().unwrap_or_default().to_owned()).collect()
        };
        assert_eq!(names(&found.skipped), ["missing"]);
        assert_eq!(names(&found.broken), ["hindered", "no-files", "unowned"]);
        assert!(found.broken[0].contains("cannot open a connection"), "{:?}", found.broken);
    }
}
