//! Every trial of the comparison, column by column.

use std::collections::HashMap;

use httpdyno_record::{Figure, Measurement, Record, TrialOutcome, TrialRecord};
use serde::Serialize;

use crate::figures::known;
use crate::html::data::{Places, PointKey, point_key};
use crate::legible::one_line;

/// Columns of equal length, with four significant digits: more cannot be seen in a dot, and a record
/// has many thousands of them. A figure is absent where nothing was measured; where `cause` is given,
/// `void` has a bit for each kind of figure that was measured but is no number, as in [`KINDS`].
#[derive(Default, Serialize)]
pub(super) struct Trials {
    entry: Vec<usize>,
    point: Vec<usize>,
    block: Vec<u32>,
    rate: Vec<Option<u64>>,
    cpu: Vec<Option<u64>>,
    p50: Vec<Option<u64>>,
    p99: Vec<Option<u64>>,
    p999: Vec<Option<u64>>,
    rss: Vec<Option<u64>>,
    void: Vec<u8>,
    cause: Vec<Option<usize>>,
}

/// The kinds of figures, by their bits.
const KINDS: [Figure; 4] = [Figure::Throughput, Figure::Cost, Figure::Latency, Figure::Tail];

fn void_kinds(measured: &Measurement) -> u8 {
    let void = |kind: &Figure| u8::from(!measured.is_valid_for(*kind));
    KINDS.iter().rev().fold(0, |bits, kind| (bits << 1) | void(kind))
}

impl Trials {
    /// The trials of the comparison's points, and the causes they refer to.
    pub(super) fn of(
        record: &Record,
        points: &HashMap<PointKey<'_>, usize>,
        places: &Places<'_>,
    ) -> (Self, Vec<String>) {
        let mut trials = Self::default();
        let mut causes = Causes::default();
        let entries: HashMap<&str, usize> = record
            .run
            .entries
            .iter()
            .filter_map(|it| Some((it.entry.as_str(), places.entry(&it.entry)?)))
            .collect();
        for trial in &record.trials {
            let point = point_key(trial).and_then(|key| points.get(&key)).copied();
            if let (Some(point), Some(&entry)) = (point, entries.get(trial.entry.as_str())) {
                let cause = cause(trial).map(|cause| causes.place(cause));
                trials.push(trial, point, entry, cause);
            }
        }
        (trials, causes.all)
    }

    fn push(&mut self, trial: &TrialRecord, point: usize, entry: usize, cause: Option<usize>) {
        let measured = trial.measurement();
        let told = |figure: fn(&Measurement) -> u64| {
            measured.and_then(|it| known(figure(it))).map(four_digits)
        };
        self.entry.push(entry);
        self.point.push(point);
        self.block.push(trial.block);
        self.rate.push(measured.map(|it| four_digits(it.responses_per_s())));
        self.cpu.push(told(|it| it.server_cpu_ns_per_response()));
        self.p50.push(told(|it| it.latency.p50_ns));
        self.p99.push(told(|it| it.latency.p99_ns));
        self.p999.push(told(|it| it.latency.p999_ns));
        self.rss.push(told(|it| it.server_peak_rss_bytes));
        self.void.push(measured.map_or(u8::MAX, void_kinds));
        self.cause.push(cause);
    }
}

fn four_digits(value: u64) -> u64 {
    let digits = value.checked_ilog10().map_or(1, |log| log + 1);
    let unit = 10_u64.pow(digits.saturating_sub(4));
    value.saturating_add(unit / 2) / unit * unit
}

/// Why a trial is no number; nothing where it is one.
fn cause(trial: &TrialRecord) -> Option<String> {
    match &trial.outcome {
        TrialOutcome::Failed { stage, reason } => {
            Some(one_line(&format!("failed at {stage}: {reason}")))
        }
        TrialOutcome::Measured(measured) => measured
            .failed_gates
            .first()
            .map(|failed| one_line(&format!("gate {}: {}", failed.gate, failed.message))),
    }
}

/// Every cause once. A record may have as many as trials, so they are not searched one by one.
#[derive(Default)]
struct Causes {
    all: Vec<String>,
    places: HashMap<String, usize>,
}

impl Causes {
    fn place(&mut self, cause: String) -> usize {
        *self.places.entry(cause).or_insert_with_key(|cause| {
            self.all.push(cause.clone());
            self.all.len() - 1
        })
    }
}

#[cfg(test)]
mod tests {
    use httpdyno_record::{Figure, GateFailure, Measurement};

    use super::{four_digits, void_kinds};

    #[test]
    fn each_kind_of_figure_has_its_bit() {
        let with = |voids: &[Figure]| {
            let (gate, message) = ("g".to_owned(), String::new());
            let failed = GateFailure { gate, message, voids: voids.to_vec() };
            void_kinds(&Measurement { failed_gates: vec![failed], ..Measurement::default() })
        };
        assert_eq!(void_kinds(&Measurement::default()), 0);
        assert_eq!(with(&[]), 0b1111, "a gate that names none voids all");
        assert_eq!(with(&[Figure::Throughput]), 0b0001);
        assert_eq!(with(&[Figure::Cost, Figure::Tail]), 0b1010);
        assert_eq!(with(&[Figure::Latency]), 0b1100, "no median, no tail");
    }

    #[test]
    fn numbers_are_rounded_to_four_digits() {
        assert_eq!([0, 7, 9_999, 12_345, 99_999].map(four_digits), [0, 7, 9_999, 12_350, 100_000]);
    }
}
