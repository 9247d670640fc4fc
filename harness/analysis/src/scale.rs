//! The same entry on 1, 2, 4, ... cores: throughput, efficiency, CPU time per request.

use std::collections::BTreeSet;

use httpdyno_record::lack::weak_figures;
use httpdyno_record::rows::{Decisions, RowKey, VoidFigure};
use httpdyno_record::{Figure, Measurement, Purpose, Record, TrialRecord, WeakFigure};
use httpdyno_stats::Probability;
use serde::Serialize;

use crate::figures::Spread;
use crate::pairs::{pairs, ratio};
use crate::series::{Quantity, are_enough, blocks, numbers};

/// How one entry scales at one point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Scaling {
    /// The entry.
    pub entry: String,
    /// The workload.
    pub workload: String,
    /// Connections held.
    pub connections: u32,
    /// By number of cores.
    pub steps: Vec<ScaleStep>,
}

/// One number of cores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScaleStep {
    /// Cores of the server, and its workers.
    pub cores: u32,
    /// Right responses per second; absent where no trial is valid for throughput.
    pub throughput_per_s: Option<Spread>,
    /// CPU time per right response; absent where no trial is valid for cost.
    pub server_cpu_ns: Option<Spread>,
    /// Throughput against that of the fewest cores, paired by block, in parts per million: the
    /// estimate and the ends of its 95 % interval.
    pub speedup_ppm: Option<[u64; 3]>,
    /// The speedup over the factor of cores, in parts per million: 1 000 000 is linear scaling.
    pub efficiency_ppm: Option<u64>,
    /// Trials made.
    pub trials: u32,
    /// Kinds of figures that it does not have, and why.
    pub void: Vec<VoidFigure>,
    /// Kinds of figures that are weaker for what the run could not have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weak: Vec<WeakFigure>,
}

impl Scaling {
    /// Everything that a record says of scaling; nothing in a record of another verb.
    #[must_use]
    pub fn of(record: &Record) -> Vec<Self> {
        let of_scale = || record.trials.iter().filter(|trial| trial.purpose == Purpose::Scale);
        let keys: BTreeSet<(&str, u32, &str)> = of_scale()
            .map(|one| (one.workload.as_str(), one.connections, one.entry.as_str()))
            .collect();
        let scaling = |(workload, connections, entry): (&str, u32, &str)| {
            let here: Vec<&TrialRecord> = of_scale()
                .filter(|one| one.workload == workload && one.connections == connections)
                .filter(|one| one.entry == entry)
                .collect();
            Self {
                entry: entry.to_owned(),
                workload: workload.to_owned(),
                connections,
                steps: steps(&here, entry, record),
            }
        };
        keys.into_iter().map(scaling).collect()
    }
}

fn steps(trials: &[&TrialRecord], entry: &str, record: &Record) -> Vec<ScaleStep> {
    let cores_of = |trial: &TrialRecord| trial.enforced.workers.unwrap_or(0);
    let counts: BTreeSet<u32> = trials.iter().map(|trial| cores_of(trial)).collect();
    let with = |cores: u32| -> Vec<&TrialRecord> {
        trials.iter().copied().filter(|trial| cores_of(trial) == cores).collect()
    };
    let Some(&fewest) = counts.first() else { return Vec::new() };
    let base = with(fewest);
    counts
        .into_iter()
        .map(|cores| {
            let here = with(cores);
            let speedup = if cores == fewest { None } else { speedup(&here, &base, entry) };
            let linear = u64::from(cores) * 1_000_000 / u64::from(fewest.max(1));
            let spread = |figure: Figure, of: fn(&Measurement) -> u64| {
                let valid = here.iter().filter_map(|trial| trial.valid_for(figure));
                Spread::of(valid.map(of).collect())
            };
            ScaleStep {
                cores,
                throughput_per_s: spread(Figure::Throughput, Measurement::responses_per_s),
                server_cpu_ns: spread(Figure::Cost, Measurement::server_cpu_ns_per_response),
                speedup_ppm: speedup,
                efficiency_ppm: speedup.map(|[estimate, ..]| {
                    let ppm = u128::from(estimate) * 1_000_000 / u128::from(linear.max(1));
                    u64::try_from(ppm).unwrap_or(u64::MAX)
                }),
                trials: crate::figures::count(here.len()),
                void: void(&here, record.decisions.as_ref()),
                weak: weak_figures(&record.run, &here),
            }
        })
        .collect()
}

fn void(here: &[&TrialRecord], decisions: Option<&Decisions>) -> Vec<VoidFigure> {
    let key = here.first().and_then(|trial| RowKey::of(trial));
    key.and_then(|key| decisions?.void.get(&key).cloned()).unwrap_or_default()
}

fn speedup(here: &[&TrialRecord], base: &[&TrialRecord], entry: &str) -> Option<[u64; 3]> {
    let of = |trials| numbers(trials, entry, Quantity::Throughput);
    let pairs = pairs(of(here), of(base));
    if !are_enough(pairs.len(), blocks(here).len().max(blocks(base).len())) {
        return None;
    }
    let (_, estimate) = ratio(&pairs, 0).ok()?;
    let interval = estimate.interval(Probability::P95);
    Some([estimate.ratio().ppm(), interval.low.ppm(), interval.high.ppm()])
}
