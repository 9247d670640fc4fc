//! Values for the `{name}` places of templates.

use std::collections::BTreeMap;

use httpdyno_spec::exchange::{BodyRule, FieldRule, ResponseRule};
use httpdyno_spec::template::{Piece, pieces, variables, whole_variable};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// Everything but the unreserved characters of RFC 3986 section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Values for the `{name}` places of templates. A name without a value stays as it stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bindings {
    values: BTreeMap<String, Value>,
}

impl Bindings {
    /// Sets the value of a name.
    pub fn set(&mut self, name: impl Into<String>, value: Value) {
        self.values.insert(name.into(), value);
    }

    /// The values by name.
    #[must_use]
    pub fn values(&self) -> &BTreeMap<String, Value> {
        &self.values
    }

    /// Fills in text as it stands.
    #[must_use]
    pub fn fill_text(&self, template: &str) -> String {
        self.fill(template, text_of)
    }

    /// Fills in a request target: values are percent-encoded as UTF-8.
    #[must_use]
    pub fn fill_path(&self, template: &str) -> String {
        self.fill(template, |value| utf8_percent_encode(&text_of(value), RESERVED).to_string())
    }

    /// Fills in the strings of a JSON document; one that is exactly `{name}` becomes the typed
    /// value.
    #[must_use]
    pub fn fill_json(&self, template: &Value) -> Value {
        match template {
            Value::String(text) => {
                match whole_variable(text).and_then(|name| self.values.get(name)) {
                    Some(value) => value.clone(),
                    None => Value::String(self.fill_text(text)),
                }
            }
            Value::Array(items) => items.iter().map(|item| self.fill_json(item)).collect(),
            Value::Object(members) => {
                let filled = members.iter().map(|(k, v)| (k.clone(), self.fill_json(v)));
                Value::Object(filled.collect())
            }
            other => other.clone(),
        }
    }

    /// Fills in what a response must be. `absent-or` a name without a value means absent.
    #[must_use]
    pub fn fill_rule(&self, rule: &ResponseRule) -> ResponseRule {
        let headers = rule.headers.iter().map(|(name, rule)| (name.clone(), self.fill_field(rule)));
        let body = match &rule.body {
            BodyRule::Text(text) => BodyRule::Text(self.fill_text(text)),
            BodyRule::Json(value) => BodyRule::Json(self.fill_json(value)),
            BodyRule::File(name) => BodyRule::File(self.fill_text(name)),
            other => other.clone(),
        };
        ResponseRule { status: rule.status.clone(), headers: headers.collect(), body }
    }

    fn fill_field(&self, rule: &FieldRule) -> FieldRule {
        match rule {
            FieldRule::Equals(text) => FieldRule::Equals(self.fill_text(text)),
            FieldRule::MediaType(text) => FieldRule::MediaType(self.fill_text(text)),
            FieldRule::AbsentOr(text) if self.unbound(text).is_some() => FieldRule::Absent,
            FieldRule::AbsentOr(text) => FieldRule::AbsentOr(self.fill_text(text)),
            FieldRule::OneOf(texts) => {
                FieldRule::OneOf(texts.iter().map(|text| self.fill_text(text)).collect())
            }
            other => other.clone(),
        }
    }

    /// The first `{name}` in the template that has no value.
    #[must_use]
    pub fn unbound<'t>(&self, template: &'t str) -> Option<&'t str> {
        variables(template).find(|name| !self.values.contains_key(*name))
    }

    fn fill(&self, template: &str, show: impl Fn(&Value) -> String) -> String {
        let filled = pieces(template).map(|piece| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Variable(name) => match self.values.get(name) {
                Some(value) => show(value),
                None => format!("{{{name}}}"),
            },
        });
        filled.collect()
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn bindings() -> Bindings {
        let mut bindings = Bindings::default();
        bindings.set("id", json!(7));
        bindings.set("q", json!("a b/é"));
        bindings
    }

    #[test]
    fn names_are_filled_in_and_other_braces_stay() {
        let b = bindings();
        assert_eq!(b.fill_text("{id}: {q} {none} {\"a\":{id}}"), "7: a b/é {none} {\"a\":7}");
        assert_eq!(b.fill_path("/x/{q}?n={id}"), "/x/a%20b%2F%C3%A9?n=7");
        assert_eq!((b.unbound("{id} {etag}"), b.unbound("{id}{}{ x}")), (Some("etag"), None));
    }

    #[test]
    fn json_keeps_the_type_of_a_sole_name() {
        let filled =
            bindings().fill_json(&json!({"id": "{id}", "name": "user-{id}", "l": ["{q}"]}));
        assert_eq!(filled, json!({"id": 7, "name": "user-7", "l": ["a b/é"]}));
    }

    #[test]
    fn absent_or_without_a_value_means_absent() {
        let rule = |text: &str| bindings().fill_field(&FieldRule::AbsentOr(text.into()));
        assert_eq!(rule("{content-length}"), FieldRule::Absent);
        assert_eq!(rule("{id}"), FieldRule::AbsentOr("7".into()));
    }
}
