//! A record as the comparison it holds: for each point, a row for each entry. Pure.

use httpdyno_record::{EntryRecord, Measurement, Purpose, Record, Role, TrialOutcome, TrialRecord};
use httpdyno_stats::histogram::{Histogram, HistogramError};
use serde::Serialize;

use crate::versus::Versus;

mod database;

pub use database::{DatabaseFigures, Reference, RouteFigures};

/// Everything that was measured, point by point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The entry that the others are compared with: the first one that was measured.
    pub baseline: Option<String>,
    /// By workload and number of connections.
    pub points: Vec<Point>,
}

/// One workload at one number of connections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Point {
    /// The workload.
    pub workload: String,
    /// Connections held.
    pub connections: u32,
    /// A row for each entry, the highest median throughput first; entries without a valid trial
    /// come last.
    pub rows: Vec<Row>,
}

/// What was measured of one entry at one point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The entry.
    pub entry: String,
    /// Whether it is compared, or there to be compared with.
    pub role: Role,
    /// Trials that were made.
    pub trials: u32,
    /// Why some of them are not numbers; one for each.
    pub invalid: Vec<Invalid>,
    /// What the valid trials say; absent where there is none.
    pub figures: Option<Figures>,
    /// Its throughput against the baseline's; absent for the baseline itself, and where fewer than
    /// two blocks hold a valid trial of both.
    pub versus_baseline: Option<Versus>,
    /// The database's part; absent where none was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<DatabaseFigures>,
    /// Each route apart, of a workload with several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<RouteFigures>,
}

/// Why a trial is not a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Invalid {
    /// `gate` and its name, or the stage that failed.
    pub cause: String,
    /// What happened, in words.
    pub message: String,
}

/// The figures of an entry's valid trials at one point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Valid trials.
    pub trials: u32,
    /// Right responses per second.
    pub throughput_per_s: Spread,
    /// CPU time of the server per right response.
    pub server_cpu_ns: Spread,
    /// Latency over all valid trials, from their merged histograms.
    pub latency: Latency,
    /// The largest peak of resident memory.
    pub peak_rss_bytes: u64,
}

/// The spread of a figure over the trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// The smallest.
    pub min: u64,
    /// The median; of an even number of trials, the mean of the two in the middle.
    pub median: u64,
    /// The largest.
    pub max: u64,
}

/// Percentiles in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Latency {
    /// Median.
    pub p50_ns: u64,
    /// 99th percentile.
    pub p99_ns: u64,
    /// 99.9th percentile.
    pub p999_ns: u64,
    /// Largest value.
    pub max_ns: u64,
}

