//! The repository's own files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use httpdyno_spec::case::CasesFile;
use httpdyno_spec::claim::Claim;
use httpdyno_spec::endpoint::EndpointsFile;
use httpdyno_spec::manifest::Manifest;
use httpdyno_spec::profile::Profile;
use httpdyno_spec::workload::Workload;
use httpdyno_spec::{SpecFile, SpecTree, claims, schema};
use serde_json::Value;

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the repository")
}

fn tree() -> SpecTree {
    SpecTree::load(&root()).unwrap_or_else(|errors| panic!("{errors}"))
}

/// Every YAML file of the spec, with the name of its schema.
fn files() -> Vec<(PathBuf, &'static str)> {
    let tree = tree();
    let mut files = vec![(tree.endpoints.path.clone(), EndpointsFile::SCHEMA)];
    files.extend(tree.cases.iter().map(|file| (file.path.clone(), CasesFile::SCHEMA)));
    files.extend(tree.workloads.iter().map(|file| (file.path.clone(), Workload::SCHEMA)));
    files.extend(tree.profiles.iter().map(|file| (file.path.clone(), Profile::SCHEMA)));
    let claims = claims(&tree).unwrap_or_else(|errors| panic!("{errors}"));
    files.extend(claims.iter().map(|file| (file.path.clone(), Claim::SCHEMA)));
    files.extend(tree.implementations.iter().map(|file| (file.path.clone(), Manifest::SCHEMA)));
    files
}

#[test]
fn everything_is_right() {
    let tree = tree();
    for id in ["plaintext", "json", "echo-small", "plaintext-pipelined", "json-open"] {
        tree.workload(id).unwrap_or_else(|unknown| panic!("{unknown}"));
    }
    tree.profile("smoke").unwrap_or_else(|unknown| panic!("{unknown}"));
    assert!(tree.static_files().join("hello.txt").is_file());
    let largest = tree.entries().count();
    assert!(largest >= tree.implementations.len(), "every implementation is at least one entry");
}

fn of_repository() -> Vec<(&'static str, Value)> {
    schema::of_tree(&tree())
}

fn drift(folder: &Path) -> Vec<schema::Drift> {
    schema::drift_of_schemas(folder, &schema::all())
}

fn write(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    schema::write_schemas(folder, &schema::all())
}

