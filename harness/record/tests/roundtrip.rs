//! A record is read back as it was written, also after a crash, and refused when it is newer.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use httpdyno_record::{
    CaseRecord, CaseStatus, ConformanceCounts, Cores, Ending, Enforced, EntryRecord,
    FORMAT_VERSION, Host, LatencySummary, Measurement, Purpose, ReadError, Record, RecordWriter,
    RunRecord, Stage, TrialOutcome, TrialRecord,
};
use httpdyno_spec::exchange::Level;
use httpdyno_spec::profile::{Gates, IsolationKind, Placement, Profile};
use jiff::Timestamp;

fn profile() -> Profile {
    Profile {
        version: 1,
        id: "smoke".parse().expect("id"),
        summary: "for tests".to_owned(),
        publishable: false,
        placement: Placement::Split,
        isolation: IsolationKind::Process,
        idle_guard: true,
        implementations: vec![],
        workloads: vec!["json".parse().expect("id")],
        connections: vec![16],
        idle: "0ms".parse().expect("span"),
        warmup: "100ms".parse().expect("span"),
        measure: "350ms".parse().expect("span"),
        fixed_rates: None,
        blocks: 2,
        database: Default::default(),
        server_memory: None,
        start_timeout: "5s".parse().expect("span"),
        build_timeout: "600s".parse().expect("span"),
        gates: Gates::default(),
    }
}

fn run() -> RunRecord {
    RunRecord {
        format_version: FORMAT_VERSION,
        httpdyno_version: "0.1.0".to_owned(),
        git_revision: None,
        command_line: vec!["httpdyno".to_owned(), "bench".to_owned()],
        started_at: "2026-02-03T04:05:06Z".parse().expect("timestamp"),
        finished_at: None,
        ending: Ending::Unfinished,
        seed: 7,
        profile: profile(),
        spec_digest: "00".to_owned(),
        host: Host::detect(),
        cores: Cores { server: vec![0], generator: vec![1], database: vec![] },
        workloads: vec![],
        database: None,
        design: None,
        entries: vec![EntryRecord {
            entry: "rust-hyper@per-worker".to_owned(),
            name: "hyper".to_owned(),
            language: "rust".to_owned(),
            version: Some("hyper 1.12.0".to_owned()),
            program_digest: None,
            conformance: Some(ConformanceCounts { passed: 3, ..ConformanceCounts::default() }),
            excluded: None,
            ..EntryRecord::default()
        }],
        warnings: vec!["a warning".to_owned()],
        lacks: vec![],
        claims: vec![],
    }
}

fn case(status: CaseStatus) -> CaseRecord {
    CaseRecord {
        entry: "rust-hyper@per-worker".to_owned(),
        case: "h1/host/missing".to_owned(),
        title: "no Host".to_owned(),
        level: Level::Must,
        source: "RFC 9112 section 3.2".to_owned(),
        requires: "400".to_owned(),
        status,
        observed: "400, closed".to_owned(),
        reason: String::new(),
        expected: String::new(),
        sent: "GET / HTTP/1.1\\r\\n\\r\\n".to_owned(),
        received: String::new(),
        duration_ns: 12_345,
    }
}

fn trial(number: u32, outcome: TrialOutcome) -> TrialRecord {
    TrialRecord {
        trial: number,
        block: 0,
        entry: "rust-hyper@per-worker".to_owned(),
        workload: "json".to_owned(),
        connections: 16,
        purpose: Purpose::Compare,
        offered_per_s: None,
        started_at: Timestamp::UNIX_EPOCH,
        enforced: Enforced::default(),
        outcome,
    }
}

