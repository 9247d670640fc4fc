//! From what was typed to what is meant.

use std::net::SocketAddr;
use std::time::Duration;

use httpdyno_loadgen::{
    Arrivals, BodyCheck, Churn, EngineChoice, Expectation, LoadPlan, MoreAddresses, Order, Pacing,
    Patience, Playlist, RequestSpec, Route, StatusCheck, Stop, Threads, ValueKind, ValueSpec,
    verbatim,
};

use super::fields::{field, say_close};
use super::files::{read, text_or_file};
use super::requests::Requests;
use super::target::{Target, without_fragment};
use super::{Engine, Options, connect_to, workload};
use crate::exit::Failure;
use crate::output::{self, shown};
use crate::own_hosts;

/// Without --warmup and --requests.
const USUAL_WARMUP: Duration = Duration::from_secs(1);

/// How much longer than for one request a silent server is waited for.
const MORE_PATIENCE: Duration = Duration::from_secs(1);

/// The longest wait for what is under way when the window ends.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Without --duration and --requests.
const USUAL_DURATION: Duration = Duration::from_secs(10);

pub(super) fn resolve(options: &Options) -> Result<LoadPlan, Failure> {
    let requests = options.requests_from.as_deref().map(|path| Requests::parse(&read(path)?));
    let requests = requests.transpose()?;
    let listed = requests.as_ref().and_then(Requests::first_url);
    let suite = workload::suite(options)?;
    let of_suite = suite.as_ref().and_then(|suite| suite.file.server.url.as_deref());
    let url = options.url.as_deref().or(listed).or(of_suite).ok_or_else(|| {
        Failure::new(
            "no URL says which server: give one, or whole URLs in --requests-from (or a suite with \
             `url`)",
        )
    })?;
    let target = Target::parse(url)?;
    let request = request(options, &target)?;
    let expect = expectation(options)?;
    let others = options.also.iter().map(|text| another(text, &request, &expect));
    let others: Vec<Route> = others.collect::<Result<_, _>>()?;
    let route = Route { name: target.path.clone(), weight: 1, request, expect };
    let scheduled = options.rate.as_ref().and_then(|rate| rate.duration());
    let duration = match (options.duration, options.requests, scheduled) {
        (Some(span), ..) => Some(span.duration()),
        (None, Some(_), _) => None,
        (None, None, scheduled) => Some(scheduled.unwrap_or(USUAL_DURATION)),
    };
    let addresses = addresses(options, &target)?;
    let mut plan = LoadPlan::new(addresses[0], route);
    if let Some(requests) = requests {
        requests.remark().into_iter().for_each(|remark| output::tell(&remark));
        plan.playlist = Some(playlist(options, requests, &plan.routes[0].request, &target)?);
        plan.routes[0].name = "all of --requests-from".to_owned();
    }
    plan.routes.extend(others);
    let plan = LoadPlan {
        more_addresses: MoreAddresses { others: addresses[1..].to_vec(), spread: options.spread },
        patience: patience(options),
        authority: target.authority.clone(),
        unix_socket: options.unix_socket.clone(),
        values: options.values.iter().map(|text| value(text)).collect::<Result<_, _>>()?,
        connections: options.connections,
        threads: match &options.cores[..] {
            [] => Threads::Unpinned(options.threads),
            cores => Threads::Pinned(cores.to_vec()),
        },
        pacing: pacing(options, duration.unwrap_or(USUAL_DURATION)),
        warmup: match (options.warmup, options.requests) {
            (Some(warmup), _) => warmup.duration(),
            // A number of requests is exactly that.
            (None, Some(_)) => Duration::ZERO,
            (None, None) => USUAL_WARMUP,
        },
        stop: Stop { duration, requests: options.requests },
        timeout: options.timeout.duration(),
        pipeline: options.pipeline,
        redirects: options.follow.unwrap_or(0),
        churn: match options.reconnect_after {
            _ if options.disable_keepalive => Churn::After(1),
            after => after.map_or(Churn::Never, Churn::After),
        },
        engine: match options.engine {
            Engine::Auto => EngineChoice::Auto,
            Engine::IoUring => EngineChoice::IoUring,
            Engine::Epoll => EngineChoice::Epoll,
        },
        seed: options.seed,
        realtime: options.realtime,
        ..plan
    };
    workload::of_workload(plan, options, suite.as_ref(), addresses[0])
}

/// Where to connect. A unix socket has no address of this kind: none is looked up.
fn addresses(options: &Options, target: &Target) -> Result<Vec<SocketAddr>, Failure> {
    match (&options.unix_socket, &options.connect_to[..]) {
        (Some(_), _) => Ok(vec![SocketAddr::from(([0, 0, 0, 0], 0))]),
        (None, []) => own(options, target),
        (None, places) => own(options, &connect_to::place(places, target)?),
    }
}

/// Its addresses, if it may be put under load.
fn own(options: &Options, place: &Target) -> Result<Vec<SocketAddr>, Failure> {
    let addresses = place.addresses()?;
    options.own_host.check(place.host(), &addresses, own_hosts::declared)?;
    Ok(addresses)
}

