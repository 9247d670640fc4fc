//! Makes verdicts of what cases showed.

use std::collections::BTreeSet;
use std::time::Duration;

use httpdyno_spec::exchange::Level;

use crate::excerpt::Excerpt;
use crate::finding::{Finding, UNFINISHED};
use crate::jobs::Job;
use crate::life::Death;
use crate::plan::Plan;
use crate::verdict::{Status, Verdict};

/// What is said of cases whose turn did not come.
pub const NOT_RUN: &str = "not run";

/// Nothing was sent, nothing came.
fn silent(observed: &str, why: Vec<String>) -> Finding {
    Finding {
        held: false,
        observed: observed.into(),
        not_here: None,
        why,
        sent: Excerpt::default(),
        received: Excerpt::default(),
    }
}

pub(crate) fn unfinished(deadline: Duration) -> Finding {
    let why = format!("the case had not ended when the run's deadline of {deadline:?} passed");
    silent(UNFINISHED, vec![why])
}

pub(crate) fn not_applicable(job: &Job, label: &str, reason: String) -> Verdict {
    let finding = silent(label, Vec::new());
    verdict(job, finding, Status::NotApplicable, Some(reason), Duration::ZERO)
}

/// The verdict on a case that the server was not there for any more.
pub(crate) fn unasked(plan: &Plan, job: &Job, why: &str) -> Verdict {
    weigh(plan, job, silent("server gone", vec![format!("not asked: {why}")]), Duration::ZERO)
}

/// What has begun and not ended fails; what had no turn does not apply.
pub(crate) fn finished(
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

/// Makes a verdict of what was found: the level, the strictness and the known deviations count.
pub(crate) fn weigh(plan: &Plan, job: &Job, mut finding: Finding, duration: Duration) -> Verdict {
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

/// The verdict on a case under which the server died, whatever came of the case itself. Nothing that
/// a client may send ends a server, so it fails at every level, unless the manifest says that it does.
pub(crate) fn weigh_death(
    plan: &Plan,
    job: &Job,
    finding: Finding,
    death: &Death,
    duration: Duration,
) -> Verdict {
    let why = format!("under {}, {}", job.facts().id, death.how);
    let finding = Finding {
        held: false,
        observed: death.label.into(),
        not_here: None,
        why: vec![why],
        ..finding
    };
    let mut verdict = weigh(plan, job, finding, duration);
    if verdict.status != Status::KnownDeviation {
        verdict.status = Status::Fail;
    }
    verdict
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

pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
