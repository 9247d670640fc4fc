//! Variables: what they may be, and that each is declared and used.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{At, in_range, not_empty};
use crate::exchange::{BodyRule, FieldRule, RequestBody, RequestTemplate, ResponseRule, Variable};
use crate::suggest::unknown;
use crate::template::{self, Piece};

/// The variables of one check or route while its templates are looked through.
pub(super) struct Variables<'a> {
    declared: &'a BTreeMap<String, Variable>,
    used: BTreeSet<String>,
    /// Whether other names may stand for fields of the response before (follow-up requests).
    fields_allowed: bool,
}

/// Whether variables are drawn for measuring or for a check.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Check,
    Workload,
}

impl<'a> Variables<'a> {
    /// Checks the declarations at `at`.
    pub(super) fn declared(
        at: At<'_>,
        declared: &'a BTreeMap<String, Variable>,
        purpose: Purpose,
    ) -> Self {
        for (name, variable) in declared {
            if !template::is_variable_name(name) {
                at.name(name).say(format!(
                    "`{name}` is not the name of a variable: a lower-case letter, then lower-case \
                     letters, digits, `-` and `_`"
                ));
            }
            definition(at.field(name), variable, purpose);
        }
        Self { declared, used: BTreeSet::new(), fields_allowed: false }
    }

    /// From here on, `{etag}` and the like stand for fields of the response before.
    pub(super) fn allow_fields(&mut self) {
        self.fields_allowed = true;
    }

    /// Every variable must have been used by now.
    pub(super) fn all_used(self, at: At<'_>) {
        let declared = self.declared.keys().filter(|name| template::is_variable_name(name));
        for name in declared.filter(|name| !self.used.contains(*name)) {
            at.name(name).say(format!("variable `{name}` is never used; write `{{{name}}}`"));
        }
    }

    pub(super) fn in_request(&mut self, at: At<'_>, request: &RequestTemplate) {
        self.in_text(at.field("path"), &request.path);
        for (name, value) in &request.headers {
            self.in_text(at.field("headers").field(name), value);
        }
        let at = at.field("body");
        match &request.body {
            Some(RequestBody::Json(value)) => self.in_json(at.field("json"), value),
            Some(RequestBody::Text(text)) => self.in_text(at.field("text"), text),
            Some(RequestBody::File(_) | RequestBody::Generated(_)) | None => {}
        }
    }

    pub(super) fn in_response(&mut self, at: At<'_>, rule: &ResponseRule) {
        for (name, rule) in &rule.headers {
            let at = at.field("headers").field(name);
            match rule {
                FieldRule::Equals(text) => self.in_text(at.field("equals"), text),
                FieldRule::MediaType(text) => self.in_text(at.field("media-type"), text),
                FieldRule::AbsentOr(text) => self.in_text(at.field("absent-or"), text),
                FieldRule::OneOf(texts) => {
                    for (index, text) in texts.iter().enumerate() {
                        self.in_text(at.field("one-of").item(index), text);
                    }
                }
                _ => {}
            }
        }
        let at = at.field("body");
        match &rule.body {
            BodyRule::Text(text) => self.in_text(at.field("text"), text),
            BodyRule::Json(value) => self.in_json(at.field("json"), value),
            BodyRule::File(name) => self.in_text(at.field("file"), name),
            _ => {}
        }
    }

    fn in_text(&mut self, at: At<'_>, text: &str) {
        for name in template::variables(text) {
            if self.declared.contains_key(name) {
                self.used.insert(name.to_owned());
            } else if !self.fields_allowed {
                let names = self.declared.keys().map(String::as_str);
                at.say_unknown(unknown("variable", name, names));
            }
        }
    }

    fn in_json(&mut self, at: At<'_>, value: &Value) {
        match value {
            Value::String(text) => self.in_text(at, text),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.in_json(at.item(index), item);
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    self.in_json(at.field(name), member);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// `text` once for each exchange, its variables replaced; nothing when they are not all lists of
/// values.
pub(super) fn expand(text: &str, declared: &BTreeMap<String, Variable>) -> Vec<String> {
    let rows = template::variables(text).filter_map(|name| match declared.get(name) {
        Some(Variable::Values(values)) => Some(values.len()),
        _ => None,
    });
    let fill = |row: usize| -> Option<String> {
        let piece = |piece| match piece {
            Piece::Text(text) => Some(text.to_owned()),
            Piece::Variable(name) => match declared.get(name)? {
                Variable::Values(values) if !values.is_empty() => {
                    let value = &values[row % values.len()];
                    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                }
                _ => None,
            },
        };
        template::pieces(text).map(piece).collect()
    };
    (0..rows.max().unwrap_or(1)).filter_map(fill).collect()
}

fn definition(at: At<'_>, variable: &Variable, purpose: Purpose) {
    match variable {
        Variable::Values(values) => not_empty(at.field("values"), "the list of values", values),
        Variable::RandomInteger(random) => {
            let at = at.field("random-integer");
            if random.min > random.max {
                at.say(format!("min {} is larger than max {}", random.min, random.max));
            }
            in_range(at.field("draws"), "draws", random.draws.into(), 1..=10_000);
        }
        Variable::RandomText(random) => {
            let at = at.field("random-text");
            in_range(at.field("length"), "length", random.length.into(), 1..=65_536);
            in_range(at.field("draws"), "draws", random.draws.into(), 1..=10_000);
        }
        Variable::Sequence(_) if purpose == Purpose::Check => at.name("sequence").say(
            "a sequence has no end, so it is for workloads; a check takes `values` or a random \
             variable with `draws`",
        ),
        Variable::Sequence(_) => {}
    }
}
