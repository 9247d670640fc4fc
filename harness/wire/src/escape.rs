//! Bytes as text that a person can read and paste.

use std::fmt::Write as _;

/// Shows bytes readably: printable ASCII as it is, `\r`, `\n`, `\t`, `\\` and `\xNN`.
///
/// ```
/// assert_eq!(httpdyno_wire::escape(b"a\r\n\x00"), r"a\r\n\x00");
/// ```
#[must_use]
pub fn escape(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 8);
    for &byte in bytes {
        match byte {
            b'\r' => out.push_str("\\r"),
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'\\' => out.push_str("\\\\"),
            0x20..=0x7e => out.push(char::from(byte)),
            _ => {
                // Writing to a String can not fail.
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out
}

/// [`escape`] of at most `max` bytes; what is left out is counted: `abc... (12 more bytes)`.
#[must_use]
pub fn escape_bounded(bytes: &[u8], max: usize) -> String {
    if bytes.len() <= max {
        return escape(bytes);
    }
    let mut out = escape(&bytes[..max]);
    let _ = write!(out, "... ({} more bytes)", bytes.len() - max);
    out
}

/// The excerpt used in error values.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    escape_bounded(bytes, 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_every_class_of_byte() {
        assert_eq!(escape(b"GET /\\ \t\r\n\x00\x7f\xff"), r"GET /\\ \t\r\n\x00\x7f\xff");
    }

    #[test]
    fn bounded_counts_the_rest() {
        assert_eq!(escape_bounded(b"abc", 3), "abc");
        assert_eq!(escape_bounded(b"abc\r", 3), "abc... (1 more bytes)");
    }
}
