//! One exchange of a workload's route, verified with the rules of the checks.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use httpdyno_spec::exchange::{RequestTemplate, ResponseRule, Variable};
use serde_json::Value;

use super::bindings::Bindings;
use super::client::Client;
use super::render::{RenderedRequest, render_request};
use super::values::{case_rng, rows};
use crate::answer::Answer;
use crate::plan::Target;
use crate::rules::{BodyContext, check_response};

const DEADLINE: Duration = Duration::from_secs(10);

/// What is sent and what must come back: the parts of a workload's route.
#[derive(Clone, Copy, Debug)]
pub struct Route<'a> {
    /// Its name; random values depend on it and the seed only.
    pub name: &'a str,
    /// Its variables; the first value of each is used.
    pub vars: &'a BTreeMap<String, Variable>,
    /// The request.
    pub request: &'a RequestTemplate,
    /// What its response must be.
    pub expect: &'a ResponseRule,
}

/// An exchange whose response is what it must be.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifiedExchange {
    /// The request as it was sent.
    pub request: RenderedRequest,
    /// The values of the variables in it.
    pub values: BTreeMap<String, Value>,
    /// The response.
    pub answer: Answer,
}

/// Why a route can not be measured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{method} {path}: {why}")]
pub struct RouteMismatch {
    /// The method of the request.
    pub method: &'static str,
    /// Its target.
    pub path: String,
    /// What did not hold, or why there was no response.
    pub why: String,
}

/// Checks the answer to a request of `route` that somebody else has sent: with these `values` in it,
/// and this content.
///
/// # Errors
/// What does not hold.
pub fn judge_answer(
    route: Route<'_>,
    values: impl IntoIterator<Item = (String, Value)>,
    sent: &[u8],
    payloads: &Path,
    answer: &Answer,
) -> Result<(), String> {
    let mut row = Bindings::default();
    for (name, value) in values {
        row.set(name, value);
    }
    let context = BodyContext { sent, payloads };
    check_response(&row.fill_rule(route.expect), answer, &context).map_err(|wrong| wrong.text)
}

/// Makes one exchange and checks its response.
///
/// # Errors
/// When there is no response, or it is not what it must be.
pub async fn verify_route(
    target: &Target,
    payloads: &Path,
    route: Route<'_>,
    seed: u64,
) -> Result<VerifiedExchange, RouteMismatch> {
    let mut rng = case_rng(seed, route.name);
    let row = rows(route.vars, &mut rng).swap_remove(0);
    let mismatch = |path: &str, why: String| RouteMismatch {
        method: route.request.method.as_str(),
        path: httpdyno_wire::escape_bounded(path.as_bytes(), 200),
        why,
    };
    let template = &route.request.path;
    let request = render_request(route.request, &row, payloads, &mut rng)
        .map_err(|why| mismatch(template, why))?;
    let client = Client::new(&Arc::new(target.clone()));
    let exchange = client.exchange(Arc::new(request.clone()), DEADLINE).await;
    let answer = exchange.answer.map_err(|why| mismatch(&request.path, why))?;
    let context = BodyContext { sent: request.body.as_deref().unwrap_or_default(), payloads };
    check_response(&row.fill_rule(route.expect), &answer, &context)
        .map_err(|wrong| mismatch(&request.path, wrong.text))?;
    Ok(VerifiedExchange { request, values: row.values().clone(), answer })
}

/// [`verify_route`] on a runtime of its own.
///
/// # Errors
/// As [`verify_route`]; also when no runtime can be made.
pub fn verify_route_blocking(
    target: &Target,
    payloads: &Path,
    route: Route<'_>,
    seed: u64,
) -> Result<VerifiedExchange, RouteMismatch> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| RouteMismatch {
        method: route.request.method.as_str(),
        path: route.request.path.clone(),
        why: format!("no runtime can be made: {e}"),
    })?;
    runtime.block_on(verify_route(target, payloads, route, seed))
}
