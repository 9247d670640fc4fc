//! `spec/endpoints.yaml`: the application contract.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::database::DatabaseRule;
use crate::exchange::{Elapsed, FieldRule, Level, Method, RequestTemplate, ResponseRule, Variable};
use crate::id::{CaseId, EndpointId};
use crate::units::Span;

/// The whole of `spec/endpoints.yaml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndpointsFile {
    /// Version of this file's format.
    pub version: u32,
    /// The endpoints, in the order of reports.
    pub endpoints: Vec<Endpoint>,
    /// Rules that hold for the response to every request that any check makes, errors included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub every_response: Vec<Invariant>,
}

/// A rule for every response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Invariant {
    /// Its permanent name, `app/every-response/<name>`.
    pub id: CaseId,
    /// One line that says what is checked.
    pub title: String,
    /// How strongly it is asked for.
    #[serde(default = "must")]
    pub level: Level,
    /// What the contract (or an RFC, then with its section) requires, in one sentence.
    pub requires: String,
    /// What holds.
    pub holds: InvariantRule,
}

/// What holds for every response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InvariantRule {
    /// It has these fields, by lower-case name.
    Fields(BTreeMap<String, FieldRule>),
    /// Its content is delimited by `Content-Length` or the chunked coding, so that the connection
    /// can be kept.
    Framed,
    /// Where it has content it says of which media type.
    Typed,
}

/// One endpoint and the checks that define it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Its permanent name.
    pub id: EndpointId,
    /// The method it answers (and `HEAD` beside `GET`).
    pub method: Method,
    /// Its path as people write it, e.g. `/users/{id}`.
    pub path: String,
    /// One sentence for tables and documentation.
    pub summary: String,
    /// What it needs from the harness beyond the process itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Need>,
    /// Its checks; an endpoint without any is described but not yet verified.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
}

/// Something an endpoint needs to be served.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// The PostgreSQL database of the contract.
    Database,
    /// The folder of static files.
    StaticFiles,
}

/// One rule of the application, checked by one or more exchanges.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Its permanent name, `app/<endpoint>/<name>`.
    pub id: CaseId,
    /// One line that says what is checked.
    pub title: String,
    /// How strongly it is asked for.
    #[serde(default = "must")]
    pub level: Level,
    /// What the contract (or an RFC, then with its section) requires, in one sentence.
    pub requires: String,
    /// Variables for the templates.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub vars: BTreeMap<String, Variable>,
    /// The request.
    pub request: RequestTemplate,
    /// What its response must be.
    pub expect: ResponseRule,
    /// How the exchange is repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Repeat>,
    /// What holds for the rows, over all exchanges together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<DatabaseRule>,
    /// Bounds on the time it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elapsed: Option<Elapsed>,
    /// A second request that uses a field of the first response, for conditional requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<FollowUp>,
}

/// How often, and how, an exchange is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Repeat {
    /// That many times, one after the other, each with freshly generated content.
    Sequential(u32),
    /// That many at the same time, on as many connections.
    Concurrent(u32),
    /// Twice, this far apart; the two `Date` fields must differ (RFC 9110 section 6.6.1).
    DateTicks(Span),
}

/// A request made with a field of the response before it: `{etag}` and `{last-modified}` (any
/// lower-case field name) stand for the values received.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FollowUp {
    /// The second request.
    pub request: RequestTemplate,
    /// What its response must be.
    pub expect: ResponseRule,
}

fn must() -> Level {
    Level::Must
}
