//! Runs the selected cases at the same time and weighs what they showed.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use httpdyno_spec::database::DatabaseRule;
use httpdyno_spec::endpoint::Need;
use httpdyno_spec::exchange::Level;
use httpdyno_spec::id::EndpointId;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout_at;

use crate::application::{EveryResponse, Setting, passes, run_check};
use crate::database::{DatabaseProbe, Inspector, run_over_answers};
use crate::excerpt::Excerpt;
use crate::finding::{Finding, UNFINISHED};
use crate::jobs::{Job, selected};
use crate::plan::Plan;
use crate::protocol::{Doorway, run_case};
use crate::report::ConformanceReport;
use crate::substitute::on_page;
use crate::verdict::{Status, Verdict};

/// Checks the server against everything that the plan selects. What goes wrong with the server is a
/// verdict. `observer` sees each verdict as soon as it is there; the report has them in the order
/// of the spec.
///
/// # Errors
/// When this machine cannot ask (it has no runtime, no free port, no more files that may be open), or
/// somebody stops the run.
pub fn run_conformance_blocking(
    plan: Plan,
    observer: impl Fn(&Verdict) + Send + Sync,
) -> io::Result<ConformanceReport> {
    run_conformance_with_database(plan, None, observer)
}

/// The same, with what can be seen of the database behind the server. Without, the checks that look
/// there do not apply.
///
/// # Errors
/// As [`run_conformance_blocking`].
pub fn run_conformance_with_database(
    plan: Plan,
    database: Option<&mut dyn DatabaseProbe>,
    observer: impl Fn(&Verdict) + Send + Sync,
) -> io::Result<ConformanceReport> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let (trouble, stop) = (plan.target.trouble.clone(), plan.stop.clone());
    let report = runtime.block_on(stop.or(run(plan, database, observer)));
    runtime.shutdown_background();
    match trouble.first() {
        Some(why) => Err(io::Error::other(why.to_owned())),
        None => report,
    }
}

async fn run(
    plan: Plan,
    database: Option<&mut dyn DatabaseProbe>,
    observer: impl Fn(&Verdict) + Send + Sync,
) -> ConformanceReport {
    let begin = Instant::now();
    let mut jobs = selected(&plan);
    let setting = Arc::new(setting(&plan));
    // Before the first request: that may change rows.
    let mut inspector = database.map(Inspector::new);
    let first_deadline = tokio::time::Instant::now() + plan.deadline;
    let offered = match &plan.offered {
        Some(offered) => offered.clone(),
        None => find_offered(&plan, &jobs).await,
    };
    let not_on_page = ask_of_page(&plan, &offered, &mut jobs);
    let mut verdicts: Vec<Option<Verdict>> = jobs.iter().map(|_| None).collect();
    let (mut to_run, mut to_inspect) = (Vec::new(), Vec::new());
    for (at, job) in jobs.iter().enumerate() {
        let looks_behind = job.database_rule().filter(|(_, rule)| rule.looks_behind());
        let not_here = || looks_behind.and_then(|(_, rule)| cannot_inspect(&inspector, rule));
        let on_page = not_on_page.get(&at).map(|why| ("not on this page", (*why).to_owned()));
        let unfit = on_page.or_else(|| job.not_applicable(&offered, plan.database));
        match unfit.or_else(not_here) {
            Some((label, reason)) => {
                let verdict = not_applicable(job, label, reason);
                observer(&verdict);
                verdicts[at] = Some(verdict);
            }
            None if matches!(job, Job::Invariant(_)) => {}
            None if looks_behind.is_some() => to_inspect.push(at),
            None => to_run.push((at, job.clone())),
        }
    }
    let mut deadline = first_deadline;
    if let Some(inspector) = &mut inspector {
        let inspecting = inspect(inspector, &to_inspect, &plan, &jobs, &setting);
        inspecting.await.into_iter().for_each(|(at, verdict)| {
            observer(&verdict);
            verdicts[at] = Some(verdict);
        });
        deadline = tokio::time::Instant::now() + plan.deadline;
    }
    // Stable, so that equals keep the order of the spec.
    to_run.sort_by_key(|(_, job)| std::cmp::Reverse(job.estimate()));
    let begun = Arc::new(Mutex::new(BTreeSet::new()));
    // Rows first: beside all else, a slow server on few cores has no time for them.
    let (rows, others): (Vec<_>, Vec<_>) =
        to_run.into_iter().partition(|(_, job)| job.needs_database());
    for part in [rows, others] {
        let mut running = start(part, &plan, &setting, &begun);
        while let Ok(Some(done)) = timeout_at(deadline, running.join_next()).await {
            if let Ok((at, finding, duration)) = done {
                let verdict = weigh(&plan, &jobs[at], finding, duration);
                observer(&verdict);
                verdicts[at] = Some(verdict);
            }
            if plan.target.trouble.first().is_some() {
                break;
            }
        }
        running.abort_all();
    }
    let invariants = weigh_invariants(&plan, &jobs, &setting, &mut verdicts, &observer);
    let _ = timeout_at(deadline, invariants).await;
    let begun = begun.lock().unwrap_or_else(PoisonError::into_inner).clone();
    ConformanceReport {
        seed: plan.seed,
        strict: plan.strict,
        duration_us: micros(begin.elapsed()),
        verdicts: finished(verdicts, &plan, &jobs, &begun),
    }
}

