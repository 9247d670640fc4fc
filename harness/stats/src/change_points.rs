//! Where a series changed: E-divisive.
//!
//! D. S. Matteson, N. A. James, A Nonparametric Approach for Multiple Change Point Analysis of
//! Multivariate Data, JASA 109(505) (2014), 334-345, with alpha = 1 and one dimension. Two
//! stretches X of n and Y of m values, one after the other, are as far apart as
//!
//! ```text
//! E(X, Y) = 2/(n m) sum |x - y| - sum |x - x'| / C(n, 2) - sum |y - y'| / C(m, 2)
//! Q(X, Y) = n m / (n + m) E(X, Y)
//! ```
//!
//! with the sums over all pairs. The greatest Q over every end of X and every end of Y is where a
//! change may be. Whether it is one is asked by permutation: the values of each stretch found so
//! far are shuffled, and the greatest Q sought again; p = (1 + how often it is no less) / (1 + R).
//! With a change found, both sides are searched in the same way (bisection), until p exceeds the
//! level. No shape of noise is assumed, but that records are exchangeable while nothing changes: a
//! slow drift is reported as steps.
//!
//! In a series without any change, even one alarm has at most the probability of the level.
//! Changes smaller than the least effect are dropped afterwards, the smallest first.
//!
//! ```
//! use httpdyno_stats::change_points::{Rule, change_points};
//! let series = [700, 702, 699, 701, 698, 700, 664, 666, 665, 663, 667, 665].map(|it| it * 1000);
//! let found = change_points(&series, &Rule::new(7))?;
//! assert_eq!(found.len(), 1);
//! assert_eq!((found[0].at, found[0].change.ratio().to_string()), (6, "0.9500".to_owned()));
//! # Ok::<(), httpdyno_stats::change_points::SeriesError>(())
//! ```

use crate::random::Seeded;
use crate::ratio::Estimate;
use crate::units::{Effect, Probability};
use crate::welch::welch;

/// What counts as a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The probability of any alarm in a series without a change.
    pub level: Probability,
    /// How often the values are shuffled for one decision.
    pub permutations: u32,
    /// The least difference between the means of both sides that matters.
    pub least: Effect,
    /// Decides the shuffles.
    pub seed: u64,
}

/// The fewest values on either side of a change: with two, a single outlier is half of a side.
const LEAST_SIDE: usize = 3;

impl Rule {
    /// A level of 1 %, 999 permutations and a least effect of 2 %.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        let least = Effect::from_percent(2);
        Self { level: Probability::P1, permutations: 999, least, seed }
    }

    /// The fewest values in which a change can be found: of 2k values, the plainest step is in the
    /// middle, and one order in C(2k, k) / 2 shows it as plainly.
    #[must_use]
    pub fn least_values(&self) -> usize {
        let is_enough = |values: &usize| 2.0 / ways(*values, values / 2) <= self.level.value();
        (2 * LEAST_SIDE..).find(is_enough).unwrap_or(usize::MAX)
    }
}

/// How many sets of `chosen` there are among `of`.
fn ways(of: usize, chosen: usize) -> f64 {
    (0..chosen).map(|step| (of - step) as f64 / (step + 1) as f64).product()
}

/// A change between two values of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChangePoint {
    /// The first value after it, counted from 0.
    pub at: usize,
    /// The values from it to the next change, as a ratio to those from the former change to it
    /// (Welch). The place was chosen from the same values, so its interval is somewhat too narrow.
    pub change: Estimate,
}

/// Why a series is not searched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SeriesError {
    /// No order of so few values would be rare enough.
    #[error("too short: {found} values, and a change shows in {least} or more")]
    TooShort {
        /// How many there are.
        found: usize,
        /// How many it takes.
        least: usize,
    },
    /// Zero has no logarithm.
    #[error("value {at} is 0, expected a positive number; leave it out of the series")]
    NotPositive {
        /// Which, counted from 0.
        at: usize,
    },
}

