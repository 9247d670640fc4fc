//! `spec/profiles/*.yaml`: declared hardware, durations and gates.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::{ProfileId, WorkloadId};
use crate::units::{ByteSize, Span};

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
    /// Whether SCHED_IDLE spinners keep the measured cores from halting.
    pub idle_guard: bool,
    /// The workloads that `bench` runs unless told otherwise.
    #[schemars(length(min = 1))]
    pub workloads: Vec<WorkloadId>,
    /// Numbers of connections, each a point of its own.
    #[schemars(length(min = 1), inner(range(min = 1, max = 65_535)))]
    pub connections: Vec<u32>,
    /// Load before measuring, in each trial.
    pub warmup: Span,
    /// Measured load, in each trial.
    pub measure: Span,
    /// How often each point is measured, each time with a fresh start of the server.
    #[schemars(range(min = 1, max = 1_000))]
    pub blocks: u32,
    /// Memory limit for the server, where the isolation can enforce one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_memory: Option<ByteSize>,
    /// How long a server may take until it is ready.
    #[serde(default = "default_start_timeout")]
    pub start_timeout: Span,
    /// When a trial is not a number.
    #[serde(default)]
    pub gates: Gates,
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
    /// The server's cores, by the kernel's number; it shares them with nobody.
    #[schemars(length(min = 1), inner(range(max = 8191)))]
    pub server: Vec<u32>,
    /// The load generator's cores.
    #[schemars(length(min = 1), inner(range(max = 8191)))]
    pub generator: Vec<u32>,
    /// The database's cores, which may be the generator's; absent means the kernel chooses among
    /// all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(inner(range(max = 8191)))]
    pub database: Vec<u32>,
}

/// Thresholds; a trial that fails one is invalid and never a number.
/// Shares are in parts per million, so that they are integers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Gates {
    /// Largest allowed share of responses that are errors or mismatches.
    #[schemars(range(max = 1_000_000))]
    pub errors_ppm: u32,
    /// Largest allowed |c - X*R| / c in a closed loop (Little's law).
    #[schemars(range(max = 1_000_000))]
    pub littles_law_ppm: u32,
    /// Largest allowed share of stolen CPU time.
    #[schemars(range(max = 1_000_000))]
    pub steal_ppm: u32,
}

impl Default for Gates {
    fn default() -> Self {
        Self { errors_ppm: 0, littles_law_ppm: 20_000, steal_ppm: 10_000 }
    }
}

fn default_start_timeout() -> Span {
    Span(std::time::Duration::from_secs(10))
}
