//! The ranking at one point as a picture, for a README.

use std::fmt;

use askama::Template;
use httpdyno_record::Record;

use crate::comparison::{Comparison, Point};
use crate::legible::one_line;
use crate::line::Line;
use crate::provenance::Provenance;
use crate::quantity::count;
use crate::series::Quantity;
use crate::text_table::shortened;

/// Which point is drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The workload; absent means the first that has a ranking.
    pub workload: Option<String>,
    /// Connections; absent means those in the middle.
    pub connections: Option<u32>,
    /// Requests offered per second; absent means the workload's own pace, unless more entries are
    /// ranked at a rate.
    pub offered_per_s: Option<u64>,
}

/// Why no picture can be made.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// Nothing was measured there.
    #[error("no point fits {wanted}; the record has {there}")]
    NoSuchPoint {
        /// What was asked for.
        wanted: String,
        /// What there is.
        there: String,
    },
    /// The template cannot be filled.
    #[error("the picture cannot be made: {0}")]
    Template(#[from] askama::Error),
}

#[derive(Template)]
#[template(path = "ranking.svg", escape = "xml")]
struct Picture<'a> {
    title: String,
    subtitle: String,
    height: u32,
    ticks: Vec<(u32, String)>,
    one: Option<u32>,
    bars: Vec<Bar>,
    provenance: &'a Provenance,
}

/// One entry: everything in picture units.
struct Bar {
    name: String,
    y: u32,
    low: u32,
    mid: u32,
    high: u32,
    text: String,
    groups: String,
}

const LEFT: u32 = 250;
const RIGHT: u32 = 760;
const TOP: u32 = 78;
const ROW: u32 = 24;
/// Letters of a name that fit to the left of the bars.
const MOST_LETTERS: usize = 32;

/// The ranking at the wanted point.
///
/// # Errors
/// When there is no such point.
pub fn render(
    record: &Record,
    comparison: &Comparison,
    provenance: &Provenance,
    wanted: &Wanted,
) -> Result<String, PictureError> {
    let point = choose(comparison, wanted)?;
    let all: Vec<Line> = point.rows.iter().map(|row| Line::of(comparison, point, row)).collect();
    let lines: Vec<&Line> =
        all.iter().filter(|line| line.is_compared && line.rate.is_some()).collect();
    let is_ratio = lines.iter().any(|line| line.ratio.is_some());
    let span = |line: &Line| if is_ratio { line.drawn_ratio() } else { line.rate };
    let most = lines.iter().filter_map(|line| span(line)).map(|[.., high]| high).max().unwrap_or(1);
    let scale = Scale::new(most);
    let what = match (&comparison.baseline, is_ratio) {
        (Some(baseline), true) => {
            let what = match point.ranked_by {
                Quantity::Throughput => "Throughput (more is better)",
                Quantity::CpuPerRequest => "CPU time per request (less is better)",
                Quantity::LatencyP50 => "p50 latency (less is better)",
                Quantity::LatencyP99 => "p99 latency (less is better)",
                Quantity::Memory => "Peak memory (less is better)",
            };
            format!(
                "{what} relative to {}, 95 % intervals",
                shortened(&one_line(baseline), MOST_LETTERS)
            )
        }
        _ => "Right responses per second: least, median, most of the trials".to_owned(),
    };
    let bars = lines.iter().filter_map(|line| Some((line, span(line)?))).enumerate();
    let bars: Vec<Bar> = bars.map(|(place, (line, span))| scale.bar(place, line, span)).collect();
    let ticks = scale
        .ticks
        .iter()
        .map(|&tick| (scale.x(tick), if is_ratio { one_decimal(tick) } else { count(tick) }));
    let picture = Picture {
        title: one_line(&point.name()),
        subtitle: format!("{what}. Profile {}.", record.run.profile.id),
        height: TOP + bars.len() as u32 * ROW + 58,
        ticks: ticks.collect(),
        one: is_ratio.then(|| scale.x(1_000_000)),
        bars,
        provenance,
    };
    Ok(picture.render()?)
}

