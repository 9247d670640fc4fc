//! A workload of the spec as a plan for the load generator, which knows no YAML.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use httpdyno_loadgen as loadgen;
use httpdyno_loadgen::{
    BodyCheck, Expectation, IntegerMember, LoadPlan, RecordsCheck, RequestSpec, StatusCheck,
    ValueSpec,
};
use httpdyno_spec::exchange::{Alphabet, BodyFraming, BodyRule, RequestBody, Variable};
use httpdyno_spec::workload::{Arrivals, Pacing, Route, Workload};
use serde_json::Value;

/// What a workload leaves open.
#[derive(Clone, Debug)]
pub struct LoadSettings {
    /// The server.
    pub target: SocketAddr,
    /// Connections held.
    pub connections: u32,
    /// The generator's cores.
    pub cores: Vec<u32>,
    /// Neither server nor database runs on them: in an open loop the generator may keep them busy.
    pub alone: bool,
    /// Load before the measurement.
    pub warmup: Duration,
    /// Measured load.
    pub measure: Duration,
    /// Where all random choices come from.
    pub seed: u64,
    /// The folder of payload files.
    pub payloads: PathBuf,
    /// The content that each route was answered with when it was verified, by the route's name.
    /// What is the same in every answer but may be written in many ways is compared with it.
    pub verified: BTreeMap<String, Vec<u8>>,
}

/// Why a workload cannot be put as load.
#[derive(Debug, thiserror::Error)]
pub enum WorkloadError {
    /// A payload file cannot be read.
    #[error("route `{route}`: cannot read {path}: {source}", path = path.display())]
    Payload {
        /// The route.
        route: String,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The load generator has no such thing.
    #[error("route `{route}`: {what} cannot be used under load; {instead}")]
    Unsupported {
        /// The route.
        route: String,
        /// What was asked for.
        what: &'static str,
        /// What to use in its place.
        instead: &'static str,
    },
}

/// The load plan of `workload`.
///
/// # Errors
/// When a payload cannot be read, or the workload asks for what only checks can do.
pub fn load_plan(workload: &Workload, settings: &LoadSettings) -> Result<LoadPlan, WorkloadError> {
    let translated = workload
        .routes
        .iter()
        .map(|route| {
            let verified = settings.verified.get(route.id.as_str()).map(Vec::as_slice);
            Translation { route, payloads: &settings.payloads, verified }.route()
        })
        .collect::<Result<Vec<_>, _>>()?;
    let (routes, values): (Vec<_>, Vec<_>) = translated.into_iter().unzip();
    Ok(LoadPlan {
        target: settings.target,
        authority: settings.target.to_string(),
        values: values.into_iter().flatten().collect(),
        connections: settings.connections as usize,
        threads: loadgen::Threads::Pinned(
            settings.cores.iter().map(|&core| core as usize).collect(),
        ),
        pacing: pacing(&workload.pacing, spin(settings.alone)),
        warmup: settings.warmup,
        stop: loadgen::Stop { duration: Some(settings.measure), requests: None },
        timeout: workload.timeout.duration(),
        pipeline: workload.pipeline as usize,
        churn: match workload.reconnect_after {
            Some(responses) => loadgen::Churn::After(u64::from(responses)),
            None => loadgen::Churn::Never,
        },
        seed: settings.seed,
        nice: if settings.alone { PREFERRED } else { 0 },
        routes,
        ..LoadPlan::new(settings.target, loadgen::Route::get("/"))
    })
}

/// A generator with cores of its own never sleeps in an open loop: a core that halts between two
/// requests is late for the second.
const ALWAYS: Duration = Duration::from_secs(3600);
/// Otherwise it spins for up to this long before a request is due.
const SPIN: Duration = Duration::from_micros(200);

/// Of a generator with cores of its own: the idle guard then takes no ticks from it, and the kernel's
/// own threads still have a tenth of the core where they need it.
pub(crate) const PREFERRED: i32 = -10;

/// How long the generator spins before a request is due, on cores of its own or beside others.
pub(crate) fn spin(alone: bool) -> Duration {
    if alone { ALWAYS } else { SPIN }
}

/// Whether the generator's threads never sleep under this load.
pub(crate) fn never_sleeps(load: &LoadPlan) -> bool {
    matches!(load.pacing, loadgen::Pacing::Open { spin, .. } if spin == ALWAYS)
}

fn pacing(pacing: &Pacing, spin: Duration) -> loadgen::Pacing {
    match pacing {
        Pacing::Closed => loadgen::Pacing::Closed { think: Duration::ZERO },
        Pacing::Think(think) => loadgen::Pacing::Closed { think: think.duration() },
        Pacing::Open(open) => open_loop(open.rate_per_s, open.arrivals, spin),
    }
}

/// Requests that arrive at a rate of their own.
pub(crate) fn open_loop(per_s: u64, arrivals: Arrivals, spin: Duration) -> loadgen::Pacing {
    loadgen::Pacing::Open {
        arrivals: match arrivals {
            Arrivals::Poisson => loadgen::Arrivals::Poisson,
            Arrivals::Constant => loadgen::Arrivals::Constant,
        },
        schedule: loadgen::Schedule::Rate(per_s as f64),
        spin,
    }
}

/// One route on its way.
struct Translation<'a> {
    route: &'a Route,
    payloads: &'a Path,
    verified: Option<&'a [u8]>,
}

