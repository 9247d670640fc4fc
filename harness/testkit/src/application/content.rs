//! Cheats with what is sent, and with time.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::{Cheat, is_cheated};
use crate::head::Head;
use crate::quirk::Quirks;
use crate::response::Response;

/// What the cheats make of the limit on echoed content, in bytes.
pub(crate) fn echo_limit(head: &Head, quirks: &Quirks) -> Option<usize> {
    if is_cheated(head) && quirks.has(Cheat::SmallEchoLimit) {
        return Some(64 * 1024);
    }
    (is_cheated(head) && quirks.has(Cheat::NoEchoLimit)).then_some(usize::MAX)
}

/// What a cheating server answers to this content, if it cheats with it.
pub(crate) fn echo(content: &[u8], head: &Head, quirks: &Quirks) -> Option<Response> {
    if !is_cheated(head) {
        return None;
    }
    let has = |cheat: Cheat| quirks.has(cheat);
    let refused = |status| Some(Response::text(status, "refused"));
    if has(Cheat::OneEcho) {
        return Some(Response::json(&json!({ "message": "hello" })));
    }
    let media_type = head.fields.value("content-type").unwrap_or_default();
    if has(Cheat::StrictMediaType) && media_type != "application/json" {
        return refused(415);
    }
    if has(Cheat::StrictWhiteSpace) && content.first().is_some_and(u8::is_ascii_whitespace) {
        return refused(400);
    }
    if has(Cheat::EmptyIsNull) && content.is_empty() {
        return Some(Response::json(&Value::Null));
    }
    let Ok(value) = serde_json::from_slice::<Value>(content) else {
        return has(Cheat::InvalidIsNull).then(|| Response::json(&Value::Null));
    };
    if has(Cheat::ObjectsOnly) && !value.is_object() {
        return refused(400);
    }
    if has(Cheat::ShallowOnly) && depth(&value) > 16 {
        return refused(400);
    }
    let changed = changed(&value, quirks);
    (changed != value).then(|| Response::json(&changed))
}

fn depth(value: &Value) -> usize {
    let deepest = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(members) => members.values().map(depth).max(),
        _ => return 0,
    };
    deepest.unwrap_or(0) + 1
}

/// The value with everything lost that the cheats lose.
fn changed(value: &Value, quirks: &Quirks) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| changed(item, quirks)).collect(),
        Value::Object(members) => {
            let changed = members.iter().map(|(k, v)| (text(k, quirks), changed(v, quirks)));
            Value::Object(changed.collect())
        }
        Value::String(string) => Value::String(text(string, quirks)),
        Value::Number(number) => match number.as_f64() {
            Some(double) if quirks.has(Cheat::IntegersAreDoubles) => json!(double),
            Some(double) if quirks.has(Cheat::RoundsNumbers) && number.is_f64() => {
                json!((double * 1000.0).round() / 1000.0)
            }
            _ => value.clone(),
        },
        other => other.clone(),
    }
}

fn text(text: &str, quirks: &Quirks) -> String {
    if quirks.has(Cheat::AsciiOnlyEcho) {
        return text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
    }
    text.to_owned()
}

/// Waits until no other long delay is held, for the server that can hold but one.
pub(crate) fn turn_to_hold(held: Duration, quirks: &Quirks) -> Option<MutexGuard<'static, ()>> {
    static ONE: Mutex<()> = Mutex::new(());
    let long = held >= Duration::from_millis(300);
    let waits = long && quirks.has(Cheat::HoldsOneAtATime);
    waits.then(|| ONE.lock().unwrap_or_else(PoisonError::into_inner))
}
