//! A distribution of latencies that people can read: bars over steps that grow with the value.

use std::fmt::Write as _;

use httpdyno_loadgen::Histogram;
use httpdyno_report::quantity;
use httpdyno_stats::histogram::MAX_NS;

/// The longest bar, in characters.
const WIDTH: u64 = 40;

/// Most bars; beyond that neighbouring steps at both ends are put together.
const MOST_BARS: usize = 16;

/// One step: values up to `to_ns`.
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
        // Writing to a String can not fail.
        let _ = writeln!(
            out,
            "  <= {:>8}  {:<width$}  {share:>8}  {below:>8}",
            quantity::duration(bar.to_ns),
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
    fn nothing_has_no_bars() {
        assert_eq!(render(&Histogram::new()), "");
    }

    #[test]
    fn shares_have_the_digits_of_a_tail() {
        assert_eq!(percent(999_987, 1_000_000), "99.9987 %");
        assert_eq!(percent(0, 0), "0.0000 %");
    }
}
