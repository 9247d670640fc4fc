//! Trials beside the comparison: at offered rates, and with several numbers of cores.

use std::collections::BTreeMap;

use httpdyno_record::{Figure, Purpose, Record, TrialRecord};
use serde::Serialize;

use crate::html::data::Places;

/// One trial at an offered rate.
#[derive(Serialize)]
pub(super) struct Load {
    entry: usize,
    workload: usize,
    connections: u32,
    purpose: String,
    offered: u64,
    achieved: u64,
    p50: u64,
    p99: u64,
    p999: u64,
    valid: bool,
}

impl Load {
    /// All of them, but those after an overload: their latency is the overload's.
    pub(super) fn all(record: &Record, places: &Places<'_>) -> Vec<Self> {
        let steady = record.trials.iter().filter(|trial| trial.purpose != Purpose::Recovery);
        steady.filter_map(|trial| Self::of(trial, places)).collect()
    }

    fn of(trial: &TrialRecord, places: &Places<'_>) -> Option<Self> {
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
        })
    }
}

/// One entry at one number of cores.
#[derive(Serialize)]
pub(super) struct Scale {
    entry: usize,
    workload: usize,
    connections: u32,
    cores: usize,
    /// Least, median, most.
    rate: [u64; 3],
    trials: usize,
}

impl Scale {
    /// All of them, by entry, workload, connections and cores.
    pub(super) fn all(record: &Record, places: &Places<'_>) -> Vec<Self> {
        let mut rates: BTreeMap<(usize, usize, u32, usize), Vec<u64>> = BTreeMap::new();
        for trial in record.trials.iter().filter(|trial| trial.purpose == Purpose::Scale) {
            if let Some((key, rate)) = keyed(trial, places) {
                rates.entry(key).or_default().push(rate);
            }
        }
        let scale = |((entry, workload, connections, cores), mut rates): (_, Vec<u64>)| {
            rates.sort_unstable();
            let (low, high) = (rates[(rates.len() - 1) / 2], rates[rates.len() / 2]);
            let rate = [rates[0], u64::midpoint(low, high), rates[rates.len() - 1]];
            Self { entry, workload, connections, cores, rate, trials: rates.len() }
        };
        rates.into_iter().map(scale).collect()
    }
}

fn keyed(trial: &TrialRecord, places: &Places<'_>) -> Option<((usize, usize, u32, usize), u64)> {
    let cores = trial.enforced.cores.as_ref()?.len();
    let rate = trial.valid_for(Figure::Throughput)?.responses_per_s();
    let key = (places.entry(&trial.entry)?, places.workload(&trial.workload)?);
    Some(((key.0, key.1, trial.connections, cores), rate))
}
