//! `spec/profiles/*.yaml`: declared hardware, durations and gates.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::{ImplementationId, ProfileId, WorkloadId};
use crate::units::{ByteSize, Share, Span};
use crate::workload::Arrivals;

/// The whole of one file under `spec/profiles/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Version of this file's format.
    pub version: u32,
    /// Its permanent name; equals the file's name.
    pub id: ProfileId,
    /// One sentence for tables and documentation.
    pub summary: String,
    /// Whether results of this profile may be published as a comparison of servers.
    pub publishable: bool,
    /// Which cores each role has.
    pub placement: Placement,
    /// How servers are kept to their cores and memory.
    #[serde(default)]
    pub isolation: IsolationKind,
    /// Whether SCHED_IDLE spinners keep the measured cores from halting.
    pub idle_guard: bool,
    /// The implementations that `bench` compares unless told otherwise; empty means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub implementations: Vec<ImplementationId>,
    /// The workloads that `bench` runs unless told otherwise.
    #[schemars(length(min = 1))]
    pub workloads: Vec<WorkloadId>,
    /// Numbers of connections, each a point of its own.
    #[schemars(length(min = 1), inner(range(min = 1, max = 65_535)))]
    pub connections: Vec<u32>,
    /// How long the ready server is watched before the load, for its idle cost.
    #[serde(default = "default_idle")]
    pub idle: Span,
    /// Load before measuring, in each trial: the longest; see `gates.flat_ppm`.
    pub warmup: Span,
    /// Measured load, in each trial.
    pub measure: Span,
    /// Rates at which all entries are compared beside their own pace: what they cost and how late
    /// they answer at the same load. Absent: at their own pace only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed_rates: Option<FixedRates>,
    /// How often each point is measured, each time with a fresh start of the server.
    #[schemars(range(min = 1, max = 1_000))]
    pub blocks: u32,
    /// What each server is offered of the database.
    #[serde(default)]
    pub database: DatabaseShare,
    /// Memory limit for the server, where the isolation can enforce one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_memory: Option<ByteSize>,
    /// How long a server may take until it is ready.
    #[serde(default = "default_start_timeout")]
    pub start_timeout: Span,
    /// How long a build, and a command that tells a version, may take.
    #[serde(default = "default_build_timeout")]
    pub build_timeout: Span,
    /// When a trial is not a number.
    #[serde(default)]
    pub gates: Gates,
}

/// How servers are kept to their cores and memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IsolationKind {
    /// As processes, with affinity and, where it can be had, a control group.
    #[default]
    Process,
    /// In containers built from their Dockerfiles, with a cpuset, on the host's network.
    Container,
}

/// The cores of each role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Placement {
    /// The first half of the allowed cores is the server's, the rest the generator's. On a single
    /// core they share it, which is recorded as a warning.
    Split,
    /// These cores.
    Cores(CoreSets),
}

/// See [`Placement::Cores`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CoreSets {
    /// The server's cores, by the kernel's number; at most the database shares them.
    #[schemars(length(min = 1), inner(range(max = 8191)))]
    pub server: Vec<u32>,
    /// The load generator's cores.
    #[schemars(length(min = 1), inner(range(max = 8191)))]
    pub generator: Vec<u32>,
    /// The database's cores. Where it has none of its own, the server's: a generator that waits for
    /// its core measures late. Absent means the kernel chooses among all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(inner(range(max = 8191)))]
    pub database: Vec<u32>,
}

/// What each server is offered of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DatabaseShare {
    /// Connections in total, over all workers: `DATABASE_POOL`.
    #[schemars(range(min = 1, max = 500))]
    pub pool: u32,
}

/// `DATABASE_POOL` where no profile says it: more than a few workers, far fewer than requests at
/// the same time, so that requests must share connections.
pub const DATABASE_POOL: u32 = 16;

impl Default for DatabaseShare {
    fn default() -> Self {
        Self { pool: DATABASE_POOL }
    }
}

/// Rates that are the same for all entries. Where cores are few, the fastest servers and the
/// generator saturate together and a peak says little; what a request costs at a rate that all can
/// keep says more. Batching at saturation lowers the cost, so the rate is part of the figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "FixedRatesAsWritten")]
pub struct FixedRates {
    /// The number of connections; one of the profile's.
    #[schemars(range(min = 1, max = 65_535))]
    pub connections: u32,
    /// Shares of the slowest entry's own pace, which a pilot finds, in parts per million.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(inner(range(min = 1, max = 1_000_000)))]
    pub shares_ppm: Vec<u32>,
    /// Requests per second, the same for every workload.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(inner(range(min = 1, max = 100_000_000)))]
    pub per_s: Vec<u64>,
    /// How arrivals are spread.
    #[serde(default)]
    pub arrivals: Arrivals,
}

