//! What people read, as reviewed snapshots of a small record.

mod made_up;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anstream::adapter::strip_str;
use httpdyno_record::{
    CaseRecord, CaseStatus, Ending, Enforced, EntryRecord, GateFailure, LatencySummary,
    Measurement, Purpose, Record, RunRecord, Stage, TrialOutcome, TrialRecord,
};
use httpdyno_report::text_table::WIDTH;
use httpdyno_report::validity::{self, Weight};
use httpdyno_report::{
    Comparison, bench_text, conformance_json, conformance_junit, conformance_text,
};
use httpdyno_spec::exchange::Level;
use httpdyno_spec::profile::Profile;
use httpdyno_stats::histogram::Histogram;
use jiff::Timestamp;

fn case(name: &str, status: CaseStatus) -> CaseRecord {
    let unless_passed = |text: &str| match status {
        CaseStatus::Pass => String::new(),
        _ => text.to_owned(),
    };
    CaseRecord {
        entry: "rust-hyper".to_owned(),
        case: format!("h1/host/{name}"),
        title: format!("a request, {name}"),
        level: Level::Must,
        source: "RFC 9112 section 3.2".to_owned(),
        requires: "the server answers 400".to_owned(),
        status,
        observed: "200, open".to_owned(),
        reason: unless_passed("status 200 is not 400"),
        expected: unless_passed("400, then closed\n400, then open"),
        sent: unless_passed("GET / HTTP/1.1\\r\\n\n\\r\\n"),
        received: unless_passed("HTTP/1.1 200 OK\\r\\n"),
        duration_ns: 1_500_000,
    }
}

fn cases() -> Vec<CaseRecord> {
    let mut cases = vec![
        case("missing", CaseStatus::Fail),
        case("valid", CaseStatus::Pass),
        case("doubtful", CaseStatus::Warn),
        case("known", CaseStatus::KnownDeviation),
    ];
    cases.push(CaseRecord { entry: "rust-may".to_owned(), ..case("valid", CaseStatus::Pass) });
    cases
}

fn measurement(responses: u64, latency_ns: u64) -> Measurement {
    let mut latency = Histogram::new();
    (0..1000).for_each(|step| latency.record(latency_ns + step * 10));
    Measurement {
        elapsed_ns: 1_000_000_000,
        responses,
        received_bytes: responses * 150,
        errors: BTreeMap::new(),
        latency: LatencySummary {
            p50_ns: latency.quantile_ns(0.5),
            p99_ns: latency.quantile_ns(0.99),
            p999_ns: latency.quantile_ns(0.999),
            max_ns: latency.max_ns(),
            ..LatencySummary::default()
        },
        latency_hdr: latency.to_hdr_v2().into(),
        established: 16,
        littles_law_ppm: Some(100),
        server_cpu_ns: 900_000_000,
        generator_cpu_ns: 500_000_000,
        server_peak_rss_bytes: 5 << 20,
        start_to_ready_ns: 4_000_000,
        steal_ns: 0,
        engine: "epoll".to_owned(),
        failed_gates: vec![],
        ..Measurement::default()
    }
}

fn trial(number: u32, entry: &str, outcome: TrialOutcome) -> TrialRecord {
    TrialRecord {
        trial: number,
        block: number / 2,
        entry: entry.to_owned(),
        workload: "json".to_owned(),
        connections: 16,
        purpose: Purpose::Compare,
        offered_per_s: None,
        started_at: Timestamp::UNIX_EPOCH,
        enforced: Enforced::default(),
        outcome,
    }
}

fn measured(responses: u64, latency_ns: u64) -> TrialOutcome {
    TrialOutcome::Measured(Box::new(measurement(responses, latency_ns)))
}

fn entry(name: &str, excluded: Option<&str>) -> EntryRecord {
    EntryRecord { excluded: excluded.map(str::to_owned), ..made_up::entry(name) }
}

/// Ten blocks; in the second, the trial of `fast` is void, and in the third both crashed.
fn record() -> Record {
    let more = (8..20).map(|number| match number % 2 {
        0 => trial(number, "slow", measured(51_000, 305_000)),
        _ => trial(number, "fast", measured(121_000, 101_000)),
    });
    let invalid = Measurement {
        failed_gates: vec![GateFailure {
            gate: "steal".to_owned(),
            message: "the hypervisor took 5 %".to_owned(),
            voids: vec![],
        }],
        ..measurement(999_999, 1)
    };
    let crash = TrialOutcome::Failed { stage: Stage::Load, reason: "the server ended".to_owned() };
    Record {
        folder: PathBuf::from("results/x"),
        run: RunRecord {
            ending: Ending::Interrupted,
            profile: Profile {
                id: "smoke".parse().expect("id"),
                publishable: false,
                blocks: 2,
                ..made_up::profile()
            },
            entries: vec![
                entry("slow", None),
                entry("fast", None),
                entry("broken", Some("it does not conform")),
                entry("crashing", None),
            ],
            warnings: vec!["something a reader must know".to_owned()],
            ..made_up::run(&[])
        },
        cases: vec![],
        trials: vec![
            trial(0, "slow", measured(50_000, 300_000)),
            trial(1, "fast", measured(120_000, 100_000)),
            trial(2, "slow", measured(52_000, 310_000)),
            trial(3, "fast", TrialOutcome::Measured(Box::new(invalid))),
            trial(4, "crashing", crash.clone()),
            trial(5, "crashing", crash),
            trial(6, "slow", measured(51_000, 305_000)),
            trial(7, "fast", measured(121_000, 101_000)),
        ]
        .into_iter()
        .chain(more)
        .collect(),
        truncated: false,
        decisions: None,
    }
    .decided()
}

