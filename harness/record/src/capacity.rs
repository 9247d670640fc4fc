//! `capacity.json`: what a search for the highest rate under an objective came to. Its trials are
//! in `trials.jsonl` like all others.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The whole of `capacity.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CapacityRecord {
    /// The objective.
    pub objective: Objective,
    /// One search for each entry.
    pub searches: Vec<CapacitySearch>,
}

/// A service level objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Objective {
    /// The percentile, in thousandths of a per cent: 99 000 is p99.
    pub percentile_milli: u32,
    /// The most that the percentile of response latency may be.
    pub latency_ns: u64,
    /// The largest share of errors and wrong responses, in parts per million.
    pub errors_ppm: u32,
    /// The least share of the offered requests that must be answered rightly in the window.
    pub goodput_ppm: u32,
}

/// One entry's search.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CapacitySearch {
    /// The entry.
    pub entry: String,
    /// The workload.
    pub workload: String,
    /// Connections held.
    pub connections: u32,
    /// What a closed loop of so many connections reached.
    pub closed_loop_per_s: u64,
    /// How it ended: `confirmed`, `not-confirmed`, `never-met`, `always-met`, `too-many-probes`,
    /// `too-many-voids`, `failed` or `interrupted`.
    pub ending: String,
    /// The highest rate at which the objective is met.
    pub rate_per_s: u64,
    /// Lower end of its 95 % interval.
    pub low_per_s: u64,
    /// Upper end of its 95 % interval.
    pub high_per_s: u64,
    /// What was tried, in order.
    pub steps: Vec<CapacityStep>,
    /// What an overload did; absent where none was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Recovery>,
}

/// One probe or soak.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CapacityStep {
    /// The number of its trial.
    pub trial: u32,
    /// Requests offered per second.
    pub offered_per_s: u64,
    /// Whether it was a soak.
    pub soak: bool,
    /// `met`, `missed` or `void`.
    pub answer: String,
    /// Why it was not met; empty where it was.
    pub why: String,
}

/// An overload and what came after it, on one start of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recovery {
    /// Requests offered per second in the overload.
    pub overload_per_s: u64,
    /// How long it was.
    pub overload_ns: u64,
    /// Requests offered per second after it.
    pub after_per_s: u64,
    /// From the end of the overload until the objective's latency was met for good, rounded up to
    /// whole seconds; absent where it was not met within what was watched.
    pub recovered_ns: Option<u64>,
    /// How long was watched after the overload.
    pub watched_ns: u64,
}
