//! Checks a plan and makes everything that a worker needs of it, once.

use std::time::Duration;

use httpdyno_wire::{RequestBuilder, RequestKind, RequestTemplate, Template, escape};

use crate::check::{BodyRule, Expected};
use crate::dial;
use crate::error::PlanError;
use crate::mix::{Stream, below, random};
use crate::plan::{
    BodyCheck, LoadPlan, Order, Pacing, Playlist, RecordsCheck, RequestSpec, Route, Schedule,
    ValueKind,
};
use crate::values::Values;

/// Latencies beyond what histograms tell apart (60 s) are counted as such.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

/// Of 108 bytes (unix(7)) one is the zero byte before an abstract name, or behind a path.
const LONGEST_SOCKET_PATH: usize = 107;

/// One route, ready to be sent and checked.
#[derive(Debug)]
pub(crate) struct CompiledRoute {
    pub(crate) request: RequestTemplate,
    pub(crate) kind: RequestKind,
    pub(crate) expected: Expected,
    /// Weights of this route and all before it.
    cumulative_weight: u64,
}

/// A plan that has been checked; shared by all workers, never changed.
#[derive(Debug)]
pub(crate) struct CompiledPlan {
    pub(crate) plan: LoadPlan,
    pub(crate) routes: Vec<CompiledRoute>,
    pub(crate) values: Values,
    playlist: Option<(Vec<RequestTemplate>, Order)>,
    total_weight: u64,
}

impl CompiledPlan {
    pub(crate) fn new(plan: LoadPlan) -> Result<Self, PlanError> {
        check_numbers(&plan)?;
        check_values(&plan)?;
        check_schedule(&plan.pacing)?;
        let names: Vec<&str> = plan.values.iter().map(|value| value.name.as_str()).collect();
        let mut total_weight = 0;
        let mut routes = Vec::new();
        let canaries = plan.audit.iter().flat_map(|audit| &audit.canaries);
        for route in &plan.routes {
            total_weight += u64::from(route.weight);
            routes.push(compile_route(&plan, route, &names, total_weight)?);
        }
        for canary in canaries {
            // Behind all others, so that no number of a request leads there.
            routes.push(compile_route(&plan, canary, &names, total_weight)?);
        }
        let values = Values::new(plan.seed, &plan.values);
        let playlist = plan.playlist.as_ref().map(|list| compile_playlist(&plan, list, &names));
        let playlist = playlist.transpose()?;
        Ok(Self { plan, routes, values, playlist, total_weight })
    }

    /// What is sent as request `index`, which is one of `route`.
    #[inline]
    pub(crate) fn request(&self, route: usize, index: u64) -> &RequestTemplate {
        let Some((requests, order)) = &self.playlist else { return &self.routes[route].request };
        let count = requests.len() as u64;
        let at = match order {
            Order::Given => index % count,
            Order::Random => below(random(self.plan.seed, Stream::Playlist, index), count),
        };
        &requests[at as usize]
    }

    /// What the framing of its response depends on.
    #[inline]
    pub(crate) fn kind(&self, route: usize, index: u64) -> RequestKind {
        match &self.playlist {
            None => self.routes[route].kind,
            Some(_) => self.request(route, index).kind(),
        }
    }

    /// The bytes of a route's request, where they never differ.
    #[inline]
    pub(crate) fn prebuilt(&self, route: usize) -> Option<&[u8]> {
        match &self.playlist {
            None => self.routes[route].request.prebuilt(),
            Some(_) => None,
        }
    }

    /// The route of request `index`.
    pub(crate) fn route_of(&self, index: u64) -> usize {
        if self.plan.routes.len() == 1 {
            return 0;
        }
        let at = below(random(self.plan.seed, Stream::Route, index), self.total_weight);
        self.routes.iter().position(|route| at < route.cumulative_weight).unwrap_or(0)
    }
}