#[test]
fn the_schemas_are_what_the_types_say() {
    let drifts = schema::drift_of_schemas(&root().join("spec/schema"), &of_repository());
    let lines: Vec<String> = drifts.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

#[test]
fn an_editor_accepts_what_is_loaded() {
    let schemas = of_repository();
    for (file, name) in files() {
        let schema = schemas.iter().find(|(other, _)| *other == name).expect(name);
        let validator = jsonschema::validator_for(&schema.1).expect(name);
        let text = fs::read_to_string(root().join(&file)).expect("readable");
        let value: Value = serde_yaml::from_str(&text).expect("YAML");
        let errors: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| format!("{}: {}: {error}", file.display(), error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{}", errors.join("\n"));
    }
}

#[test]
fn every_file_tells_editors_its_schema() {
    let root = root();
    for (file, name) in files() {
        let text = fs::read_to_string(root.join(&file)).expect("readable");
        let first = text.lines().next().unwrap_or_default();
        let path = first
            .strip_prefix("# yaml-language-server: $schema=")
            .unwrap_or_else(|| panic!("{} does not begin with its schema", file.display()));
        let folder = root.join(&file).parent().expect("a folder").to_owned();
        let found = folder.join(path).canonicalize().ok();
        let wanted = root.join("spec/schema").join(name);
        assert_eq!(found, Some(wanted), "{}: {first}", file.display());
    }
}

#[test]
fn no_schema_lets_an_unknown_field_pass() {
    /// Objects with named members must be closed; those without are maps from names to rules.
    fn closed(value: &Value, at: &str) {
        if let Some(properties) = value.get("properties") {
            let additional = value.get("additionalProperties");
            assert_eq!(additional, Some(&Value::Bool(false)), "{at}");
            for (name, property) in properties.as_object().expect("an object") {
                let description = property.get("description");
                let inherited = value.get("description");
                assert!(description.or(inherited).is_some(), "{at}.{name} is not explained");
            }
        }
        match value {
            Value::Object(members) => {
                members.iter().for_each(|(name, value)| closed(value, &format!("{at}/{name}")));
            }
            Value::Array(items) => items.iter().for_each(|value| closed(value, at)),
            _ => {}
        }
    }
    for (name, schema) in schema::all() {
        closed(&schema, name);
    }
}

#[test]
fn written_schemas_do_not_drift_until_one_is_changed() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let missing = drift(folder.path());
    assert_eq!(missing.len(), schema::all().len());
    assert!(missing.iter().all(|drift| drift.kind == schema::DriftKind::Missing));
    assert_eq!(write(folder.path()).expect("written").len(), schema::all().len());
    assert_eq!(drift(folder.path()), []);
    assert_eq!(write(folder.path()).expect("written"), [] as [PathBuf; 0]);

    fs::write(folder.path().join(Workload::SCHEMA), "{}\n").expect("written");
    fs::write(folder.path().join("old.schema.json"), "{}\n").expect("written");
    let kinds: Vec<_> = drift(folder.path()).iter().map(|drift| drift.kind).collect();
    assert_eq!(kinds, [schema::DriftKind::Outdated, schema::DriftKind::Stray]);
    let message = drift(folder.path())[0].to_string();
    assert!(message.contains("httpdyno schema --write"), "{message}");
}

/// What an editor offers for an id is what the spec has, no less and no more.
#[test]
fn a_manifest_names_the_endpoints_and_cases_of_the_spec() {
    let text = fs::read_to_string(root().join("spec/schema").join(Manifest::SCHEMA));
    let schema: Value = serde_json::from_str(&text.expect("readable")).expect("JSON");
    let offered = |name: &str| -> BTreeSet<String> {
        let ids = schema["$defs"][name]["enum"].as_array().expect("an enum");
        ids.iter().map(|id| id.as_str().expect("text").to_owned()).collect()
    };
    // Read without this crate: a line that begins so is an id.
    let ids_in = |file: &Path, start: &str| -> Vec<String> {
        let text = fs::read_to_string(file).expect("readable");
        let ids = text.lines().filter_map(|line| line.trim_start().strip_prefix(start));
        ids.map(str::to_owned).collect()
    };
    let endpoints = root().join("spec/endpoints.yaml");
    let (of_rules, of_endpoints): (BTreeSet<String>, BTreeSet<String>) =
        ids_in(&endpoints, "- id: ").into_iter().partition(|id| id.starts_with("app/"));
    assert_eq!(offered("EndpointId"), of_endpoints);
    let mut cases = of_rules;
    for file in fs::read_dir(root().join("spec/cases")).expect("readable").flatten() {
        cases.extend(ids_in(&file.path(), "- id: "));
    }
    assert!(cases.len() > 300, "{}", cases.len());
    assert_eq!(offered("CaseId"), cases);
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let manifest = |endpoint: &str, case: &str| -> Value {
        let file = root().join("implementations/rust-hyper/implementation.yaml");
        let text = fs::read_to_string(file).expect("readable");
        let mut value: Value = serde_yaml::from_str(&text).expect("YAML");
        value["endpoints"] = serde_json::json!([endpoint]);
        value["known_deviations"] = serde_json::json!([{ "case": case, "reason": "so" }]);
        value
    };
    assert!(validator.is_valid(&manifest("json", "h1/host/missing")));
    assert!(!validator.is_valid(&manifest("jsn", "h1/host/missing")));
    assert!(!validator.is_valid(&manifest("json", "h1/host/mising")));
}

/// Editors that do not read the first line of a file are told its schema by the settings.
#[test]
fn the_settings_of_editors_name_the_schema_of_every_file() {
    let text = fs::read_to_string(root().join(".vscode/settings.json")).expect("readable");
    let settings: Value = serde_json::from_str(&text).expect("JSON");
    let schemas = settings["yaml.schemas"].as_object().expect("an object");
    let fits = |pattern: &str, path: &str| match pattern.split_once('*') {
        Some((before, after)) => path
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after))
            .is_some_and(|part| !part.contains('/')),
        None => pattern == path,
    };
    for (file, name) in files() {
        let path = file.to_str().expect("UTF-8");
        let named: Vec<&String> = schemas
            .iter()
            .filter(|(_, pattern)| fits(pattern.as_str().expect("a pattern"), path))
            .map(|(schema, _)| schema)
            .collect();
        assert_eq!(named, [&format!("spec/schema/{name}")], "{path}");
    }
    for schema in schemas.keys() {
        assert!(root().join(schema).is_file(), "{schema}");
    }
}