fn choose<'a>(comparison: &'a Comparison, wanted: &Wanted) -> Result<&'a Point, PictureError> {
    let has_figures = |point: &Point| point.rows.iter().any(|row| row.figures.is_some());
    let first = comparison.points.iter().find(|point| has_figures(point));
    let workload = wanted.workload.as_ref().or(first.map(|point| &point.workload));
    let mut fitting: Vec<&Point> = comparison
        .points
        .iter()
        .filter(|point| has_figures(point) && Some(&point.workload) == workload)
        .filter(|point| wanted.connections.is_none_or(|it| it == point.connections))
        .filter(|point| wanted.offered_per_s.is_none_or(|it| Some(it) == point.offered_per_s))
        .collect();
    let ranked = |point: &Point| point.rows.iter().filter(|row| row.rank.is_some()).count();
    let most = fitting.iter().map(|point| ranked(point)).max();
    fitting.retain(|point| Some(ranked(point)) == most);
    if fitting.iter().any(|point| point.offered_per_s.is_none()) {
        fitting.retain(|point| point.offered_per_s.is_none());
    }
    fitting.get(fitting.len().saturating_sub(1) / 2).copied().ok_or_else(|| {
        let there = comparison.points.iter().map(Point::name);
        PictureError::NoSuchPoint {
            wanted: wanted.to_string(),
            there: there.collect::<Vec<_>>().join("; "),
        }
    })
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let any = || "any".to_owned();
        let workload = self.workload.clone().unwrap_or_else(any);
        let connections = self.connections.map_or_else(any, |it| it.to_string());
        write!(f, "workload {workload} at {connections} connections")?;
        match self.offered_per_s {
            Some(rate) => write!(f, " and {rate} req/s"),
            None => Ok(()),
        }
    }
}

/// From 0 to a round number above the largest value.
struct Scale {
    end: u64,
    ticks: Vec<u64>,
}

impl Scale {
    fn new(most: u64) -> Self {
        let step = round_step(most);
        let steps = most.div_ceil(step).max(1);
        Self { end: steps * step, ticks: (0..=steps).map(|tick| tick * step).collect() }
    }

    fn x(&self, value: u64) -> u32 {
        let width = u128::from(RIGHT - LEFT) * u128::from(value.min(self.end));
        LEFT + u32::try_from(width / u128::from(self.end)).unwrap_or(0)
    }

    fn bar(&self, place: usize, line: &Line, [low, mid, high]: [u64; 3]) -> Bar {
        let text = match (line.is_baseline, line.ratio.is_some()) {
            (true, _) => "1 (baseline)".to_owned(),
            (false, true) => two_decimals(mid),
            (false, false) => count(mid),
        };
        Bar {
            name: shortened(&line.entry, MOST_LETTERS),
            y: TOP + place as u32 * ROW + ROW / 2,
            low: self.x(low),
            mid: self.x(mid),
            high: self.x(high),
            text,
            groups: line.groups.clone(),
        }
    }
}

/// 1, 2 or 5 times a power of ten, so that there are at most ten steps.
fn round_step(most: u64) -> u64 {
    let steps = (0..19).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u64.pow(power)));
    let mut steps = steps.filter(|step| most / step < 10);
    steps.next().unwrap_or(u64::MAX)
}

fn one_decimal(ppm: u64) -> String {
    let tenths = (ppm + 50_000) / 100_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn two_decimals(ppm: u64) -> String {
    let hundredths = (ppm + 5_000) / 10_000;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::{Scale, round_step};

    #[test]
    fn steps_are_round_and_at_most_ten() {
        assert_eq!([1, 9, 10, 99, 1_100_000].map(round_step), [1, 1, 2, 10, 200_000]);
        let scale = Scale::new(1_100_000);
        assert_eq!((scale.end, scale.ticks.len()), (1_200_000, 7));
    }
}
