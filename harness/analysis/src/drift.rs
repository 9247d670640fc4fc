//! Whether the machine changed between the first and the last block: at a point, and over a run.
//!
//! Blocks cancel drift from ratios; from absolute rates nothing does. Only what is a number enters:
//! a trial that a gate made void says nothing of the machine's pace.

use std::collections::BTreeMap;

use httpdyno_record::{Gate, Purpose, TrialRecord};
use httpdyno_stats::{Effect, Probability, drift};
use serde::Serialize;

use crate::series::{Quantity, blocks, geometric_mean, numbers};

/// How one point's numbers changed over the blocks, over all entries that have them in each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// What was looked at.
    pub quantity: Quantity,
    /// The last block to the first, as measured, in parts per million.
    pub observed_ppm: u64,
    /// The same along the line through all blocks; absent with fewer than three.
    pub trend_ppm: Option<u64>,
    /// The 95 % interval of the trend.
    pub trend_interval_ppm: Option<[u64; 2]>,
    /// What can be said of it.
    pub steadiness: Steadiness,
    /// The change that the profile allows, in parts per million.
    pub allowed_ppm: u32,
    /// The entries it is over.
    pub entries: Vec<String>,
}

/// What can be said of the machine over the blocks; see [`drift::Steadiness`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Steadiness {
    /// It certainly changed by more than is allowed.
    Drifted,
    /// It certainly did not.
    Steady,
    /// Neither is certain.
    Unknown,
}

impl From<drift::Steadiness> for Steadiness {
    fn from(found: drift::Steadiness) -> Self {
        match found {
            drift::Steadiness::Drifted => Self::Drifted,
            drift::Steadiness::Steady => Self::Steady,
            drift::Steadiness::Unknown => Self::Unknown,
        }
    }
}

impl Drift {
    pub(crate) fn of(
        trials: &[&TrialRecord],
        entries: &[&str],
        quantity: Quantity,
        allowed_ppm: u32,
    ) -> Option<Self> {
        let blocks = blocks(trials);
        let series = |entry: &&str| {
            let own = whole(trials, entry, &blocks, quantity)?;
            Some(((*entry).to_owned(), own))
        };
        let (names, series): (Vec<_>, Vec<_>) = entries.iter().filter_map(series).unzip();
        let found = over(&series)?;
        let interval = found.trend.map(|trend| trend.interval(Probability::P95));
        Some(Self {
            quantity,
            observed_ppm: found.observed.ppm(),
            trend_ppm: found.trend.map(|trend| trend.change().ppm()),
            trend_interval_ppm: interval.map(|interval| [interval.low.ppm(), interval.high.ppm()]),
            steadiness: found.judge(Effect::from_ppm(allowed_ppm)).into(),
            allowed_ppm,
            entries: names,
        })
    }
}

/// The numbers of `entry`, one for each block; nothing where it has none in one of them.
fn whole(
    trials: &[&TrialRecord],
    entry: &str,
    blocks: &[u32],
    quantity: Quantity,
) -> Option<Vec<u64>> {
    let own = numbers(trials, entry, quantity);
    blocks.iter().map(|block| geometric_mean(own.get(block)?)).collect()
}

fn over(series: &[Vec<u64>]) -> Option<drift::Drift> {
    let slices: Vec<&[u64]> = series.iter().map(Vec::as_slice).collect();
    drift::drift(&slices)
}

