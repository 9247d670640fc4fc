//! What the database did for an entry, and each route of a mixed workload apart.

use httpdyno_record::{DatabaseUse, Figure, Measurement, RouteMeasurement, TrialRecord};
use httpdyno_stats::histogram::{HistogramError, Recorder};
use serde::Serialize;

use crate::figures::{Latency, Spread, exact};
use crate::series::Quantity;
use crate::versus::{Method, Versus};

/// The database's part of an entry's valid trials at one point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DatabaseFigures {
    /// Statements that the entry had executed per second; absent where they were not counted.
    pub statements_per_s: Option<Spread>,
    /// CPU time of the database per right response; absent where it could not be read.
    pub cpu_ns: Option<Spread>,
    /// The entry's throughput against that of the reference; absent where there is none.
    pub versus_reference: Option<Reference>,
}

/// Throughput beside that of a reference such as pgbench.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// Its name.
    pub name: String,
    /// The ratio of the medians, in parts per million.
    pub ratio_ppm: u64,
    /// The ratio with its interval, paired by block; absent where fewer than two blocks hold both.
    pub paired: Option<Versus>,
}

/// One route of a workload over an entry's valid trials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RouteFigures {
    /// Its name in the workload.
    pub route: String,
    /// Right responses in all.
    pub responses: u64,
    /// As of the whole row.
    pub latency: Latency,
}

impl DatabaseFigures {
    /// None where no database was offered in a trial that is valid for cost or throughput.
    pub(super) fn of(own: &[&TrialRecord], versus_reference: Option<Reference>) -> Option<Self> {
        let spread = |kind: Figure, figure: fn(&Measurement, &DatabaseUse) -> Option<u64>| {
            let valid = own.iter().filter_map(|trial| trial.valid_for(kind));
            let used = valid.filter_map(|one| Some((one, one.database.as_ref()?)));
            let values: Option<Vec<u64>> =
                used.map(|(measurement, database)| figure(measurement, database)).collect();
            values.and_then(Spread::of)
        };
        let of_database = |trial: &&TrialRecord| {
            let kinds = [Figure::Throughput, Figure::Cost];
            kinds.iter().any(|kind| trial.valid_for(*kind).is_some_and(|it| it.database.is_some()))
        };
        own.iter().copied().find(of_database)?;
        Some(Self {
            statements_per_s: spread(Figure::Throughput, |one, database| {
                per(u128::from(database.statements?) * 1_000_000_000, one.elapsed_ns)
            }),
            cpu_ns: spread(Figure::Cost, |one, database| {
                per(u128::from(database.cpu_ns?), one.responses)
            }),
            versus_reference,
        })
    }
}

impl Reference {
    /// `entry` beside `reference` in the trials of one point; none where one has no valid trial.
    pub(super) fn of(
        trials: &[&TrialRecord],
        entry: &str,
        reference: &str,
        method: Method,
    ) -> Option<Self> {
        let median = |name: &str| {
            let own = trials.iter().filter(|trial| trial.entry == name);
            let rates: Vec<u64> = own
                .filter_map(|trial| Some(trial.valid_for(Figure::Throughput)?.responses_per_s()))
                .collect();
            Some(Spread::of(rates)?.median)
        };
        let ratio_ppm = per(u128::from(median(entry)?) * 1_000_000, median(reference)?)?;
        let paired = Versus::of(trials, entry, reference, Quantity::Throughput, method);
        Some(Self { name: reference.to_owned(), ratio_ppm, paired })
    }
}

impl RouteFigures {
    /// Each route, in the workload's order; none of a workload with a single one.
    pub(super) fn of(own: &[&TrialRecord]) -> Result<Vec<Self>, HistogramError> {
        let valid = own.iter().filter_map(|it| Some((it.block, it.valid_for(Figure::Tail)?)));
        let valid: Vec<(u32, &Measurement)> = valid.collect();
        let Some((_, first)) = valid.first() else { return Ok(Vec::new()) };
        first.routes.iter().map(|route| Self::of_route(&route.route, &valid)).collect()
    }

    fn of_route(name: &str, valid: &[(u32, &Measurement)]) -> Result<Self, HistogramError> {
        let all = valid.iter().flat_map(|(block, one)| one.routes.iter().map(|it| (*block, it)));
        let own: Vec<(u32, &RouteMeasurement)> =
            all.filter(|(_, route)| route.route == name).collect();
        let mut merged = Recorder::new();
        for (_, route) in &own {
            merged.add(&exact(&route.latency_hdr, route.latency.max_ns)?);
        }
        let merged = merged.drain();
        let starts: Vec<_> = own.iter().map(|(block, route)| (*block, route.latency)).collect();
        Ok(Self {
            route: name.to_owned(),
            responses: own.iter().map(|(_, route)| route.responses).sum(),
            latency: Latency::of(merged.quantile_ns(0.5), &starts),
        })
    }
}

fn per(dividend: u128, divisor: u64) -> Option<u64> {
    dividend.checked_div(u128::from(divisor)).and_then(|quotient| u64::try_from(quotient).ok())
}