fn measured() -> TrialOutcome {
    TrialOutcome::Measured(Box::new(Measurement {
        elapsed_ns: 500_000_000,
        responses: 50_000,
        received_bytes: 7_000_000,
        errors: BTreeMap::from([("timeout".to_owned(), 0)]),
        latency: LatencySummary { p50_ns: 90_000, ..LatencySummary::default() },
        latency_hdr: "HISTFAAAA".to_owned().into(),
        established: 16,
        littles_law_ppm: Some(12),
        server_cpu_ns: 400_000_000,
        generator_cpu_ns: 300_000_000,
        server_peak_rss_bytes: 4 << 20,
        start_to_ready_ns: 3_000_000,
        steal_ns: 0,
        engine: "epoll".to_owned(),
        failed_gates: vec![],
        ..Measurement::default()
    }))
}

/// Writes a record with two cases and two trials; its folder.
fn written(results: &Path) -> std::path::PathBuf {
    let mut writer = RecordWriter::create(results, &run()).expect("create");
    writer.append_cases(&[case(CaseStatus::Pass), case(CaseStatus::Warn)]).expect("cases");
    writer.append_trial(&trial(0, measured()), Some("a log")).expect("trial");
    let failed =
        TrialOutcome::Failed { stage: Stage::Start, reason: "it did not start".to_owned() };
    writer.append_trial(&trial(1, failed), None).expect("trial");
    writer.folder().to_owned()
}

#[test]
fn what_is_written_is_read_back() {
    let results = tempfile::tempdir().expect("folder");
    let folder = written(results.path());
    let record = Record::read(&folder).expect("read");
    assert_eq!(record.run, run());
    assert_eq!(record.cases, [case(CaseStatus::Pass), case(CaseStatus::Warn)]);
    assert_eq!(record.trials[0], trial(0, measured()));
    assert_eq!(record.trials.len(), 2);
    assert!(!record.truncated);
    assert_eq!(record.histogram_log(0).expect("log"), "a log");
    let measurement = record.trials[0].valid().expect("valid");
    assert_eq!(measurement.responses_per_s(), 100_000);
    assert_eq!(measurement.server_cpu_ns_per_response(), 8_000);
    assert!(!measurement.latency_hdr.is_at_hand(), "a histogram is left in its file");
}

#[test]
fn the_folder_is_named_after_date_profile_and_machine_and_never_reused() {
    let results = tempfile::tempdir().expect("folder");
    let (first, second) = (written(results.path()), written(results.path()));
    let name = format!("2026-02-03-smoke-{}", Host::detect().fingerprint);
    assert_eq!(first, results.path().join(&name));
    assert_eq!(second, results.path().join(format!("{name}-2")));
}

#[test]
fn a_crash_in_the_middle_of_a_line_loses_that_line_only() {
    let results = tempfile::tempdir().expect("folder");
    let folder = written(results.path());
    let path = folder.join("trials.jsonl");
    let text = fs::read_to_string(&path).expect("read");
    fs::write(&path, &text[..text.len() - 20]).expect("cut");
    let record = Record::read(&folder).expect("read");
    assert_eq!(record.trials, [trial(0, measured())]);
    assert!(record.truncated);
}

#[test]
fn what_cannot_be_written_is_told_with_where_the_rest_is() {
    let results = tempfile::tempdir().expect("folder");
    let writer = RecordWriter::create(results.path(), &run()).expect("a record");
    let path = writer.folder().join("run.json");
    fs::remove_file(&path).expect("removed");
    // A folder cannot be replaced by a file.
    fs::create_dir(&path).expect("a folder");
    let told = writer.write_run(&run()).expect_err("it cannot be written").to_string();
    let folder = writer.folder().display().to_string();
    assert!(told.starts_with(&format!("cannot write {}: ", path.display())), "{told}");
    assert!(told.contains(&format!("what was recorded before is kept in {folder}")), "{told}");
}

#[test]
fn a_file_that_is_cut_within_a_character_loses_one_line() {
    let results = tempfile::tempdir().expect("folder");
    let folder = written(results.path());
    let path = folder.join("trials.jsonl");
    let whole = fs::read_to_string(&path).expect("read");
    for letter in ["é", "€", "𝄞"] {
        for kept in 1..letter.len() {
            let mut bytes = whole.clone().into_bytes();
            bytes.extend_from_slice(b"{\"entry\":\"");
            bytes.extend_from_slice(&letter.as_bytes()[..kept]);
            fs::write(&path, &bytes).expect("write");
            let record = Record::read(&folder).expect("all but the last line");
            assert!(record.truncated && record.trials.len() == 2, "{letter}, {kept}");
        }
    }
}

