//! The status line, RFC 9112 section 4.

use crate::ResponseError;
use crate::chars::bad_value_byte;
use crate::escape::excerpt;
use crate::oddities::{Oddities, Reading};

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

/// Parses a status line without its CRLF; tells what was odd in it to `oddities`. The space after
/// the code may be missing when the reason is empty: many servers leave it out, and no framing
/// depends on it.
pub(crate) fn parse(
    line: &[u8],
    reading: Reading,
    oddities: &mut Oddities,
) -> Result<(Version, u16), ResponseError> {
    let is_tolerant = reading == Reading::Tolerant;
    let version = match line.get(..8) {
        Some(b"HTTP/1.1") => Version::Http11,
        Some(b"HTTP/1.0") => Version::Http10,
        // The highest minor version that is understood of the same major one.
        Some([b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'2'..=b'9']) if is_tolerant => {
            oddities.later_version = true;
            Version::Http11
        }
        _ => return Err(bad_version(line, is_tolerant)),
    };
    let rest = &line[8..];
    let [b' ', code @ ..] = rest else {
        return Err(ResponseError::BadStatusLine { found: excerpt(line) });
    };
    let (code, reason) = match code {
        [a, b, c] => ([*a, *b, *c], &[][..]),
        [a, b, c, b' ', reason @ ..] => ([*a, *b, *c], reason),
        _ => {
            let highest = if is_tolerant { 999 } else { 599 };
            return Err(ResponseError::BadStatusCode { found: excerpt(code), highest });
        }
    };
    oddities.status_above_599 = code[0] > b'5';
    let highest = if is_tolerant { b'9' } else { b'5' };
    if !code.iter().all(u8::is_ascii_digit) || !(b'1'..=highest).contains(&code[0]) {
        let highest = u16::from(highest - b'0') * 100 + 99;
        return Err(ResponseError::BadStatusCode { found: excerpt(&code), highest });
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

fn bad_version(line: &[u8], is_tolerant: bool) -> ResponseError {
    if line.starts_with(b"HTTP/") && line.get(8) == Some(&b' ') {
        let expected = if is_tolerant { "`HTTP/1.x`" } else { "`HTTP/1.1` or `HTTP/1.0`" };
        ResponseError::UnsupportedVersion { found: excerpt(&line[..8]), expected }
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
