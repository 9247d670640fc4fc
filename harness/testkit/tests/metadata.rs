//! What the quirks say of themselves agrees with the specification.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use httpdyno_spec::case::CasesFile;
use httpdyno_spec::endpoint::EndpointsFile;
use httpdyno_spec::read_file;
use httpdyno_testkit::Quirk;

fn spec(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec").join(path)
}

fn protocol_cases() -> BTreeSet<String> {
    let folder = std::fs::read_dir(spec("cases")).expect("the folder spec/cases");
    let files = folder.map(|entry| entry.expect("an entry of spec/cases").path());
    let files = files.map(|path| match read_file::<CasesFile>(&path) {
        Ok(file) => file.value,
        Err(errors) => panic!("{errors}"),
    });
    files.flat_map(|file| file.cases).map(|case| case.id.to_string()).collect()
}

fn application_checks() -> BTreeSet<String> {
    let file = match read_file::<EndpointsFile>(&spec("endpoints.yaml")) {
        Ok(file) => file.value,
        Err(errors) => panic!("{errors}"),
    };
    let rules = file.every_response.iter().map(|rule| rule.id.to_string());
    let checks = file.endpoints.iter().flat_map(|endpoint| &endpoint.checks);
    rules.chain(checks.map(|check| check.id.to_string())).collect()
}

#[test]
fn every_quirk_breaks_some_case_and_names_only_cases_there_are() {
    let (cases, checks) = (protocol_cases(), application_checks());
    for quirk in Quirk::all() {
        let name = quirk.name();
        assert!(!quirk.breaks().is_empty(), "{name} breaks nothing");
        for id in quirk.breaks() {
            let known = cases.contains(*id) || checks.contains(*id);
            assert!(known, "{name} breaks `{id}`, which is in no file of spec/");
        }
        let distinct: BTreeSet<&&str> = quirk.breaks().iter().collect();
        assert_eq!(distinct.len(), quirk.breaks().len(), "{name} names a case twice");
        assert!(quirk.sentence().ends_with('.'), "{name}: {}", quirk.sentence());
    }
}

#[test]
fn names_are_unique() {
    let mut seen: BTreeMap<&str, Quirk> = BTreeMap::new();
    for quirk in Quirk::all() {
        let other = seen.insert(quirk.name(), quirk);
        assert_eq!(other, None, "two quirks are called {}", quirk.name());
    }
}

#[test]
fn every_protocol_case_is_broken_by_some_quirk() {
    let broken: BTreeSet<&str> = Quirk::all().flat_map(|quirk| quirk.breaks()).copied().collect();
    let cases = protocol_cases();
    assert!(cases.len() >= 280, "only {} protocol cases are left", cases.len());
    let never: Vec<&String> = cases.iter().filter(|id| !broken.contains(id.as_str())).collect();
    assert!(never.is_empty(), "no quirk breaks {never:?}");
}