/// The changes in `series`, in its order; the search is on its logarithms.
///
/// # Errors
///
/// [`SeriesError`] when there are too few values, or a value is 0.
pub fn change_points(series: &[u64], rule: &Rule) -> Result<Vec<ChangePoint>, SeriesError> {
    let (found, least) = (series.len(), rule.least_values());
    if let Some(at) = series.iter().position(|&value| value == 0) {
        return Err(SeriesError::NotPositive { at });
    }
    if found < least {
        return Err(SeriesError::TooShort { found, least });
    }
    let logs: Vec<f64> = series.iter().map(|&value| (value as f64).ln()).collect();
    let mut places = significant(&logs, rule);
    loop {
        let changes: Vec<ChangePoint> = described(series, &places);
        let size = |change: &ChangePoint| change.change.mean.abs();
        let smallest = changes.iter().min_by(|a, b| size(a).total_cmp(&size(b)));
        match smallest.filter(|change| size(change) < rule.least.ln()) {
            Some(&ChangePoint { at, .. }) => places.retain(|&place| place != at),
            None => return Ok(changes),
        }
    }
}

/// Where the series changes, whatever the size.
fn significant(logs: &[f64], rule: &Rule) -> Vec<usize> {
    let mut random = Seeded::new(rule.seed);
    let mut places: Vec<usize> = Vec::new();
    loop {
        let stretches = stretches(logs.len(), &places);
        let candidates = stretches.iter().filter_map(|&(start, end)| {
            let split = widest_split(&logs[start..end])?;
            Some(Split { at: start + split.at, ..split })
        });
        let Some(candidate) = candidates.max_by(|a, b| a.q.total_cmp(&b.q)) else { return places };
        let mut shuffled = logs.to_vec();
        let as_wide = (0..rule.permutations).filter(|_| {
            let by_chance = stretches.iter().filter_map(|&(start, end)| {
                random.shuffle(&mut shuffled[start..end]);
                Some(widest_split(&shuffled[start..end])?.q)
            });
            // Sums in another order differ in their last digits.
            by_chance.fold(0.0, f64::max) >= candidate.q * (1.0 - 1e-9)
        });
        let p = (1.0 + as_wide.count() as f64) / (1.0 + f64::from(rule.permutations));
        if p > rule.level.value() {
            return places;
        }
        places.push(candidate.at);
        places.sort_unstable();
    }
}

/// From each change to the next, as start and end.
fn stretches(values: usize, places: &[usize]) -> Vec<(usize, usize)> {
    let starts = std::iter::once(0).chain(places.iter().copied());
    let ends = places.iter().copied().chain(std::iter::once(values));
    starts.zip(ends).collect()
}

fn described(series: &[u64], places: &[usize]) -> Vec<ChangePoint> {
    let stretches = stretches(series.len(), places);
    let pairs = stretches.windows(2).filter_map(|pair| {
        let [(start, at), (_, end)] = *pair else { return None };
        let change = welch(&series[at..end], &series[start..at]).ok()?;
        Some(ChangePoint { at, change })
    });
    pairs.collect()
}

/// A place where a stretch may change.
#[derive(Clone, Copy, Debug)]
struct Split {
    q: f64,
    at: usize,
}

/// The end of X with the greatest Q over all ends of Y; nothing in a stretch without room for two
/// sides. Sums are carried from one end to the next, so that it takes n^2 steps and not n^4.
fn widest_split(values: &[f64]) -> Option<Split> {
    let n = values.len();
    // Of each value: the sum of its distances to all before it, and to those of X.
    let distance = |j: usize, i: usize| (values[i] - values[j]).abs();
    let before: Vec<f64> = (0..n).map(|j| (0..j).map(|i| distance(j, i)).sum()).collect();
    let mut to_x = vec![0.0; n];
    let (mut within_x, mut widest) = (0.0, None::<Split>);
    for at in 1..n {
        within_x += to_x[at - 1];
        (at..n).for_each(|j| to_x[j] += distance(j, at - 1));
        if at < LEAST_SIDE {
            continue;
        }
        let (mut between, mut within_y) = (0.0, 0.0);
        for j in at..n {
            between += to_x[j];
            within_y += before[j] - to_x[j];
            let of_y = j + 1 - at;
            if of_y < LEAST_SIDE {
                continue;
            }
            let q = energy(at, of_y, between, within_x, within_y);
            if widest.is_none_or(|widest| widest.q < q) {
                widest = Some(Split { q, at });
            }
        }
    }
    widest
}

/// Q of `n` and `m` values, from the sums of distances between and within them.
fn energy(n: usize, m: usize, between: f64, within_x: f64, within_y: f64) -> f64 {
    let (n, m) = (n as f64, m as f64);
    let pairs = |n: f64| n * (n - 1.0) / 2.0;
    let e = 2.0 * between / (n * m) - within_x / pairs(n) - within_y / pairs(m);
    n * m / (n + m) * e
}

#[cfg(test)]
mod tests;
