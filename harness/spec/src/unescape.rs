//! The bytes that the text of a protocol case stands for.

/// Why a text does not stand for bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EscapeError {
    /// A backslash before something that it does not escape.
    #[error("`{found}` is not an escape; use \\r, \\n, \\t, \\0, \\\\ or \\xNN (two hex digits)")]
    Unknown {
        /// The backslash and what follows it.
        found: String,
    },
    /// A control character where its escape must be written.
    #[error(
        "the character U+{code:04X} itself stands in the text; write it as `\\xNN`, and put the \
         text in single quotes or a block (`|`), for in double quotes YAML reads `\\r` before us"
    )]
    Control {
        /// The character's number.
        code: u32,
    },
}

/// The bytes of `text`: `\r \n \t \0 \\ \xNN` are escapes, a line break is nothing, `{host}` is
/// `authority`, and everything else stands for itself in UTF-8.
///
/// # Errors
/// When a backslash is followed by anything else, or a control character stands in the text
/// itself (a carriage return gets there when YAML has already read the escapes).
pub fn unescape(text: &str, authority: &str) -> Result<Vec<u8>, EscapeError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let taken = match c {
            '\\' => {
                let (byte, taken) = escape(rest)?;
                bytes.push(byte);
                taken
            }
            '\n' => 1,
            '{' if rest.starts_with("{host}") => {
                bytes.extend_from_slice(authority.as_bytes());
                "{host}".len()
            }
            c if c.is_control() && c != '\t' => {
                return Err(EscapeError::Control { code: u32::from(c) });
            }
            c => {
                bytes.extend_from_slice(&rest.as_bytes()[..c.len_utf8()]);
                c.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    Ok(bytes)
}

/// The byte of the escape that `text` begins with, and the escape's length.
fn escape(text: &str) -> Result<(u8, usize), EscapeError> {
    let bytes = text.as_bytes();
    let unknown = |length| EscapeError::Unknown { found: text.chars().take(length).collect() };
    match bytes.get(1) {
        Some(b'r') => Ok((b'\r', 2)),
        Some(b'n') => Ok((b'\n', 2)),
        Some(b't') => Ok((b'\t', 2)),
        Some(b'0') => Ok((0, 2)),
        Some(b'\\') => Ok((b'\\', 2)),
        Some(b'x') => match bytes.get(2..4) {
            Some([high, low]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                Ok((hex(*high) << 4 | hex(*low), 4))
            }
            _ => Err(unknown(4)),
        },
        _ => Err(unknown(2)),
    }
}

/// The value of an ASCII hex digit.
fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => digit.to_ascii_lowercase() - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        unescape(text, "127.0.0.1:80").expect(text)
    }

    #[test]
    fn every_escape_is_its_byte() {
        assert_eq!(bytes(r"\r\n\t\0\\\x00\xfF\x7f"), b"\r\n\t\0\\\x00\xff\x7f");
    }

    #[test]
    fn line_breaks_are_nothing_and_spaces_stay() {
        assert_eq!(bytes("GET / HTTP/1.1\\r\\n\n Host: {host}\\r\\n\n"), {
            b"GET / HTTP/1.1\r\n Host: 127.0.0.1:80\r\n"
        });
    }

    #[test]
    fn other_braces_and_characters_stand_for_themselves() {
        assert_eq!(bytes("{\"a\":\"é\"}{hos"), "{\"a\":\"é\"}{hos".as_bytes());
    }

    #[test]
    fn wrong_escapes_are_named() {
        for (text, shown) in [
            (r"a\q", r"\q"),
            (r"a\", r"\"),
            (r"\x4", r"\x4"),
            (r"\x4g!", r"\x4g"),
            (r"\xé", r"\xé"),
        ] {
            let error = unescape(text, "h").expect_err(text);
            assert_eq!(error, EscapeError::Unknown { found: shown.to_owned() });
        }
    }

    #[test]
    fn an_escape_that_yaml_has_read_is_refused() {
        let error = unescape("GET / HTTP/1.1\r\n", "h").expect_err("a carriage return");
        assert_eq!(error, EscapeError::Control { code: 13 });
        assert!(error.to_string().contains("U+000D"), "{error}");
    }
}
