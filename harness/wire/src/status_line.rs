//! The status line, RFC 9112 section 4.

use crate::ResponseError;
use crate::chars::bad_value_byte;
use crate::escape::excerpt;

/// The protocol version of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// HTTP/1.0
    Http10,
    /// HTTP/1.1
    Http11,
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Http10 => "HTTP/1.0",
            Self::Http11 => "HTTP/1.1",
        })
    }
}

/// Parses a status line without its CRLF. The space after the code may be missing when the
/// reason is empty: many servers leave it out, and no framing depends on it.
pub(crate) fn parse(line: &[u8]) -> Result<(Version, u16), ResponseError> {
    let version = match line.get(..8) {
        Some(b"HTTP/1.1") => Version::Http11,
        Some(b"HTTP/1.0") => Version::Http10,
        _ => return Err(bad_version(line)),
    };
    let rest = &line[8..];
    let [b' ', code @ ..] = rest else {
        return Err(ResponseError::BadStatusLine { found: excerpt(line) });
    };
    let (code, reason) = match code {
        [a, b, c] => ([*a, *b, *c], &[][..]),
        [a, b, c, b' ', reason @ ..] => ([*a, *b, *c], reason),
        _ => {
            return Err(ResponseError::BadStatusCode { found: excerpt(code) });
        }
    };
    if !code.iter().all(u8::is_ascii_digit) || !(b'1'..=b'5').contains(&code[0]) {
        return Err(ResponseError::BadStatusCode { found: excerpt(&code) });
    }
    if let Some(byte) = bad_value_byte(reason) {
        return Err(if byte == b'\r' {
            ResponseError::BareCr
        } else {
            ResponseError::BadStatusLine { found: excerpt(line) }
        });
    }
    let digit = |b: u8| u16::from(b - b'0');
    Ok((version, digit(code[0]) * 100 + digit(code[1]) * 10 + digit(code[2])))
}

fn bad_version(line: &[u8]) -> ResponseError {
    if line.starts_with(b"HTTP/") && line.get(8) == Some(&b' ') {
        ResponseError::UnsupportedVersion { found: excerpt(&line[..8]) }
    } else {
        ResponseError::BadStatusLine { found: excerpt(line) }
    }
}

/// Whether `start` can still become a status line, so that garbage is refused at once and
/// not only at its first LF (which may never come).
pub(crate) fn may_begin(start: &[u8]) -> bool {
    let prefix = b"HTTP/";
    let n = start.len().min(prefix.len());
    start[..n] == prefix[..n]
}
