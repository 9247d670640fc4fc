//! What the charts of a page must hold, from the record that it was made from.

use std::collections::BTreeMap;

use httpdyno_record::{Figure, GateFailure, Purpose, Record, Role, TrialOutcome, TrialRecord};
use httpdyno_report::Comparison;
use httpdyno_report::comparison::{Point, Row, Spread};
use httpdyno_report::scale::{ScaleStep, Scaling};
use httpdyno_report::series::Quantity;
use httpdyno_stats::Histogram;

/// The points that a mark is drawn through, in units of the axes. Entries lie by their places.
pub(crate) type Mark = Vec<[f64; 2]>;

/// The first workload, as it is shown at so many connections.
pub(crate) struct Truth<'a> {
    record: &'a Record,
    comparison: &'a Comparison,
    picked: Vec<String>,
    pub(crate) connections: u32,
    /// What the names of those that are shown contain.
    pub(crate) text: &'static str,
}

impl<'a> Truth<'a> {
    pub(crate) fn new(record: &'a Record, comparison: &'a Comparison, picked: Vec<String>) -> Self {
        Self { record, comparison, picked, connections: 0, text: "" }
    }

    fn workload(&self) -> &str {
        &self.record.run.workloads[0].id
    }

    fn place(&self, entry: &str) -> f64 {
        let known = self.record.run.entries.iter().position(|it| it.entry == entry);
        known.expect("an entry of the record") as f64
    }

    fn is_shown(&self, entry: &str) -> bool {
        entry.contains(self.text)
    }

    fn is_drawn(&self, entry: &str) -> bool {
        self.is_shown(entry) && self.picked.iter().any(|picked| picked == entry)
    }

    fn points(&self) -> Vec<&Point> {
        let points = self.comparison.points.iter();
        points.filter(|it| it.workload == self.workload() && it.offered_per_s.is_none()).collect()
    }

