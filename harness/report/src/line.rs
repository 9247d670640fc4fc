//! A row of a comparison, flat, as every form but the comparison itself shows it.

use httpdyno_record::rows::VoidFigure;
use httpdyno_record::{Figure, Role, WeakFigure};

use crate::comparison::{Comparison, Invalid, Latency, Point, Row, Spread};
use crate::figures::known;
use crate::legible::one_line;
use crate::ranking::abridged;
use crate::void;
use crate::weak::mark;

/// One entry at one point.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// The entry as the record names it.
    pub(crate) id: String,
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
    /// What the point is ranked by to the baseline's, in parts per million: lower end, estimate,
    /// upper end.
    pub(crate) ratio: Option<[u64; 3]>,
    /// What can be said of the ratio.
    pub(crate) verdict: Option<String>,
    /// Letters of its tie groups.
    pub(crate) groups: String,
    /// The best and the worst rank that it may have.
    pub(crate) ranks: Option<[u32; 2]>,
    /// Why it has no rank, where it has none.
    pub(crate) not_ranked: Option<String>,
    /// Percentiles over all valid trials.
    pub(crate) latency: Option<Latency>,
    /// The largest peak of resident memory.
    pub(crate) rss: Option<u64>,
    /// Why trials are no numbers, and how many, in order of appearance.
    pub(crate) causes: Vec<(String, u32)>,
    /// What stands in place of the ratio, where a gate took that.
    void_ratio: Option<String>,
    void: Vec<VoidFigure>,
    /// Kinds of figures that are weaker than they should be.
    pub(crate) weak: Vec<WeakFigure>,
    ranked_by: Figure,
}

impl Line {
    /// Of a row of a point of `comparison`.
    pub(crate) fn of(comparison: &Comparison, point: &Point, row: &Row) -> Self {
        let versus = row.versus(point.ranked_by);
        let (figures, rank) = (row.figures, row.rank.as_ref());
        Self {
            id: row.entry.clone(),
            entry: one_line(&row.entry),
            is_compared: row.role == Role::Entry,
            is_baseline: comparison.baseline.as_ref() == Some(&row.entry),
            trials: row.trials,
            valid: figures.map_or(0, |figures| figures.trials),
            rate: figures.and_then(|it| it.throughput_per_s).map(triple),
            cpu: figures
                .and_then(|it| it.server_cpu_ns)
                .filter(|it| known(it.median).is_some())
                .map(triple),
            ratio: versus.map(|it| [it.low_ppm, it.ratio_ppm, it.high_ppm]),
            verdict: versus.map(|it| it.verdict.clone()),
            groups: rank.map(|rank| abridged(&rank.groups)).unwrap_or_default(),
            ranks: rank.map(|rank| [rank.best, rank.worst]),
            not_ranked: row.not_ranked.as_ref().map(|reason| one_line(reason)),
            latency: figures.and_then(|it| it.latency),
            rss: figures.and_then(|figures| known(figures.peak_rss_bytes)),
            causes: causes(&row.invalid),
            void_ratio: row.why_void(point.ranked_by.figure()),
            void: row.void.clone(),
            weak: row.weak.clone(),
            ranked_by: point.ranked_by.figure(),
        }
    }

    /// What stands in the cell of a figure of this kind that it does not have.
    pub(crate) fn why_void(&self, figure: Figure) -> Option<String> {
        void::text(&self.void, figure)
    }

    /// What stands before a figure of this kind.
    pub(crate) fn mark(&self, figure: Figure) -> &'static str {
        mark(&self.weak, figure)
    }

    /// What stands before the ratio.
    pub(crate) fn mark_of_ratio(&self) -> &'static str {
        self.mark(self.ranked_by)
    }

    /// What stands in place of the ratio and its verdict.
    pub(crate) fn why_no_ratio(&self) -> Option<String> {
        self.void_ratio.clone()
    }

    /// The ratio as it is drawn: the baseline is 1 to itself.
    pub(crate) fn drawn_ratio(&self) -> Option<[u64; 3]> {
        self.ratio.or((self.is_baseline && self.rate.is_some()).then_some([1_000_000; 3]))
    }
}

/// Least, median, most.
pub(crate) fn triple(spread: Spread) -> [u64; 3] {
    [spread.min, spread.median, spread.max]
}

fn causes(invalid: &[Invalid]) -> Vec<(String, u32)> {
    let mut causes: Vec<(String, u32)> = Vec::new();
    for Invalid { cause, voids, .. } in invalid {
        let kinds: Vec<String> = voids.iter().map(ToString::to_string).collect();
        let void = if kinds.is_empty() { "all".to_owned() } else { kinds.join(", ") };
        let cause = one_line(&format!("{cause} ({void} void)"));
        match causes.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, trials)) => *trials += 1,
            None => causes.push((cause, 1)),
        }
    }
    causes
}