impl Translation<'_> {
    fn route(&self) -> Result<(loadgen::Route, Vec<ValueSpec>), WorkloadError> {
        let template = &self.route.request;
        if template.framing == BodyFraming::Chunked {
            return Err(self.unsupported("chunked request content", "use framing: length"));
        }
        let headers = template.headers.iter();
        let request = RequestSpec {
            method: template.method.as_str().to_owned(),
            path: self.text(&template.path),
            headers: headers.map(|(name, value)| (name.clone(), self.text(value))).collect(),
            body: self.body()?,
        };
        let route = loadgen::Route {
            name: self.route.id.to_string(),
            weight: self.route.weight,
            expect: Expectation { status: self.status()?, body: self.check()? },
            request,
        };
        Ok((route, self.values()?))
    }

    fn value_name(&self, variable: &str) -> String {
        value_name(&self.route.id, variable)
    }

    /// The content of a file, with a place in it that is another one in each request: a server that
    /// has answered the same content before could give that answer again.
    fn fresh_file(&self, file: &str) -> Result<Vec<u8>, WorkloadError> {
        let content = self.file(file)?;
        let Some((at, length)) = self.fresh_place(&content) else { return Ok(content) };
        let slot = format!("{{{{{}}}}}", self.value_name(FRESH));
        Ok([&content[..at], slot.as_bytes(), &content[at + length..]].concat())
    }

    /// Where that place is, and how long; nothing where no request differs from another one.
    fn fresh_place(&self, content: &[u8]) -> Option<(usize, usize)> {
        match self.route.expect.body {
            BodyRule::UploadReceipt if content.len() >= MOST_FRESH => {
                Some((content.len() - MOST_FRESH, MOST_FRESH))
            }
            BodyRule::EchoJson => fresh_in_json(content),
            _ => None,
        }
    }

    /// The value of that place; the requests of a route without a file have variables for it.
    fn fresh_value(&self) -> Result<Option<ValueSpec>, WorkloadError> {
        let Some(RequestBody::File(file)) = &self.route.request.body else { return Ok(None) };
        let place = self.fresh_place(&self.file(file)?);
        Ok(place.map(|(_, length)| ValueSpec {
            name: self.value_name(FRESH),
            kind: loadgen::ValueKind::RandomText { length },
        }))
    }

    /// `{name}` of the spec as `{{route-name}}` of the generator.
    fn text(&self, template: &str) -> String {
        self.route.vars.keys().fold(template.to_owned(), |text, name| {
            text.replace(&format!("{{{name}}}"), &format!("{{{{{}}}}}", self.value_name(name)))
        })
    }

    /// JSON in which a string that is exactly `{name}` stands for the variable's typed value.
    fn json(&self, value: &Value) -> Vec<u8> {
        let integers: BTreeMap<&String, bool> = self
            .route
            .vars
            .iter()
            .map(|(name, variable)| (name, !matches!(variable, Variable::RandomText(_))))
            .collect();
        let mut text = value.to_string();
        for (name, is_integer) in integers {
            if is_integer {
                text = text.replace(&format!("\"{{{name}}}\""), &format!("{{{name}}}"));
            }
        }
        self.text(&text).into_bytes()
    }

    fn body(&self) -> Result<Option<Vec<u8>>, WorkloadError> {
        match &self.route.request.body {
            None => Ok(None),
            Some(RequestBody::Json(value)) => Ok(Some(self.json(value))),
            Some(RequestBody::Text(text)) => Ok(Some(self.text(text).into_bytes())),
            Some(RequestBody::File(file)) => self.fresh_file(file).map(Some),
            Some(RequestBody::Generated(_)) => Err(self.unsupported(
                "generated content",
                "use json with variables, so that no two requests are the same",
            )),
        }
    }

    fn file(&self, file: &str) -> Result<Vec<u8>, WorkloadError> {
        let path = self.payloads.join(file);
        fs::read(&path).map_err(|source| WorkloadError::Payload {
            route: self.route.id.to_string(),
            path,
            source,
        })
    }

    fn status(&self) -> Result<StatusCheck, WorkloadError> {
        match self.route.expect.status.as_slice() {
            [status] => Ok(StatusCheck::Is(*status)),
            _ => Err(self.unsupported("a choice of status codes", "name the one that is right")),
        }
    }

    /// Fields are verified before and after the load; under load, status and content are.
    fn check(&self) -> Result<BodyCheck, WorkloadError> {
        Ok(match &self.route.expect.body {
            BodyRule::Any => BodyCheck::None,
            BodyRule::Empty => BodyCheck::Length(0),
            BodyRule::Text(text) => BodyCheck::Template(self.text(text).into_bytes()),
            BodyRule::Json(value) => BodyCheck::Json(self.json(value)),
            BodyRule::EchoJson => BodyCheck::EchoJson,
            BodyRule::File(file) => BodyCheck::Exact(self.file(file)?),
            BodyRule::FileRange(range) => {
                let file = self.file(&range.file)?;
                let (first, last) = (range.first as usize, range.last as usize);
                BodyCheck::Exact(file.get(first..=last).unwrap_or_default().to_vec())
            }
            BodyRule::UploadReceipt => BodyCheck::Receipt,
            BodyRule::World => BodyCheck::Records(worlds(None)),
            BodyRule::Worlds(count) => BodyCheck::Records(worlds(Some(*count))),
            // Nobody writes to `fortune`: each page is the verified one, byte for byte.
            BodyRule::Fortunes => match self.verified {
                Some(page) => BodyCheck::Exact(page.to_vec()),
                None => {
                    return Err(self.unsupported("a page that was not verified", "verify it"));
                }
            },
        })
    }

    fn values(&self) -> Result<Vec<ValueSpec>, WorkloadError> {
        let values = self.route.vars.iter().map(|(name, variable)| {
            let kind = match variable {
                Variable::Sequence(sequence) => {
                    loadgen::ValueKind::Sequential { first: sequence.start }
                }
                Variable::RandomInteger(random) => {
                    loadgen::ValueKind::RandomInteger { min: random.min, max: random.max }
                }
                Variable::RandomText(random) if random.alphabet == Alphabet::Letters => {
                    loadgen::ValueKind::RandomText { length: random.length as usize }
                }
                Variable::RandomText(_) => {
                    return Err(self.unsupported("the alphabet `unicode`", "use `letters`"));
                }
                Variable::Values(_) => {
                    return Err(self.unsupported("a list of values", "use sequence or random ones"));
                }
            };
            Ok(ValueSpec { name: self.value_name(name), kind })
        });
        let mut values: Vec<ValueSpec> = values.collect::<Result<_, _>>()?;
        values.extend(self.fresh_value()?);
        Ok(values)
    }

    fn unsupported(&self, what: &'static str, instead: &'static str) -> WorkloadError {
        WorkloadError::Unsupported { route: self.route.id.to_string(), what, instead }
    }
}

