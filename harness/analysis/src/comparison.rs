//! A record as the comparison it holds: for each point, a row for each entry. Pure.

use std::collections::BTreeMap;

use httpdyno_record::lack::weak_figures;
use httpdyno_record::rows::{RowKey, VoidFigure};
use httpdyno_record::{Record, Role, RunRecord, TrialRecord};
use httpdyno_stats::histogram::HistogramError;
use rayon::prelude::*;
use serde::Serialize;

mod composites;
mod database;
mod invalid;
mod row;

use composites::composites;
pub use database::{DatabaseFigures, Reference, RouteFigures};
pub use invalid::Invalid;
use invalid::why_invalid;
pub use row::Row;

use crate::composite::Composite;
use crate::container_tax::ContainerTax;
use crate::curve::curve;
use crate::distribution::Distribution;
use crate::drift::Drift;
pub use crate::figures::{Figures, Latency, Spread};
use crate::point_key::{PointKey, key, trials_at};
use crate::ranking::Ranking;
use crate::series::Quantity;
use crate::versus::{Method, Versus};
use crate::void;

/// Everything that was compared, point by point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The entry that the others are compared with.
    pub baseline: Option<String>,
    /// By workload, number of connections and rate.
    pub points: Vec<Point>,
    /// One figure over several points, for each quantity that has two points or more.
    pub composites: Vec<Composite>,
}

/// One workload at one number of connections (and, in an open loop, one rate).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Point {
    /// The workload.
    pub workload: String,
    /// Connections held.
    pub connections: u32,
    /// Requests offered per second; absent where the workload paces itself.
    pub offered_per_s: Option<u64>,
    /// What its rows are ranked by: throughput, or CPU time per request where the rate is given.
    pub ranked_by: Quantity,
    /// A row for each entry that was tried: the ranked ones by rank, then those without a rank,
    /// then those that are not compared (the null server).
    pub rows: Vec<Row>,
    /// Entries that were not tried here, since they do not serve it.
    pub not_served: Vec<String>,
    /// How the machine changed over the blocks.
    pub drift: Option<Drift>,
    /// What a container costs; absent where the null server did not run both ways.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_tax: Option<ContainerTax>,
}

/// Why a record gives no comparison.
#[derive(Debug, thiserror::Error)]
pub enum ComparisonError {
    /// A histogram in it cannot be decoded.
    #[error(transparent)]
    Histogram(#[from] HistogramError),
    /// The baseline asked for is not in it.
    #[error("the record has no entry `{asked}`, it has {}; name one of them", known.join(", "))]
    UnknownEntry {
        /// What was asked for.
        asked: String,
        /// The entries there are.
        known: Vec<String>,
    },
}

fn first_measured(record: &Record) -> Option<&str> {
    let has_trials = |name: &str| record.trials.iter().any(|trial| trial.entry == name);
    let compared = record.run.entries.iter().filter(|entry| entry.role == Role::Entry);
    compared.map(|entry| entry.entry.as_str()).find(|name| has_trials(name))
}

impl Comparison {
    /// The comparison that `record` holds, against the first entry that was measured.
    ///
    /// # Errors
    /// When a histogram in it cannot be decoded.
    pub fn of(record: &Record) -> Result<Self, HistogramError> {
        Self::with(record, first_measured(record), Method::of(&record.run, record.trials.len()))
    }

    /// The same for people: without what is found by thousands of draws, which stands in no table.
    /// `baseline` is the first entry that was measured, unless it is named.
    ///
    /// # Errors
    /// As [`Self::against`].
    pub fn to_be_read(record: &Record, baseline: Option<&str>) -> Result<Self, ComparisonError> {
        let baseline = match baseline {
            Some(named) => Some(entry_named(record, named)?),
            None => first_measured(record),
        };
        let method = Method { resamples: 0, ..Method::of(&record.run, 0) };
        Ok(Self::with(record, baseline, method)?)
    }

    /// The comparison that `record` holds, against `baseline`.
    ///
    /// # Errors
    /// When the record has no such entry, or a histogram in it cannot be decoded.
    pub fn against(record: &Record, baseline: &str) -> Result<Self, ComparisonError> {
        let method = Method::of(&record.run, record.trials.len());
        Ok(Self::with(record, Some(entry_named(record, baseline)?), method)?)
    }