#[test]
fn trials_that_stand_in_a_record_twice_count_once() {
    let results = tempfile::tempdir().expect("folder");
    let folder = written(results.path());
    let path = folder.join("trials.jsonl");
    let text = fs::read_to_string(&path).expect("read");
    fs::write(&path, format!("{text}{text}")).expect("write");
    let found = Record::read(&folder).expect("as it is");
    assert_eq!((found.trials.len(), found.duplicates()), (4, 0));
    let record = found.decided();
    assert_eq!((record.trials.len(), record.duplicates()), (2, 2));
    assert_eq!(record.clone().decided(), record, "once is enough");
    assert_eq!(record.missing(), 0);
}

#[test]
fn trials_that_were_taken_out_of_a_record_are_missed() {
    let results = tempfile::tempdir().expect("folder");
    let folder = written(results.path());
    let whole = Record::read(&folder).expect("read");
    let [first, last] = <[TrialRecord; 2]>::try_from(whole.trials.clone()).expect("two trials");
    let numbered = |trial: &TrialRecord, number| TrialRecord { trial: number, ..trial.clone() };
    let of = |trials| Record { trials, ..whole.clone() }.decided().missing();
    assert_eq!(of(vec![first.clone(), last.clone()]), 0);
    assert_eq!(of(vec![last.clone()]), 1, "the first is gone");
    assert_eq!(of(vec![first.clone(), numbered(&last, 5)]), 4);
    assert_eq!(of(vec![]), 0, "nothing tells how many there were");
}

#[test]
fn a_later_format_is_refused_with_what_to_do() {
    let results = tempfile::tempdir().expect("folder");
    let folder = written(results.path());
    let mut later = run();
    later.format_version = FORMAT_VERSION + 1;
    later.httpdyno_version = "9.9.9".to_owned();
    fs::write(folder.join("run.json"), serde_json::to_vec(&later).expect("json")).expect("write");
    let error = Record::read(&folder).expect_err("refused");
    assert!(matches!(error, ReadError::NewerFormat { .. }));
    assert!(error.to_string().contains("9.9.9"), "{error}");
}

#[test]
fn a_broken_line_is_named_with_file_and_line() {
    let results = tempfile::tempdir().expect("folder");
    let folder = written(results.path());
    let path = folder.join("trials.jsonl");
    let text = fs::read_to_string(&path).expect("read");
    fs::write(&path, format!("{text}{{\"trial\":\"x\"}}\n")).expect("write");
    let error = Record::read(&folder).expect_err("refused").to_string();
    assert!(error.contains("trials.jsonl:3: "), "{error}");
}

#[test]
fn a_folder_that_is_no_record_is_refused() {
    let empty = tempfile::tempdir().expect("folder");
    let error = Record::read(empty.path()).expect_err("refused").to_string();
    assert!(error.contains("run.json"), "{error}");
}

#[test]
fn a_gate_makes_void_what_it_names_and_everything_where_it_names_nothing() {
    use httpdyno_record::{Figure, GateFailure};
    let failure = |voids: Vec<Figure>| GateFailure {
        gate: "generator-saturated".to_owned(),
        message: String::new(),
        voids,
    };
    let some = Measurement {
        failed_gates: vec![failure(vec![Figure::Throughput, Figure::Latency])],
        ..Measurement::default()
    };
    assert!(some.is_valid_for(Figure::Cost) && !some.is_valid_for(Figure::Latency));
    assert!(!some.is_valid());
    let all = Measurement { failed_gates: vec![failure(vec![])], ..Measurement::default() };
    assert!(!all.is_valid_for(Figure::Cost));
}
