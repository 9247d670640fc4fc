//! Two records, and two entries of one, whose truth is known.

mod made_up;

use anstream::adapter::strip_str;
use httpdyno_record::{Record, Stage, TrialOutcome};
use httpdyno_report::ComparisonError;
use httpdyno_report::compare::plain::{FailOn, lines, stops};
use httpdyno_report::compare::{self, Allowed, Compared, Difference, MARGIN, forms};
use httpdyno_report::series::Quantity;
use httpdyno_report::versus::Versus;
use httpdyno_stats::Effect;

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
    let compared = compare::entries(&record, "a", "b", MARGIN).expect("both are there");
    assert!(compared.paired);
    let found = versus(&compared, "a", Quantity::Throughput);
    assert_eq!((found.verdict.as_str(), found.blocks), ("faster", 6));
    assert!((1_994_000..2_006_000).contains(&found.ratio_ppm), "{found:?}");
    // The blocks' mood of 4 in a thousand cancels.
    assert!(found.high_ppm - found.low_ppm < 12_000, "{found:?}");
    assert_eq!(versus(&compared, "a", Quantity::CpuPerRequest).verdict, "equivalent");
    let error = compare::entries(&record, "a", "c", MARGIN).expect_err("unknown");
    assert!(matches!(error, ComparisonError::UnknownEntry { .. }), "{error}");
}

#[test]
fn records_are_compared_entry_by_entry_and_what_is_not_in_both_is_told() {
    let (mut before, after) = (with_rate(100_000), with_rate(110_000));
    before.trials.retain(|trial| trial.entry == "a");
    let compared = compare::records(&after, &before, Allowed::default(), MARGIN).expect("alike");
    assert!(!compared.paired);
    let found = versus(&compared, "a", Quantity::Throughput);
    assert_eq!(found.verdict, "faster");
    assert!((1_090_000..1_110_000).contains(&found.ratio_ppm), "{found:?}");
    assert_eq!(found.bootstrap_ppm, None);
    assert_eq!(compared.only_candidate, ["b: json, 16 connections"]);
    insta::assert_snapshot!(strip_str(&compare::render(&compared)));
}

#[test]
fn another_machine_is_refused_unless_named_and_then_labelled() {
    let (one, mut other) = (with_rate(100_000), with_rate(100_000));
    other.run.host.fingerprint = "deadbeef".to_owned();
    let refusal = compare::records(&one, &other, Allowed::default(), MARGIN).expect_err("refused");
    assert!(refusal.to_string().contains("0badcafe and deadbeef"), "{refusal}");
    assert!(refusal.to_string().contains("--across-machines"), "{refusal}");
    let allowed = Allowed { machines: true, ..Allowed::default() };
    let compared = compare::records(&one, &other, allowed, MARGIN).expect("named");
    assert!(matches!(compared.differences[..], [Difference::Machine { .. }]));
    let text = strip_str(&compare::render(&compared)).to_string();
    assert!(text.contains("warning: across two machines (fingerprints 0badcafe"), "{text}");
}

#[test]
fn another_profile_and_another_spec_are_refused_each_by_its_name() {
    let (one, mut other) = (with_rate(100_000), with_rate(100_000));
    other.run.profile.measure = "2s".parse().expect("span");
    other.run.spec_digest = "11".to_owned();
    let refusal = compare::records(&one, &other, Allowed::default(), MARGIN).expect_err("refused");
    let flags: Vec<&str> = refusal.0.iter().map(Difference::flag).collect();
    assert_eq!(flags, ["--across-profiles", "--across-specs"]);
    let only_specs = Allowed { specs: true, ..Allowed::default() };
    let refusal = compare::records(&one, &other, only_specs, MARGIN).expect_err("refused");
    assert_eq!(refusal.0.len(), 1);
    // How often, and at which points, is no difference in what one trial is.
    let mut more = with_rate(100_000);
    (more.run.profile.blocks, more.run.profile.connections) = (99, vec![16, 64]);
    assert!(compare::records(&one, &more, Allowed::default(), MARGIN).is_ok());
}

/// `old`, and a `new` one with so many thousandths of its rate.
fn old_and_new(per_mille: u64) -> Record {
    record(&["old", "new"], 6, |block| {
        let mood = noise(block + 7, 4);
        let of = |entry, rate: u64| Made {
            entry,
            responses_per_s: rate * mood / 1000,
            latency_ns: 200_000_000 / rate * 1000 * 1000 / mood,
            ..Made::default()
        };
        vec![of("old", 100_000), of("new", 100 * per_mille)]
    })
}