/// What has begun and not ended fails; what had no turn does not apply.
fn finished(
    verdicts: Vec<Option<Verdict>>,
    plan: &Plan,
    jobs: &[Job],
    begun: &BTreeSet<usize>,
) -> Vec<Verdict> {
    let deadline = plan.deadline;
    let finish = |(at, verdict): (usize, Option<Verdict>)| match verdict {
        Some(verdict) => verdict,
        None if begun.contains(&at) => weigh(plan, &jobs[at], unfinished(deadline), deadline),
        None => {
            let why = format!("its turn had not come when the deadline of {deadline:?} passed");
            not_applicable(&jobs[at], NOT_RUN, why)
        }
    };
    verdicts.into_iter().enumerate().map(finish).collect()
}

/// Puts the target's page in the place of endpoints that are not offered; gives the reason for each
/// case with which that cannot be done, by its place in `jobs`.
fn ask_of_page(
    plan: &Plan,
    offered: &BTreeSet<EndpointId>,
    jobs: &mut [Job],
) -> BTreeMap<usize, &'static str> {
    let mut cannot = BTreeMap::new();
    if !plan.cases_on_page {
        return cannot;
    }
    let (page, authority) = (&plan.target.page, &plan.target.authority);
    for (at, job) in jobs.iter_mut().enumerate() {
        let Job::Case(case) = job else { continue };
        if page.is_of_the_contract() && case.uses.iter().all(|id| offered.contains(id)) {
            continue;
        }
        match on_page(case, authority, page) {
            Ok(other) => *job = Job::Case(Arc::new(other)),
            Err(why) => drop(cannot.insert(at, why)),
        }
    }
    cannot
}

/// What is said of cases whose turn did not come.
pub const NOT_RUN: &str = "not run";

fn cannot_inspect(
    inspector: &Option<Inspector<'_>>,
    rule: DatabaseRule,
) -> Option<(&'static str, String)> {
    match inspector {
        Some(inspector) => inspector.cannot(rule).map(|reason| ("statements not counted", reason)),
        None => Some((
            "database not in sight",
            "it looks into the database behind the server, which the harness can for entries that \
             it starts itself"
                .into(),
        )),
    }
}

/// Runs the checks that look behind the server: first of all, while nothing else is asked, and one
/// after the other.
async fn inspect(
    inspector: &mut Inspector<'_>,
    to_inspect: &[usize],
    plan: &Plan,
    jobs: &[Job],
    setting: &Setting,
) -> Vec<(usize, Verdict)> {
    let deadline = tokio::time::Instant::now() + plan.deadline;
    let mut verdicts = Vec::new();
    for &at in to_inspect {
        let Some((check, rule)) = jobs[at].database_rule() else { continue };
        let begin = Instant::now();
        let finding = timeout_at(deadline, inspector.run(check, rule, at, setting)).await;
        let finding = finding.unwrap_or_else(|_| unfinished(plan.deadline));
        verdicts.push((at, weigh(plan, &jobs[at], finding, begin.elapsed())));
    }
    verdicts
}

fn setting(plan: &Plan) -> Setting {
    let rules = plan.requirements.endpoints.every_response.clone();
    Setting {
        target: Arc::new(plan.target.clone()),
        payloads: plan.requirements.payloads.clone(),
        seed: plan.seed,
        every: EveryResponse::new(rules),
        doorway: Arc::new(Doorway::new()),
    }
}

/// For a server we know nothing about: an endpoint is offered when its first check passes. (A 404 is
/// not the only sign of one that is not: a single-page application answers everything with 200.)
async fn find_offered(plan: &Plan, jobs: &[Job]) -> BTreeSet<EndpointId> {
    // A server that has fallen silent must leave time for the cases.
    let deadline = tokio::time::Instant::now() + plan.deadline / 3;
    let on_page = plan.cases_on_page && !plan.target.page.is_of_the_contract();
    let counts = |job: &&Job| !(on_page && matches!(job, Job::Case(_)));
    let asked_for: BTreeSet<&EndpointId> =
        jobs.iter().filter(counts).flat_map(Job::endpoints).collect();
    // What is received here counts for no rule.
    let setting = Arc::new(setting(plan));
    let of_all = jobs.iter().any(|job| matches!(job, Job::Invariant(_)));
    let mut asking = JoinSet::new();
    for endpoint in &plan.requirements.endpoints.endpoints {
        let no_database = endpoint.needs.contains(&Need::Database) && !plan.database;
        if no_database || !(of_all || asked_for.contains(&endpoint.id)) {
            continue;
        }
        let (endpoint, setting) = (endpoint.clone(), Arc::clone(&setting));
        asking.spawn(async move {
            let offered = match endpoint.checks.first() {
                Some(check) => passes(check, &setting).await,
                None => true,
            };
            offered.then_some(endpoint.id)
        });
    }
    let mut offered = BTreeSet::new();
    while let Ok(Some(asked)) = timeout_at(deadline, asking.join_next()).await {
        offered.extend(asked.ok().flatten());
    }
    offered
}

