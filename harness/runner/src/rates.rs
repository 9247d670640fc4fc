//! The rates at which all entries are compared beside their own pace.

use httpdyno_record::{Figure, TrialRecord};
use httpdyno_spec::id::WorkloadId;
use httpdyno_spec::profile::FixedRates;

use crate::schedule::Point;

/// The fixed-rate points of `workload`: the declared rates, and shares of the slowest entry's own
/// pace in `pilot`. An entry that failed there has no pace; a rate limited by the generator is
/// still one that the entry can keep.
pub(crate) fn points(
    rates: &FixedRates,
    workload: &WorkloadId,
    pilot: &[TrialRecord],
) -> Vec<Point> {
    let paces = pilot
        .iter()
        .filter(|trial| trial.workload == workload.as_str())
        .filter_map(|trial| Some(trial.valid_for(Figure::Cost)?.responses_per_s()));
    let slowest = paces.min().unwrap_or(0);
    let of_share = |&share: &u32| {
        let rate = u128::from(slowest) * u128::from(share) / 1_000_000;
        two_digits(u64::try_from(rate).unwrap_or(u64::MAX))
    };
    let mut all: Vec<u64> =
        rates.per_s.iter().copied().chain(rates.shares_ppm.iter().map(of_share)).collect();
    all.retain(|&rate| rate > 0);
    all.sort_unstable();
    all.dedup();
    let point = |rate| Point {
        workload: workload.clone(),
        connections: rates.connections,
        rate_per_s: Some(rate),
    };
    all.into_iter().map(point).collect()
}

/// Rounded down to two digits: a rate found by a pilot is not known better, and round rates can be
/// repeated.
fn two_digits(rate: u64) -> u64 {
    let mut unit = 1;
    while rate / unit >= 100 {
        unit *= 10;
    }
    rate / unit * unit
}

#[cfg(test)]
mod tests {
    use super::{points, two_digits};
    use crate::made_up;
    use httpdyno_record::{Gate, GateFailure, Measurement, Purpose, TrialRecord};
    use httpdyno_spec::profile::FixedRates;

    fn pilot(workload: &str, per_s: u64, gate: Option<Gate>) -> TrialRecord {
        let failure = |gate| GateFailure::of(gate, &[], String::new());
        let measurement = Measurement {
            elapsed_ns: 1_000_000_000,
            responses: per_s,
            failed_gates: gate.map(failure).into_iter().collect(),
            ..Measurement::default()
        };
        TrialRecord {
            workload: workload.to_owned(),
            connections: 64,
            purpose: Purpose::Pilot,
            ..made_up::trial(measurement)
        }
    }

    fn rates(shares_ppm: &[u32], per_s: &[u64]) -> FixedRates {
        let (shares_ppm, per_s) = (shares_ppm.to_vec(), per_s.to_vec());
        FixedRates { connections: 64, shares_ppm, per_s, arrivals: Default::default() }
    }

    fn found(rates: &FixedRates, pilot: &[TrialRecord]) -> Vec<u64> {
        let points = points(rates, &"json".parse().expect("id"), pilot);
        assert!(points.iter().all(|point| point.connections == 64));
        points.into_iter().filter_map(|point| point.rate_per_s).collect()
    }

    #[test]
    fn shares_are_of_the_slowest_valid_entry_of_the_workload() {
        let trials = [
            pilot("json", 86_420, None),
            pilot("json", 43_210, None),
            pilot("json", 10, Some(Gate::Errors)),
            pilot("users", 5, None),
        ];
        assert_eq!(found(&rates(&[500_000, 250_000], &[]), &trials), [10_000, 21_000]);
    }

    #[test]
    fn declared_rates_need_no_pilot() {
        assert_eq!(found(&rates(&[], &[12_345, 500]), &[]), [500, 12_345]);
        assert_eq!(found(&rates(&[500_000], &[]), &[]), Vec::<u64>::new());
    }

    #[test]
    fn rates_are_rounded_to_two_digits() {
        let rounded = [0, 7, 99, 100, 129, 21_605].map(two_digits);
        assert_eq!(rounded, [0, 7, 99, 100, 120, 21_000]);
    }
}