/// The requests of a list, written like those of routes.
fn compile_playlist(
    plan: &LoadPlan,
    list: &Playlist,
    names: &[&str],
) -> Result<(Vec<RequestTemplate>, Order), PlanError> {
    let [route] = &plan.routes[..] else {
        return Err(out_of_range("the number of routes beside a list", plan.routes.len(), "1"));
    };
    if list.requests.is_empty() {
        return Err(out_of_range("the number of requests in the list", 0, "1 or more"));
    }
    let echo =
        matches!(route.expect.body, BodyCheck::Echo | BodyCheck::EchoJson | BodyCheck::Receipt);
    let compiled = list.requests.iter().enumerate().map(|(n, request)| {
        let name = format!("{} {}", n + 1, request.path);
        if echo {
            return Err(PlanError::EchoOfNothing { route: name });
        }
        // Without values there is nothing to fill in: what was recorded is taken as it is.
        let template = |part: &str, text: &[u8]| match names {
            [] => Ok(Template::literal(text)),
            _ => parse_template(&name, part, text, names),
        };
        let body = request.body.as_deref().map(|text| template("the body", text)).transpose()?;
        let route = Route { name: name.clone(), request: request.clone(), ..route.clone() };
        build_request(plan, &route, body, &template)
    });
    Ok((compiled.collect::<Result<_, _>>()?, list.order))
}

fn parse_template(
    route: &str,
    part: &str,
    text: &[u8],
    names: &[&str],
) -> Result<Template, PlanError> {
    Template::parse(text, names).map_err(|source| PlanError::Template {
        route: route.to_owned(),
        part: part.to_owned(),
        source,
    })
}

fn compile_route(
    plan: &LoadPlan,
    route: &Route,
    names: &[&str],
    cumulative_weight: u64,
) -> Result<CompiledRoute, PlanError> {
    let template = |part: &str, text: &[u8]| parse_template(&route.name, part, text, names);
    let body = match &route.request.body {
        Some(text) => Some(template("the request's body", text)?),
        None => None,
    };
    let request = build_request(plan, route, body.clone(), &template)?;
    let sent = || body.clone().ok_or(PlanError::EchoOfNothing { route: route.name.clone() });
    let json = |expected: Template| {
        BodyRule::json(expected, plan.values.len())
            .map_err(|reason| PlanError::NotJson { route: route.name.clone(), reason })
    };
    let body = match &route.expect.body {
        BodyCheck::None => BodyRule::Any,
        BodyCheck::Length(bytes) => BodyRule::Length(*bytes),
        BodyCheck::Exact(bytes) => BodyRule::Exact(bytes.clone()),
        BodyCheck::Template(text) => BodyRule::exact(template("the expected body", text)?),
        BodyCheck::Json(text) => json(template("the expected body", text)?)?,
        BodyCheck::Echo => BodyRule::exact(sent()?),
        BodyCheck::EchoJson => json(sent()?)?,
        BodyCheck::Receipt => BodyRule::receipt(&sent()?),
        BodyCheck::Records(rule) => records(route, rule)?,
    };
    Ok(CompiledRoute {
        kind: request.kind(),
        request,
        expected: Expected { status: route.expect.status, body },
        cumulative_weight,
    })
}

/// A member's place is a bit of 64.
fn records(route: &Route, rule: &RecordsCheck) -> Result<BodyRule, PlanError> {
    match rule.members.len() {
        1..=64 => Ok(BodyRule::Records(rule.clone())),
        other => {
            let what = format!("the number of members that route `{}` expects", route.name);
            Err(out_of_range(&what, other, "1 to 64"))
        }
    }
}

fn build_request(
    plan: &LoadPlan,
    route: &Route,
    body: Option<Template>,
    template: &impl Fn(&str, &[u8]) -> Result<Template, PlanError>,
) -> Result<RequestTemplate, PlanError> {
    let RequestSpec { method, path, headers, .. } = &route.request;
    let mut builder = RequestBuilder::new(method.as_bytes(), template("path", path.as_bytes())?);
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        builder = builder.field("Host", Template::literal(plan.authority.as_bytes()));
    }
    for (name, value) in headers {
        let value = template(&format!("field `{}`", escape(name.as_bytes())), value.as_bytes())?;
        builder = builder.field(name.as_bytes(), value);
    }
    if let Some(body) = body {
        builder = builder.body(body);
    }
    let route = route.name.clone();
    builder.build().map_err(|source| PlanError::Request { route, source })
}