    fn rows(&self) -> Vec<&'a Row> {
        let here = self.comparison.points.iter().find(|it| {
            it.workload == self.workload()
                && it.connections == self.connections
                && it.offered_per_s.is_none()
        });
        here.expect("the chosen point").rows.iter().collect()
    }

    /// The symbols of the ranking by ratios, and the bars below them.
    pub(crate) fn ranking(&self) -> (Vec<Mark>, Vec<Mark>) {
        let shown = self.rows().into_iter();
        let shown = shown.filter(|row| row.role == Role::Entry && self.is_shown(&row.entry));
        let ratios = shown.filter_map(|row| {
            let is_baseline = self.comparison.baseline.as_ref() == Some(&row.entry);
            let versus = row.versus(Quantity::Throughput);
            let ratio = versus.map(|it| [it.low_ppm, it.ratio_ppm, it.high_ppm]);
            let ratio = ratio.or(is_baseline.then_some([1_000_000; 3]))?;
            Some((self.place(&row.entry), ratio.map(|ppm| ppm as f64 / 1e6)))
        });
        ratios.map(|(y, [low, mid, high])| (vec![[mid, y]], vec![[low, y], [high, y]])).unzip()
    }

    /// A line for each drawn entry, and a bar at each of its points.
    pub(crate) fn by_connections(&self, figure: Figure) -> (Vec<Mark>, Vec<Mark>) {
        let mut lines: BTreeMap<&str, Mark> = BTreeMap::new();
        let mut bars = Vec::new();
        for point in self.points() {
            let drawn = point.rows.iter().filter(|row| self.is_drawn(&row.entry));
            for row in drawn {
                let figures = row.figures.expect("valid trials");
                let spread = match figure {
                    Figure::Throughput => figures.throughput_per_s,
                    _ => figures.server_cpu_ns,
                };
                let Spread { min, median, max, .. } = spread.expect("a figure");
                let x = f64::from(point.connections);
                lines.entry(&row.entry).or_default().push([x, median as f64]);
                if min != max {
                    bars.push(vec![[x, min as f64], [x, max as f64]]);
                }
            }
        }
        (lines.into_values().collect(), bars)
    }

    /// p50, p90 and p99 over all valid trials of each drawn entry, by 1 / (1 - quantile).
    pub(crate) fn percentiles(&self) -> Vec<Mark> {
        let mut merged: BTreeMap<&str, Histogram> = BTreeMap::new();
        for trial in self.trials_here().filter(|trial| self.is_drawn(&trial.entry)) {
            if let Some(measured) = trial.valid_for(Figure::Tail) {
                let one = Histogram::from_hdr_v2(&measured.latency_hdr.text().expect("at hand"))
                    .expect("V2");
                merged.entry(&trial.entry).or_default().merge(&one);
            }
        }
        let at =
            |it: &Histogram, inverse: f64| [inverse, it.quantile_ns(1.0 - 1.0 / inverse) as f64];
        merged.values().map(|it| [2.0, 10.0, 100.0].map(|x| at(it, x)).to_vec()).collect()
    }

    /// The p99 of each trial at an offered rate that is valid for it, a line for each drawn entry.
    pub(crate) fn loads(&self) -> Vec<Mark> {
        let mut lines: BTreeMap<&str, Mark> = BTreeMap::new();
        let trials = self.record.trials.iter().filter(|trial| self.is_drawn(&trial.entry));
        for trial in trials.filter(|trial| trial.workload == self.workload()) {
            if let (Some(rate), Some(it)) = (trial.offered_per_s, trial.valid_for(Figure::Tail)) {
                let point = [rate as f64, it.latency.p99_ns as f64];
                lines.entry(&trial.entry).or_default().push(point);
            }
        }
        sorted(lines)
    }

    /// A figure by numbers of cores, a line for each drawn entry.
    pub(crate) fn scales(&self, of: impl Fn(&ScaleStep) -> Option<f64>) -> Vec<Mark> {
        let scalings = Scaling::of(self.record).into_iter();
        let drawn = scalings.filter(|it| self.is_drawn(&it.entry));
        let line = |it: Scaling| -> Mark {
            it.steps.iter().filter_map(|step| Some([f64::from(step.cores), of(step)?])).collect()
        };
        drawn.filter(|it| it.workload == self.workload()).map(line).collect()
    }

    /// The rates of the trials at this point: those that are numbers, and those that are not.
    pub(crate) fn trials(&self) -> (Vec<Mark>, Vec<Mark>) {
        let shown = self.trials_here().filter(|trial| self.is_shown(&trial.entry));
        let (valid, void): (Vec<_>, Vec<_>) = shown
            .filter_map(|trial| Some((trial, trial.measurement()?)))
            .partition(|(_, it)| it.is_valid_for(Figure::Throughput));
        let mark = |(trial, it): (&TrialRecord, &httpdyno_record::Measurement)| {
            vec![[four_digits(it.responses_per_s()), self.place(&trial.entry)]]
        };
        (valid.into_iter().map(mark).collect(), void.into_iter().map(mark).collect())
    }

    fn trials_here(&self) -> impl Iterator<Item = &'a TrialRecord> {
        let (workload, connections) = (self.record.run.workloads[0].id.as_str(), self.connections);
        self.record.trials.iter().filter(move |trial| {
            trial.purpose == Purpose::Compare
                && trial.workload == workload
                && trial.connections == connections
        })
    }
}

/// As the page holds them.
fn four_digits(value: u64) -> f64 {
    format!("{value:.3e}", value = value as f64).parse().expect("a number")
}

fn sorted(lines: BTreeMap<&str, Mark>) -> Vec<Mark> {
    let sorted = |mut line: Mark| {
        line.sort_by(|one, other| one[0].total_cmp(&other[0]));
        line
    };
    lines.into_values().map(sorted).collect()
}

/// Makes the tails of two of three trials at offered rates void; gives back how many trials those are of.
pub(crate) fn void_tails(record: &mut Record) -> usize {
    let at_rates = record.trials.iter_mut().filter(|trial| trial.offered_per_s.is_some());
    let mut trials = 0;
    for trial in at_rates {
        let TrialOutcome::Measured(measured) = &mut trial.outcome else { continue };
        trials += 1;
        if trials % 3 != 0 {
            measured.failed_gates.push(GateFailure {
                gate: "send_lag".to_owned(),
                message: "the generator was late".to_owned(),
                voids: vec![Figure::Tail],
            });
        }
    }
    trials
}