type Done = (usize, Finding, Duration);

fn start(
    to_run: Vec<(usize, Job)>,
    plan: &Plan,
    setting: &Arc<Setting>,
    begun: &Arc<Mutex<BTreeSet<usize>>>,
) -> JoinSet<Done> {
    let gate = Arc::new(Semaphore::new(plan.concurrency.max(1)));
    let mut running = JoinSet::new();
    for (at, job) in to_run {
        let (gate, setting, begun) = (Arc::clone(&gate), Arc::clone(setting), Arc::clone(begun));
        running.spawn(async move {
            // The semaphore is never closed, so that there always is a permit in the end.
            let _permit = gate.acquire_owned().await;
            begun.lock().unwrap_or_else(PoisonError::into_inner).insert(at);
            let begin = Instant::now();
            let finding = match &job {
                Job::Check(check, _) if check.database.is_some() => {
                    run_over_answers(check, at, &setting).await
                }
                Job::Check(check, _) => run_check(check, at, &setting).await,
                Job::Case(case) => {
                    run_case(case, &setting.target, &setting.payloads, &setting.doorway).await
                }
                Job::Invariant(_) => unfinished(Duration::ZERO),
            };
            (at, finding, begin.elapsed())
        });
    }
    running
}

/// The rules for every response are weighed last, over what all checks received.
async fn weigh_invariants(
    plan: &Plan,
    jobs: &[Job],
    setting: &Setting,
    verdicts: &mut [Option<Verdict>],
    observer: &(impl Fn(&Verdict) + Send + Sync),
) {
    // One that does not apply has its verdict.
    let is_open = |at: &usize| matches!(jobs[*at], Job::Invariant(_)) && verdicts[*at].is_none();
    let open: Vec<usize> = (0..jobs.len()).filter(is_open).collect();
    if open.is_empty() {
        return;
    }
    // Where no check is selected, there is still one response to look at.
    let all = &plan.requirements.endpoints.endpoints;
    if let Some(check) = all.first().and_then(|endpoint| endpoint.checks.first()) {
        run_check(check, usize::MAX, setting).await;
    }
    for (rule, finding) in setting.every.findings() {
        let at = open.iter().copied().find(|&at| *jobs[at].facts().id == rule.id);
        if let Some(at) = at {
            let verdict = weigh(plan, &jobs[at], finding, Duration::ZERO);
            observer(&verdict);
            verdicts[at] = Some(verdict);
        }
    }
}

fn unfinished(deadline: Duration) -> Finding {
    Finding {
        held: false,
        observed: UNFINISHED.into(),
        not_here: None,
        why: vec![format!("the case had not ended when the run's deadline of {deadline:?} passed")],
        sent: Excerpt::default(),
        received: Excerpt::default(),
    }
}

fn not_applicable(job: &Job, label: &str, reason: String) -> Verdict {
    let finding = Finding {
        held: false,
        observed: label.into(),
        not_here: None,
        why: Vec::new(),
        sent: Excerpt::default(),
        received: Excerpt::default(),
    };
    verdict(job, finding, Status::NotApplicable, Some(reason), Duration::ZERO)
}

/// Makes a verdict of what was found: the level, the strictness and the known deviations count.
fn weigh(plan: &Plan, job: &Job, mut finding: Finding, duration: Duration) -> Verdict {
    if let Some(reason) = finding.not_here.take() {
        return verdict(job, finding, Status::NotApplicable, Some(reason), duration);
    }
    let facts = job.facts();
    let known = plan.known_deviations.iter().find(|known| known.case == *facts.id);
    if known.is_some_and(|known| known.varies) {
        finding.held = false;
        finding.observed = "varies".into();
    }
    let status = match (finding.held, known, facts.level) {
        (true, None, _) => Status::Pass,
        (true, Some(_), _) => Status::UnexpectedPass,
        (false, Some(_), _) => Status::KnownDeviation,
        (false, None, Level::Must) => Status::Fail,
        (false, None, Level::Should) if plan.strict => Status::Fail,
        (false, None, Level::Should) => Status::Warn,
        (false, None, Level::May) => Status::Info,
    };
    verdict(job, finding, status, known.map(|known| known.reason.clone()), duration)
}

fn verdict(
    job: &Job,
    finding: Finding,
    status: Status,
    reason: Option<String>,
    duration: Duration,
) -> Verdict {
    let facts = job.facts();
    Verdict {
        id: facts.id.clone(),
        title: facts.title.into(),
        level: facts.level,
        source: facts.source.into(),
        requires: facts.requires.into(),
        status,
        observed: finding.observed,
        expected: facts.expected,
        reason,
        why: finding.why,
        sent: finding.sent,
        received: finding.received,
        duration_us: micros(duration),
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
