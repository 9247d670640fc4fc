//! What a row and a trial are for.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an entry of the record is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A server that is compared.
    #[default]
    Entry,
    /// The harness's own fixed-response loop: its rate is the ceiling of the set-up. It is never
    /// ranked.
    NullServer,
    /// The null server as a process, in a run whose entries are containers: what a container costs
    /// is read off it. It is never ranked.
    NullProcess,
    /// Something that figures are put beside, such as pgbench: it is never ranked.
    Reference,
}

/// What a trial is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// The comparison of entries, at the workload's own pace.
    #[default]
    Compare,
    /// Finding out about noise and rates before the comparison; it is no part of it.
    Pilot,
    /// The comparison of entries at a rate that all of them can keep.
    FixedRate,
    /// A probe of the search for the capacity.
    Probe,
    /// The long trial that confirms a capacity.
    Soak,
    /// A point of the curve of latency against offered load.
    Curve,
    /// After an overload: how long until latency is what it was.
    Recovery,
    /// A point of the curve over numbers of cores.
    Scale,
}

impl Purpose {
    /// Whether a trial for this is part of the comparison of entries, and not of a search, a curve
    /// or a pilot.
    #[must_use]
    pub fn is_compared(self) -> bool {
        matches!(self, Self::Compare | Self::FixedRate)
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Compare => "compare",
            Self::Pilot => "pilot",
            Self::FixedRate => "fixed-rate",
            Self::Probe => "probe",
            Self::Soak => "soak",
            Self::Curve => "curve",
            Self::Recovery => "recovery",
            Self::Scale => "scale",
        })
    }
}

/// A kind of figure, for what a gate makes void.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Figure {
    /// Right responses per second.
    Throughput,
    /// All percentiles of latency.
    Latency,
    /// Percentiles of latency above the median.
    Tail,
    /// CPU time (and memory) per response, at the rate of the trial.
    Cost,
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Throughput => "throughput",
            Self::Latency => "latency",
            Self::Tail => "tail latency",
            Self::Cost => "cost",
        })
    }
}
