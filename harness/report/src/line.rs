//! A row of a comparison, flat, as every form but the comparison itself shows it.

use httpdyno_record::{Record, Role};

use crate::comparison::{Comparison, Invalid, Latency, Row, Spread};
use crate::legible::one_line;

/// One entry at one point.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Its name, fit to be shown.
    pub(crate) entry: String,
    /// Whether it is compared: the null server is not.
    pub(crate) is_compared: bool,
    /// Whether the others are compared with it.
    pub(crate) is_baseline: bool,
    /// Trials that were made.
    pub(crate) trials: u32,
    /// Those of them that gave a number.
    pub(crate) valid: u32,
    /// Right responses per second: least, median, most.
    pub(crate) rate: Option<[u64; 3]>,
    /// CPU nanoseconds of the server per right response: least, median, most.
    pub(crate) cpu: Option<[u64; 3]>,
    /// Throughput to the baseline's in parts per million: lower end, estimate, upper end.
    pub(crate) ratio: Option<[u64; 3]>,
    /// What can be said of the ratio.
    pub(crate) verdict: Option<String>,
    /// Letters of its tie groups.
    pub(crate) groups: String,
    /// The best and the worst rank that it may have.
    pub(crate) ranks: Option<[u32; 2]>,
    /// Percentiles over all valid trials.
    pub(crate) latency: Option<Latency>,
    /// The largest peak of resident memory.
    pub(crate) rss: Option<u64>,
    /// Why trials are no numbers, and how many, in order of appearance.
    pub(crate) causes: Vec<(String, u32)>,
}

impl Line {
    /// Of a row of `comparison`.
    pub(crate) fn of(record: &Record, comparison: &Comparison, row: &Row) -> Self {
        let entry = record.run.entries.iter().find(|entry| entry.entry == row.entry);
        let versus = row.versus_baseline.as_ref();
        let is_baseline = comparison.baseline.as_ref() == Some(&row.entry);
        Self {
            entry: one_line(&row.entry),
            is_compared: entry.is_some_and(|entry| entry.role == Role::Entry),
            is_baseline,
            trials: row.trials,
            valid: row.figures.map_or(0, |figures| figures.trials),
            rate: row.figures.and_then(|it| it.throughput_per_s).map(triple),
            cpu: row.figures.and_then(|it| it.server_cpu_ns).map(triple),
            ratio: versus.map(|it| [it.low_ppm, it.ratio_ppm, it.high_ppm]),
            verdict: versus.map(|it| it.verdict.clone()),
            groups: row.rank.as_ref().map(|rank| rank.groups.clone()).unwrap_or_default(),
            ranks: row.rank.as_ref().map(|rank| [rank.best, rank.worst]),
            latency: row.figures.and_then(|it| it.latency),
            rss: row.figures.map(|figures| figures.peak_rss_bytes),
            causes: causes(&row.invalid),
        }
    }

    /// The ratio as it is drawn: the baseline is 1 to itself.
    pub(crate) fn drawn_ratio(&self) -> Option<[u64; 3]> {
        self.ratio.or((self.is_baseline && self.rate.is_some()).then_some([1_000_000; 3]))
    }
}

fn triple(spread: Spread) -> [u64; 3] {
    [spread.min, spread.median, spread.max]
}

fn causes(invalid: &[Invalid]) -> Vec<(String, u32)> {
    let mut causes: Vec<(String, u32)> = Vec::new();
    for Invalid { cause, .. } in invalid {
        let cause = one_line(cause);
        match causes.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, trials)) => *trials += 1,
            None => causes.push((cause, 1)),
        }
    }
    causes
}
