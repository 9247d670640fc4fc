//! Equality of JSON texts: member order and white space are free.

use httpdyno_wire::escape_bounded;
use serde_json::Value;

use super::EXCERPT_BYTES;
use crate::report::MismatchCause;

/// The last pair of texts that were found equal: a server that writes its JSON in its own way
/// does so every time, and need not be parsed every time.
#[derive(Debug, Default)]
pub(crate) struct JsonMemo {
    expected: Vec<u8>,
    found: Vec<u8>,
}

impl JsonMemo {
    /// Whether both are JSON and equal.
    pub(crate) fn equal(&mut self, expected: &[u8], found: &[u8]) -> bool {
        if self.expected == expected && self.found == found {
            return true;
        }
        let (Ok(a), Ok(b)) =
            (serde_json::from_slice::<Value>(expected), serde_json::from_slice::<Value>(found))
        else {
            return false;
        };
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
    let detail = match serde_json::from_slice::<Value>(found) {
        Ok(_) => {
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
}