#[test]
fn the_table_of_a_run() {
    let record = record();
    let comparison = Comparison::of(&record).expect("histograms");
    let text = bench_text::render(&record, &comparison, WIDTH);
    insta::assert_snapshot!(strip_str(&text));
}

#[test]
fn an_invalid_trial_never_becomes_a_figure() {
    let comparison = Comparison::of(&record()).expect("histograms");
    let fast = comparison.points[0].rows.iter().find(|row| row.entry == "fast").expect("a row");
    let figures = fast.figures.expect("valid trials");
    assert_eq!((fast.trials, figures.trials), (9, 8));
    assert_eq!(figures.throughput_per_s.map(|spread| spread.max), Some(121_000));
    assert_eq!(fast.invalid.len(), 1);
}

#[test]
fn stolen_time_is_a_caution_where_it_was_too_much_for_a_trial() {
    let stolen = |record: &Record| {
        let comparison = Comparison::of(record).expect("histograms");
        let mut all = validity::findings(record, &comparison).into_iter();
        let one = all.find(|finding| finding.subject == "Stolen CPU time").expect("it is told");
        (one.weight, one.text)
    };
    let mut record = record();
    let TrialOutcome::Measured(invalid) = &mut record.trials[3].outcome else { panic!("measured") };
    invalid.steal_ns = 50_000_000;
    let too_much = "at most 5.0 % of a trial; too much in 1 trial".to_owned();
    assert_eq!(stolen(&record), (Weight::Caution, too_much));
    record.trials.remove(3);
    assert_eq!(stolen(&record), (Weight::Ok, "at most 0.0 % of a trial".to_owned()));
}

#[test]
fn ratios_are_paired_by_block_and_judged() {
    let comparison = Comparison::of(&record()).expect("histograms");
    assert_eq!(comparison.baseline.as_deref(), Some("slow"));
    let row = |entry: &str| {
        comparison.points[0].rows.iter().find(|row| row.entry == entry).expect("a row").clone()
    };
    let versus = row("fast").versus_baseline.expect("eight blocks");
    assert_eq!((versus.blocks, versus.verdict.as_str()), (8, "faster"));
    assert!(versus.low_ppm < versus.ratio_ppm && versus.ratio_ppm < versus.high_ppm, "{versus:?}");
    // 120/50 once and 121/51 in seven blocks in which both are valid: the geometric mean.
    assert_eq!(versus.ratio_ppm / 1000, 2375);
    assert!(row("slow").versus_baseline.is_none() && row("crashing").versus_baseline.is_none());
}

fn origin() -> conformance_json::Origin {
    conformance_json::Origin {
        command: "httpdyno conform".to_owned(),
        tool: "httpdyno 1.2.3".to_owned(),
        spec: "0abc".to_owned(),
    }
}

#[test]
fn verdicts_as_text() {
    insta::assert_snapshot!(strip_str(&conformance_text::render(&cases(), false)));
}

#[test]
fn verdicts_as_junit() {
    insta::assert_snapshot!(conformance_junit::render(&cases(), &origin()).expect("XML"));
}

#[test]
fn verdicts_as_json_are_one_object_an_entry() {
    let entries: serde_json::Value =
        serde_json::from_str(&conformance_json::render(&cases(), &origin())).expect("JSON");
    assert_eq!(entries[0]["entry"], "rust-hyper");
    assert_eq!(entries[0]["conformant"], false);
    assert_eq!(entries[0]["cases"][0]["case"], "h1/host/missing");
    assert_eq!(entries[1]["conformant"], true);
    assert_eq!(entries[0]["tool"], "httpdyno 1.2.3");
    assert_eq!(entries[0]["spec_digest"], "0abc");
    assert_eq!(entries[0]["http"]["conformant"], false);
    assert_eq!(entries[0]["contract"]["conformant"], true);
}

#[test]
fn what_a_server_sends_cannot_break_out_of_the_junit_document() {
    let hostile = "]]></failure><script>alert(1)</script>\u{1b}[2J";
    let cases = [CaseRecord { received: hostile.to_owned(), ..case("x", CaseStatus::Fail) }];
    let xml = conformance_junit::render(&cases, &origin()).expect("XML");
    assert!(!xml.contains("<script>") && !xml.contains('\u{1b}'), "{xml}");
}
