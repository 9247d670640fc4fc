//! What is beside the comparison: trials at offered rates, capacities, several numbers of cores.

use httpdyno_analysis::capacity::closed_loop;
use httpdyno_record::capacity::{Shown, VOID};
use httpdyno_record::lack::weak_kinds;
use httpdyno_record::{
    CapacityRecord, CapacitySearch, Figure, Objective, Purpose, Record, TrialRecord,
};
use serde::Serialize;

use crate::capacity::{objective, recovery_line};
use crate::html::data::Places;
use crate::legible::one_line;
use crate::line::triple;
use crate::quantity::count;
use crate::scale::{ScaleStep, Scaling};

/// One trial at an offered rate.
#[derive(Serialize)]
pub(super) struct Load {
    entry: usize,
    pub(super) workload: usize,
    connections: u32,
    purpose: String,
    offered: u64,
    achieved: u64,
    p50: u64,
    p99: u64,
    p999: u64,
    /// Its median is a number.
    valid: bool,
    /// So is what is above.
    tail_valid: bool,
    /// The kinds of figures that are weaker than they should be.
    weak: String,
}

impl Load {
    /// All of them, but those after an overload: their latency is the overload's.
    pub(super) fn all(record: &Record, places: &Places<'_>) -> Vec<Self> {
        let steady = record.trials.iter().filter(|trial| trial.purpose != Purpose::Recovery);
        steady.filter_map(|trial| Self::of(record, trial, places)).collect()
    }

    fn of(record: &Record, trial: &TrialRecord, places: &Places<'_>) -> Option<Self> {
        let measured = trial.measurement()?;
        Some(Self {
            entry: places.entry(&trial.entry)?,
            workload: places.workload(&trial.workload)?,
            connections: trial.connections,
            purpose: trial.purpose.to_string(),
            offered: trial.offered_per_s?,
            achieved: measured.responses_per_s(),
            p50: measured.latency.p50_ns,
            p99: measured.latency.p99_ns,
            p999: measured.latency.p999_ns,
            valid: measured.is_valid_for(Figure::Latency),
            tail_valid: measured.is_valid_for(Figure::Tail),
            weak: named(weak_kinds(&record.run, trial).into_iter()),
        })
    }
}

/// One entry at one number of cores.
#[derive(Serialize)]
pub(super) struct Scale {
    entry: usize,
    pub(super) workload: usize,
    connections: u32,
    cores: u32,
    /// Least, median, most.
    rate: Option<[u64; 3]>,
    cpu: Option<[u64; 3]>,
    /// To the fewest cores, in parts per million: lower end, estimate, upper end.
    speedup: Option<[u64; 3]>,
    /// The speedup over the factor of cores, in parts per million.
    efficiency: Option<u64>,
    trials: u32,
    /// The kinds of figures that are weaker than they should be.
    weak: String,
}

fn named(kinds: impl Iterator<Item = Figure>) -> String {
    kinds.map(|kind| kind.to_string()).collect::<Vec<_>>().join(", ")
}

impl Scale {
    /// All of them, by workload, connections, entry and cores.
    pub(super) fn all(record: &Record, places: &Places<'_>) -> Vec<Self> {
        let scalings = Scaling::of(record);
        scalings.iter().flat_map(|scaling| Self::of(scaling, places).unwrap_or_default()).collect()
    }

    fn of(scaling: &Scaling, places: &Places<'_>) -> Option<Vec<Self>> {
        let (entry, workload) =
            (places.entry(&scaling.entry)?, places.workload(&scaling.workload)?);
        let scale = |step: &ScaleStep| Self {
            entry,
            workload,
            connections: scaling.connections,
            cores: step.cores,
            rate: step.throughput_per_s.map(triple),
            cpu: step.server_cpu_ns.map(triple),
            speedup: step.speedup_ppm.map(|[estimate, low, high]| [low, estimate, high]),
            efficiency: step.efficiency_ppm,
            trials: step.trials,
            weak: named(step.weak.iter().map(|weak| weak.figure)),
        };
        Some(scaling.steps.iter().map(scale).collect())
    }
}

/// What a search for the capacity came to.
#[derive(Serialize)]
pub(super) struct Capacity {
    entry: usize,
    pub(super) workload: usize,
    connections: u32,
    /// Absent where a gate made it no figure.
    closed_loop: Option<u64>,
    ending: String,
    /// Lower end, estimate, upper end; absent where trials do not lie on both sides of it.
    rate: Option<[u64; 3]>,
    /// What stands in its place where trials lie on one side alone: `below 1 234`.
    bound: Option<String>,
    probes: usize,
    recovery: Option<String>,
}

impl Capacity {
    pub(super) fn all(
        record: &Record,
        found: Option<&CapacityRecord>,
        places: &Places<'_>,
    ) -> Vec<Self> {
        let searches = found.map(|found| found.searches.as_slice()).unwrap_or_default();
        searches.iter().filter_map(|search| Self::of(record, search, places)).collect()
    }

    fn of(record: &Record, search: &CapacitySearch, places: &Places<'_>) -> Option<Self> {
        let (rate, bound) = match search.shown() {
            Shown::Within { low_per_s, rate_per_s, high_per_s } => {
                (Some([low_per_s, rate_per_s, high_per_s]), None)
            }
            Shown::Below(missed) => (None, Some(format!("below {}", count(missed)))),
            Shown::AtLeast(met) => (None, Some(format!("at least {}", count(met)))),
            Shown::Nothing => (None, None),
        };
        let counted = search.steps.iter().filter(|step| !step.soak && step.answer != VOID);
        Some(Self {
            entry: places.entry(&search.entry)?,
            workload: places.workload(&search.workload)?,
            connections: search.connections,
            closed_loop: closed_loop(record, search),
            ending: one_line(&search.ending),
            rate,
            bound,
            probes: counted.count(),
            recovery: search.recovery.as_ref().map(recovery_line),
        })
    }
}

/// What was asked for in the searches.
#[derive(Serialize)]
pub(super) struct Asked {
    words: String,
    percentile_milli: u32,
    latency: u64,
}

impl Asked {
    pub(super) fn of(found: &CapacityRecord) -> Self {
        let Objective { percentile_milli, latency_ns, .. } = found.objective;
        Self { words: objective(&found.objective), percentile_milli, latency: latency_ns }
    }
}