impl Comparison {
    /// The comparison that `record` holds.
    ///
    /// # Errors
    /// When a histogram in it cannot be decoded.
    pub fn of(record: &Record) -> Result<Self, HistogramError> {
        let mut points: Vec<(String, u32)> = Vec::new();
        for trial in compared(record) {
            let point = (trial.workload.clone(), trial.connections);
            if !points.contains(&point) {
                points.push(point);
            }
        }
        points.sort();
        let baseline = baseline(record);
        let points = points
            .into_iter()
            .map(|(workload, connections)| {
                Point::of(record, workload, connections, baseline.as_deref())
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { baseline, points })
    }
}

/// The trials that compare entries; pilots, probes and curves are no part of it.
fn compared(record: &Record) -> impl Iterator<Item = &TrialRecord> {
    record.trials.iter().filter(|trial| trial.purpose == Purpose::Compare)
}

/// The first entry that has trials.
fn baseline(record: &Record) -> Option<String> {
    let has_trials = |name: &str| record.trials.iter().any(|trial| trial.entry == name);
    let ranked = record.run.entries.iter().filter(|entry| entry.role == Role::Entry);
    ranked.map(|entry| &entry.entry).find(|name| has_trials(name)).cloned()
}

/// What figures are put beside.
fn reference(record: &Record) -> Option<&str> {
    let mut entries = record.run.entries.iter();
    entries.find(|entry| entry.role == Role::Reference).map(|entry| entry.entry.as_str())
}

impl Point {
    fn of(
        record: &Record,
        workload: String,
        connections: u32,
        baseline: Option<&str>,
    ) -> Result<Self, HistogramError> {
        let here: Vec<&TrialRecord> = compared(record)
            .filter(|trial| trial.workload == workload && trial.connections == connections)
            .collect();
        let mut rows = record
            .run
            .entries
            .iter()
            .map(|entry| Row::of(entry, &here, baseline, reference(record)))
            .filter(|row| !matches!(row, Ok(Row { trials: 0, .. })))
            .collect::<Result<Vec<_>, _>>()?;
        let throughput = |row: &Row| row.figures.map(|figures| figures.throughput_per_s.median);
        rows.sort_by_key(|row| std::cmp::Reverse(throughput(row)));
        Ok(Self { workload, connections, rows })
    }
}

impl Row {
    fn of(
        entry: &EntryRecord,
        trials: &[&TrialRecord],
        baseline: Option<&str>,
        reference: Option<&str>,
    ) -> Result<Self, HistogramError> {
        let (role, entry) = (entry.role, entry.entry.as_str());
        let own: Vec<&&TrialRecord> = trials.iter().filter(|trial| trial.entry == entry).collect();
        let valid: Vec<&Measurement> = own.iter().filter_map(|trial| trial.valid()).collect();
        Ok(Self {
            entry: entry.to_owned(),
            role,
            trials: u32::try_from(own.len()).unwrap_or(u32::MAX),
            invalid: own.iter().filter_map(|trial| why_invalid(trial)).collect(),
            figures: Figures::of(&valid)?,
            versus_baseline: baseline
                .filter(|baseline| *baseline != entry && role == Role::Entry)
                .and_then(|baseline| Versus::of(trials, entry, baseline)),
            database: DatabaseFigures::of(
                &valid,
                reference.and_then(|name| Reference::of(trials, entry, name)),
            ),
            routes: RouteFigures::of(&valid)?,
        })
    }
}

impl Figures {
    fn of(valid: &[&Measurement]) -> Result<Option<Self>, HistogramError> {
        if valid.is_empty() {
            return Ok(None);
        }
        let mut merged = Histogram::new();
        for measurement in valid {
            merged.merge(&Histogram::from_hdr_v2(&measurement.latency_hdr)?);
        }
        let spread = |figure: fn(&Measurement) -> u64| {
            Spread::of(valid.iter().map(|measurement| figure(measurement)).collect())
        };
        Ok(Some(Self {
            trials: u32::try_from(valid.len()).unwrap_or(u32::MAX),
            throughput_per_s: spread(Measurement::responses_per_s),
            server_cpu_ns: spread(Measurement::server_cpu_ns_per_response),
            latency: Latency::of(&merged),
            peak_rss_bytes: spread(|measurement| measurement.server_peak_rss_bytes).max,
        }))
    }
}

impl Latency {
    fn of(histogram: &Histogram) -> Self {
        Self {
            p50_ns: histogram.quantile_ns(0.5),
            p99_ns: histogram.quantile_ns(0.99),
            p999_ns: histogram.quantile_ns(0.999),
            max_ns: histogram.max_ns(),
        }
    }
}

impl Spread {
    /// The spread of `values`, of which there is at least one.
    fn of(mut values: Vec<u64>) -> Self {
        values.sort_unstable();
        let (low, high) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
        Self { min: values[0], median: u64::midpoint(low, high), max: values[values.len() - 1] }
    }
}

/// Why a trial is not a number; nothing where it is one. The first gate that failed speaks for all.
fn why_invalid(trial: &TrialRecord) -> Option<Invalid> {
    match &trial.outcome {
        TrialOutcome::Failed { stage, reason } => {
            Some(Invalid { cause: format!("failed at {stage}"), message: reason.clone() })
        }
        TrialOutcome::Measured(measurement) => measurement.failed_gates.first().map(|failed| {
            Invalid { cause: format!("gate {}", failed.gate), message: failed.message.clone() }
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn the_median_of_an_even_number_is_between_the_middle_two() {
        assert_eq!(Spread::of(vec![9, 1, 4, 2]), Spread { min: 1, median: 3, max: 9 });
        assert_eq!(Spread::of(vec![5]), Spread { min: 5, median: 5, max: 5 });
        assert_eq!(Spread::of(vec![3, 1, 2]).median, 2);
    }
}
