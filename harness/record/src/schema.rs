//! JSON Schemas of the record's files, for readers that are not this program.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::capacity::CapacityRecord;
use crate::conformance::CaseRecord;
use crate::run::{FORMAT_VERSION, RunRecord};
use crate::trial::TrialRecord;

/// Every schema with the name of its file under `spec/schema/record/`.
#[must_use]
pub fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("run.schema.json", of::<RunRecord>("run.json")),
        ("trial.schema.json", of::<TrialRecord>("a line of trials.jsonl")),
        ("case.schema.json", of::<CaseRecord>("a line of conformance.jsonl")),
        ("capacity.schema.json", of::<CapacityRecord>("capacity.json")),
    ]
}

fn of<T: JsonSchema>(what: &str) -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<T>();
    let title = format!("httpdyno record, format {FORMAT_VERSION}: {what}");
    schema.insert("title".to_owned(), title.into());
    schema.to_value()
}
