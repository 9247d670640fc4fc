//! Conformance of somebody's own server: a look at it first, then HTTP/1.1 on a page that it has,
//! and as much of the application contract as it offers.

use std::collections::BTreeSet;
use std::io;
use std::time::{Duration, Instant};

use httpdyno_conformance::{
    ConformanceReport, Keeper, NOT_RUN, Plan, Status, Surroundings, Target, UNFINISHED, Verdict,
    preflight, run_conformance_blocking, run_conformance_with,
};
use httpdyno_record::{CaseRecord, CaseStatus};
use httpdyno_spec::SpecTree;
use httpdyno_spec::exchange::Level;
use httpdyno_spec::known::KnownFailure;
use httpdyno_spec::manifest::KnownDeviation;
use httpdyno_target::Server;

use crate::conform::{ConformOptions, NOWHERE, case_record, is_asked_for, plan, records};
use crate::contract_cases::{LISTEN_BACKLOG, backlog_case};
use crate::entry::{Entry, Given};
use crate::error::ConformError;
use crate::kept::Kept;
use crate::server_url::{ServerUrl, page_is_right};

/// How somebody's server is checked.
#[derive(Clone, Debug)]
pub struct ServerCheck {
    /// The page that the cases of HTTP/1.1 ask for; the URL may name it too. None means
    /// `/plaintext` where it is the contract's, else `/`.
    pub page: Option<String>,
    /// How long all cases may take together.
    pub deadline: Duration,
    /// What is checked.
    pub options: ConformOptions,
    /// What it is known to fail.
    pub known: Vec<KnownFailure>,
}

/// What was found of somebody's server.
#[derive(Clone, Debug)]
pub struct ServerVerdicts {
    /// The verdicts on HTTP/1.1, then those on the contract.
    pub cases: Vec<CaseRecord>,
    /// How many cases had no turn before the deadline.
    pub not_run: usize,
    /// What else a reader must know, and no case says.
    pub remarks: Vec<String>,
}

/// A server that speaks HTTP/1.1 and has a page.
#[derive(Clone, Debug)]
pub struct OwnServer {
    url: String,
    target: Target,
}

impl OwnServer {
    /// Looks at the server at `url`.
    ///
    /// # Errors
    /// When the URL is malformed, or something stands in the way of the cases; it says what to do.
    pub fn look(url: &str, check: &ServerCheck) -> Result<Self, ConformError> {
        let found = ServerUrl::parse(url)?;
        let wrong = |reason: String| ConformError::Url { url: url.to_owned(), reason };
        if let Some(page) = &check.page {
            page_is_right(page).map_err(wrong)?;
        }
        let page = match (&found.page, &check.page) {
            (Some(one), Some(other)) if one != other => {
                return Err(wrong(format!("it names the page {one}, and --page names {other}")));
            }
            (one, other) => other.as_deref().or(one.as_deref()),
        };
        let target = preflight(&found.addresses, &found.authority, page)?;
        Ok(Self { url: url.to_owned(), target })
    }

    /// The path of the page that the cases ask for.
    #[must_use]
    pub fn page(&self) -> &str {
        self.target.page.path()
    }

    /// What is peculiar about the server, for people; nothing mostly.
    #[must_use]
    pub fn note(&self) -> Option<&'static str> {
        (!self.target.page.misses()).then_some(
            "it does not answer 404 where it has nothing (as a single-page application does), so \
             that cases about missing paths do not apply",
        )
    }
}

/// Runs the cases against a server that was looked at. `on_case` sees each as soon as it is there.
///
/// # Errors
/// When this machine cannot ask; what the server answers is no error.
pub fn conform_server(
    tree: &SpecTree,
    server: &OwnServer,
    check: &ServerCheck,
    on_case: impl Fn(CaseRecord) + Send + Sync,
) -> Result<ServerVerdicts, ConformError> {
    conform_kept(tree, server, check, None, on_case)
}

/// Starts a service, runs the cases against it and stops it; one that dies under a case is started again
/// for the others. `on_look` sees the server before it is asked.
///
/// # Errors
/// When it does not start, something stands in the way of the cases, or this machine cannot ask.
pub fn conform_service(
    tree: &SpecTree,
    entry: &Entry,
    check: &ServerCheck,
    on_look: impl FnOnce(&OwnServer),
    on_case: impl Fn(CaseRecord) + Send + Sync,
) -> Result<ServerVerdicts, ConformError> {
    let ready = Given::ready_within(check.options.start_timeout);
    let mut kept = Kept::start(tree, entry, Given { keeps_output: true, ..ready })?;
    let address = kept.server().map_or(NOWHERE, Server::address);
    let looked = OwnServer::look(&format!("http://{address}"), check)?;
    let server = OwnServer { url: entry.manifest.name.clone(), ..looked };
    on_look(&server);
    let mut found = conform_kept(tree, &server, check, Some(&mut kept), on_case)?;
    if let (Some(service), Some(server)) = (&entry.service, kept.into_server()) {
        found.remarks.extend(service.stopped(&server.stop()).err());
    }
    Ok(found)
}

