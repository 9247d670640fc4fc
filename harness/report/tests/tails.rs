//! A tail is told over the starts, with its interval, or not at all: in every form.

mod made_up;

use anstream::adapter::strip_str;
use httpdyno_record::{Record, TrialOutcome};
use httpdyno_report::{Comparison, Provenance, bench_text, json, markdown};
use serde_json::Value;

use made_up::{Made, record};

/// An entry whose starts have these 99th percentiles, one start in each block.
fn with_p99(p99_ms: &[u64]) -> Record {
    let blocks = u32::try_from(p99_ms.len()).expect("few");
    let mut record = record(&["a"], blocks, |_| vec![Made::default()]);
    for (trial, ms) in record.trials.iter_mut().zip(p99_ms) {
        let TrialOutcome::Measured(measured) = &mut trial.outcome else { panic!("made up") };
        measured.latency.p99_ns = ms * 1_000_000;
        measured.latency.p999_ns = ms * 2_000_000;
        measured.latency.max_ns = ms * 3_000_000;
    }
    record
}

/// As text, as Markdown, and as JSON.
fn forms(record: &Record) -> (String, String, Value) {
    let comparison = Comparison::of(record).expect("histograms");
    let provenance = Provenance { run: "run".to_owned(), report: "report".to_owned() };
    let document = json::render(&comparison, &provenance).expect("JSON");
    (
        strip_str(&bench_text::render(record, &comparison, 200)).to_string(),
        markdown::render(record, &comparison, &provenance),
        serde_json::from_str(&document).expect("JSON"),
    )
}

/// By hand: of 1, 2 and 4 ms the mean logarithm is that of 2 ms, its standard deviation 0.693147,
/// the standard error 0.400189, Student's t of 2 degrees of freedom 4.302653; so the half width is
/// 1.721873, and the interval from 2 ms / 5.59499 to 2 ms * 5.59499.
#[test]
fn the_interval_of_three_starts_is_as_computed_by_hand_in_every_form() {
    let (text, markdown, document) = forms(&with_p99(&[1, 2, 4]));
    for form in [&text, &markdown] {
        assert!(form.contains("0.36..11.2 ms"), "p99: {form}");
        assert!(form.contains("0.71..22.4 ms"), "p99.9: {form}");
        assert!(form.contains("p99, 95 %"), "{form}");
    }
    let latency = &document["points"][0]["rows"][0]["figures"]["latency"];
    let number = |field: &Value| field.as_u64().expect("a number");
    assert_eq!(number(&latency["p99_ns"]), 2_000_000);
    for (end, expected) in [(0, 357_462), (1, 11_189_997)] {
        let found = number(&latency["p99_interval_ns"][end]);
        assert!(found.abs_diff(expected) <= 2, "{found} for {expected}");
        let of_largest = number(&latency["max_interval_ns"][end]);
        assert!(of_largest.abs_diff(3 * expected) <= 6, "{of_largest} for three times {expected}");
    }
    assert_eq!(number(&latency["max_ns"]), 12_000_000, "the largest of all starts");
}

#[test]
fn one_start_has_no_tail_figure() {
    let (text, markdown, document) = forms(&with_p99(&[7]));
    for form in [&text, &markdown] {
        assert!(form.contains("1 start"), "{form}");
        for tail in ["7.00", "14.0 ms", "21.0 ms"] {
            assert!(!form.contains(tail), "{tail}: {form}");
        }
    }
    let latency = &document["points"][0]["rows"][0]["figures"]["latency"];
    assert!(latency["p50_ns"].as_u64().is_some_and(|ns| ns > 0));
    for field in ["p99_ns", "p999_ns", "max_ns", "p99_interval_ns", "max_interval_ns"] {
        assert!(latency[field].is_null(), "{field}: {latency}");
    }
}
