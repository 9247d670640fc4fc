//! Conformance of one entry (started under its contract) or of any server by its address.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use httpdyno_conformance::{
    ConformanceReport, DatabaseProbe, Filter, Keeper, Plan, Requirements, Stop, Surroundings,
    Target, Verdict, run_conformance_with,
};
use httpdyno_record::{CaseRecord, CaseStatus};
use httpdyno_spec::SpecTree;
use httpdyno_spec::exchange::Level;
use httpdyno_spec::profile::DatabaseShare;
#[cfg(doc)]
use httpdyno_target::Isolation;
use httpdyno_target::{Database, Server};

use crate::behind::Behind;
use crate::contract_cases::{LISTEN_BACKLOG, STOPS_CLEANLY, backlog_case, died_case, stop_case};
use crate::entry::{Entry, Given};
use crate::error::ConformError;
use crate::kept::Kept;
use crate::server_url::url_target;

/// What is checked, and how strictly.
#[derive(Clone, Debug, Default)]
pub struct ConformOptions {
    /// Which endpoints and cases; empty lists mean all.
    pub filter: Filter,
    /// Whether an unmet SHOULD is a failure.
    pub strict: bool,
    /// Where all random values come from.
    pub seed: u64,
    /// How many cases run at the same time; none means as many as is usual.
    pub jobs: Option<usize>,
    /// What the server is offered of the database.
    pub share: DatabaseShare,
    /// How long it may take to be ready; none means as long as where no profile says it.
    pub start_timeout: Option<Duration>,
    /// Ends the cases early; what they have found by then is of no use.
    pub stop: Stop,
}

/// Starts `entry` under the contract, runs the cases against it, and stops it; how it stopped is
/// the last case. A server that dies under a case is started again for the others. Without a
/// database, the checks that need one do not apply. The rows of the database are the seeded ones
/// before and after.
///
/// Call it from a thread that outlives the server (see [`Isolation::start`]).
///
/// # Errors
/// When the server does not start or the cases cannot be run, or the database fails; what the
/// cases find is no error.
pub fn conform_entry(
    tree: &SpecTree,
    entry: &Entry,
    options: &ConformOptions,
    mut database: Option<&mut Database>,
    on_case: impl Fn(CaseRecord) + Send + Sync,
) -> Result<Vec<CaseRecord>, ConformError> {
    let name = entry.id.to_string();
    if let Some(database) = &mut database {
        database.reset()?;
    }
    let offer = database.as_ref().map(|database| database.offer(options.share.pool));
    let workers = if offer.is_some() { WORKERS_WITH_DATABASE } else { 1 };
    let ready = Given::ready_within(options.start_timeout);
    let given = Given { workers, database: offer, keeps_output: true, ..ready };
    let mut kept = Kept::start(tree, entry, given)?;
    let target = kept.server().map_or(NOWHERE, Server::address);
    let mut plan = plan(tree, Target::at(target), options);
    plan.offered = Some(entry.manifest.endpoints.iter().cloned().collect::<BTreeSet<_>>());
    plan.database = database.is_some();
    plan.known_deviations = entry.known_deviations();
    let mut behind =
        database.as_deref_mut().map(|database| Behind { database, pool: options.share.pool });
    let around = Surroundings {
        database: behind.as_mut().map(|behind| behind as &mut dyn DatabaseProbe),
        keeper: Some(&mut kept as &mut dyn Keeper),
    };
    let report = run_conformance_with(plan, around, |verdict| {
        on_case(case_record(&name, verdict));
    })?;
    let mut cases = records(&name, &report);
    let mut add = |case: CaseRecord| {
        on_case(case.clone());
        cases.push(case);
    };
    if let Some(server) = kept.server()
        && is_asked_for(LISTEN_BACKLOG, options)
    {
        add(backlog_case(&name, server.address(), Level::Must));
    }
    // A death that no case explains is told in any case.
    match (report.unexplained_deaths.first(), kept.into_server()) {
        (Some(how), _) => add(died_case(&name, how)),
        (None, Some(server)) if is_asked_for(STOPS_CLEANLY, options) => {
            add(stop_case(&name, server));
        }
        // Where none runs, a case has told why.
        (None, _) => {}
    }
    if let Some(database) = &mut database {
        database.reset()?;
    }
    Ok(cases)
}

/// Where nobody is asked.
pub(crate) const NOWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// So that connections for each worker instead of in total show.
const WORKERS_WITH_DATABASE: u32 = 2;

pub(crate) fn records(entry: &str, report: &ConformanceReport) -> Vec<CaseRecord> {
    report.verdicts.iter().map(|verdict| case_record(entry, verdict)).collect()
}

