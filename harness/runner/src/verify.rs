//! Verifying a workload's routes by the full rules of the spec: before the load and after it, and of
//! a share of the responses under load.
//!
//! Always with the generator's own bytes, on its own connections: a server that cannot tell who asks
//! cannot answer the one well and the other cheaply.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use httpdyno_conformance::{Answer, judge_answer};
use httpdyno_loadgen as loadgen;
use httpdyno_loadgen::{Audit, Audited, LoadPlan};
use httpdyno_spec::SpecTree;
use httpdyno_spec::exchange::{BodyRule, Variable};
use httpdyno_spec::workload::{Route, Workload};
use serde_json::Value;

use crate::load_plan::{LoadSettings, load_plan, value_name};

mod date;
mod share;

pub(crate) use share::{Judged, audit, judge};

/// How long one answer may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// Why a route is not verified.
#[derive(Debug)]
pub(crate) struct Unverified {
    /// In words.
    pub(crate) why: String,
    /// Whether this machine could not ask: that says nothing of the server.
    pub(crate) is_ours: bool,
}

impl From<String> for Unverified {
    fn from(why: String) -> Self {
        Self { why, is_ours: false }
    }
}

/// Makes one exchange for each route of `workload`, with values from `seed`, and returns each answer
/// by the route's name.
///
/// # Errors
/// The first route that is not answered as the spec asks, or could not be asked.
pub(crate) fn verify_workload(
    tree: &SpecTree,
    workload: &Workload,
    address: SocketAddr,
    seed: u64,
) -> Result<BTreeMap<String, Answer>, Unverified> {
    let plan = probe(tree, workload, address, seed)?;
    let verified = workload.routes.iter().zip(&plan.routes).map(|(route, asked)| {
        let named = |why: String| {
            let (method, path) = (route.request.method.as_str(), &route.request.path);
            format!("route `{}`: {method} {path}: {why}", route.id)
        };
        let audited = exchange(&plan, asked)
            .map_err(|error| Unverified { why: named(error.why), ..error })?;
        let answer = answer_of(&audited).ok_or_else(|| named("no head came".to_owned()))?;
        judge_by_rule(tree, route, &audited, &answer).map_err(named)?;
        Ok::<_, Unverified>((route.id.to_string(), answer))
    });
    verified.collect()
}

/// The content of each answer.
pub(crate) fn contents(verified: &BTreeMap<String, Answer>) -> BTreeMap<String, Vec<u8>> {
    verified.iter().map(|(route, answer)| (route.clone(), answer.body.clone())).collect()
}

/// The load of `workload` as it is sent, for one connection.
fn probe(
    tree: &SpecTree,
    workload: &Workload,
    address: SocketAddr,
    seed: u64,
) -> Result<LoadPlan, String> {
    let names = workload.routes.iter().map(|route| route.id.to_string());
    let settings = LoadSettings {
        target: address,
        connections: 1,
        cores: Vec::new(),
        alone: false,
        warmup: Duration::ZERO,
        measure: DEADLINE,
        seed,
        payloads: tree.payloads(),
        // What is expected is not looked at by the generator here.
        verified: names.map(|name| (name, Vec::new())).collect(),
    };
    let plan = load_plan(workload, &settings).map_err(|error| error.to_string())?;
    Ok(LoadPlan {
        threads: loadgen::Threads::Unpinned(1),
        pacing: loadgen::Pacing::default(),
        stop: loadgen::Stop { duration: Some(DEADLINE), requests: Some(1) },
        timeout: DEADLINE,
        pipeline: 1,
        churn: loadgen::Churn::Never,
        audit: Some(Audit { every: 1, most: 1, canaries: Vec::new(), canary_every: 1 }),
        ..plan
    })
}

/// One exchange of a route.
fn exchange(plan: &LoadPlan, route: &loadgen::Route) -> Result<Audited, Unverified> {
    let any =
        loadgen::Expectation { status: loadgen::StatusCheck::Any, body: loadgen::BodyCheck::None };
    let routes = vec![loadgen::Route { expect: any, weight: 1, ..route.clone() }];
    let once = LoadPlan { routes, ..plan.clone() };
    let report =
        loadgen::run(once, &AtomicBool::new(false), &mut loadgen::Silent).map_err(|error| {
            Unverified { why: error.to_string(), is_ours: error.is_of_this_machine() }
        })?;
    if let Some(why) = report.lacked_here() {
        return Err(Unverified { why, is_ours: true });
    }
    let mut examples = report.total.examples.into_iter();
    report.audited.into_iter().next().ok_or_else(|| match examples.next() {
        Some(example) => format!("no complete response: {}", example.detail).into(),
        None => format!("no complete response within {} s", DEADLINE.as_secs()).into(),
    })
}

/// Nothing where the head is none.
fn answer_of(audited: &Audited) -> Option<Answer> {
    Answer::of_head(&audited.head, audited.body.clone().unwrap_or_default())
}

/// By the route's rule alone.
fn judge_by_rule(
    tree: &SpecTree,
    route: &Route,
    audited: &Audited,
    answer: &Answer,
) -> Result<(), String> {
    let sent = audited.request.windows(4).position(|four| four == b"\r\n\r\n");
    let sent = sent.map_or(&[][..], |end| &audited.request[end + 4..]);
    let mut expect = route.expect.clone();
    if audited.body.is_none() {
        // Too long to be kept; the generator has compared every byte of it.
        expect.body = BodyRule::Any;
    }
    let parts = httpdyno_conformance::Route {
        name: route.id.as_str(),
        vars: &route.vars,
        request: &route.request,
        expect: &expect,
    };
    judge_answer(parts, values(route, audited), sent, &tree.payloads(), answer)
}

/// The values of the route's variables.
fn values(route: &Route, audited: &Audited) -> Vec<(String, Value)> {
    let typed = |(name, variable): (&String, &Variable)| {
        let text = audited.values.get(&value_name(&route.id, name))?;
        let number = match variable {
            Variable::RandomText(_) => None,
            _ => text.parse::<u64>().ok(),
        };
        Some((name.clone(), number.map_or_else(|| Value::from(text.clone()), Value::from)))
    };
    route.vars.iter().filter_map(typed).collect()
}

/// What is of the connection or of the framing, and so may differ from answer to answer.
const OF_THE_MESSAGE: [&str; 4] =
    ["connection", "keep-alive", "content-length", "transfer-encoding"];

/// The names of the other fields of an answer.
fn names(answer: &Answer) -> BTreeSet<&str> {
    let names = answer.fields.iter().map(|(name, _)| name.as_str());
    names.filter(|name| !OF_THE_MESSAGE.contains(name)).collect()
}
