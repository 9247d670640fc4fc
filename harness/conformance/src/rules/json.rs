//! Equality of JSON documents as values.

use serde_json::{Number, Value};

/// The path of the first difference (as `$.a[2]`) with both values, for people; `None` when the
/// documents are equal. Member order is free, numbers are compared as values: `1` equals `1.0`,
/// and integers of up to 64 bits are compared exactly.
pub(crate) fn first_difference(wanted: &Value, found: &Value) -> Option<String> {
    let mut path = String::from("$");
    differs(wanted, found, &mut path)
}

fn differs(wanted: &Value, found: &Value, path: &mut String) -> Option<String> {
    match (wanted, found) {
        (Value::Object(a), Value::Object(b)) => {
            if let Some(extra) = b.keys().find(|key| !a.contains_key(*key)) {
                return Some(format!("{path} has the unexpected member `{}`", brief_text(extra)));
            }
            a.iter().find_map(|(key, wanted)| match b.get(key) {
                None => Some(format!("{path} lacks the member `{}`", brief_text(key))),
                Some(found) => deeper(path, &format!(".{}", brief_text(key)), wanted, found),
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => a
            .iter()
            .zip(b)
            .enumerate()
            .find_map(|(at, (wanted, found))| deeper(path, &format!("[{at}]"), wanted, found)),
        (Value::Array(a), Value::Array(b)) => {
            Some(format!("{path} has {} elements, expected {}", b.len(), a.len()))
        }
        (Value::Number(a), Value::Number(b)) if numbers_equal(a, b) => None,
        (a, b) if a == b => None,
        (a, b) => Some(format!("{path} is {}, expected {}", brief(b), brief(a))),
    }
}

fn deeper(path: &mut String, step: &str, wanted: &Value, found: &Value) -> Option<String> {
    let length = path.len();
    path.push_str(step);
    let difference = differs(wanted, found, path);
    path.truncate(length);
    difference
}

fn numbers_equal(a: &Number, b: &Number) -> bool {
    let integer = |n: &Number| n.as_i128();
    match (integer(a), integer(b)) {
        (Some(a), Some(b)) => a == b,
        (Some(whole), None) => b.as_f64().is_some_and(|f| equals_whole(f, whole)),
        (None, Some(whole)) => a.as_f64().is_some_and(|f| equals_whole(f, whole)),
        (None, None) => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => nearly_same(a, b),
            _ => false,
        },
    }
}

/// Whether the float is exactly that integer.
fn equals_whole(float: f64, whole: i128) -> bool {
    // Below 2^100 the conversion of an integral float to i128 is exact.
    float.fract() == 0.0 && float.abs() < 1e30 && float as i128 == whole
}

/// Equal up to the last two bits: reading a decimal fraction may be off by one unit in the last
/// place on either side, without anyone being wrong.
fn nearly_same(a: f64, b: f64) -> bool {
    a == b
        || (a.is_sign_positive() == b.is_sign_positive() && a.to_bits().abs_diff(b.to_bits()) <= 2)
}

fn brief(value: &Value) -> String {
    brief_text(&value.to_string())
}

fn brief_text(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{}... ({} bytes)", &text[..cut], text.len()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equal(a: &str, b: &str) -> bool {
        let parse = |text| serde_json::from_str::<Value>(text).expect("valid JSON");
        let (a, b) = (parse(a), parse(b));
        let (there, back) = (first_difference(&a, &b), first_difference(&b, &a));
        assert_eq!(there.is_none(), back.is_none());
        there.is_none()
    }

    #[test]
    fn order_space_and_escapes_are_free() {
        assert!(equal(r#"{"a":1,"b":[true,null]}"#, r#" { "b" : [true, null], "a" : 1 } "#));
        assert!(equal(r#""\u00e9\ud83d\ude00\/""#, "\"\u{e9}\u{1f600}/\""));
    }

    #[test]
    fn numbers_are_compared_as_values() {
        assert!(equal("1", "1.0") && equal("100", "1e2") && equal("0.1", "1e-1"));
        assert!(equal("-0.0", "0") && !equal("0.1", "0.10001"));
        assert!(equal("9007199254740993", "9007199254740993"));
        assert!(!equal("9007199254740993", "9007199254740992"));
        assert!(!equal("18446744073709551615", "18446744073709551614"));
        assert!(!equal("9007199254740993", "9007199254740992.0"));
    }

    #[test]
    fn every_other_difference_counts_and_is_named() {
        for (a, b) in [("[1]", "[1,1]"), ("{}", "[]"), ("\"1\"", "1"), ("null", "false")] {
            assert!(!equal(a, b), "{a} {b}");
        }
        let difference = |a, b| {
            let parse = |text| serde_json::from_str::<Value>(text).expect("valid JSON");
            first_difference(&parse(a), &parse(b)).expect("a difference")
        };
        assert_eq!(difference(r#"{"a":[0,1]}"#, r#"{"a":[0,2]}"#), "$.a[1] is 2, expected 1");
        assert_eq!(difference(r#"{"a":1}"#, "{}"), "$ lacks the member `a`");
        assert_eq!(difference("{}", r#"{"b":1}"#), "$ has the unexpected member `b`");
    }
}
