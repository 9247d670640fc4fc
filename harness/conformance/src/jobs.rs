//! What a run has to do: the selected cases, in the order of the spec.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use httpdyno_spec::case::{Action, Case, Delivery, Then};
use httpdyno_spec::database::DatabaseRule;
use httpdyno_spec::endpoint::{Check, Endpoint, Invariant, Need, Repeat};
use httpdyno_spec::exchange::Level;
use httpdyno_spec::id::{CaseId, EndpointId};

use crate::application::{describe_check, describe_invariant};
use crate::plan::Plan;
use crate::protocol::describe_outcomes;

/// One case to run.
#[derive(Clone, Debug)]
pub(crate) enum Job {
    /// A check of an endpoint.
    Check(Arc<Check>, Arc<Endpoint>),
    /// A rule for every response.
    Invariant(Arc<Invariant>),
    /// A protocol case.
    Case(Arc<Case>),
}

/// The parts that all kinds of cases have.
pub(crate) struct Facts<'a> {
    pub(crate) id: &'a CaseId,
    pub(crate) title: &'a str,
    pub(crate) level: Level,
    pub(crate) source: &'a str,
    pub(crate) requires: &'a str,
    pub(crate) expected: String,
}

/// Where the rules of the application come from.
const CONTRACT: &str = "spec/contract.md";

/// Everything that the plan's filter takes.
pub(crate) fn selected(plan: &Plan) -> Vec<Job> {
    let mut jobs = Vec::new();
    let (filter, file) = (&plan.filter, &plan.requirements.endpoints);
    for endpoint in &file.endpoints {
        if !filter.takes_endpoints(std::slice::from_ref(&endpoint.id)) {
            continue;
        }
        let shared = Arc::new(endpoint.clone());
        let checks = endpoint.checks.iter().filter(|c| filter.takes_case(c.id.as_str()));
        jobs.extend(checks.map(|check| Job::Check(Arc::new(check.clone()), Arc::clone(&shared))));
    }
    if filter.endpoints.is_empty() {
        let rules = file.every_response.iter().filter(|rule| filter.takes_case(rule.id.as_str()));
        jobs.extend(rules.map(|rule| Job::Invariant(Arc::new(rule.clone()))));
    }
    let cases = plan.requirements.cases.iter().flat_map(|file| &file.cases);
    let taken = cases
        .filter(|case| filter.takes_endpoints(&case.uses) && filter.takes_case(case.id.as_str()));
    jobs.extend(taken.map(|case| Job::Case(Arc::new(case.clone()))));
    jobs
}

impl Job {
    pub(crate) fn facts(&self) -> Facts<'_> {
        match self {
            Self::Check(check, _) => Facts {
                id: &check.id,
                title: &check.title,
                level: check.level,
                source: CONTRACT,
                requires: &check.requires,
                expected: describe_check(check),
            },
            Self::Invariant(rule) => Facts {
                id: &rule.id,
                title: &rule.title,
                level: rule.level,
                source: CONTRACT,
                requires: &rule.requires,
                expected: describe_invariant(&rule.holds),
            },
            Self::Case(case) => Facts {
                id: &case.id,
                title: &case.title,
                level: case.level,
                source: &case.source,
                requires: &case.requires,
                expected: describe_outcomes(case),
            },
        }
    }

    /// The endpoints without which the case does not apply.
    pub(crate) fn endpoints(&self) -> Vec<&EndpointId> {
        match self {
            Self::Check(_, endpoint) => vec![&endpoint.id],
            Self::Invariant(_) => Vec::new(),
            Self::Case(case) => case.uses.iter().collect(),
        }
    }

    /// Whether it asks an endpoint that answers with rows.
    pub(crate) fn needs_database(&self) -> bool {
        matches!(self, Self::Check(_, endpoint) if endpoint.needs.contains(&Need::Database))
    }

    /// Why the case does not apply, as a short label and a reason.
    pub(crate) fn not_applicable(
        &self,
        offered: &BTreeSet<EndpointId>,
        database: bool,
    ) -> Option<(&'static str, String)> {
        if offered.is_empty() && matches!(self, Self::Invariant(_)) {
            let reason = "no endpoint of the contract is offered";
            return Some(("not offered", reason.to_owned()));
        }
        if let Some(missing) = self.endpoints().into_iter().find(|id| !offered.contains(id)) {
            return Some(("not offered", format!("the endpoint `{missing}` is not offered")));
        }
        if self.needs_database() && !database {
            return Some(("no database", "it needs a database, and none is offered".into()));
        }
        None
    }

    /// The check, where it asks for rows.
    pub(crate) fn database_rule(&self) -> Option<(&Check, DatabaseRule)> {
        match self {
            Self::Check(check, _) => check.database.map(|rule| (&**check, rule)),
            _ => None,
        }
    }

    /// About how long it takes against a server that does what is asked: what waits longest is
    /// started first, so that a run is no longer than its longest case.
    pub(crate) fn estimate(&self) -> Duration {
        match self {
            Self::Check(check, _) => {
                let bounds = check.elapsed.as_ref().map_or(Duration::ZERO, |e| e.at_least.0);
                match check.repeat {
                    Some(Repeat::DateTicks(span)) => span.0 + bounds,
                    _ => bounds,
                }
            }
            Self::Invariant(_) => Duration::ZERO,
            Self::Case(case) => estimate_case(case),
        }
    }
}

fn estimate_case(case: &Case) -> Duration {
    let actions = case.send.iter().map(|action| match action {
        Action::Pause(span) | Action::StopReading(span) | Action::AwaitInterim(span) => span.0,
        Action::Drip(drip) => {
            drip.every.0.saturating_mul(u32::try_from(drip.bytes.len()).unwrap_or(u32::MAX))
        }
        Action::Sequential(repeated) => Duration::from_micros(100).saturating_mul(repeated.times),
        _ => Duration::ZERO,
    });
    let sent: Duration = actions.sum();
    let waits = |outcome: &httpdyno_spec::case::Outcome| {
        outcome.responses.is_empty() && outcome.then != Then::Open
    };
    let waited = match case.accept.iter().any(waits) {
        true => case.deadline.0,
        false => Duration::ZERO,
    };
    let cut = match case.delivery {
        // All such cases open their connections through the same doorway.
        Delivery::SplitAtEveryByte => Duration::from_secs(2),
        _ => Duration::ZERO,
    };
    sent.max(waited).saturating_add(cut)
}