/// Runs the cases against the server at `url`, whoever started it. With the `database` that it was
/// given as its only user, they look behind it too.
///
/// # Errors
/// When the URL is malformed or its host has no address.
pub fn conform_url(
    tree: &SpecTree,
    url: &str,
    options: &ConformOptions,
    database: Option<&mut Database>,
) -> Result<Vec<CaseRecord>, ConformError> {
    let target = url_target(url)?;
    let mut plan = plan(tree, target, options);
    // Whoever started it may have given it one: what it answers tells.
    plan.database = true;
    if database.is_some() {
        // It was started here, under the contract.
        let all = tree.endpoints.endpoints.iter().map(|endpoint| endpoint.id.clone());
        plan.offered = Some(all.collect());
    }
    let mut behind = database.map(|database| Behind { database, pool: options.share.pool });
    let database = behind.as_mut().map(|behind| behind as &mut dyn DatabaseProbe);
    let around = Surroundings { database, keeper: None };
    let address = plan.target.address;
    let report = run_conformance_with(plan, around, |_| ())?;
    let mut cases = records(url, &report);
    if is_asked_for(LISTEN_BACKLOG, options) {
        // Nobody promised the contract for it; but a burst of connections is lost all the same.
        let mut case = backlog_case(url, address, Level::Should);
        if options.strict && case.status == CaseStatus::Warn {
            case.status = CaseStatus::Fail;
        }
        cases.push(case);
    }
    Ok(cases)
}

/// How many cases would be asked for with these options.
#[must_use]
pub fn count_cases(tree: &SpecTree, options: &ConformOptions) -> usize {
    plan(tree, Target::at(NOWHERE), options).count()
}

/// How many would be told of an entry: beside those cases, the ones about its process.
#[must_use]
pub fn count_cases_of_entry(tree: &SpecTree, options: &ConformOptions) -> usize {
    let of_process = [LISTEN_BACKLOG, STOPS_CLEANLY].into_iter();
    count_cases(tree, options) + of_process.filter(|case| is_asked_for(case, options)).count()
}

pub(crate) fn is_asked_for(contract_case: &str, options: &ConformOptions) -> bool {
    options.filter.takes_case(contract_case) && options.filter.endpoints.is_empty()
}

pub(crate) fn plan(tree: &SpecTree, target: Target, options: &ConformOptions) -> Plan {
    let requirements = Requirements {
        endpoints: Arc::new(tree.endpoints.value.clone()),
        cases: tree.cases.iter().map(|file| file.value.clone()).collect(),
        payloads: tree.payloads(),
    };
    let mut plan = Plan::new(requirements, target);
    plan.filter = options.filter.clone();
    plan.strict = options.strict;
    plan.seed = options.seed;
    plan.concurrency = options.jobs.unwrap_or(Plan::CONCURRENCY);
    plan.stop = options.stop.clone();
    plan
}

/// A verdict as it is recorded.
pub(crate) fn case_record(entry: &str, verdict: &Verdict) -> CaseRecord {
    let passed = verdict.status == CaseStatus::Pass;
    let unless_passed = |text: &str| if passed { String::new() } else { text.to_owned() };
    let reason: Vec<&str> = verdict.reason.iter().chain(&verdict.why).map(String::as_str).collect();
    CaseRecord {
        entry: entry.to_owned(),
        case: verdict.id.to_string(),
        title: verdict.title.clone(),
        level: verdict.level,
        source: verdict.source.clone(),
        requires: verdict.requires.clone(),
        status: verdict.status,
        observed: verdict.observed.clone(),
        reason: reason.join("\n"),
        expected: unless_passed(&verdict.expected),
        sent: excerpt(verdict.sent.to_string(), passed),
        received: excerpt(verdict.received.to_string(), passed),
        duration_ns: verdict.duration_us * 1000,
    }
}

/// How much is kept of what a case that passed sent and received.
const MOST_BYTES_OF_A_PASS: usize = 1024;

/// A reader may look up every case; but what passed is seldom looked up, and so kept short.
fn excerpt(mut text: String, passed: bool) -> String {
    let fits = |(start, letter): &(usize, char)| start + letter.len_utf8() <= MOST_BYTES_OF_A_PASS;
    let kept: usize = text.char_indices().take_while(fits).map(|(_, it)| it.len_utf8()).sum();
    if passed && kept < text.len() {
        let cut = text.len() - kept;
        text.truncate(kept);
        text.push_str(&format!("... ({cut} more bytes)"));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use httpdyno_spec::SpecTree;

    use super::{ConformOptions, MOST_BYTES_OF_A_PASS, count_cases, count_cases_of_entry, excerpt};

    #[test]
    fn what_passed_is_kept_short() {
        let long = "é".repeat(MOST_BYTES_OF_A_PASS);
        assert_eq!(excerpt(long.clone(), false), long);
        let kept = excerpt(long, true);
        assert!(kept.ends_with("é... (1024 more bytes)"), "{kept}");
        assert_eq!(excerpt("GET /".to_owned(), true), "GET /");
    }

    #[test]
    fn an_entry_has_the_cases_about_its_process_too_where_they_are_asked_for() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("root");
        let tree = SpecTree::load(root).expect("the repository's spec");
        let mut options = ConformOptions::default();
        let more = |options: &ConformOptions| {
            count_cases_of_entry(&tree, options) - count_cases(&tree, options)
        };
        assert_eq!(more(&options), 2);
        options.filter.cases = vec!["app/contract".to_owned()];
        assert_eq!((more(&options), count_cases_of_entry(&tree, &options)), (2, 2));
        options.filter.cases = vec!["h1/chunked".to_owned()];
        assert_eq!(more(&options), 0);
    }
}
