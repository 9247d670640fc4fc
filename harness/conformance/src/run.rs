//! Runs the selected cases at the same time and weighs what they showed.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use httpdyno_spec::database::DatabaseRule;
use httpdyno_spec::endpoint::Need;
use httpdyno_spec::exchange::Level;
use httpdyno_spec::id::EndpointId;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout_at;

use crate::application::{EveryResponse, Setting, is_answered_404, run_check};
use crate::database::{DatabaseProbe, Inspector, run_over_answers};
use crate::excerpt::Excerpt;
use crate::finding::Finding;
use crate::jobs::{Job, selected};
use crate::plan::Plan;
use crate::protocol::{Doorway, run_case};
use crate::report::ConformanceReport;
use crate::verdict::{Status, Verdict};

/// [`run_conformance`] on a runtime of its own.
///
/// # Errors
/// When the runtime can not be made.
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
/// When the runtime can not be made.
pub fn run_conformance_with_database(
    plan: Plan,
    database: Option<&mut dyn DatabaseProbe>,
    observer: impl Fn(&Verdict) + Send + Sync,
) -> io::Result<ConformanceReport> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let report = runtime.block_on(run(plan, database, observer));
    runtime.shutdown_background();
    Ok(report)
}

/// Checks the server against everything that the plan selects. Never fails: what goes wrong is a
/// verdict. `observer` sees each verdict as soon as it is there; the report has them in the order
/// of the spec.
pub async fn run_conformance(
    plan: Plan,
    observer: impl Fn(&Verdict) + Send + Sync,
) -> ConformanceReport {
    run(plan, None, observer).await
}

async fn run(
    plan: Plan,
    database: Option<&mut dyn DatabaseProbe>,
    observer: impl Fn(&Verdict) + Send + Sync,
) -> ConformanceReport {
    let begin = Instant::now();
    let jobs = selected(&plan);
    let setting = Arc::new(setting(&plan));
    // Before the first request: that may change rows.
    let mut inspector = database.map(Inspector::new);
    let offered = match &plan.offered {
        Some(offered) => offered.clone(),
        None => find_offered(&plan, &setting).await,
    };
    let mut verdicts: Vec<Option<Verdict>> = jobs.iter().map(|_| None).collect();
    let (mut to_run, mut to_inspect) = (Vec::new(), Vec::new());
    for (at, job) in jobs.iter().enumerate() {
        let looks_behind = job.database_rule().filter(|(_, rule)| rule.looks_behind());
        let not_here = || looks_behind.and_then(|(_, rule)| cannot_inspect(&inspector, rule));
        match job.not_applicable(&offered, plan.database).or_else(not_here) {
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
    if let Some(inspector) = &mut inspector {
        let inspecting = inspect(inspector, &to_inspect, &plan, &jobs, &setting);
        inspecting.await.into_iter().for_each(|(at, verdict)| {
            observer(&verdict);
            verdicts[at] = Some(verdict);
        });
    }
    let deadline = tokio::time::Instant::now() + plan.deadline;
    // Stable, so that equals keep the order of the spec.
    to_run.sort_by_key(|(_, job)| std::cmp::Reverse(job.estimate()));
    let mut running = start(to_run, &plan, &setting);
    while let Ok(Some(done)) = timeout_at(deadline, running.join_next()).await {
        if let Ok((at, finding, duration)) = done {
            let verdict = weigh(&plan, &jobs[at], finding, duration);
            observer(&verdict);
            verdicts[at] = Some(verdict);
        }
    }
    running.abort_all();
    weigh_invariants(&plan, &jobs, &setting, &mut verdicts, &observer).await;
    let unfinished = |(at, verdict): (usize, Option<Verdict>)| match verdict {
        Some(verdict) => verdict,
        None => weigh(&plan, &jobs[at], unfinished(plan.deadline), plan.deadline),
    };
    ConformanceReport {
        seed: plan.seed,
        strict: plan.strict,
        duration_us: micros(begin.elapsed()),
        verdicts: verdicts.into_iter().enumerate().map(unfinished).collect(),
    }
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
        every: EveryResponse::new(rules, &plan.target.authority),
        doorway: Arc::new(Doorway::new()),
    }
}

/// For a server we know nothing about: an endpoint is offered unless its first check is
/// answered 404.
async fn find_offered(plan: &Plan, setting: &Arc<Setting>) -> BTreeSet<EndpointId> {
    let mut asking = JoinSet::new();
    for endpoint in &plan.requirements.endpoints.endpoints {
        if endpoint.needs.contains(&Need::Database) && !plan.database {
            continue;
        }
        let (endpoint, setting) = (endpoint.clone(), Arc::clone(setting));
        asking.spawn(async move {
            let absent = match endpoint.checks.first() {
                Some(check) => is_answered_404(check, &setting).await,
                None => false,
            };
            (!absent).then_some(endpoint.id)
        });
    }
    asking.join_all().await.into_iter().flatten().collect()
}

type Done = (usize, Finding, Duration);

fn start(to_run: Vec<(usize, Job)>, plan: &Plan, setting: &Arc<Setting>) -> JoinSet<Done> {
    let gate = Arc::new(Semaphore::new(plan.concurrency.max(1)));
    let mut running = JoinSet::new();
    for (at, job) in to_run {
        let (gate, setting) = (Arc::clone(&gate), Arc::clone(setting));
        running.spawn(async move {
            // The semaphore is never closed, so that there always is a permit in the end.
            let _permit = gate.acquire_owned().await;
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
    let open: Vec<usize> =
        (0..jobs.len()).filter(|&at| matches!(jobs[at], Job::Invariant(_))).collect();
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
        observed: "unfinished".into(),
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
