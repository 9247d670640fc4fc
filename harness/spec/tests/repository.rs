//! The repository's own files.

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

#[test]
fn the_schemas_are_what_the_types_say() {
    let drifts = schema::drift(&root().join("spec/schema"));
    let lines: Vec<String> = drifts.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

#[test]
fn an_editor_accepts_what_is_loaded() {
    let schemas = schema::all();
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
    let missing = schema::drift(folder.path());
    assert_eq!(missing.len(), schema::all().len());
    assert!(missing.iter().all(|drift| drift.kind == schema::DriftKind::Missing));
    assert_eq!(schema::write(folder.path()).expect("written").len(), schema::all().len());
    assert_eq!(schema::drift(folder.path()), []);
    assert_eq!(schema::write(folder.path()).expect("written"), [] as [PathBuf; 0]);

    fs::write(folder.path().join(Workload::SCHEMA), "{}\n").expect("written");
    fs::write(folder.path().join("old.schema.json"), "{}\n").expect("written");
    let kinds: Vec<_> = schema::drift(folder.path()).iter().map(|drift| drift.kind).collect();
    assert_eq!(kinds, [schema::DriftKind::Outdated, schema::DriftKind::Stray]);
    let message = schema::drift(folder.path())[0].to_string();
    assert!(message.contains("httpdyno schema --write"), "{message}");
}