fn conform_kept(
    tree: &SpecTree,
    server: &OwnServer,
    check: &ServerCheck,
    mut kept: Option<&mut Kept<'_>>,
    on_case: impl Fn(CaseRecord) + Send + Sync,
) -> Result<ServerVerdicts, ConformError> {
    let options = &check.options;
    let mut plan = plan(tree, server.target.clone(), options);
    // Whoever started it may have given it one: what it answers tells.
    plan.database = true;
    plan.deadline = check.deadline;
    plan.cases_on_page = true;
    plan.known_deviations = check.known.iter().map(as_deviation).collect();
    let begin = Instant::now();
    let keeper = kept.as_mut().map(|kept| &mut **kept as &mut dyn Keeper);
    let around = Surroundings { database: None, keeper };
    let mut report = run_conformance_with(plan.clone(), around, |verdict| {
        on_case(case_record(&server.url, verdict));
    })?;
    // One that was started again listens elsewhere.
    if let Some(now) = kept.as_ref().and_then(|kept| kept.server()) {
        plan.target.address = now.address();
        plan.target.authority = now.address().to_string();
    }
    let address = plan.target.address;
    look_again(&mut report, plan, begin)?;
    let mut cases = records(&server.url, &report);
    let offers_some = cases
        .iter()
        .any(|case| case.case.starts_with(CONTRACT) && case.status != CaseStatus::NotApplicable);
    if offers_some && is_asked_for(LISTEN_BACKLOG, options) {
        // Nobody promised the contract for it; but a burst of connections is lost all the same.
        let mut case = backlog_case(&server.url, address, Level::Should);
        if options.strict && case.status == CaseStatus::Warn {
            case.status = CaseStatus::Fail;
        }
        if let Some(known) = check.known.iter().find(|known| known.case.as_str() == case.case) {
            weigh_known(&mut case, known);
        }
        cases.push(case);
    }
    cases.sort_by_key(|case| case.case.starts_with(CONTRACT));
    let not_run = cases.iter().filter(|case| case.observed == NOT_RUN);
    let remarks = report.unexplained_deaths;
    Ok(ServerVerdicts { not_run: not_run.count(), cases, remarks })
}

/// The ids of all cases that somebody's server can be asked.
#[must_use]
pub fn case_ids(tree: &SpecTree) -> BTreeSet<String> {
    let all = tree.all_cases().map(|case| case.id().to_string());
    all.chain([LISTEN_BACKLOG.to_owned()]).collect()
}

fn as_deviation(known: &KnownFailure) -> KnownDeviation {
    let KnownFailure { case, reason, varies } = known.clone();
    KnownDeviation { case, reason, variants: Vec::new(), varies }
}

/// A verdict of the harness's own, where it is known to be none of the good ones.
fn weigh_known(case: &mut CaseRecord, known: &KnownFailure) {
    case.status = match case.status {
        CaseStatus::Pass if known.varies => CaseStatus::KnownDeviation,
        CaseStatus::Pass => CaseStatus::UnexpectedPass,
        CaseStatus::NotApplicable => return,
        _ => CaseStatus::KnownDeviation,
    };
    case.reason.clone_from(&known.reason);
}

/// Asks alone, more patiently and in the time that is left, for the answers that were missing: many
/// cases run at the same time, and a server that serves one connection after the other owes none of
/// them to a case that has to wait for another one's silence.
fn look_again(report: &mut ConformanceReport, mut plan: Plan, begin: Instant) -> io::Result<()> {
    let missing = |verdict: &Verdict| {
        let failed = matches!(verdict.status, Status::Fail | Status::Warn);
        failed && NO_ANSWER.iter().any(|what| verdict.observed.contains(what))
    };
    let silent = report.verdicts.iter().filter(|verdict| missing(verdict));
    plan.filter.cases = silent.map(|verdict| verdict.id.to_string()).collect();
    plan.deadline = plan.deadline.saturating_sub(begin.elapsed());
    if plan.filter.cases.is_empty() || plan.deadline.is_zero() {
        return Ok(());
    }
    plan.concurrency = 1;
    plan.target.patience = PATIENCE_ALONE;
    let alone = run_conformance_blocking(plan, |_| {})?;
    for verdict in alone.verdicts {
        let had_its_turn = ![NOT_RUN, UNFINISHED].contains(&verdict.observed.as_str());
        let first = report.verdicts.iter_mut().find(|first| first.id == verdict.id);
        if let Some(first) = first.filter(|_| had_its_turn) {
            *first = verdict;
        }
    }
    Ok(())
}

/// How many times as long an answer is waited for then: a slow server is right, too.
const PATIENCE_ALONE: u32 = 3;
/// What is observed where an answer is missing.
const NO_ANSWER: [&str; 4] = ["no response", "silent", "out of step", "fails when cut"];

/// What the ids of the contract's cases begin with.
const CONTRACT: &str = "app/";
