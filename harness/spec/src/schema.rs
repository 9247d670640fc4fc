//! JSON Schemas of the YAML files, from the types, so that editors complete and check them.
//!
//! A file begins with `# yaml-language-server: $schema=../schema/workload.schema.json`, which
//! most editors' YAML support follows.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::case::CasesFile;
use crate::claim::Claim;
use crate::endpoint::EndpointsFile;
use crate::known::KnownFile;
use crate::manifest::Manifest;
use crate::profile::Profile;
use crate::read::SpecFile;
use crate::suite::SuiteFile;
use crate::tree::SpecTree;
use crate::workload::Workload;

/// What brings the files of `spec/schema/` up to date.
pub const REMEDY: &str = "run `httpdyno schema --write` and commit the result";

/// A file that is not what the types say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// The file.
    pub file: PathBuf,
    /// What is the matter with it.
    pub kind: DriftKind,
}

/// See [`Drift::kind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DriftKind {
    /// It is not there.
    Missing,
    /// It is there, and differs.
    Outdated,
    /// No type belongs to it.
    Stray,
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            DriftKind::Missing => "is missing",
            DriftKind::Outdated => "differs from the types it is generated from",
            DriftKind::Stray => "belongs to no type; delete it",
        };
        write!(f, "{} {what}; {REMEDY}", self.file.display())
    }
}

/// Every schema with its file name.
#[must_use]
pub fn all() -> Vec<(&'static str, Value)> {
    vec![
        of::<EndpointsFile>("httpdyno endpoints"),
        of::<CasesFile>("httpdyno protocol cases"),
        of::<Workload>("httpdyno workload"),
        of::<Profile>("httpdyno profile"),
        of::<Manifest>("httpdyno implementation"),
        of::<SuiteFile>("httpdyno suite"),
        of::<KnownFile>("httpdyno known failures"),
        of::<Claim>("httpdyno published claim"),
    ]
}

/// The schemas of the files of `tree`: as [`all`], but what names an endpoint or a case in a manifest, or
/// a case that is known to fail, may be no other than `tree` has, so that an editor completes it.
#[must_use]
pub fn of_tree(tree: &SpecTree) -> Vec<(&'static str, Value)> {
    let endpoints = tree.endpoints.endpoints.iter().map(|endpoint| endpoint.id.as_str());
    let cases = tree.all_cases().map(|case| case.id().as_str());
    let ids = [("EndpointId", Value::from_iter(endpoints)), ("CaseId", Value::from_iter(cases))];
    let mut schemas = all();
    let of_cases = [Manifest::SCHEMA, KnownFile::SCHEMA];
    for (_, schema) in schemas.iter_mut().filter(|(name, _)| of_cases.contains(name)) {
        for (name, ids) in &ids {
            if let Some(definition) = schema["$defs"].get_mut(*name) {
                definition["enum"] = ids.clone();
            }
        }
    }
    schemas
}

fn of<T: SpecFile>(title: &str) -> (&'static str, Value) {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    (T::SCHEMA, schema.to_value())
}

/// The exact content of a schema file.
#[must_use]
pub fn content(schema: &Value) -> String {
    format!("{:#}\n", sorted(schema.clone()))
}

/// The same with members in alphabetical order, whichever order `serde_json` was built to keep.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        Value::Object(members) => {
            let mut members: Vec<_> = members.into_iter().map(|(k, v)| (k, sorted(v))).collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(members.into_iter().collect())
        }
        other => other,
    }
}

/// Writes every schema into `folder` under its file name, which is created if need be, and gives the
/// files that were not up to date. Files that no schema belongs to are left alone.
///
/// # Errors
/// When a file cannot be written.
pub fn write_schemas(folder: &Path, schemas: &[(&str, Value)]) -> io::Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)?;
    let mut changed = Vec::new();
    for (name, schema) in schemas {
        let file = folder.join(name);
        let content = content(schema);
        if !fs::read(&file).is_ok_and(|found| found == content.as_bytes()) {
            fs::write(&file, content)?;
            changed.push(file);
        }
    }
    Ok(changed)
}

/// The files in `folder` that are not what [`write_schemas`] would leave there.
#[must_use]
pub fn drift_of_schemas(folder: &Path, schemas: &[(&str, Value)]) -> Vec<Drift> {
    let mut drifts = Vec::new();
    for (name, schema) in schemas {
        let file = folder.join(name);
        match fs::read(&file) {
            Ok(found) if found == content(schema).as_bytes() => {}
            Ok(_) => drifts.push(Drift { file, kind: DriftKind::Outdated }),
            Err(_) => drifts.push(Drift { file, kind: DriftKind::Missing }),
        }
    }
    let mut strays: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|file| file.to_string_lossy().ends_with(".schema.json"))
        .filter(|file| !schemas.iter().any(|(name, _)| file.ends_with(name)))
        .collect();
    strays.sort();
    drifts.extend(strays.into_iter().map(|file| Drift { file, kind: DriftKind::Stray }));
    drifts
}
