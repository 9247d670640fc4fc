//! Who leads at a point, by the trials until now. What the report says in the end has intervals;
//! this is only to be watched.

use std::collections::BTreeMap;

use httpdyno_record::{Figure, TrialOutcome, TrialRecord};
use httpdyno_report::quantity;

/// A workload, its connections, and the rate that is offered.
type Point = (String, u32, Option<u64>);

/// Sums over the trials of one entry at one point.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    trials: u64,
    rate_per_s: u64,
    cpu: Sum,
    p99: Sum,
    errors: u64,
}

/// Of the trials in which the figure is a number.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    trials: u64,
    ns: u64,
}

impl Sum {
    fn add(&mut self, is_valid: bool, ns: u64) {
        if is_valid {
            self.trials += 1;
            self.ns += ns;
        }
    }

    fn mean(self) -> Option<u64> {
        self.ns.checked_div(self.trials)
    }
}

/// An entry's figures at a point, as the means of its trials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) entry: String,
    pub(super) rate_per_s: u64,
    /// Absent where a gate made it no number in every trial, like the next.
    pub(super) cpu_ns: Option<u64>,
    pub(super) p99_ns: Option<u64>,
    /// In all trials.
    pub(super) errors: u64,
    pub(super) trials: u64,
}

/// The trials until now.
#[derive(Debug, Default)]
pub(super) struct Ranking {
    points: BTreeMap<Point, BTreeMap<String, Sums>>,
    latest: Option<Point>,
}

impl Ranking {
    /// A trial whose rate is a number counts.
    pub(super) fn add(&mut self, trial: &TrialRecord) {
        let TrialOutcome::Measured(measured) = &trial.outcome else { return };
        if !measured.is_valid_for(Figure::Throughput) {
            return;
        }
        let point = (trial.workload.clone(), trial.connections, trial.offered_per_s);
        let entries = self.points.entry(point.clone()).or_default();
        let sums = entries.entry(trial.entry.clone()).or_default();
        sums.trials += 1;
        sums.rate_per_s += measured.responses_per_s();
        let cpu_ns = measured.server_cpu_ns_per_response();
        // That of a server that somebody else runs is not known.
        sums.cpu.add(measured.is_valid_for(Figure::Cost) && cpu_ns > 0, cpu_ns);
        sums.p99.add(measured.is_valid_for(Figure::Tail), measured.latency.p99_ns);
        sums.errors += measured.errors.values().sum::<u64>();
        self.latest = Some(point);
    }

    /// The point that was measured last, and who leads there: by rate; where that is given, by CPU
    /// time.
    pub(super) fn latest(&self) -> Option<(String, Vec<Place>)> {
        let point = self.latest.as_ref()?;
        let entries = self.points.get(point)?;
        let mut places: Vec<Place> = entries
            .iter()
            .map(|(entry, sums)| Place {
                entry: entry.clone(),
                rate_per_s: sums.rate_per_s / sums.trials,
                cpu_ns: sums.cpu.mean(),
                p99_ns: sums.p99.mean(),
                errors: sums.errors,
                trials: sums.trials,
            })
            .collect();
        let (workload, connections, offered_per_s) = point;
        match offered_per_s {
            None => places.sort_by_key(|place| std::cmp::Reverse(place.rate_per_s)),
            Some(_) => places.sort_by_key(|place| (place.cpu_ns.is_none(), place.cpu_ns)),
        }
        let offered = offered_per_s
            .map(|rate| format!(", {} req/s offered", quantity::count(rate)))
            .unwrap_or_default();
        Some((format!("{workload}, {connections} connections{offered}"), places))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use httpdyno_record::{GateFailure, LatencySummary, Measurement};

    /// A trial that went through.
    pub(in super::super) fn trial(entry: &str, per_s: u64) -> TrialRecord {
        let measured = Measurement {
            elapsed_ns: 1_000_000_000,
            responses: per_s,
            errors: BTreeMap::from([("timeout-in-head".to_owned(), 2)]),
            latency: LatencySummary { p99_ns: 4_000_000, ..LatencySummary::default() },
            server_cpu_ns: per_s * 7000,
            ..Measurement::default()
        };
        TrialRecord {
            trial: 0,
            block: 0,
            entry: entry.to_owned(),
            workload: "json".to_owned(),
            connections: 16,
            purpose: Default::default(),
            offered_per_s: None,
            started_at: jiff::Timestamp::UNIX_EPOCH,
            enforced: Default::default(),
            outcome: TrialOutcome::Measured(Box::new(measured)),
        }
    }

    #[test]
    fn the_highest_mean_rate_leads() {
        let mut ranking = Ranking::default();
        assert_eq!(ranking.latest(), None);
        for (entry, rate) in [("a", 100), ("b", 300), ("a", 200)] {
            ranking.add(&trial(entry, rate));
        }
        let (point, places) = ranking.latest().expect("a point");
        assert_eq!(point, "json, 16 connections");
        let place = |entry: &str, rate_per_s, trials| Place {
            entry: entry.to_owned(),
            rate_per_s,
            cpu_ns: Some(7000),
            p99_ns: Some(4_000_000),
            errors: 2 * trials,
            trials,
        };
        assert_eq!(places, [place("b", 300, 1), place("a", 150, 2)]);
    }

    #[test]
    fn a_figure_that_no_trial_has_is_none_and_leads_nobody() {
        let mut ranking = Ranking::default();
        for (entry, void) in [("a", vec![Figure::Cost, Figure::Tail]), ("b", vec![])] {
            let mut trial = trial(entry, 100);
            trial.offered_per_s = Some(1000);
            if let TrialOutcome::Measured(measured) = &mut trial.outcome {
                let gate =
                    GateFailure { gate: "steal".to_owned(), message: String::new(), voids: void };
                let is_disturbed = !gate.voids.is_empty();
                measured.failed_gates.extend(is_disturbed.then_some(gate));
            }
            ranking.add(&trial);
        }
        let (_, places) = ranking.latest().expect("a point");
        let of = |place: &Place| (place.entry.clone(), place.cpu_ns, place.p99_ns);
        let figures = ("b".to_owned(), Some(7000), Some(4_000_000));
        assert_eq!(
            places.iter().map(of).collect::<Vec<_>>(),
            [figures, ("a".to_owned(), None, None)]
        );
    }

    #[test]
    fn at_a_rate_that_is_given_the_lowest_cost_leads() {
        let mut ranking = Ranking::default();
        for (entry, cost) in [("a", 9000), ("b", 8000)] {
            let mut trial = trial(entry, 100);
            trial.offered_per_s = Some(1000);
            if let TrialOutcome::Measured(measured) = &mut trial.outcome {
                measured.server_cpu_ns = cost * 100;
            }
            ranking.add(&trial);
        }
        let (point, places) = ranking.latest().expect("a point");
        assert_eq!(point, "json, 16 connections, 1 000 req/s offered");
        assert_eq!(places.iter().map(|place| place.entry.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    }
}
