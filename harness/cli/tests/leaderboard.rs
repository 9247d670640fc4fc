//! `docs/leaderboard.md` and what it is made from agree with each other and with the cases.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use httpdyno_spec::SpecTree;
use httpdyno_spec::exchange::Level;
use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("workspace root")
}

fn folder() -> PathBuf {
    root().join("docs/leaderboard")
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> T {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

fn judged() -> BTreeMap<String, String> {
    read(&folder().join("judged.json"))
}

fn servers() -> Vec<Value> {
    let files = fs::read_dir(folder().join("servers")).expect("a folder").flatten();
    files.map(|file| read(&file.path())).collect()
}

#[test]
fn what_is_judged_is_a_must_that_exists_by_a_rule_with_its_section() {
    let tree = SpecTree::load(root()).unwrap_or_else(|errors| panic!("{errors}"));
    let cases = tree.cases.iter().flat_map(|file| &file.value.cases);
    let levels: BTreeMap<&str, Level> = cases.map(|case| (case.id.as_str(), case.level)).collect();
    let rules: BTreeMap<String, [String; 2]> = read(&folder().join("rules.json"));
    for (case, rule) in judged() {
        assert_eq!(levels.get(case.as_str()), Some(&Level::Must), "{case}");
        let [section, text] = rules.get(&rule).unwrap_or_else(|| panic!("{case}: no rule {rule}"));
        assert!(section.starts_with("RFC ") && text.ends_with('.'), "{rule}: {section}: {text}");
    }
    let used: BTreeSet<String> = judged().into_values().collect();
    assert!(rules.keys().all(|rule| used.contains(rule)), "{used:?}");
}

#[test]
fn the_page_shows_each_failure_that_was_judged_and_no_other() {
    let (judged, servers) = (judged(), servers());
    let page = fs::read_to_string(root().join("docs/leaderboard.md")).expect("the page");
    assert!(servers.len() >= 26, "{} servers", servers.len());
    let mut shown = 0;
    for server in &servers {
        let name = server["name"].as_str().expect("a name");
        let failures = server["failures"].as_array().expect("failures");
        let must = &server["counts"]["must"];
        assert_eq!(must["failed"].as_u64(), Some(failures.len() as u64), "{name}");
        let asked = ["kept", "failed", "not_judged", "not_asked"];
        let all: u64 = asked.iter().filter_map(|key| must[*key].as_u64()).sum();
        assert!(all >= 250, "{name}: {all}");
        for failure in failures {
            let case = failure["case"].as_str().expect("a case");
            assert_eq!(failure["rule"].as_str(), judged.get(case).map(String::as_str), "{name}");
            assert!(failure["sent"].as_str().is_some_and(|sent| !sent.is_empty()), "{case}");
        }
        shown += failures.len();
        let row = page.lines().find(|line| line.starts_with(&format!("| [{name}](#")));
        let failed = format!(" | {} | ", failures.len());
        assert!(row.is_some_and(|row| row.contains(&failed)), "{name}: {row:?}");
    }
    assert_eq!(page.matches("<details>").count(), shown);
}

#[test]
fn the_protocol_cases_are_many_and_those_of_the_lists_exist() {
    let tree = SpecTree::load(root()).unwrap_or_else(|errors| panic!("{errors}"));
    let cases = tree.cases.iter().flat_map(|file| &file.value.cases);
    let ids: BTreeSet<&str> = cases.map(|case| case.id.as_str()).collect();
    assert!(ids.len() >= 280, "{} cases", ids.len());
    let page = fs::read_to_string(root().join("docs/conformance-lists.md")).expect("the page");
    let named: BTreeSet<&str> =
        page.split('`').skip(1).step_by(2).filter(|it| it.starts_with("h1/")).collect();
    assert!(named.len() > 50, "{} are named", named.len());
    for name in named {
        let exists = match name.split_once('*') {
            Some((begin, "")) => ids.iter().any(|id| id.starts_with(begin)),
            Some(_) => panic!("{name}: only an end may be left open"),
            None => ids.contains(name),
        };
        assert!(exists, "{name}: no case");
    }
}