/// [`FixedRates`] as files have them: in the unit of the flag that takes their place.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FixedRates")]
struct FixedRatesAsWritten {
    /// The number of connections; one of the profile's.
    #[schemars(range(min = 1, max = 65_535))]
    connections: u32,
    /// Shares of the slowest entry's own pace, which a pilot finds, as `--rates` takes them.
    #[serde(default)]
    shares: Vec<Share>,
    /// The same in parts per million, as records have them.
    #[serde(default)]
    #[schemars(inner(range(min = 1, max = 1_000_000)))]
    shares_ppm: Vec<u32>,
    /// Requests per second, the same for every workload.
    #[serde(default)]
    #[schemars(inner(range(min = 1, max = 100_000_000)))]
    per_s: Vec<u64>,
    /// How arrivals are spread.
    #[serde(default)]
    arrivals: Arrivals,
}

impl From<FixedRatesAsWritten> for FixedRates {
    fn from(written: FixedRatesAsWritten) -> Self {
        let FixedRatesAsWritten { connections, shares, shares_ppm, per_s, arrivals } = written;
        let of_shares = shares.into_iter().map(|Share(ppm)| ppm);
        let shares_ppm = of_shares.chain(shares_ppm).collect();
        Self { connections, shares_ppm, per_s, arrivals }
    }
}

/// Thresholds; the kinds of figures that a failed gate concerns are not numbers.
/// Shares are in parts per million, so that they are integers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Gates {
    /// Largest allowed share of responses that are errors or mismatches.
    #[schemars(range(max = 1_000_000))]
    pub errors_ppm: u32,
    /// Closed loop: the warm-up ends as soon as the change of the rate over its later half is shown
    /// to be smaller than this (90 % interval, windows of 100 ms, 2 s at least); a trial whose rate
    /// is not flat at the end of `warmup` is void. 0: always the whole warm-up, whatever the rate.
    /// The measured window of a closed loop is void where its rate is shown to change, and by more
    /// than this.
    #[schemars(range(max = 1_000_000))]
    pub flat_ppm: u32,
    /// Largest allowed |c - X*R| / c in a closed loop (Little's law).
    #[schemars(range(max = 1_000_000))]
    pub littles_law_ppm: u32,
    /// Largest allowed share of stolen CPU time.
    #[schemars(range(max = 1_000_000))]
    pub steal_ppm: u32,
    /// Least share of the offered requests that must be answered in the window of an open loop.
    #[schemars(range(max = 1_000_000))]
    pub offered_ppm: u32,
    /// Largest allowed send lag (99th percentile), as a share of the median latency.
    #[schemars(range(max = 1_000_000))]
    pub send_lag_ppm: u32,
    /// Largest CPU share of the generator's cores at which a closed loop's pace is still the
    /// server's and not the generator's, unless the server is at its limit (`server_limit_ppm`).
    #[schemars(range(max = 1_000_000))]
    pub generator_cpu_ppm: u32,
    /// Largest share of the window in which the generator's threads may have been ready to run
    /// while something else had their core.
    #[schemars(range(max = 1_000_000))]
    pub generator_delay_ppm: u32,
    /// Largest share of the window in which a thread of the server may have been ready to run while
    /// neither it nor another one of the server (nor the database) had a core.
    #[schemars(range(max = 1_000_000))]
    pub server_delay_ppm: u32,
    /// Largest share of the time of a role's cores that others may have used: what neither server,
    /// generator, database nor idle guard account for.
    #[schemars(range(max = 1_000_000))]
    pub foreign_ppm: u32,
    /// Largest share of the null server's rate, with the same response shape, that an entry may
    /// reach: beyond it, generator and machine are measured.
    #[schemars(range(max = 1_000_000))]
    pub headroom_ppm: u32,
    /// Least CPU share of the server's cores in a closed loop in which the generator is busy: a
    /// server that waits while the generator works is not at its peak.
    #[schemars(range(max = 1_000_000))]
    pub server_busy_ppm: u32,
    /// CPU share of the server's cores from which on a closed loop's rate is the server's own limit,
    /// however busy the generator is. For servers that do not spin: they use less while idle.
    #[schemars(range(max = 1_000_000))]
    pub server_limit_ppm: u32,
    /// Change of the machine from the first to the last block beyond which absolute rates of the
    /// run are not numbers.
    #[schemars(range(max = 1_000_000))]
    pub drift_ppm: u32,
}

impl Default for Gates {
    fn default() -> Self {
        Self {
            errors_ppm: 0,
            flat_ppm: 0,
            littles_law_ppm: 20_000,
            steal_ppm: 10_000,
            offered_ppm: 995_000,
            send_lag_ppm: 100_000,
            generator_cpu_ppm: 950_000,
            generator_delay_ppm: 30_000,
            server_delay_ppm: 100_000,
            foreign_ppm: 50_000,
            headroom_ppm: 900_000,
            server_busy_ppm: 700_000,
            server_limit_ppm: 970_000,
            drift_ppm: 50_000,
        }
    }
}

fn default_idle() -> Span {
    Span(std::time::Duration::from_millis(200))
}

fn default_build_timeout() -> Span {
    Span(std::time::Duration::from_secs(1800))
}

fn default_start_timeout() -> Span {
    Span(std::time::Duration::from_secs(10))
}