/// What a reader must know of a whole run, when the rates at the servers' own pace drifted by more
/// than `limit_ppm`: those of `null_server` where it ran, else those of all entries. Rows of
/// `trials` are decided.
#[must_use]
pub fn warning(trials: &[TrialRecord], null_server: &str, limit_ppm: u32) -> Option<String> {
    let has_null = trials.iter().any(|trial| trial.entry == null_server);
    let speaks = |trial: &&TrialRecord| {
        trial.purpose == Purpose::Compare && (!has_null || trial.entry == null_server)
    };
    let speaking: Vec<&TrialRecord> = trials.iter().filter(speaks).collect();
    let drift = over(&of_all_points(&speaking))?;
    let limit = Effect::from_ppm(limit_ppm);
    let interval = drift.trend?.interval(Probability::P95);
    (drift.judge(limit) == drift::Steadiness::Drifted).then(|| {
        let whose = if has_null { "the null server's rates" } else { "the rates of all entries" };
        format!(
            "gate {}: {whose} in the last block are {interval} of those in the first (95 % \
             interval), allowed is a change of {limit}: the machine changed, and absolute rates of \
             this run are not numbers; ratios within blocks are. Measure when nothing else runs",
            Gate::Drift
        )
    })
}

/// The rates of everyone at each point, over the blocks of all. An offered rate says nothing of the
/// machine.
fn of_all_points(trials: &[&TrialRecord]) -> Vec<Vec<u64>> {
    let blocks = blocks(trials);
    let mut rows: BTreeMap<_, Vec<&TrialRecord>> = BTreeMap::new();
    for &trial in trials.iter().filter(|trial| trial.offered_per_s.is_none()) {
        let row = (trial.entry.as_str(), trial.workload.as_str(), trial.connections);
        rows.entry(row).or_default().push(trial);
    }
    let of_row =
        |here: &Vec<&TrialRecord>| whole(here, &here.first()?.entry, &blocks, Quantity::Throughput);
    rows.values().filter_map(of_row).collect()
}

#[cfg(test)]
mod tests {
    use httpdyno_record::{Figure, GateFailure, Measurement, TrialOutcome, TrialRecord};

    use super::warning;
    use crate::made_up;

    fn trial(entry: &str, block: u32, per_s: u64) -> TrialRecord {
        let measurement =
            Measurement { elapsed_ns: 1_000_000_000, responses: per_s, ..Measurement::default() };
        made_up::trial(entry, block, measurement)
    }

    fn run(entry: &str, change_per_block: i64) -> Vec<TrialRecord> {
        let rate = |block: i64| 100_000 + change_per_block * block + (block % 2) * 100;
        (0..8).map(|block| trial(entry, block as u32, rate(block) as u64)).collect()
    }

    fn said(trials: &[TrialRecord]) -> Option<String> {
        warning(trials, "null-server", 50_000)
    }

    #[test]
    fn a_machine_that_becomes_slower_is_said() {
        assert_eq!(said(&run("a", 0)), None);
        let text = said(&run("a", -2_000)).expect("it drifted");
        assert!(text.starts_with("gate drift: the rates of all entries"), "{text}");
    }

    #[test]
    fn the_null_server_speaks_for_the_machine() {
        let mut trials = run("a", -2_000);
        trials.extend(run("null-server", 0));
        assert_eq!(said(&trials), None);
        trials.extend(run("null-server", -4_000));
        assert!(said(&trials).expect("it drifted").contains("null server"));
    }

    #[test]
    fn a_rate_that_is_no_number_says_nothing_of_the_machine() {
        let mut trials = run("a", 0);
        trials.extend(run("b", -4_000));
        assert!(said(&trials).is_some(), "one of two fell by a quarter");
        for trial in trials.iter_mut().filter(|trial| trial.entry == "b") {
            let TrialOutcome::Measured(measured) = &mut trial.outcome else { continue };
            let (gate, message) = ("window".to_owned(), String::new());
            measured.failed_gates.push(GateFailure { gate, message, voids: vec![Figure::Cost] });
        }
        assert!(said(&trials).is_some(), "its rates are numbers still");
        for trial in trials.iter_mut().filter(|trial| trial.entry == "b") {
            let TrialOutcome::Measured(measured) = &mut trial.outcome else { continue };
            measured.failed_gates[0].voids.clear();
        }
        assert_eq!(said(&trials), None);
    }

    #[test]
    fn nothing_to_compare_is_no_drift() {
        assert_eq!(warning(&[], "null-server", 0), None);
        assert_eq!(warning(&[trial("a", 0, 5)], "null-server", 0), None);
    }
}