    fn with(
        record: &Record,
        baseline: Option<&str>,
        method: Method,
    ) -> Result<Self, HistogramError> {
        let mut by_point: BTreeMap<PointKey, Vec<&TrialRecord>> = BTreeMap::new();
        for trial in record.trials.iter().filter(|trial| trial.purpose.is_compared()) {
            by_point.entry(key(trial)).or_default().push(trial);
        }
        let points = by_point
            .par_iter()
            .map(|(key, trials)| Point::of(record, key, trials, baseline, method))
            .collect::<Result<Vec<_>, _>>()?;
        let trials: Vec<&Vec<&TrialRecord>> = by_point.values().collect();
        let composites =
            baseline.map(|baseline| composites(record, &points, &trials, baseline, method));
        Ok(Self {
            baseline: baseline.map(str::to_owned),
            points,
            composites: composites.unwrap_or_default(),
        })
    }
}

/// The entry of `record` that `asked` names; an implementation alone will do where one variant of it
/// was measured.
pub(crate) fn entry_named<'a>(record: &'a Record, asked: &str) -> Result<&'a str, ComparisonError> {
    let names = || record.run.entries.iter().map(|entry| entry.entry.as_str());
    let mut variants =
        names().filter(|name| name.split_once('@').is_some_and(|(id, _)| id == asked));
    let only_variant = variants.next().filter(|_| variants.next().is_none());
    names().find(|name| *name == asked).or(only_variant).ok_or_else(|| {
        let known = names().map(str::to_owned).collect();
        ComparisonError::UnknownEntry { asked: asked.to_owned(), known }
    })
}

/// The entries that are compared: not the harness's own rows.
fn compared_entries(record: &Record) -> Vec<&str> {
    let entries = record.run.entries.iter().filter(|entry| entry.role == Role::Entry);
    entries.map(|entry| entry.entry.as_str()).collect()
}

impl Point {
    /// Its trials in `record`.
    #[must_use]
    pub fn trials<'a>(&self, record: &'a Record) -> Vec<&'a TrialRecord> {
        trials_at(record, &(self.workload.clone(), self.connections, self.offered_per_s))
    }

    /// In words: `json, 16 connections`, or with the rate.
    #[must_use]
    pub fn name(&self) -> String {
        match self.offered_per_s {
            None => format!("{}, {} connections", self.workload, self.connections),
            Some(rate) => format!(
                "{}, {} connections, {} req/s offered",
                self.workload,
                self.connections,
                crate::quantity::count(rate)
            ),
        }
    }

    /// The highest median rate of the rows of `role`, and whose it is.
    #[must_use]
    pub fn fastest(&self, role: Role) -> Option<(u64, &str)> {
        let rows = self.rows.iter().filter(|row| row.role == role);
        let rate = |row: &Row| row.figures?.throughput_per_s.map(|rate| rate.median);
        rows.filter_map(|row| Some((rate(row)?, row.entry.as_str()))).max()
    }

    fn of(
        record: &Record,
        key: &PointKey,
        here: &[&TrialRecord],
        baseline: Option<&str>,
        method: Method,
    ) -> Result<Self, HistogramError> {
        let is_open = key.2.is_some()
            || here
                .iter()
                .filter_map(|trial| trial.measurement())
                .any(|measurement| measurement.generator.open_loop.is_some());
        let ranked_by = if is_open { Quantity::CpuPerRequest } else { Quantity::Throughput };
        let mut by_entry: BTreeMap<&str, Vec<&TrialRecord>> = BTreeMap::new();
        for &trial in here {
            by_entry.entry(&trial.entry).or_default().push(trial);
        }
        let was_tried = |entry: &str| by_entry.contains_key(entry);
        let (tried, not_served): (Vec<&str>, Vec<&str>) =
            compared_entries(record).into_iter().partition(|entry| was_tried(entry));
        let is_excluded = |name: &&str| {
            record.run.entries.iter().any(|entry| entry.entry == *name && entry.excluded.is_some())
        };
        let ranking = Ranking::of(here, &tried, ranked_by, method);
        let mut entries = record.run.entries.iter();
        let reference = entries.find(|entry| entry.role == Role::Reference);
        let reference = reference.map(|entry| entry.entry.as_str());
        let void = record.decisions.as_ref().map(|decisions| &decisions.void);
        let view = View {
            run: &record.run,
            trials: here,
            by_entry: &by_entry,
            void,
            baseline,
            method,
            ranked_by,
            ranking: &ranking,
            reference,
        };
        let mut rows = record
            .run
            .entries
            .par_iter()
            .filter(|entry| was_tried(&entry.entry))
            .map(|entry| view.row(&entry.entry, entry.role))
            .collect::<Result<Vec<_>, _>>()?;
        let place = |row: &Row| row.rank.as_ref().map_or(u32::MAX, |rank| rank.rank);
        rows.sort_by_key(|row| {
            let rate = row.figures.and_then(|it| it.throughput_per_s).map(|rate| rate.median);
            (row.role != Role::Entry, place(row), std::cmp::Reverse(rate))
        });
        let all: Vec<&str> = rows.iter().map(|row| row.entry.as_str()).collect();
        let drift = Drift::of(here, &all, ranked_by, record.run.profile.gates.drift_ppm);
        let not_served = not_served.into_iter().filter(|name| !is_excluded(name));
        Ok(Self {
            workload: key.0.clone(),
            connections: key.1,
            offered_per_s: key.2,
            ranked_by,
            not_served: not_served.map(str::to_owned).collect(),
            drift,
            container_tax: ContainerTax::of(record, here, is_open, method),
            rows,
        })
    }
}

