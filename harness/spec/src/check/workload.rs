//! Rules for `spec/workloads/*.yaml`.

use std::collections::BTreeSet;

use super::variables::{Purpose, Variables};
use super::{
    At, Check, exchange, in_range, named_like_file, not_blank, not_empty, positive, version,
};
use crate::endpoint::Endpoint;
use crate::exchange::Method;
use crate::suggest::unknown;
use crate::workload::{Pacing, Route, Workload};

/// Most requests in flight on one connection.
const MAX_PIPELINE: u64 = 1024;
/// Most requests per second that an open loop can be asked for.
const MAX_RATE: u64 = 100_000_000;

impl Check for Workload {
    fn check(&self, at: At<'_>) {
        version(at.field("version"), self.version);
        named_like_file(at.field("id"), "workload", self.id.as_str());
        not_blank(at.field("summary"), "the summary", &self.summary);
        not_empty(at.field("routes"), "the list of routes", &self.routes);
        in_range(at.field("pipeline"), "pipeline", self.pipeline.into(), 1..=MAX_PIPELINE);
        positive(at.field("timeout"), "the timeout", self.timeout);
        if let Some(requests) = self.reconnect_after {
            let least = u64::from(self.pipeline.max(1));
            let at = at.field("reconnect_after");
            in_range(at, "reconnect_after", requests.into(), least..=u64::MAX);
        }
        pacing(at.field("pacing"), &self.pacing);
        let mut seen = BTreeSet::new();
        for (index, route) in self.routes.iter().enumerate() {
            let at = at.field("routes").item(index);
            if !seen.insert(&route.id) {
                at.field("id").say(format!("route `{}` is defined twice", route.id));
            }
            one(at, route);
        }
    }
}

fn pacing(at: At<'_>, pacing: &Pacing) {
    match pacing {
        Pacing::Closed => {}
        Pacing::Think(pause) => positive(at.field("think"), "the pause", *pause),
        Pacing::Open(open) => {
            in_range(
                at.field("open").field("rate_per_s"),
                "the rate",
                open.rate_per_s,
                1..=MAX_RATE,
            );
        }
    }
}

fn one(at: At<'_>, route: &Route) {
    in_range(at.field("weight"), "weight", route.weight.into(), 1..=1_000_000);
    let mut variables = Variables::declared(at.field("vars"), &route.vars, Purpose::Workload);
    exchange::request(at.field("request"), &route.request);
    exchange::response(at.field("expect"), &route.expect, &route.request, &route.vars);
    variables.in_request(at.field("request"), &route.request);
    variables.in_response(at.field("expect"), &route.expect);
    variables.all_used(at.field("vars"));
    let asked = match (&route.endpoint, at.known().is_suite) {
        (None, true) => return,
        (None, false) => return at.say("missing field `endpoint`"),
        (Some(_), true) => {
            let why = "endpoints are of the contract, which somebody's own service does not have";
            return at.name("endpoint").say(format!("{why}; leave this out"));
        }
        (Some(asked), false) => asked,
    };
    let Some(endpoints) = at.known().endpoints else { return };
    match endpoints.iter().find(|endpoint| endpoint.id == *asked) {
        Some(endpoint) => is_request_of(at.field("request"), route, endpoint),
        None => {
            let names = endpoints.iter().map(|endpoint| endpoint.id.as_str());
            at.field("endpoint").say_unknown(unknown("endpoint", asked.as_str(), names));
        }
    }
}

/// A route that names one endpoint and asks another would rank entries by the wrong thing.
fn is_request_of(at: At<'_>, route: &Route, endpoint: &Endpoint) {
    let method = route.request.method;
    if method != endpoint.method && !(method == Method::Head && endpoint.method == Method::Get) {
        at.field("method").say(format!(
            "the request is {}, but endpoint `{}` is {}",
            method.as_str(),
            endpoint.id,
            endpoint.method.as_str()
        ));
    }
    if !same_path(&route.request.path, &endpoint.path) {
        at.field("path").say(format!(
            "path `{}` is not one of endpoint `{}`, which is `{}`",
            route.request.path, endpoint.id, endpoint.path
        ));
    }
}

/// Whether `path` is an instance of `pattern`; the query aside, a segment in braces is any.
fn same_path(path: &str, pattern: &str) -> bool {
    let segments = |text: &'_ str| -> Vec<String> {
        let path = text.split('?').next().unwrap_or_default();
        path.split('/').map(str::to_owned).collect()
    };
    let (path, pattern) = (segments(path), segments(pattern));
    path.len() == pattern.len()
        && path.iter().zip(&pattern).all(|(segment, wanted)| {
            segment == wanted || (wanted.starts_with('{') && wanted.ends_with('}'))
        })
}

#[cfg(test)]
mod tests {
    use super::same_path;

    #[test]
    fn a_path_is_an_instance_of_its_pattern() {
        assert!(same_path("/users/{n}", "/users/{id}"));
        assert!(same_path("/users/7", "/users/{id}"));
        assert!(same_path("/search?q={q}", "/search?q=&limit="));
        assert!(!same_path("/plaintext", "/json"));
        assert!(!same_path("/users/7/x", "/users/{id}"));
    }
}
