//! Latencies as they are shown: no figure without enough behind it, none beyond what can be told.

use httpdyno_loadgen::Histogram;
use httpdyno_report::quantity::duration;
use httpdyno_stats::histogram::MAX_NS;

use super::units::Percentile;

/// Fewer responses than this are a handful: no percentile, no figure per response.
pub(super) const HANDFUL: u64 = 10;

/// In the place of a figure that there is not.
pub(super) const NONE: &str = "-";

/// What lies beyond the histogram's range.
pub(super) const BEYOND: &str = ">= 60 s";

/// A percentile, where there are enough values for it.
pub(super) fn percentile(histogram: &Histogram, percentile: &Percentile) -> String {
    if histogram.count() < percentile.fewest_values().max(HANDFUL) {
        return NONE.to_owned();
    }
    bounded(histogram, histogram.quantile_ns(percentile.quantile))
}

/// [`percentile`] of whole per cent.
pub(crate) fn whole_percentile(histogram: &Histogram, percent: u8) -> String {
    percentile(histogram, &Percentile::whole(percent))
}

/// The highest value.
pub(super) fn max(histogram: &Histogram) -> String {
    if histogram.is_empty() { NONE.to_owned() } else { bounded(histogram, histogram.max_ns()) }
}

/// The mean; at least that, where values beyond the range are in it.
pub(super) fn mean(histogram: &Histogram) -> String {
    if histogram.is_empty() {
        return NONE.to_owned();
    }
    // At most 60 s.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let mean = duration(histogram.mean_ns().round() as u64);
    if histogram.saturated() == 0 { mean } else { format!(">= {mean}") }
}

fn bounded(histogram: &Histogram, ns: u64) -> String {
    if ns >= MAX_NS && histogram.saturated() > 0 { BEYOND.to_owned() } else { duration(ns) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values_ms: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::new();
        values_ms.into_iter().for_each(|ms| histogram.record(ms * 1_000_000));
        histogram
    }

    fn at(histogram: &Histogram, text: &str) -> String {
        percentile(histogram, &text.parse().unwrap())
    }

    #[test]
    fn a_handful_has_no_percentiles() {
        let none = of([]);
        assert_eq!([at(&none, "50"), max(&none), mean(&none)], ["-", "-", "-"]);
        let handful = of(vec![2; 9]);
        assert_eq!(
            [at(&handful, "50"), max(&handful), mean(&handful)],
            ["-", "2.00 ms", "2.00 ms"]
        );
        let some = of(vec![2; 99]);
        assert_eq!(["50", "95", "99"].map(|p| at(&some, p)), ["2.00 ms", "2.00 ms", "-"]);
        assert_eq!(at(&of(vec![2; 100]), "99"), "2.00 ms");
    }

    #[test]
    fn beyond_the_range_a_value_is_at_least_its_end() {
        let slow = of([vec![1; 18], vec![70_000; 2]].concat());
        assert_eq!([at(&slow, "50"), at(&slow, "95"), max(&slow)], ["1.00 ms", BEYOND, BEYOND]);
        assert!(mean(&slow).starts_with(">= 6."), "{}", mean(&slow));
        // To the very end it is told.
        assert_eq!(max(&of([60_000])), "60.0 s");
    }
}
