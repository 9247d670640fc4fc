//! Things by their id, in a small tree of its own.

use std::fs;
use std::path::Path;

use httpdyno_spec::{CaseRef, SpecTree};

mod common;

#[test]
fn entries_are_named_with_and_without_their_variant() {
    let folder = common::tree();
    let tree = SpecTree::load(folder.path()).expect("the tree is right");
    let names: Vec<String> = tree.entries().map(|entry| entry.id.to_string()).collect();
    assert_eq!(names, ["plain", "two@first", "two@second"]);
    let default = tree.entry("two").expect("the default variant");
    assert_eq!(default.id.to_string(), "two@second");
    assert_eq!(default.variant.map(|variant| variant.args.clone()), Some(vec!["-2".to_owned()]));
    assert_eq!(tree.entry("two@first").expect("a variant").id.to_string(), "two@first");
    assert_eq!(tree.entry("plain").expect("no variants").variant, None);
}

#[test]
fn what_does_not_exist_is_answered_with_what_does() {
    let folder = common::tree();
    let tree = SpecTree::load(folder.path()).expect("the tree is right");
    let message = |result: Result<_, httpdyno_spec::UnknownName>| match result {
        Ok(()) => panic!("found what does not exist"),
        Err(unknown) => unknown.to_string(),
    };
    assert_eq!(
        message(tree.implementation("plan").map(|_| ())),
        "no implementation `plan`; did you mean `plain`? known: plain, two"
    );
    assert_eq!(
        message(tree.entry("two@frist").map(|_| ())),
        "no entry `two@frist`; did you mean `two@first`? known: two@first, two@second"
    );
    assert_eq!(
        message(tree.entry("plain@x").map(|_| ())),
        "no entry `plain@x`; did you mean `plain`? known: plain"
    );
    assert_eq!(message(tree.workload("nginx").map(|_| ())), "no workload `nginx`; known: load");
    assert_eq!(
        message(tree.profile("quik").map(|_| ())),
        "no profile `quik`; did you mean `quick`? known: quick"
    );
    assert_eq!(
        message(tree.case("h1/host/mising").map(|_| ())),
        "no case `h1/host/mising`; did you mean `h1/host/missing`? known: \
         app/every-response/date, app/plaintext/answer, h1/host/missing"
    );
}

#[test]
fn cases_checks_and_rules_share_one_space() {
    let folder = common::tree();
    let tree = SpecTree::load(folder.path()).expect("the tree is right");
    assert!(matches!(tree.case("h1/host/missing"), Ok(CaseRef::Protocol(_))));
    assert!(matches!(tree.case("app/every-response/date"), Ok(CaseRef::EveryResponse(_))));
    match tree.case("app/plaintext/answer") {
        Ok(CaseRef::Application { endpoint, .. }) => assert_eq!(endpoint.id.as_str(), "plaintext"),
        other => panic!("{other:?}"),
    }
    let ids: Vec<&str> = tree.all_cases().map(|case| case.id().as_str()).collect();
    assert_eq!(ids, ["app/every-response/date", "app/plaintext/answer", "h1/host/missing"]);
}

#[test]
fn every_value_knows_its_file() {
    let folder = common::tree();
    let tree = SpecTree::load(folder.path()).expect("the tree is right");
    let path = &tree.implementation("two").expect("there").path;
    assert_eq!(path, Path::new("implementations/two/implementation.yaml"));
    assert_eq!(tree.workload("load").expect("there").path, Path::new("spec/workloads/load.yaml"));
    assert_eq!(tree.static_files(), folder.path().join("spec/payloads/static"));
}

#[test]
fn folders_that_are_no_implementations_are_passed_over() {
    let folder = common::tree();
    for name in ["_shared", ".cache", "leftover"] {
        fs::create_dir_all(folder.path().join("implementations").join(name)).expect("created");
    }
    fs::write(folder.path().join("implementations/_shared/implementation.yaml"), "x")
        .expect("written");
    let tree = SpecTree::load(folder.path()).expect("the tree is right");
    assert_eq!(tree.implementations.len(), 2);
    assert!(tree.is_folder_without_manifest("leftover"));
    assert!(!tree.is_folder_without_manifest("plain"));
    assert!(!tree.is_folder_without_manifest(".."));
}
