//! Published claims as files: what they say of entries and workloads, and what an experiment
//! measures.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use httpdyno_spec::claim::{Artefacts, Claim, Kind, NOT_STATED};
use httpdyno_spec::{Loaded, SpecTree, claim_named, claims};

mod common;
use common::{replace, write};
use tempfile::TempDir;

const CLAIM: &str = include_str!("claims/good.yaml");

/// A tree with a second workload.
fn tree() -> TempDir {
    let folder = common::tree();
    let load = folder.path().join("spec/workloads/load.yaml");
    let text = fs::read_to_string(load).expect("readable").replace("id: load", "id: other");
    write(folder.path(), "spec/workloads/other.yaml", &text);
    folder
}

fn load(root: &Path) -> Result<Vec<Loaded<Claim>>, String> {
    let tree = SpecTree::load(root).unwrap_or_else(|errors| panic!("{errors}"));
    claims(&tree).map_err(|errors| errors.to_string())
}

#[test]
fn a_tree_without_claims_has_none_and_one_with_them_has_them_by_name() {
    let folder = tree();
    assert_eq!(load(folder.path()), Ok(vec![]));
    write(folder.path(), "spec/claims/good.yaml", CLAIM);
    let claims = load(folder.path()).expect("claims");
    assert_eq!(claim_named(&claims, "good").map(|claim| claim.id.to_string()), Ok("good".into()));
    let unknown = claim_named(&claims, "goood").expect_err("no such claim").to_string();
    assert_eq!(unknown, "no claim `goood`; did you mean `good`? known: good");
}

#[test]
fn what_a_claim_names_must_be_there() {
    for (from, to, problem) in [
        ("subject: plain", "subject: plian", "no entry `plian`; did you mean `plain`?"),
        ("baseline: two@first", "baseline: two", "no entry `two`;"),
        ("workload: load", "workload: lod", "no workload `lod`; did you mean `load`?"),
        ("{ two@first: two@second }", "{ two@first: two@third }", "no entry `two@third`;"),
        ("{ load: other }", "{ load: nothing }", "no workload `nothing`;"),
        ("author: some", "author: sme", "no level `sme`; did you mean `some`?"),
    ] {
        let folder = tree();
        write(folder.path(), "spec/claims/good.yaml", CLAIM);
        replace(folder.path(), "spec/claims/good.yaml", from, to);
        let message = load(folder.path()).expect_err(to);
        let line = CLAIM.lines().position(|line| line.contains(from)).expect(from) + 1;
        assert!(message.starts_with(&format!("spec/claims/good.yaml:{line}:")), "{message}");
        assert!(message.contains(problem), "{message}");
    }
}

#[test]
fn a_wrong_claim_keeps_nobody_from_the_rest_of_the_spec() {
    let folder = tree();
    write(folder.path(), "spec/claims/good.yaml", "version: 7\n");
    assert!(load(folder.path()).is_err());
    SpecTree::load(folder.path()).unwrap_or_else(|errors| panic!("{errors}"));
}

#[test]
fn one_factor_is_changed_at_a_time_from_what_the_author_had() {
    let folder = tree();
    write(folder.path(), "spec/claims/good.yaml", CLAIM);
    let claims = load(folder.path()).expect("claims");
    let cells: Vec<String> = claims[0]
        .cells()
        .iter()
        .map(|cell| {
            let changed = cell
                .changed
                .map_or("-".to_owned(), |(factor, level)| format!("{}={}", factor.id, level.id));
            let (a, b) = (&cell.subject, &cell.baseline);
            assert_eq!((&a.workload, a.connections), (&b.workload, b.connections));
            format!("{changed} {} {} {} {}", a.entry, b.entry, a.workload, a.connections)
        })
        .collect();
    assert_eq!(
        cells,
        [
            "- plain two@first load 16",
            "connections=many plain two@first load 64",
            "variant=second plain two@second load 16",
            "workload=other plain two@first other 16",
        ]
    );
}

/// The claims that started this project.
const KNOWN: [&str; 24] = [
    "f1", "f2", "f3", "f4", "f5", "f6", "h1", "h2", "h3", "h4", "r1", "r2", "r3", "r4", "r5", "r6",
    "s1", "s2", "s3", "t1", "t2", "t3", "t4", "t5",
];

fn repository() -> Vec<Loaded<Claim>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    load(&root.canonicalize().expect("the repository")).expect("right")
}

#[test]
fn the_repository_has_all_of_them_and_each_says_what_decides_it() {
    let claims = repository();
    let ids: BTreeSet<&str> = claims.iter().map(|claim| claim.id.as_str()).collect();
    for id in KNOWN {
        assert!(ids.contains(id), "no claim {id}");
    }
    for claim in &claims {
        let id = &claim.id;
        let runs_code = claim.ours.artefacts != Artefacts::FiguresOnly;
        assert_eq!(claim.experiment.is_some(), runs_code, "{id}: what is run, and with what");
        if claim.kind == Kind::Absolute {
            assert!(claim.experiment.is_none(), "{id}");
        }
        // An honest stand-in says what it stands for by the name of its entry.
        for cell in claim.cells() {
            let named = cell.subject.entry.split('@').next().expect("a name");
            assert!(claim.ours.stands_for.contains(named), "{id}: {named} stands for nothing");
        }
    }
}

#[test]
fn what_a_publication_does_not_say_is_said() {
    let claims = repository();
    let unsaid = |claim: &Loaded<Claim>| {
        let there = &claim.published;
        [
            &there.hardware,
            &there.cores,
            &there.client,
            &there.connections,
            &there.connection_use,
            &there.duration,
            &there.repetitions,
            &there.workers,
            &there.versions,
        ]
        .into_iter()
        .filter(|stated| !stated.is_stated())
        .count()
    };
    // None of these publications says how often it measured.
    for claim in &claims {
        assert!(unsaid(claim) > 0, "{}: everything is stated?", claim.id);
        assert_eq!(claim.published.repetitions.0, NOT_STATED, "{}", claim.id);
    }
}