/// What all rows of a point are made from.
struct View<'a> {
    run: &'a RunRecord,
    trials: &'a [&'a TrialRecord],
    by_entry: &'a BTreeMap<&'a str, Vec<&'a TrialRecord>>,
    /// What rows do not have.
    void: Option<&'a BTreeMap<RowKey, Vec<VoidFigure>>>,
    baseline: Option<&'a str>,
    method: Method,
    ranked_by: Quantity,
    ranking: &'a Ranking,
    /// What figures are put beside, where there is something.
    reference: Option<&'a str>,
}

impl View<'_> {
    fn row(&self, entry: &str, role: Role) -> Result<Row, HistogramError> {
        let own: &[&TrialRecord] = self.by_entry.get(entry).map_or(&[], Vec::as_slice);
        let distribution = Distribution::of(own)?;
        let beside =
            self.reference.and_then(|name| Reference::of(self.trials, entry, name, self.method));
        let void = self.void(own);
        Ok(Row {
            entry: entry.to_owned(),
            role,
            trials: crate::figures::count(own.len()),
            invalid: own.iter().filter_map(|trial| why_invalid(trial)).collect(),
            figures: Figures::of(own, distribution.median.as_ref()),
            database: DatabaseFigures::of(own, beside),
            routes: RouteFigures::of(own)?,
            versus_baseline: (self.ranked_by == Quantity::Throughput)
                .then(|| self.versus_of(role, entry, Quantity::Throughput))
                .flatten(),
            cpu_versus_baseline: self.versus_of(role, entry, Quantity::CpuPerRequest),
            p99_versus_baseline: self.versus_of(role, entry, Quantity::LatencyP99),
            rank: self.ranking.ranks.get(entry).cloned(),
            not_ranked: self.not_ranked(entry, &void),
            void,
            weak: weak_figures(self.run, own),
            curve: distribution.tail().map(curve),
        })
    }

    fn void(&self, own: &[&TrialRecord]) -> Vec<VoidFigure> {
        let key = own.first().and_then(|trial| RowKey::of(trial));
        key.and_then(|key| self.void?.get(&key).cloned()).unwrap_or_default()
    }

    fn not_ranked(&self, entry: &str, void: &[VoidFigure]) -> Option<String> {
        let reason = self.ranking.not_ranked.get(entry)?;
        let of_ranked = void.iter().find(|one| one.figure == self.ranked_by.figure());
        Some(of_ranked.map_or_else(|| reason.clone(), void::sentence))
    }

    /// The null server and references are compared with nobody.
    fn versus_of(&self, role: Role, entry: &str, quantity: Quantity) -> Option<Versus> {
        if role == Role::Entry { self.versus(entry, quantity) } else { None }
    }

    fn versus(&self, entry: &str, quantity: Quantity) -> Option<Versus> {
        let baseline = self.baseline.filter(|baseline| *baseline != entry)?;
        let (trials, method) = (self.trials, self.method);
        if quantity != self.ranked_by {
            return Versus::of(trials, entry, baseline, quantity, method);
        }
        // What the point is ranked by has one inference for ranks, ties and verdicts.
        let contrast = self.ranking.contrast(entry, baseline)?;
        let versus = Versus::of_table(trials, (entry, baseline), quantity, method, contrast)?;
        Some(match quantity {
            Quantity::CpuPerRequest => versus.of_cost_at_rate(),
            _ => versus,
        })
    }
}
