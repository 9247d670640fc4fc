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
/// After so many of a thread of the generator the share is halved, and after so many more again.
const MOST: usize = 2_000;

/// What no path of the contract ends with.
const UNKNOWN: &str = "-unknown";
/// Letters that make an unknown path of any of the contract's, in place of another one.
const STRANGE: [char; 2] = ['q', 'z'];

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

/// What is kept of a load of `routes`. Its canaries ask for paths that are nearly theirs and that nobody
/// serves: on a connection under load, in the load's own form. A server that somebody else runs, for
/// which `is_checked` is false, never promised what it answers there: it has none.
pub(crate) fn audit(routes: &[loadgen::Route], is_checked: bool) -> Audit {
    Audit {
        every: ONE_OF,
        most: MOST,
        canaries: routes.iter().filter(|_| is_checked).flat_map(canaries).collect(),
        canary_every: ONE_OF,
    }
}

/// One whose path goes on behind that of `route`, for whoever compares beginnings; and two of the same
/// length to the byte, with the same fields and values, whose path has another letter at its end or at
/// its beginning, for whoever counts bytes or looks at a part. Content would have to be read before
/// the answer, so a canary has none.
fn canaries(route: &loadgen::Route) -> Vec<loadgen::Route> {
    let whole = &route.request.path;
    let (path, rest) = whole.split_at(whole.find(['?', '{']).unwrap_or(whole.len()));
    let longer = match path.trim_end_matches('/') {
        "" => format!("/{}", UNKNOWN.trim_start_matches('-')),
        path => format!("{path}{UNKNOWN}"),
    };
    let letter = |char: char| char.is_ascii_alphabetic();
    let changed = [path.rfind(letter), path.find(letter)].into_iter().flatten().map(|at| {
        let strange = if path[at..].starts_with(STRANGE[0]) { STRANGE[1] } else { STRANGE[0] };
        format!("{}{strange}{}{rest}", &path[..at], &path[at + 1..])
    });
    let alike = changed.map(|path| (path, route.request.headers.clone()));
    let all = std::iter::once((longer, Vec::new())).chain(alike);
    let expect =
        loadgen::Expectation { status: loadgen::StatusCheck::Any, body: loadgen::BodyCheck::None };
    all.map(|(path, headers)| loadgen::Route {
        name: format!("{}{UNKNOWN}", route.name),
        weight: 1,
        request: RequestSpec { method: "GET".to_owned(), path, headers, body: None },
        expect: expect.clone(),
    })
    .collect()
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

#[cfg(test)]
mod tests {
    use super::{audit, loadgen};

    fn paths(path: &str) -> Vec<String> {
        let canaries = audit(&[loadgen::Route::get(path)], true).canaries;
        canaries.into_iter().map(|canary| canary.request.path).collect()
    }

    #[test]
    fn canaries_are_nearly_the_loads_own_requests_and_two_are_as_long() {
        assert_eq!(paths("/json"), ["/json-unknown", "/jsoq", "/qson"]);
        assert_eq!(
            paths("/queries?queries=20"),
            ["/queries-unknown", "/querieq?queries=20", "/zueries?queries=20"]
        );
        assert_eq!(
            paths("/users/{{users-id}}"),
            ["/users-unknown", "/userq/{{users-id}}", "/qsers/{{users-id}}"]
        );
        assert_eq!(paths("/delay/10")[1..], ["/delaq/10", "/qelay/10"]);
        // Without a letter there is nothing to change.
        assert_eq!(paths("/"), ["/unknown"]);
        assert!(audit(&[loadgen::Route::get("/json")], false).canaries.is_empty());
    }

    #[test]
    fn they_have_the_fields_of_their_route() {
        let mut route = loadgen::Route::get("/json");
        route.request.headers.push(("Accept".into(), "application/json".into()));
        let canaries = audit(&[route], true).canaries;
        let lengths: Vec<usize> =
            canaries.iter().map(|canary| canary.request.headers.len()).collect();
        assert_eq!(lengths, [0, 1, 1]);
    }
}
