//! `spec/workloads/*.yaml`: what is sent while measuring.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::exchange::{RequestTemplate, ResponseRule, Variable};
use crate::id::{EndpointId, RouteId, WorkloadId};
use crate::units::Span;

/// The whole of one file under `spec/workloads/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// Version of this file's format.
    pub version: u32,
    /// Its permanent name; equals the file's name.
    pub id: WorkloadId,
    /// One sentence for tables and documentation.
    pub summary: String,
    /// The requests and their shares.
    #[schemars(length(min = 1))]
    pub routes: Vec<Route>,
    /// How requests are paced.
    #[serde(default)]
    pub pacing: Pacing,
    /// Requests in flight on one connection (RFC 9112 section 9.3.2).
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 1024))]
    pub pipeline: u32,
    /// Reconnect after so many requests; absent means never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub reconnect_after: Option<u32>,
    /// A request that has no response after this is an error.
    #[serde(default = "default_timeout")]
    pub timeout: Span,
}

impl Workload {
    /// The endpoints of the contract that its routes use, each as often as it is used.
    pub fn endpoints(&self) -> impl Iterator<Item = &EndpointId> {
        self.routes.iter().filter_map(|route| route.endpoint.as_ref())
    }
}

/// One kind of request in a workload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// Its name in results.
    pub id: RouteId,
    /// The endpoint of the contract that it uses; an entry without it is not ranked in this workload.
    /// In a suite of somebody's own there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<EndpointId>,
    /// Its share of the requests, relative to the others'.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub weight: u32,
    /// Variables for the template.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub vars: BTreeMap<String, Variable>,
    /// The request.
    pub request: RequestTemplate,
    /// What each response must be.
    pub expect: ResponseRule,
}

/// How requests are paced.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Pacing {
    /// Each connection sends its next request when the response to the last has come.
    #[default]
    Closed,
    /// The same, after a pause.
    Think(Span),
    /// Requests arrive at a rate of their own, whatever the server does.
    Open(OpenLoop),
}

/// See [`Pacing::Open`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenLoop {
    /// Requests per second in all.
    #[schemars(range(min = 1, max = 100_000_000))]
    pub rate_per_s: u64,
    /// How arrivals are spread.
    #[serde(default)]
    pub arrivals: Arrivals,
}

/// How arrivals of an open loop are spread in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Arrivals {
    /// Exponential gaps from the run's seed.
    #[default]
    Poisson,
    /// Equal gaps.
    Constant,
}

fn one() -> u32 {
    1
}

fn default_timeout() -> Span {
    Span(std::time::Duration::from_secs(10))
}
