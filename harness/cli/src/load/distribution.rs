//! A distribution of latencies that people can read: bars over steps that grow with the value.

use std::fmt::Write as _;

use httpdyno_loadgen::Histogram;
use httpdyno_report::quantity;
use httpdyno_stats::histogram::MAX_NS;

use super::shown;

/// The longest bar, in characters.
const WIDTH: u64 = 40;

/// The end of the step for what histograms count at their end.
const BEYOND_NS: u64 = u64::MAX;

/// Most bars; beyond that neighbouring steps at both ends are put together.
const MOST_BARS: usize = 16;

/// One step: values up to `to_ns`, or [`BEYOND_NS`].
#[derive(Debug, PartialEq, Eq)]
struct Bar {
    to_ns: u64,
    count: u64,
}

pub(super) fn render(histogram: &Histogram) -> String {
    let bars = bars(histogram);
    let highest = bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1);
    let mut out = String::new();
    let mut seen = 0;
    for bar in &bars {
        seen += bar.count;
        // A single value is seen too.
        let length = (bar.count * WIDTH).div_ceil(highest) as usize;
        let share = percent(bar.count, histogram.count());
        let below = percent(seen, histogram.count());
        let step = match bar.to_ns {
            BEYOND_NS => shown::BEYOND.to_owned(),
            to_ns => format!("<= {:>8}", quantity::duration(to_ns)),
        };
        // Writing to a String can not fail.
        let _ = writeln!(
            out,
            "  {step:<11}  {:<width$}  {share:>8}  {below:>8}",
            "#".repeat(length),
            width = WIDTH as usize,
        );
    }
    out
}

/// With as many digits as tell the tail: 99.9987 %.
fn percent(part: u64, whole: u64) -> String {
    let ppm = u128::from(part) * 100_000_000 / u128::from(whole.max(1));
    format!("{}.{:04} %", ppm / 1_000_000, ppm % 1_000_000 / 100)
}

/// 1, 1.5, 2, 3, 5, 7, 10, ... microseconds.
fn steps() -> impl Iterator<Item = u64> {
    let decade = |power| [10, 15, 20, 30, 50, 70].map(|tenth| tenth * 100 * 10u64.pow(power));
    (0..).flat_map(decade).take_while(|ns| *ns <= MAX_NS).chain([MAX_NS])
}

fn bars(histogram: &Histogram) -> Vec<Bar> {
    let mut bars: Vec<Bar> = steps().map(|to_ns| Bar { to_ns, count: 0 }).collect();
    for (lowest, _, count) in histogram.iter() {
        // A bucket is far narrower than a step: where it begins decides.
        let last = bars.len() - 1;
        let step = bars.iter().position(|bar| lowest <= bar.to_ns).unwrap_or(last);
        bars[step].count += count;
    }
    // Values beyond the range are in the last bucket.
    let beyond = Bar { to_ns: BEYOND_NS, count: histogram.saturated() };
    if let Some(last) = bars.last_mut() {
        last.count = last.count.saturating_sub(beyond.count);
    }
    let first = bars.iter().position(|bar| bar.count > 0).unwrap_or(0);
    let end = bars.iter().rposition(|bar| bar.count > 0).map_or(0, |last| last + 1);
    let mut bars: Vec<Bar> = bars.drain(first..end.max(first)).collect();
    while bars.len() > MOST_BARS {
        // The emptier end loses its last step to its neighbour.
        let last = bars.len() - 1;
        let (gone, kept) =
            if bars[0].count <= bars[last].count { (0, 0) } else { (last - 1, last - 1) };
        let count = bars.remove(gone).count;
        bars[kept].count += count;
    }
    bars.extend((beyond.count > 0).then_some(beyond));
    bars
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(values_us: &[u64]) -> Histogram {
        let mut histogram = Histogram::new();
        values_us.iter().for_each(|us| histogram.record(us * 1000));
        histogram
    }

    #[test]
    fn every_value_is_in_a_bar_and_gaps_are_shown() {
        let found = bars(&histogram(&[3, 4, 5, 30]));
        let bar = |us: u64, count| Bar { to_ns: us * 1000, count };
        assert_eq!(
            found,
            [bar(3, 1), bar(5, 2), bar(7, 0), bar(10, 0), bar(15, 0), bar(20, 0), bar(30, 1)]
        );
    }

    #[test]
    fn a_wide_range_is_put_together_without_loss() {
        let found = bars(&histogram(&[1, 1, 1, 100, 1000, 60_000_000, 59_000_000]));
        assert_eq!((found.len(), found.iter().map(|bar| bar.count).sum::<u64>()), (16, 7));
    }

    #[test]
    fn what_is_beyond_the_range_has_a_bar_of_its_own() {
        let slow = histogram(&[1000, 59_999_000, 60_000_001, 90_000_000]);
        let found = bars(&slow);
        let last = &found[found.len() - 2..];
        assert_eq!(last, [Bar { to_ns: MAX_NS, count: 1 }, Bar { to_ns: BEYOND_NS, count: 2 }]);
        let drawn = render(&slow);
        assert!(drawn.lines().last().is_some_and(|l| l.contains(">= 60 s ")), "{drawn}");
        assert_eq!(bars(&histogram(&[90_000_000])), [Bar { to_ns: BEYOND_NS, count: 1 }]);
    }

    #[test]
    fn nothing_has_no_bars() {
        assert_eq!(render(&Histogram::new()), "");
    }

    #[test]
    fn shares_have_the_digits_of_a_tail() {
        assert_eq!(percent(999_987, 1_000_000), "99.9987 %");
        assert_eq!(percent(0, 0), "0.0000 %");
    }
}
