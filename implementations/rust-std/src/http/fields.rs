//! Field lines (RFC 9112 section 5).

use std::ops::Range;

use super::Reject;
use super::chars::{is_field_value, is_token, trim_ows};

/// One field line; ranges count from the start of the line.
pub(crate) struct FieldLine {
    pub(crate) name: Range<usize>,
    pub(crate) value: Range<usize>,
}

/// Parses a line without its CRLF.
pub(crate) fn parse(line: &[u8]) -> Result<FieldLine, Reject> {
    // Also the first line may not start so (RFC 9112 section 2.2).
    if let [b' ' | b'\t', ..] = line {
        return Err(Reject::malformed("a field line starts with white space (obsolete folding)"));
    }
    let colon = line
        .iter()
        .position(|&byte| byte == b':')
        .ok_or(Reject::malformed("a field line has no colon"))?;
    // White space before the colon is caught here too (RFC 9112 section 5.1).
    if !is_token(&line[..colon]) {
        return Err(Reject::malformed("a field name is not a token"));
    }
    let value = trim_ows(&line[colon + 1..]);
    if !is_field_value(value) {
        return Err(Reject::malformed("a field value has a control character"));
    }
    let leading = line[colon + 1..].iter().take_while(|byte| b" \t".contains(byte)).count();
    let start = if value.is_empty() { line.len() } else { colon + 1 + leading };
    Ok(FieldLine { name: 0..colon, value: start..start + value.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(line: &[u8]) -> Option<(&[u8], &[u8])> {
        parse(line).ok().map(|field| (&line[field.name], &line[field.value]))
    }

    #[test]
    fn names_and_trimmed_values() {
        assert_eq!(field(b"a:b"), Some((&b"a"[..], &b"b"[..])));
        assert_eq!(field(b"a: \t b c\t "), Some((&b"a"[..], &b"b c"[..])));
        assert_eq!(field(b"a:"), Some((&b"a"[..], &b""[..])));
        assert_eq!(field(b"a: \t"), Some((&b"a"[..], &b""[..])));
        assert_eq!(field(b"a:b:c\xff"), Some((&b"a"[..], &b"b:c\xff"[..])));
    }

    #[test]
    fn lines_that_are_refused() {
        for bad in [
            &b" a: b"[..],
            b"\ta: b",
            b"a : b",
            b"a\t: b",
            b": b",
            b"a b",
            b"",
            b"a@b: c",
            b"a: b\0c",
            b"a: b\rc",
            b"a: \x7f",
            b"a\0: b",
        ] {
            assert_eq!(parse(bad).err().map(|reject| reject.status), Some(400), "{bad:?}");
        }
    }
}