fn playlist(
    options: &Options,
    requests: Requests,
    usual: &RequestSpec,
    target: &Target,
) -> Result<Playlist, Failure> {
    let any_host = options.unix_socket.is_some() || !options.connect_to.is_empty();
    let order = match options.order {
        super::Order::Given => Order::Given,
        super::Order::Random => Order::Random,
    };
    let mut list = requests.playlist(usual, target, any_host, order)?;
    if options.disable_keepalive {
        list.requests.iter_mut().for_each(|request| say_close(&mut request.headers));
    }
    Ok(list)
}

/// Responses are waited for as long as requests may take, if that is not too long; a run that ends
/// by a number of requests also ends when nothing comes any more.
fn patience(options: &Options) -> Patience {
    let timeout = options.timeout.duration();
    let silence = options.requests.map(|_| timeout.saturating_add(MORE_PATIENCE));
    Patience { after_window: timeout.min(LONGEST_WAIT), silence }
}

/// Bytes in which `{{name}}` stands for a value, unless they are to be taken as they are.
fn template(options: &Options, argument: &str) -> Result<Vec<u8>, Failure> {
    let bytes = text_or_file(argument)?;
    Ok(if options.raw { verbatim(&bytes) } else { bytes })
}

fn pacing(options: &Options, measured: Duration) -> Pacing {
    match &options.rate {
        None => {
            Pacing::Closed { think: options.think.map_or(Duration::ZERO, |think| think.duration()) }
        }
        Some(rate) => Pacing::Open {
            arrivals: match options.arrivals {
                super::Arrivals::Constant => Arrivals::Constant,
                super::Arrivals::Poisson => Arrivals::Poisson,
            },
            schedule: rate.schedule(measured),
            spin: options.spin.duration(),
        },
    }
}

fn request(options: &Options, target: &Target) -> Result<RequestSpec, Failure> {
    let body = options.body.as_deref().map(|text| template(options, text)).transpose()?;
    let usual = if body.is_some() { "POST" } else { "GET" };
    let headers = options.headers.iter().map(|line| field(line));
    let mut headers: Vec<(String, String)> = headers.collect::<Result<_, _>>()?;
    if options.disable_keepalive {
        say_close(&mut headers);
    }
    Ok(RequestSpec {
        method: options.method.clone().unwrap_or_else(|| usual.into()),
        path: target.path.clone(),
        headers,
        body,
    })
}

/// `WEIGHT=PATH`, with the fields and the right status of the URL.
fn another(text: &str, url: &RequestSpec, expect: &Expectation) -> Result<Route, Failure> {
    let parsed = text.split_once('=').and_then(|(weight, path)| {
        let weight: u32 = weight.parse().ok().filter(|&weight| weight > 0)?;
        path.starts_with('/').then(|| (weight, without_fragment(path)))
    });
    let (weight, path) = parsed.ok_or_else(|| {
        Failure::new(format!("--also `{}`: expected WEIGHT=PATH, e.g. 3=/plaintext", shown(text)))
    })?;
    let request = RequestSpec {
        method: "GET".to_owned(),
        path: path.to_owned(),
        headers: url.headers.clone(),
        body: None,
    };
    let expect = Expectation { status: expect.status, body: BodyCheck::None };
    Ok(Route { name: path.to_owned(), weight, request, expect })
}

fn expectation(options: &Options) -> Result<Expectation, Failure> {
    let expected = options.expect_body.as_deref();
    let expected = expected.map(|text| template(options, text)).transpose()?;
    let body = match (expected, options.expect_echo, options.expect_json) {
        (Some(body), _, true) => BodyCheck::Json(body),
        (Some(body), _, false) => BodyCheck::Template(body),
        (None, true, true) => BodyCheck::EchoJson,
        (None, true, false) => BodyCheck::Echo,
        (None, false, true) => {
            return Err(Failure::new("--expect-json needs --expect-body or --expect-echo"));
        }
        (None, false, false) => BodyCheck::None,
    };
    Ok(Expectation {
        status: options.expect_status.map_or(StatusCheck::Success, StatusCheck::Is),
        body,
    })
}

/// `NAME=seq:FIRST`, `NAME=int:MIN..MAX` or `NAME=text:LENGTH`.
fn value(text: &str) -> Result<ValueSpec, Failure> {
    let parsed = text.split_once('=').and_then(|(name, kind)| {
        let kind = match kind.split_once(':')? {
            ("seq", first) => ValueKind::Sequential { first: first.parse().ok()? },
            ("int", range) => {
                let (min, max) = range.split_once("..")?;
                ValueKind::RandomInteger { min: min.parse().ok()?, max: max.parse().ok()? }
            }
            ("text", length) => ValueKind::RandomText { length: length.parse().ok()? },
            _ => return None,
        };
        (!name.is_empty()).then(|| ValueSpec { name: name.to_string(), kind })
    });
    parsed.ok_or_else(|| {
        Failure::new(format!(
            "--value `{}`: expected NAME=seq:FIRST, NAME=int:MIN..MAX or NAME=text:LENGTH",
            shown(text)
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_a_name_and_a_kind() {
        assert_eq!(value("id=seq:7").unwrap().kind, ValueKind::Sequential { first: 7 });
        let integer = ValueKind::RandomInteger { min: 1, max: 9 };
        assert_eq!(value("n=int:1..9").unwrap().kind, integer);
        assert_eq!(value("w=text:5").unwrap().kind, ValueKind::RandomText { length: 5 });
        for text in ["", "id", "id=7", "=seq:1", "id=int:5", "id=seq:x", "id=uuid:4"] {
            assert!(value(text).is_err(), "{text}");
        }
    }
}
