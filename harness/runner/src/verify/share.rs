//! The declared share of responses under load that is judged by the full rule, and the canaries.

use std::collections::BTreeMap;

use httpdyno_conformance::Answer;
use httpdyno_loadgen as loadgen;
use httpdyno_loadgen::{Audit, Audited, LoadReport, RequestSpec};
use httpdyno_spec::SpecTree;
use httpdyno_spec::workload::Workload;

use super::{answer_of, date, judge_by_rule, names};

/// One of so many responses is kept and judged, and one of so many requests is a canary.
const ONE_OF: u64 = 1_000;
/// At most so many for each thread of the generator.
const MOST: usize = 2_000;

/// What no path of the contract ends with.
const UNKNOWN: &str = "-unknown";

/// What was found of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Judged {
    /// How many were judged.
    pub(crate) count: u64,
    /// How many were wrong.
    pub(crate) wrong: u64,
    /// What was wrong first.
    pub(crate) first: Option<String>,
}

/// What is kept of the load of `workload`. Its canaries ask for paths that begin as its own do and
/// that nobody serves: on a connection under load, in the load's own form. A server that somebody
/// else runs, for which `is_checked` is false, never promised what it answers there: it has none.
pub(crate) fn audit(workload: &Workload, is_checked: bool) -> Audit {
    let canary = |route: &httpdyno_spec::workload::Route| {
        let path = route.request.path.split(['?', '{']).next().unwrap_or_default();
        let path = match path.trim_end_matches('/') {
            "" => format!("/{}", UNKNOWN.trim_start_matches('-')),
            path => format!("{path}{UNKNOWN}"),
        };
        let request = RequestSpec { method: "GET".to_owned(), path, ..RequestSpec::default() };
        let expect = loadgen::Expectation {
            status: loadgen::StatusCheck::Any,
            body: loadgen::BodyCheck::None,
        };
        loadgen::Route { name: format!("{}{UNKNOWN}", route.id), weight: 1, request, expect }
    };
    Audit {
        every: ONE_OF,
        most: MOST,
        canaries: workload.routes.iter().filter(|_| is_checked).map(canary).collect(),
        canary_every: ONE_OF,
    }
}

/// Judges what was kept under load; `verified` are the answers of each route before it. Of a server that
/// never promised more, `by_rule_alone`, only what its workload's rules say.
pub(crate) fn judge(
    tree: &SpecTree,
    workload: &Workload,
    verified: &BTreeMap<String, Answer>,
    report: &LoadReport,
    by_rule_alone: bool,
) -> Judged {
    let mut judged = Judged::default();
    for audited in &report.audited {
        judged.count += 1;
        if let Err(why) = judge_one(tree, workload, verified, audited, by_rule_alone) {
            judged.wrong += 1;
            judged.first.get_or_insert(why);
        }
    }
    judged
}

fn judge_one(
    tree: &SpecTree,
    workload: &Workload,
    verified: &BTreeMap<String, Answer>,
    audited: &Audited,
    by_rule_alone: bool,
) -> Result<(), String> {
    let Some(route) = workload.routes.get(audited.route) else { return judge_canary(audited) };
    let named = |why: String| format!("route `{}`: {why}", route.id);
    let answer = answer_of(audited).ok_or_else(|| named("no head came".to_owned()))?;
    judge_by_rule(tree, route, audited, &answer).map_err(named)?;
    if by_rule_alone {
        return Ok(());
    }
    let before = verified.get(route.id.as_str());
    let mut missing = before.into_iter().flat_map(|before| names(before).into_iter());
    if let Some(name) = missing.find(|name| answer.field(name).is_none()) {
        return Err(named(format!("there is no `{name}` as there was before the load")));
    }
    if before.is_some_and(|before| before.field("date").is_some()) {
        let date = answer.field("date");
        date::ticks(date.as_deref(), audited.sent_at, audited.done_at).map_err(named)?;
    }
    Ok(())
}

/// An unknown path is answered 404, or 400 where only a part of it is.
fn judge_canary(audited: &Audited) -> Result<(), String> {
    let answer = answer_of(audited);
    let status = answer.as_ref().map_or(0, |answer| answer.status);
    if matches!(status, 400 | 404) {
        return Ok(());
    }
    let line = audited.request.split(|&byte| byte == b'\r').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    Err(format!("`{line}` among the load was answered {status}, and nothing is there (404)"))
}