fn out_of_range(what: &str, found: impl ToString, expected: &str) -> PlanError {
    PlanError::OutOfRange { what: what.into(), found: found.to_string(), expected: expected.into() }
}

fn check_numbers(plan: &LoadPlan) -> Result<(), PlanError> {
    if plan.routes.is_empty() {
        return Err(PlanError::NoRoutes);
    }
    if let Some(route) = plan.routes.iter().find(|route| route.weight == 0) {
        let what = format!("the weight of route `{}`", route.name);
        return Err(out_of_range(&what, 0, "1 or more"));
    }
    let threads = plan.threads.count();
    if threads == 0 {
        return Err(out_of_range("the number of threads", 0, "1 or more"));
    }
    if plan.connections < threads || plan.connections > 1 << 20 {
        let expected = format!("{threads} (one per thread) to 1048576");
        return Err(out_of_range("the number of connections", plan.connections, &expected));
    }
    if !(1..=1024).contains(&plan.pipeline) {
        return Err(out_of_range("the pipeline depth", plan.pipeline, "1 to 1024"));
    }
    if plan.redirects > 0 && plan.pipeline > 1 {
        let what = "the pipeline depth where redirects are followed";
        return Err(out_of_range(what, plan.pipeline, "1"));
    }
    if plan.timeout < Duration::from_millis(1) || plan.timeout > LONGEST_TIMEOUT {
        let found = format!("{:?}", plan.timeout);
        return Err(out_of_range("the timeout", found, "1 ms to 1 day"));
    }
    if let Some(path) = &plan.unix_socket
        && !(1..=LONGEST_SOCKET_PATH).contains(&dial::unix_name(path).len())
    {
        let found = format!("{} bytes long", dial::unix_name(path).len());
        return Err(out_of_range("the path of the unix socket", found, "1 to 107 bytes"));
    }
    if plan.churn == crate::plan::Churn::After(0) {
        return Err(out_of_range("the number of responses per connection", 0, "1 or more"));
    }
    if plan.body_sample.large_per_mille > 1000 {
        let found = plan.body_sample.large_per_mille;
        return Err(out_of_range("the share of large bodies per mille", found, "0 to 1000"));
    }
    match (plan.stop.duration, plan.stop.requests) {
        (None, None) => Err(out_of_range("the stop condition", "absent", "duration or requests")),
        (Some(Duration::ZERO), _) => Err(out_of_range("the duration", "0 s", "more than 0 s")),
        (_, Some(0)) => Err(out_of_range("the number of requests", 0, "1 or more")),
        _ => Ok(()),
    }
}

fn check_values(plan: &LoadPlan) -> Result<(), PlanError> {
    for (n, value) in plan.values.iter().enumerate() {
        let name = &value.name;
        if plan.values[..n].iter().any(|other| other.name == *name) {
            return Err(PlanError::DuplicateValue { name: name.clone() });
        }
        match value.kind {
            ValueKind::RandomInteger { min, max } if min > max => {
                let expected = format!("at most its maximum, {max}");
                return Err(out_of_range(&format!("the minimum of `{name}`"), min, &expected));
            }
            ValueKind::RandomText { length } if !(1..=32).contains(&length) => {
                return Err(out_of_range(&format!("the length of `{name}`"), length, "1 to 32"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn check_schedule(pacing: &Pacing) -> Result<(), PlanError> {
    let Pacing::Open { schedule, .. } = pacing else { return Ok(()) };
    let rates = match schedule {
        Schedule::Rate(rate) => vec![*rate],
        Schedule::Ramp { from, to, .. } => vec![*from, *to],
        Schedule::Steps(steps) => steps.iter().map(|step| step.rate).collect(),
    };
    // A pause between bursts is a rate of 0; nothing but pauses is no load.
    let valid = |rate: &f64| (0.0..=1e8).contains(rate);
    if let Some(rate) = rates.iter().find(|rate| !valid(rate)) {
        return Err(out_of_range("the rate", rate, "0 to 100000000 per second"));
    }
    if rates.iter().all(|rate| *rate <= 0.0) {
        return Err(out_of_range("the highest rate", 0, "more than 0 per second"));
    }
    Ok(())
}
