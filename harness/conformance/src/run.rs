//! Runs the selected cases at the same time and weighs what they showed.

mod course;
mod weigh;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use httpdyno_spec::database::DatabaseRule;
use httpdyno_spec::endpoint::Need;
use httpdyno_spec::id::EndpointId;
use tokio::task::JoinSet;
use tokio::time::timeout_at;

use crate::application::{EveryResponse, Setting, passes, run_check};
use crate::database::{DatabaseProbe, Inspector};
use crate::jobs::{Job, selected};
use crate::life::{Keeper, Life};
use crate::plan::Plan;
use crate::protocol::Doorway;
use crate::report::ConformanceReport;
use crate::substitute::on_page;
use crate::verdict::Verdict;
use course::Course;
pub use weigh::NOT_RUN;
use weigh::{micros, not_applicable, weigh};

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
    run_conformance_with(plan, Surroundings::default(), observer)
}

/// What can be seen and done behind the server.
#[derive(Default)]
pub struct Surroundings<'a> {
    /// Its database. Without, the checks that look there do not apply.
    pub database: Option<&'a mut dyn DatabaseProbe>,
    /// Who started it. With one, a server that dies under a case is started again for the others;
    /// that it died is what the case showed.
    pub keeper: Option<&'a mut dyn Keeper>,
}

/// The same, with what can be seen and done behind the server.
///
/// # Errors
/// As [`run_conformance_blocking`].
pub fn run_conformance_with(
    plan: Plan,
    around: Surroundings<'_>,
    observer: impl Fn(&Verdict) + Send + Sync,
) -> io::Result<ConformanceReport> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let (trouble, stop) = (plan.target.trouble.clone(), plan.stop.clone());
    let report = runtime.block_on(stop.or(run(plan, around, observer)));
    runtime.shutdown_background();
    match trouble.first() {
        Some(why) => Err(io::Error::other(why.to_owned())),
        None => report,
    }
}

async fn run(
    plan: Plan,
    around: Surroundings<'_>,
    observer: impl Fn(&Verdict) + Send + Sync,
) -> ConformanceReport {
    let begin = Instant::now();
    let mut jobs = selected(&plan);
    let setting = Arc::new(setting(&plan));
    // Before the first request: that may change rows.
    let mut inspector = around.database.map(Inspector::new);
    let first_deadline = tokio::time::Instant::now() + plan.deadline;
    let offered = match &plan.offered {
        Some(offered) => offered.clone(),
        None => find_offered(&plan, &jobs).await,
    };
    let not_on_page = ask_of_page(&plan, &offered, &mut jobs);
    let life = Life::new(around.keeper, plan.known_deviations.len());
    let mut course = Course::new(&plan, &jobs, setting, life, observer);
    course.deadline = first_deadline;
    let (mut to_run, mut to_inspect) = (Vec::new(), Vec::new());
    for (at, job) in jobs.iter().enumerate() {
        let looks_behind = job.database_rule().filter(|(_, rule)| rule.looks_behind());
        let not_here = || looks_behind.and_then(|(_, rule)| cannot_inspect(&inspector, rule));
        let on_page = not_on_page.get(&at).map(|why| ("not on this page", (*why).to_owned()));
        let unfit = on_page.or_else(|| job.not_applicable(&offered, plan.database));
        match unfit.or_else(not_here) {
            Some((label, reason)) => course.conclude(at, not_applicable(job, label, reason)),
            None if matches!(job, Job::Invariant(_)) => {}
            None if looks_behind.is_some() => to_inspect.push(at),
            None => to_run.push(at),
        }
    }
    // First of all, while nothing else is asked, and one after the other.
    if let Some(inspector) = &mut inspector {
        course.deadline = tokio::time::Instant::now() + plan.deadline;
        for at in to_inspect {
            course.inspect(inspector, at).await;
        }
        course.deadline = tokio::time::Instant::now() + plan.deadline;
    }
    // Stable, so that equals keep the order of the spec.
    to_run.sort_by_key(|&at| std::cmp::Reverse(jobs[at].estimate()));
    // Rows first: beside all else, a slow server on few cores has no time for them.
    let (rows, others): (Vec<_>, Vec<_>) =
        to_run.into_iter().partition(|&at| jobs[at].needs_database());
    course.ask(rows).await;
    course.ask(others).await;
    weigh_invariants(&plan, &jobs, &mut course).await;
    let (verdicts, unexplained_deaths) = course.finish();
    ConformanceReport {
        seed: plan.seed,
        strict: plan.strict,
        duration_us: micros(begin.elapsed()),
        verdicts,
        unexplained_deaths,
    }
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

fn setting(plan: &Plan) -> Setting {
    let rules = plan.requirements.endpoints.every_response.clone();
    Setting {
        target: Arc::new(plan.target.clone()),
        payloads: plan.requirements.payloads.clone(),
        seed: plan.seed,
        every: Arc::new(EveryResponse::new(rules)),
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

/// The rules for every response are weighed last, over what all checks received.
async fn weigh_invariants(
    plan: &Plan,
    jobs: &[Job],
    course: &mut Course<'_, '_, impl Fn(&Verdict)>,
) {
    // One that does not apply has its verdict.
    let is_open = |at: &usize| matches!(jobs[*at], Job::Invariant(_)) && course.is_open(*at);
    let open: Vec<usize> = (0..jobs.len()).filter(is_open).collect();
    if open.is_empty() {
        return;
    }
    let setting = Arc::clone(&course.setting);
    // Where no check is selected, there is still one response to look at.
    let all = &plan.requirements.endpoints.endpoints;
    if let Some(check) = all.first().and_then(|endpoint| endpoint.checks.first()) {
        let asked = timeout_at(course.deadline, run_check(check, usize::MAX, &setting)).await;
        if asked.is_err() {
            return;
        }
    }
    for (rule, finding) in setting.every.findings() {
        let at = open.iter().copied().find(|&at| *jobs[at].facts().id == rule.id);
        if let Some(at) = at {
            course.conclude(at, weigh(plan, &jobs[at], finding, Duration::ZERO));
        }
    }
}
