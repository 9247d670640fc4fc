//! Two records, and two entries of one, whose truth is known.

mod made_up;

use anstream::adapter::strip_str;
use httpdyno_record::Record;
use httpdyno_report::ComparisonError;
use httpdyno_report::compare::{self, Allowed, Compared, Difference};
use httpdyno_report::series::Quantity;
use httpdyno_report::versus::Versus;

use made_up::{Made, noise, record};

fn versus(compared: &Compared, entry: &str, quantity: Quantity) -> Versus {
    let point = compared.points.iter().find(|point| point.entry == entry).expect("a point");
    point.ratios.iter().find(|one| one.quantity == quantity).expect("a ratio").versus.clone()
}

fn with_rate(rate: u64) -> Record {
    record(&["a", "b"], 6, |block| {
        let mood = noise(block + 7, 4);
        vec![
            Made { responses_per_s: rate * mood / 1000, ..Made::default() },
            Made { entry: "b", responses_per_s: 50_000 * mood / 1000, ..Made::default() },
        ]
    })
}

#[test]
fn entries_are_paired_by_block() {
    let record = with_rate(100_000);
    let compared = compare::entries(&record, "a", "b").expect("both are there");
    assert!(compared.paired);
    let found = versus(&compared, "a", Quantity::Throughput);
    assert_eq!((found.verdict.as_str(), found.blocks), ("faster", 6));
    assert!((1_994_000..2_006_000).contains(&found.ratio_ppm), "{found:?}");
    // The blocks' mood of 4 in a thousand cancels.
    assert!(found.high_ppm - found.low_ppm < 12_000, "{found:?}");
    assert_eq!(versus(&compared, "a", Quantity::CpuPerRequest).verdict, "equivalent");
    let error = compare::entries(&record, "a", "c").expect_err("unknown");
    assert!(matches!(error, ComparisonError::UnknownEntry { .. }), "{error}");
}

#[test]
fn records_are_compared_entry_by_entry_and_what_is_not_in_both_is_told() {
    let (mut before, after) = (with_rate(100_000), with_rate(110_000));
    before.trials.retain(|trial| trial.entry == "a");
    let compared = compare::records(&after, &before, Allowed::default()).expect("alike");
    assert!(!compared.paired);
    let found = versus(&compared, "a", Quantity::Throughput);
    assert_eq!(found.verdict, "faster");
    assert!((1_090_000..1_110_000).contains(&found.ratio_ppm), "{found:?}");
    assert_eq!(found.bootstrap_ppm, None);
    assert_eq!(compared.only_a, ["b: json, 16 connections"]);
    insta::assert_snapshot!(strip_str(&compare::render(&compared)));
}

#[test]
fn another_machine_is_refused_unless_named_and_then_labelled() {
    let (one, mut other) = (with_rate(100_000), with_rate(100_000));
    other.run.host.fingerprint = "deadbeef".to_owned();
    let refusal = compare::records(&one, &other, Allowed::default()).expect_err("refused");
    assert!(refusal.to_string().contains("0badcafe and deadbeef"), "{refusal}");
    assert!(refusal.to_string().contains("--across-machines"), "{refusal}");
    let allowed = Allowed { machines: true, ..Allowed::default() };
    let compared = compare::records(&one, &other, allowed).expect("named");
    assert!(matches!(compared.differences[..], [Difference::Machine { .. }]));
    let text = strip_str(&compare::render(&compared)).to_string();
    assert!(text.contains("warning: across two machines (fingerprints 0badcafe"), "{text}");
}

#[test]
fn another_profile_and_another_spec_are_refused_each_by_its_name() {
    let (one, mut other) = (with_rate(100_000), with_rate(100_000));
    other.run.profile.measure = "2s".parse().expect("span");
    other.run.spec_digest = "11".to_owned();
    let refusal = compare::records(&one, &other, Allowed::default()).expect_err("refused");
    let flags: Vec<&str> = refusal.0.iter().map(Difference::flag).collect();
    assert_eq!(flags, ["--across-profiles", "--across-specs"]);
    let only_specs = Allowed { specs: true, ..Allowed::default() };
    let refusal = compare::records(&one, &other, only_specs).expect_err("refused");
    assert_eq!(refusal.0.len(), 1);
    // How often, and at which points, is no difference in what one trial is.
    let mut more = with_rate(100_000);
    (more.run.profile.blocks, more.run.profile.connections) = (99, vec![16, 64]);
    assert!(compare::records(&one, &more, Allowed::default()).is_ok());
}