#[test]
fn the_verdict_is_on_the_candidate_whichever_stands_first() {
    let record = old_and_new(700);
    let of = |candidate: &str, base: &str| {
        compare::entries(&record, candidate, base, MARGIN).expect("both are there")
    };
    let (worse, better) = (of("new", "old"), of("old", "new"));
    assert_eq!(versus(&worse, "new", Quantity::Throughput).verdict, "slower");
    let line = &lines(&worse)[0];
    assert!(line.starts_with("new is slower at json, 16 connections: 0.7"), "{line}");
    assert!(line.contains("of old's throughput"), "{line}");
    assert!(lines(&better)[0].starts_with("old is faster at json, 16 connections"), "{better:?}");
    for (compared, fails) in [(&worse, true), (&better, false)] {
        let records = [&record, &record];
        let junit = forms::junit(compared, records, "made", FailOn::Slower).expect("XML");
        assert_eq!(junit.contains("<failure"), fails, "{junit}");
        let names = format!("candidate {} against base {}", compared.candidate, compared.base);
        assert!(junit.contains(&names), "{junit}");
        let json: serde_json::Value =
            serde_json::from_str(&forms::json(compared, "made").expect("JSON")).expect("JSON");
        assert_eq!(json["candidate"], compared.candidate.as_str());
        assert_eq!(json["base"], compared.base.as_str());
        assert_eq!(json["lines"][0], lines(compared)[0].as_str());
        let markdown = forms::markdown(compared, "made");
        assert!(markdown.contains(&lines(compared)[0]), "{markdown}");
        let text = strip_str(&compare::render(compared)).to_string();
        assert!(
            text.contains(&format!("candidate: {}\nbase: {}", compared.candidate, compared.base))
        );
        let csv = forms::csv(compared, "made");
        assert!(csv.starts_with("candidate,base,paired"), "{csv}");
    }
}

#[test]
fn a_gate_stops_at_what_it_was_told_to() {
    let stopped = |compared: &Compared, fail_on| !stops(compared, fail_on).is_empty();
    let of = |record: &Record, margin| {
        compare::entries(record, "new", "old", margin).expect("both are there")
    };
    let all = [FailOn::Slower, FailOn::NotEquivalent, FailOn::Never];
    for (record, expected) in [
        (old_and_new(700), [true, true, false]),
        (old_and_new(1000), [false, false, false]),
        (old_and_new(1300), [false, true, false]),
    ] {
        let compared = of(&record, MARGIN);
        assert_eq!(all.map(|fail_on| stopped(&compared, fail_on)), expected, "{compared:?}");
    }
    // What matters is the margin that was asked for.
    let wide = of(&old_and_new(700), Effect::from_percent(60));
    assert!(!stopped(&wide, FailOn::NotEquivalent) && wide.margin_ppm == 600_000, "{wide:?}");
}

#[test]
fn a_candidate_that_failed_stops_the_gate_and_one_that_nobody_could_measure_does_not() {
    let mut record = old_and_new(1000);
    let mut crashed = record.clone();
    crashed.decisions = None;
    for trial in &mut crashed.trials {
        if trial.entry == "new" {
            let reason = "it answered 500".to_owned();
            trial.outcome = TrialOutcome::Failed { stage: Stage::VerifyBefore, reason };
        }
        if let TrialOutcome::Measured(measured) = &mut trial.outcome {
            measured.failed_gates.clear();
        }
    }
    let compared =
        compare::entries(&crashed.decided(), "new", "old", MARGIN).expect("both are there");
    assert!(!stops(&compared, FailOn::Slower).is_empty(), "{compared:?}");
    assert!(lines(&compared)[0].starts_with("new failed at json"), "{:?}", lines(&compared));

    for trial in &mut record.trials {
        if let TrialOutcome::Measured(measured) = &mut trial.outcome {
            (measured.server_cpu_ns, measured.server_peak_rss_bytes) = (0, 0);
            for field in ["server_cpu_ns", "server_peak_rss_bytes"] {
                let reason = "somebody else runs this server".to_owned();
                measured.server.not_measured.insert(field.to_owned(), reason);
            }
        }
    }
    let compared = compare::entries(&record, "new", "old", MARGIN).expect("both are there");
    assert!(stops(&compared, FailOn::NotEquivalent).is_empty(), "{compared:?}");
    let line = &lines(&compared)[0];
    assert!(line.starts_with("new is equivalent to old at json, 16 connections"), "{line}");
    let said = "no CPU per request: candidate: not measured, somebody else runs this server";
    assert!(line.contains(said) && line.contains("no peak memory"), "{line}");
}
