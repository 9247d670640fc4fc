//! The table of parts beside served requests, from a record whose truth is known.

mod made_up;

use httpdyno_record::{Figure, Record};
use httpdyno_report::Comparison;
use httpdyno_report::components::{Parts, render};

use made_up::{Made, record};

/// Times in nanoseconds, as benches would have found them.
fn parts(of: &[(&str, &[(&str, u64)])]) -> Parts {
    let of_one = |parts: &[(&str, u64)]| {
        parts.iter().map(|(name, time_ns)| ((*name).to_owned(), time_ns * 1000)).collect()
    };
    of.iter().map(|(entry, parts)| ((*entry).to_owned(), of_one(parts))).collect()
}

fn table(record: &Record, parts: &Parts) -> Option<String> {
    render(&Comparison::of(record).expect("a comparison"), parts)
}

const BODIES: [(&str, u64); 6] = [
    ("json-message", 40),
    ("json-world", 50),
    ("json-worlds-20", 900),
    ("row", 60),
    ("fortune-row", 70),
    ("template", 2_000),
];

#[test]
fn parts_are_added_up_beside_served_requests() {
    let record = record(&["rust-std@mutex-queue", "rust-may", "go-nethttp"], 4, |_| {
        let at = |entry: &'static str, workload: &'static str, cpu_ns_per_response: u64| Made {
            entry,
            workload,
            cpu_ns_per_response,
            ..Made::default()
        };
        vec![
            at("rust-std@mutex-queue", "json", 9_000),
            at("rust-std@mutex-queue", "queries-20", 90_000),
            at("rust-std@mutex-queue", "fortunes", 60_000),
            at("rust-std@mutex-queue", "echo-small", 9_500),
            at("rust-may", "json", 5_000),
            at("go-nethttp", "json", 12_000),
        ]
    });
    let with_heads = [&BODIES[..], &[("request-head", 150), ("response-head", 80)]].concat();
    let parts = parts(&[("rust-std", &with_heads), ("rust-may", &BODIES)]);
    insta::assert_snapshot!(table(&record, &parts).expect("a table"));
}

#[test]
fn an_exchange_stands_for_both_heads_and_a_void_figure_is_none() {
    let record = record(&["rust-hyper@per-worker"], 2, |_| {
        let void = Some(("idle", &[Figure::Cost][..]));
        vec![Made { entry: "rust-hyper@per-worker", failed: void, ..Made::default() }]
    });
    let parts = parts(&[("rust-hyper", &[("exchange", 400), ("json-message", 50)])]);
    let table = table(&record, &parts).expect("a table");
    assert!(table.contains("exchange 400.0 + json-message 50.0"), "{table}");
    assert!(table.contains(" 450.0 ") && table.contains("no valid trial"), "{table}");
}

#[test]
fn without_parts_of_an_entry_there_is_no_table() {
    let record = record(&["a"], 2, |_| vec![Made::default()]);
    assert_eq!(table(&record, &parts(&[("b", &BODIES)])), None);
    // A part is missing: a sum without it would be a wrong one.
    assert_eq!(table(&record, &parts(&[("a", &BODIES[1..])])), None);
}
