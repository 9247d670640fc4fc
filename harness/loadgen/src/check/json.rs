//! Equality of JSON texts: member order and white space are free, numbers are compared by value.

mod number;
mod tree;

use httpdyno_wire::{Slots, escape_bounded};

use super::EXCERPT_BYTES;
use super::form::Form;
use crate::report::MismatchCause;

pub(super) use tree::check as check_syntax;

/// The last pair of texts that were found equal: a server that writes its JSON in its own way
/// does so every time, and need not be parsed every time.
#[derive(Debug, Default)]
pub(crate) struct JsonMemo {
    expected: Vec<u8>,
    found: Vec<u8>,
    /// Of JSON with values that differ each time.
    form: Form,
}

impl JsonMemo {
    /// Whether `found` is written as the last one that was equal, with these values.
    #[inline]
    pub(super) fn fits_form(&self, found: &[u8], slots: &Slots) -> bool {
        self.form.fits(found, slots)
    }

    /// Whether both are JSON and equal, with the values of the slots `used`; remembers how it is
    /// written.
    pub(super) fn equal_with(
        &mut self,
        expected: &[u8],
        found: &[u8],
        slots: &Slots,
        used: &[usize],
    ) -> bool {
        if expected != found && !self.equal(expected, found) {
            return false;
        }
        self.form = Form::learn(found, slots, used).unwrap_or_default();
        true
    }

    /// Whether both are JSON and equal.
    pub(crate) fn equal(&mut self, expected: &[u8], found: &[u8]) -> bool {
        if self.expected == expected && self.found == found {
            return true;
        }
        let (Ok(a), Ok(b)) = (tree::parse(expected), tree::parse(found)) else { return false };
        if a != b {
            return false;
        }
        self.expected.clear();
        self.expected.extend_from_slice(expected);
        self.found.clear();
        self.found.extend_from_slice(found);
        true
    }
}

/// Why they are not equal.
pub(super) fn explain(expected: &[u8], found: &[u8]) -> (MismatchCause, String) {
    let shown = escape_bounded(found, EXCERPT_BYTES);
    let detail = match check_syntax(found) {
        Ok(()) => {
            let expected = escape_bounded(expected, EXCERPT_BYTES);
            format!("found the JSON `{shown}`, expected `{expected}`")
        }
        Err(error) => format!("not JSON ({error}): `{shown}`"),
    };
    (MismatchCause::Body, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equal(a: &str, b: &str) -> bool {
        let there = JsonMemo::default().equal(a.as_bytes(), b.as_bytes());
        let back = JsonMemo::default().equal(b.as_bytes(), a.as_bytes());
        assert_eq!(there, back, "{a} and {b}");
        there
    }

    #[test]
    fn order_and_space_are_free_values_are_not() {
        let mut memo = JsonMemo::default();
        let expected = br#"{"a":1,"b":[true,null]}"#;
        for _ in 0..2 {
            assert!(memo.equal(expected, b"{ \"b\": [true, null],\n\"a\": 1 }"));
        }
        for wrong in [r#"{"a":1}"#, r#"{"a":"1","b":[true,null]}"#, r#"{"a":1,"b":[null,true]}"#] {
            assert!(!memo.equal(expected, wrong.as_bytes()), "{wrong}");
        }
        assert!(!memo.equal(expected, br#"{"a":1,"b":[true,null]}x"#));
    }

    #[test]
    fn numbers_are_equal_by_value_and_only_then() {
        for (a, b) in [
            ("1", "1.0"),
            ("100", "1e2"),
            ("0.5", "5E-1"),
            ("-0", "0.0e7"),
            ("[1.50,-2]", "[ 1.5 , -20e-1 ]"),
            ("1e400", "10e399"),
            ("123456789012345678901234567890", "1.2345678901234567890123456789e29"),
            ("0e99999999999999999999", "0"),
            ("1e99999999999999999999", "1e99999999999999999999"),
        ] {
            assert!(equal(a, b), "{a} and {b}");
        }
        for (a, b) in [
            // Neighbours that are one and the same double.
            ("9007199254740993", "9007199254740992"),
            ("18446744073709551616", "18446744073709551617"),
            ("0.1", "0.10000000000000000555"),
            ("1e400", "1e401"),
            ("1", "-1"),
            ("1", "\"1\""),
            ("1e99999999999999999999", "1e99999999999999999998"),
        ] {
            assert!(!equal(a, b), "{a} and {b}");
        }
    }

    #[test]
    fn strings_are_equal_by_what_they_mean() {
        assert!(equal(r#""\u00e9\/""#, "\"\u{e9}/\""));
        assert!(equal(r#"{"\u0061":1}"#, r#"{"a":1.0}"#));
        assert!(equal(r#"{"a":1,"a":2}"#, r#"{"a":2}"#), "the last of two counts, as usual");
        assert!(!equal(r#""a""#, r#""A""#));
        assert!(!equal("[]", "{}"));
        assert!(!equal("[[]]", "[]"));
    }

    #[test]
    fn what_is_no_json_is_equal_to_nothing_and_depth_is_bounded() {
        for text in ["", "01", "1.", "+1", "[1,]", "{\"a\"}", "nul", "\"\u{1}\"", "\"\\x\""] {
            assert!(!equal(text, "1"), "{text:?}");
            assert!(check_syntax(text.as_bytes()).is_err(), "{text:?}");
        }
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(equal(&deep(100), &format!(" {}", deep(100))));
        assert!(check_syntax(deep(100_000).as_bytes()).is_err());
    }
}
