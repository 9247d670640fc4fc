//! The histogram against sorted values and against the hdrhistogram crate.

use std::time::{Duration, SystemTime};

use httpdyno_stats::histogram::{Histogram, LogInterval, MAX_NS, Recorder, write_log};
use proptest::collection::vec;
use proptest::prelude::*;

fn recorded(values: &[u64]) -> Histogram {
    let mut recorder = Recorder::new();
    values.iter().for_each(|&value| recorder.record(value));
    recorder.drain()
}

/// Values of every magnitude.
fn duration() -> impl Strategy<Value = u64> {
    (0u32..37, any::<u64>()).prop_map(|(bits, value)| value >> (63 - bits))
}

proptest! {
    #[test]
    fn agrees_with_hdrhistogram(values in vec(duration(), 1..300)) {
        let ours = recorded(&values);
        let mut hdr = hdrhistogram::Histogram::<u64>::new_with_bounds(1, MAX_NS, 3).unwrap();
        // Above the top the crate has a bucket of its own; ours counts at the top.
        values.iter().for_each(|&value| hdr.saturating_record(value.min(MAX_NS)));
        prop_assert!(ours.to_hdr() == hdr);
        for q in [0.001, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1.0] {
            prop_assert_eq!(ours.quantile_ns(q), hdr.value_at_quantile(q).min(ours.max_ns()));
        }
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.max(1.0);
        prop_assert!(near(ours.mean_ns(), hdr.mean()));
        prop_assert!(near(ours.stdev_ns(), hdr.stdev()));
    }

    #[test]
    fn quantiles_are_within_three_digits(mut values in vec(duration(), 1..300)) {
        let histogram = recorded(&values);
        values.sort_unstable();
        for (n, value) in values.iter().enumerate() {
            let exact = (*value).min(MAX_NS);
            let found = histogram.quantile_ns((n + 1) as f64 / values.len() as f64);
            // The rank may round up by one at most; then the value is the next one's.
            let next = values.get(n + 1).map_or(exact, |v| (*v).min(MAX_NS));
            prop_assert!(found >= exact && found <= next + next / 1000, "{exact} {found} {next}");
        }
    }

    #[test]
    fn merging_is_recording_together(a in vec(duration(), 0..200), b in vec(duration(), 0..200)) {
        let mut merged = recorded(&a);
        merged.merge(&recorded(&b));
        prop_assert_eq!(merged, recorded(&[a, b].concat()));
    }

    #[test]
    fn json_loses_nothing(values in vec(duration(), 0..200)) {
        let histogram = recorded(&values);
        let json = serde_json::to_string(&histogram).unwrap();
        prop_assert_eq!(serde_json::from_str::<Histogram>(&json).unwrap(), histogram);
    }
}

#[test]
fn values_above_the_top_are_counted_not_dropped() {
    let histogram = recorded(&[1, MAX_NS, MAX_NS + 1, u64::MAX]);
    assert_eq!((histogram.count(), histogram.saturated()), (4, 2));
    assert_eq!(histogram.max_ns(), MAX_NS);
    assert_eq!(histogram.quantile_ns(1.0), MAX_NS);
}

#[test]
fn a_drained_recorder_is_empty() {
    let mut recorder = Recorder::new();
    recorder.record(5);
    recorder.record(70_000_000_000);
    assert_eq!(recorder.drain().count(), 2);
    assert_eq!((recorder.count(), recorder.drain()), (0, Histogram::new()));
    recorder.record(7);
    let again = recorder.drain();
    assert_eq!((again.min_ns(), again.max_ns(), again.saturated()), (7, 7, 0));
}

#[test]
fn an_empty_histogram_answers_zero() {
    let empty = Histogram::new();
    assert_eq!((empty.quantile_ns(0.5), empty.max_ns(), empty.count()), (0, 0, 0));
    assert!(empty.mean_ns() == 0.0 && empty.stdev_ns() == 0.0);
}

#[test]
fn damaged_documents_are_refused() {
    let good = serde_json::to_value(recorded(&[1000, 2000])).unwrap();
    let refuse = |field: &str, value: serde_json::Value| {
        let mut bad = good.clone();
        bad[field] = value;
        serde_json::from_value::<Histogram>(bad).unwrap_err().to_string()
    };
    assert!(refuse("hdr_v2", "%".into()).contains("not base64"));
    assert!(refuse("hdr_v2", "AAAAAAAA".into()).contains("not HdrHistogram V2"));
    assert!(refuse("count", 3.into()).contains("`count` is 3"));
    assert!(refuse("max_ns", 9000.into()).contains("`max_ns` is 9000"));
    assert!(refuse("saturated", 1.into()).contains("`saturated` is 1"));
}

#[test]
fn the_log_is_read_back() {
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};
    let histogram = recorded(&[1_000_000, 2_000_000]);
    let second = Duration::from_secs(1);
    let interval =
        LogInterval { start: second, length: second, tag: Some("json"), histogram: &histogram };
    let mut bytes = Vec::new();
    write_log(&mut bytes, SystemTime::UNIX_EPOCH, [interval]).unwrap();
    let intervals: Vec<_> = IntervalLogIterator::new(&bytes)
        .map(Result::unwrap)
        .filter_map(|e| if let LogEntry::Interval(i) = e { Some(i) } else { None })
        .collect();
    let [read] = &intervals[..] else { panic!("{intervals:?}") };
    assert_eq!(read.tag().unwrap().as_str(), "json");
    assert_eq!((read.start_timestamp(), read.duration()), (second, second));
    assert_eq!(Histogram::from_hdr_v2(read.encoded_histogram()).unwrap().count(), 2);
}