/// Rows of `world`: which ones they are differs from answer to answer.
fn worlds(count: Option<u32>) -> RecordsCheck {
    let member = |name: &str| IntegerMember { name: name.to_owned(), min: 1, max: 10_000 };
    RecordsCheck { count, members: vec![member("id"), member("randomNumber")] }
}

/// Variables of two routes may have one name, so each carries its route's.
pub(crate) fn value_name(route: &impl std::fmt::Display, variable: &str) -> String {
    format!("{route}-{variable}")
}

/// What no variable of a route is called, since ids have no two dashes in a row.
const FRESH: &str = "-fresh";
/// The length of the place that differs, in bytes: the content is as long as before.
const LEAST_FRESH: usize = 6;
const MOST_FRESH: usize = 12;

/// The first text of JSON, as a member's value, that is long enough and of plain letters there.
fn fresh_in_json(content: &[u8]) -> Option<(usize, usize)> {
    let plain = |byte: &&u8| byte.is_ascii_alphanumeric() || b" -_.,@".contains(byte);
    let mut starts = content.windows(2).enumerate().filter(|(_, two)| *two == b":\"");
    starts.find_map(|(at, _)| {
        let text = &content[at + 2..];
        let length = text.iter().take_while(plain).count().min(MOST_FRESH);
        (length >= LEAST_FRESH).then_some((at + 2, length))
    })
}

#[cfg(test)]
mod tests;
