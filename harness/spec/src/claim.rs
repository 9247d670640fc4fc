//! `spec/claims/*.yaml`: what others have published of servers, and the matched experiment that
//! tests it.
//!
//! Everything that decides is data and stands in the file before the run: what was published, how
//! far off still counts as the same, and which finding leads to which verdict.

mod cells;
mod decision;

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use cells::{Arm, Cell};
pub use decision::{Condition, Decision, Outcome, Seen, Tolerance, Way};

use crate::id::{ClaimId, FactorId, WorkloadId};
use crate::units::{Span, Times};

/// The whole of one file under `spec/claims/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Version of this file's format.
    pub version: u32,
    /// Its permanent name; equals the file's name.
    pub id: ClaimId,
    /// What is claimed, in one sentence.
    pub title: String,
    /// What sort of claim it is.
    pub kind: Kind,
    /// Where it was published.
    pub source: Source,
    /// What the publication says of its experiment.
    pub published: Environment,
    /// What we run in place of what the author ran.
    pub ours: Ours,
    /// What the figure is compared with, and how that was set up.
    pub baseline: Baseline,
    /// What the author says against the figure, or what speaks for the author, in our words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caveats: Vec<String>,
    /// Sums over the published figures alone. One that does not hold decides: the claim is
    /// inconsistent as published.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on_paper: Vec<PaperCheck>,
    /// The matched experiment; absent where none can be made here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<Experiment>,
    /// What of the publication the experiment leaves as it is, or can not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_varied: Vec<NotVaried>,
    /// What would be needed to test it, where it can not be tested here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Missing>,
}

/// What sort of claim it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// One server has so many times the figure of another one.
    Ratio,
    /// Servers stand in this order.
    Order,
    /// A figure with a unit. One of another machine can not be tested here; what contradicts it on
    /// paper can be shown.
    Absolute,
    /// A server on more cores has so many times its figure on one.
    Scaling,
    /// A figure that was not measured on a server: the method is tested.
    Method,
}

/// Where a claim was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The document, so that it is found.
    pub document: String,
    /// Its date.
    pub date: Stated,
    /// The figure as it stands there, and no more than the figure needs.
    pub figure: String,
}

/// What a publication says of something: a text, or the words `not stated`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stated(pub String);

/// What stands where a publication says nothing.
pub const NOT_STATED: &str = "not stated";

impl Stated {
    /// Whether the publication says it.
    #[must_use]
    pub fn is_stated(&self) -> bool {
        self.0.trim() != NOT_STATED
    }
}

impl fmt::Display for Stated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.trim())
    }
}

/// What a publication says of its experiment. Every line is there, if only with `not stated`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// The machine and its operating system.
    pub hardware: Stated,
    /// The cores of server and client.
    pub cores: Stated,
    /// The program that sent the requests.
    pub client: Stated,
    /// Connections at the same time.
    pub connections: Stated,
    /// Whether connections were kept, and how long their queue was.
    pub connection_use: Stated,
    /// Requests, or time, of a measurement.
    pub duration: Stated,
    /// How often it was measured.
    pub repetitions: Stated,
    /// The workers, threads or processes of each side.
    pub workers: Stated,
    /// Versions of both sides.
    pub versions: Stated,
}

/// What is run here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ours {
    /// How it is related to what the author ran.
    pub artefacts: Artefacts,
    /// What stands for what, and why that is fair.
    pub stands_for: String,
    /// Our versions. A record holds those that really ran.
    pub versions: String,
}

/// How what is run here is related to what the author ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Artefacts {
    /// The author's own code (ACM: reproducibility).
    Authors,
    /// Something of the same design that we wrote or chose (ACM: replicability).
    StandIn,
    /// The author's own code for a part of the claim.
    PartsOnly,
    /// Nothing: the figures alone are looked at.
    FiguresOnly,
}

/// What the figure is compared with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// What it is.
    pub what: String,
    /// How it was set up, and who chose that.
    pub configuration: Stated,
}

/// A sum over published figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PaperCheck {
    /// What the sum is about, in one sentence.
    pub about: String,
    /// The sum.
    pub sum: Sum,
    /// How far off still counts as rounding, in parts per million.
    #[schemars(range(max = 1_000_000))]
    pub tolerance_ppm: u32,
}

/// See [`PaperCheck::sum`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Sum {
    /// Connections in use = rate x mean latency (J. D. C. Little, 1961).
    LittlesLaw(Little),
    /// One figure over another one, against the published ratio.
    Quotient(Quotient),
    /// Times of parts that one request needs, against a rate of one core.
    Parts(Parts),
    /// One thing measured twice.
    Same(Same),
}

