//! Values by a schema: what it gives as an example, else the least that fits. A document may refer to itself
//! without end; what is made of it has one.

use std::cell::Cell;

use serde_json::{Map, Value, json};

/// So deep a value is made, and of so many parts in all.
const DEEPEST: usize = 12;
const MOST_PARTS: usize = 500;
/// So many references are followed from one to the next.
const MOST_REFERENCES: usize = 32;

/// Where examples come from.
pub(super) struct Examples<'a> {
    document: &'a Value,
    parts: Cell<usize>,
}

impl<'a> Examples<'a> {
    pub(super) fn of(document: &'a Value) -> Self {
        Self { document, parts: Cell::new(0) }
    }

    /// What `value` refers to within the document, if it refers; what leads nowhere is nothing.
    pub(super) fn resolved(&self, value: &'a Value) -> &'a Value {
        let mut value = value;
        for _ in 0..MOST_REFERENCES {
            let Some(reference) = value["$ref"].as_str() else { return value };
            let found = reference.strip_prefix('#').and_then(|at| self.document.pointer(at));
            value = found.unwrap_or(&Value::Null);
        }
        &Value::Null
    }

    /// A value for a parameter or a body, and whether the document gives it.
    pub(super) fn of_parameter(&self, parameter: &'a Value) -> (Value, bool) {
        if let Some(given) = self.given(parameter) {
            return (given, true);
        }
        let schema = match parameter.get("schema") {
            Some(schema) => self.resolved(schema),
            None => parameter,
        };
        match self.given(schema) {
            Some(given) => (given, true),
            None => (self.made(schema, 0), false),
        }
    }

    fn given(&self, of: &'a Value) -> Option<Value> {
        let named = || {
            let first = of["examples"].as_object()?.values().next()?;
            self.resolved(first).get("value")
        };
        let found = of.get("example").or_else(|| of["examples"].as_array()?.first());
        let found = found.or_else(named).or(of.get("default")).or(of.get("const"));
        found.or_else(|| of["enum"].as_array()?.first()).cloned()
    }

    fn made(&self, schema: &'a Value, depth: usize) -> Value {
        self.parts.set(self.parts.get() + 1);
        if depth > DEEPEST || self.parts.get() > MOST_PARTS {
            return Value::Null;
        }
        let schema = self.resolved(schema);
        if let Some(given) = self.given(schema) {
            return given;
        }
        for one in ["oneOf", "anyOf"] {
            if let Some(first) = schema[one].as_array().and_then(|all| all.first()) {
                return self.made(first, depth + 1);
            }
        }
        let kinds = &schema["type"];
        let kind = kinds.as_str().or_else(|| kinds[0].as_str()).unwrap_or_default();
        match kind {
            "string" => text(schema),
            "integer" | "number" => {
                schema.get("minimum").filter(|it| it.is_number()).cloned().unwrap_or(json!(1))
            }
            "boolean" => json!(true),
            "array" => json!([self.made(&schema["items"], depth + 1)]),
            "null" => Value::Null,
            _ => self.object(schema, depth),
        }
    }

    fn object(&self, schema: &'a Value, depth: usize) -> Value {
        let mut members = Map::new();
        for part in schema["allOf"].as_array().into_iter().flatten() {
            if let Value::Object(more) = self.made(part, depth + 1) {
                members.extend(more);
            }
        }
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            if self.resolved(member)["readOnly"] != true {
                members.insert(name.clone(), self.made(member, depth + 1));
            }
        }
        Value::Object(members)
    }
}

fn text(schema: &Value) -> Value {
    let text = match schema["format"].as_str().unwrap_or_default() {
        "date" => "2020-01-01",
        "date-time" => "2020-01-01T00:00:00Z",
        "time" => "00:00:00Z",
        "uuid" => "00000000-0000-4000-8000-000000000000",
        "email" => "somebody@example.org",
        "uri" | "url" => "http://example.org/",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        _ => "text",
    };
    let least = schema["minLength"].as_u64().unwrap_or(0).min(4096);
    let missing = usize::try_from(least).unwrap_or(0).saturating_sub(text.len());
    json!(format!("{text}{}", "x".repeat(missing)))
}
