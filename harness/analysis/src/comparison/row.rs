//! What was measured of one entry at one point.

use httpdyno_record::rows::VoidFigure;
use httpdyno_record::{Figure, Role, WeakFigure};
use serde::Serialize;

use super::database::{DatabaseFigures, RouteFigures};
use super::invalid::Invalid;
use crate::figures::Figures;
use crate::ranking::Rank;
use crate::series::Quantity;
use crate::versus::Versus;
use crate::void;
use crate::weak::mark;

/// What was measured of one entry at one point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The entry.
    pub entry: String,
    /// What it is.
    pub role: Role,
    /// Trials that were made.
    pub trials: u32,
    /// Why some of them are not numbers; one for each.
    pub invalid: Vec<Invalid>,
    /// What the valid trials say; absent where there is none.
    pub figures: Option<Figures>,
    /// Its throughput against the baseline's; absent for the baseline itself, where fewer than
    /// two blocks hold a valid trial of both, and where the rate is given.
    pub versus_baseline: Option<Versus>,
    /// Its CPU time per request against the baseline's.
    pub cpu_versus_baseline: Option<Versus>,
    /// Its 99th percentile of latency against the baseline's.
    pub p99_versus_baseline: Option<Versus>,
    /// The database's part; absent where none was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<DatabaseFigures>,
    /// Each route apart, of a workload with several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<RouteFigures>,
    /// Its place; absent where it is not ranked.
    pub rank: Option<Rank>,
    /// Why it has no place.
    pub not_ranked: Option<String>,
    /// The kinds of figures that it does not have, and what took them.
    pub void: Vec<VoidFigure>,
    /// The kinds of figures that are weaker for what the run could not have; they are marked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weak: Vec<WeakFigure>,
    /// The latencies of all its trials together, as a curve over percentiles.
    #[serde(skip)]
    pub curve: Option<Vec<u64>>,
}

impl Row {
    /// What stands in the cell of a figure of this kind that the row does not have: what took it,
    /// and how many blocks were left. Nothing where it has it.
    #[must_use]
    pub fn why_void(&self, figure: Figure) -> Option<String> {
        void::text(&self.void, figure)
    }

    /// What stands before a figure of this kind: something where it is weaker than it should be.
    #[must_use]
    pub fn mark(&self, figure: Figure) -> &'static str {
        mark(&self.weak, figure)
    }

    /// Its ratio to the baseline's in this quantity; absent for the baseline, and for what is not
    /// compared.
    #[must_use]
    pub fn versus(&self, quantity: Quantity) -> Option<&Versus> {
        match quantity {
            Quantity::Throughput => self.versus_baseline.as_ref(),
            Quantity::CpuPerRequest => self.cpu_versus_baseline.as_ref(),
            Quantity::LatencyP99 => self.p99_versus_baseline.as_ref(),
            Quantity::LatencyP50 | Quantity::Memory => None,
        }
    }
}
