//! Counts and distributions of one route, or of all.

use std::collections::BTreeMap;

use httpdyno_stats::Histogram;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Counts and distributions of one route (or of all together) in the measured window.
///
/// `requests + in flight at start = responses + errors + in flight at stop` (over all routes);
/// in the open loop requests of the warm-up are not in it at all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteReport {
    /// The route's name; `total` for all.
    pub name: String,
    /// Requests issued.
    pub requests: u64,
    /// Complete, well-formed responses, right or not.
    pub responses: u64,
    /// Responses that passed every check: throughput.
    pub ok: u64,
    /// Responses that failed a check, by the first cause.
    pub mismatches: Mismatches,
    /// Requests without a complete, well-formed response, by cause.
    pub errors: BTreeMap<String, u64>,
    /// Responses by class of status.
    pub status: StatusClasses,
    /// Responses by status code, interim ones (1xx) and followed redirects too.
    #[serde(default)]
    pub status_codes: BTreeMap<u16, u64>,
    /// Body bytes of complete responses.
    pub body_bytes: u64,
    /// From the intended time to the complete response; right responses only.
    pub latency: Histogram,
    /// From the actual sending to the complete response; right responses only.
    pub service: Histogram,
    /// From when a request was due and had an idle connection to its actual sending; right
    /// responses only.
    pub send_lag: Histogram,
    /// The first mismatches and errors, escaped and bounded.
    pub examples: Vec<Mismatch>,
}

impl RouteReport {
    /// Requests that ended in an error.
    #[must_use]
    pub fn error_count(&self) -> u64 {
        self.errors.values().sum()
    }

    /// Of these, requests to which no response came, or not all of one.
    #[must_use]
    pub fn unanswered(&self) -> u64 {
        let is_lack = |cause: &str| {
            ["timeout-", "closed-", "reset-"].iter().any(|begin| cause.starts_with(begin))
                || matches!(cause, "connection-broken" | "lost-with-connection")
        };
        self.errors.iter().filter(|(cause, _)| is_lack(cause)).map(|(_, count)| count).sum()
    }

    /// Whether every request that was answered was answered right.
    #[must_use]
    pub fn settlement(&self) -> Settlement {
        Settlement { errors: self.error_count(), mismatches: self.mismatches.total() }
    }

    /// Adds the counts of another report; its name is not taken.
    pub fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.responses += other.responses;
        self.ok += other.ok;
        self.mismatches.merge(other.mismatches);
        for (cause, count) in &other.errors {
            *self.errors.entry(cause.clone()).or_default() += count;
        }
        self.status.merge(other.status);
        for (status, count) in &other.status_codes {
            *self.status_codes.entry(*status).or_default() += count;
        }
        self.body_bytes += other.body_bytes;
        self.latency.merge(&other.latency);
        self.service.merge(&other.service);
        self.send_lag.merge(&other.send_lag);
        let room = crate::tally::EXAMPLES.saturating_sub(self.examples.len());
        self.examples.extend(other.examples.iter().take(room).cloned());
    }
}

/// The two counts that must be 0 for a number to mean anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settlement {
    /// Requests without a complete, well-formed response.
    pub errors: u64,
    /// Responses that failed a check.
    pub mismatches: u64,
}

impl Settlement {
    /// Neither errors nor mismatches.
    #[must_use]
    pub fn is_clean(self) -> bool {
        self.errors == 0 && self.mismatches == 0
    }
}

/// Responses that failed a check, by the first cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mismatches {
    /// The status.
    pub status: u64,
    /// The length of the body.
    pub length: u64,
    /// The bytes of the body.
    pub body: u64,
}

impl Mismatches {
    /// All causes together.
    #[must_use]
    pub fn total(self) -> u64 {
        self.status + self.length + self.body
    }

    /// Each cause by the name that it has in records, and its count.
    #[must_use]
    pub fn by_cause(self) -> [(&'static str, u64); 3] {
        [
            (MismatchCause::Status.name(), self.status),
            (MismatchCause::Length.name(), self.length),
            (MismatchCause::Body.name(), self.body),
        ]
    }

    pub(crate) fn count(&mut self, cause: MismatchCause) {
        match cause {
            MismatchCause::Status => self.status += 1,
            MismatchCause::Length => self.length += 1,
            MismatchCause::Body => self.body += 1,
            MismatchCause::Error => {}
        }
    }

    fn merge(&mut self, other: Self) {
        self.status += other.status;
        self.length += other.length;
        self.body += other.body;
    }
}

/// What was wrong first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MismatchCause {
    /// The status.
    Status,
    /// The length of the body.
    Length,
    /// The bytes of the body.
    Body,
    /// No complete, well-formed response at all.
    Error,
}

impl MismatchCause {
    /// As it is called beside the causes of errors.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Status => "wrong-status",
            Self::Length => "wrong-length",
            Self::Body => "wrong-body",
            Self::Error => "error",
        }
    }
}

/// An example of what went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mismatch {
    /// The route's name.
    pub route: String,
    /// The number of the request in the run.
    pub request: u64,
    /// What was wrong first.
    pub cause: MismatchCause,
    /// In words, with the bytes escaped.
    pub detail: String,
}

/// Responses by class of status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusClasses {
    /// 200 to 299.
    pub success: u64,
    /// 300 to 399; those that were followed are not counted as responses.
    pub redirection: u64,
    /// 400 to 499.
    pub client_error: u64,
    /// 500 to 599.
    pub server_error: u64,
    /// 100 to 199: interim responses, which are not counted as responses.
    pub interim: u64,
}

impl StatusClasses {
    /// From the counts by code.
    pub(crate) fn of(codes: &BTreeMap<u16, u64>) -> Self {
        let mut classes = Self::default();
        for (status, count) in codes {
            *match status {
                200..=299 => &mut classes.success,
                300..=399 => &mut classes.redirection,
                400..=499 => &mut classes.client_error,
                500.. => &mut classes.server_error,
                _ => &mut classes.interim,
            } += count;
        }
        classes
    }

    fn merge(&mut self, other: Self) {
        self.success += other.success;
        self.redirection += other.redirection;
        self.client_error += other.client_error;
        self.server_error += other.server_error;
        self.interim += other.interim;
    }
}
