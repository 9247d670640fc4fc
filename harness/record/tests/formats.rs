//! Records of every format so far are read, and the published schemas describe them.

use std::fs;
use std::path::{Path, PathBuf};

use httpdyno_record::{FORMAT_VERSION, Figure, Purpose, Record, Role, schema};
use httpdyno_spec::schema::drift_of_schemas;
use serde_json::Value;

fn fixture(format: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/v{format}"))
}

/// Recorded by the last program that wrote format 1, on a virtual machine with two cores.
#[test]
fn a_record_of_format_1_is_read() {
    let record = Record::read(&fixture(1)).expect("format 1");
    assert_eq!(record.run.format_version, 1);
    assert_eq!(record.run.host.machine, None, "format 1 knew no facts of the machine");
    assert_eq!(record.run.entries.len(), 2);
    assert!(record.run.entries.iter().all(|entry| entry.role == Role::Entry));
    assert_eq!(record.trials.len(), 6);
    assert!(record.trials.iter().all(|trial| trial.purpose == Purpose::Compare));
    let valid = record.trials.iter().filter(|trial| trial.valid().is_some()).count();
    assert_eq!(valid, 5, "littles-law failed one");
    let first = record.trials[0].measurement().expect("measured");
    assert!(first.responses > 0 && first.server.user_ns.is_none());
    assert!(record.histogram_log(0).expect("log").starts_with("#["));
    assert!(!record.truncated);
}

/// Recorded by the first program that wrote format 2, whose later writers have added to it.
#[test]
fn a_record_of_format_2_is_read() {
    let record = Record::read(&fixture(2)).expect("format 2");
    assert_eq!(record.run.format_version, 2);
    assert!(record.run.design.is_none() && record.run.host.machine.is_none());
    let [entry] = &record.run.entries[..] else { panic!("{:?}", record.run.entries) };
    assert_eq!((entry.role, entry.framework.as_str()), (Role::Entry, "std"));
    assert!(record.cases.iter().any(|case| case.case.starts_with("h1/")));
    assert!(!record.truncated && record.trials.len() == 2);
    for trial in &record.trials {
        let measured = trial.measurement().expect("measured");
        assert!(measured.responses > 0 && measured.server.user_ns.is_none());
        assert_eq!(measured.failed_gates[0].gate, "littles-law");
        assert!(trial.valid().is_none(), "a gate that names no figure voids all");
        assert_eq!(trial.enforced.isolation.as_deref(), Some("process"));
    }
    assert!(record.histogram_log(0).expect("log").starts_with("#["));
}

/// Recorded by the first program that wrote format 3: a gate can void the tail of the latency alone.
#[test]
fn a_record_of_format_3_is_read() {
    let record = Record::read(&fixture(3)).expect("format 3");
    assert_eq!(record.run.format_version, 3);
    let [tail, all] = &record.trials[..] else { panic!("{} trials", record.trials.len()) };
    for (trial, median_is_valid) in [(tail, true), (all, false)] {
        let measured = trial.measurement().expect("measured");
        assert_eq!(measured.failed_gates[0].gate, "send-lag");
        assert_eq!(measured.is_valid_for(Figure::Latency), median_is_valid);
        assert!(!measured.is_valid_for(Figure::Tail) && measured.is_valid_for(Figure::Cost));
    }
    assert!(record.histogram_log(0).expect("log").starts_with("#["));
}

#[test]
fn every_format_so_far_has_a_fixture() {
    for format in 1..=FORMAT_VERSION {
        let record = Record::read(&fixture(format)).expect("tests/fixtures has one of each");
        assert_eq!(record.run.format_version, format);
    }
}

fn validator(name: &str) -> jsonschema::Validator {
    let (_, schema) = schema::all().into_iter().find(|(found, _)| *found == name).expect(name);
    jsonschema::validator_for(&schema).expect("a valid schema")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn the_schemas_accept_what_was_recorded_and_nothing_mutilated() {
    let of_run = validator("run.schema.json");
    for format in 1..=FORMAT_VERSION {
        let read = |file: &str| fs::read_to_string(fixture(format).join(file)).expect("readable");
        let run = json(&read("run.json"));
        assert!(of_run.is_valid(&run), "{format}: {:?}", of_run.iter_errors(&run).next());
        let mut without_seed = run.clone();
        without_seed.as_object_mut().expect("an object").remove("seed");
        assert!(!of_run.is_valid(&without_seed));
        for (file, name) in
            [("trials.jsonl", "trial.schema.json"), ("conformance.jsonl", "case.schema.json")]
        {
            let validator = validator(name);
            for line in read(file).lines() {
                let line = json(line);
                assert!(
                    validator.is_valid(&line),
                    "{format}: {:?}",
                    validator.iter_errors(&line).next()
                );
            }
            assert!(!validator.is_valid(&json("{}")));
        }
    }
}

#[test]
fn the_published_schemas_are_those_of_the_types() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("root");
    let drifts = drift_of_schemas(&root.join("spec/schema/record"), &schema::all());
    assert_eq!(drifts, [], "run `httpdyno schema --write`");
    let title = schema::all()[0].1["title"].as_str().expect("a title").to_owned();
    assert!(title.contains(&format!("format {FORMAT_VERSION}")), "{title}");
}