/// See [`Sum::LittlesLaw`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Little {
    /// Connections that were held.
    #[schemars(range(min = 1))]
    pub connections: u32,
    /// Requests per second.
    #[schemars(range(min = 1))]
    pub rate_per_s: u64,
    /// The latency.
    pub latency: Span,
    /// Whether the mean is at most that latency, rather than equal to it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_most: bool,
}

/// See [`Sum::Quotient`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quotient {
    /// The figure, in any unit.
    #[schemars(range(min = 1))]
    pub of: u64,
    /// What it is divided by, in the same unit.
    #[schemars(range(min = 1))]
    pub by: u64,
    /// The published ratio: what it is at least.
    pub at_least: Times,
    /// And at most.
    pub at_most: Times,
}

/// See [`Sum::Parts`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    /// Published times of what one request needs, in nanoseconds, by what they are times of.
    pub parts_ns: BTreeMap<String, u64>,
    /// The published rate of one core: the least of it.
    #[schemars(range(min = 1))]
    pub at_least_per_s: u64,
}

/// See [`Sum::Same`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Same {
    /// What it was the first time.
    #[schemars(range(min = 1))]
    pub first: u64,
    /// What it was the second time, in the same unit.
    #[schemars(range(min = 1))]
    pub second: u64,
}

/// The matched experiment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// What is counted or timed.
    pub figure: Measured,
    /// Connections held, as the author had them.
    #[schemars(range(min = 1, max = 65_535))]
    pub connections: u32,
    /// What is compared, as the author had it.
    #[schemars(length(min = 1))]
    pub comparisons: Vec<Comparison>,
    /// What the publication left open or fixed silently, each with its levels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<Factor>,
    /// Which finding leads to which verdict.
    pub decision: Decision,
}

/// What is counted or timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Measured {
    /// Right responses per second.
    Throughput,
    /// CPU time of the server per right response.
    Cost,
    /// Mean latency.
    MeanLatency,
    /// The 99th percentile of latency.
    P99Latency,
    /// The slowest response.
    SlowestResponse,
    /// Peak memory of the server under load.
    PeakMemory,
    /// Memory of the ready and idle server.
    IdleMemory,
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Throughput => "throughput",
            Self::Cost => "CPU time per response",
            Self::MeanLatency => "mean latency",
            Self::P99Latency => "p99 latency",
            Self::SlowestResponse => "slowest response",
            Self::PeakMemory => "peak memory",
            Self::IdleMemory => "idle memory",
        })
    }
}

/// Two entries at one workload, and what was published of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Its name within the claim.
    pub id: FactorId,
    /// What is asked.
    pub workload: WorkloadId,
    /// The entry whose figure is divided, in full: `implementation` or `implementation@variant`.
    pub subject: String,
    /// The entry whose figure it is divided by.
    pub baseline: String,
    /// Another figure than the experiment's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figure: Option<Measured>,
    /// The published ratio.
    pub published: Times,
    /// The ratios that count as the published one.
    pub tolerance: Tolerance,
}

/// Something that may make a difference. One factor is changed at a time, from what the author had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    /// Its name within the claim.
    pub id: FactorId,
    /// What the publication says of it.
    pub about: String,
    /// The level that the author had. It changes nothing: the experiment is written down with it.
    pub author: FactorId,
    /// Its levels, the author's among them.
    #[schemars(length(min = 2))]
    pub levels: Vec<Level>,
}

/// One level of a factor, as what it changes in the experiment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Its name within the factor.
    pub id: FactorId,
    /// What it means, in a few words.
    pub about: String,
    /// Another number of connections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65_535))]
    pub connections: Option<u32>,
    /// Other workloads: in the place of the one named first, the one named second.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub workloads: BTreeMap<WorkloadId, WorkloadId>,
    /// Other entries, likewise.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub entries: BTreeMap<String, String>,
}

impl Level {
    /// Whether the experiment is another one with it.
    #[must_use]
    pub fn changes_something(&self) -> bool {
        self.connections.is_some() || !self.workloads.is_empty() || !self.entries.is_empty()
    }
}

/// Something of the published experiment that ours has otherwise, or does not look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NotVaried {
    /// What it is.
    pub what: String,
    /// How it was there.
    pub published: Stated,
    /// How it is here, and what varying it would take.
    pub here: String,
}

/// Something that a test would need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Missing {
    /// Its name: hardware, cores, a version, a program.
    pub what: String,
    /// Why it can not be had here, or how it could be.
    pub why: String,
}
