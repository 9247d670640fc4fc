//! The request line (RFC 9112 section 3).

use crate::fault::{Fault, bad};
use crate::fields::is_token;
use crate::lawful::Lawful;
use crate::quirk::Quirks;
use crate::wire_quirk::WireQuirk;

/// The minor version of HTTP/1 that a request is treated as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// HTTP/1.0.
    Http10,
    /// HTTP/1.1, and every later minor version (RFC 9110 section 2.5).
    Http11,
}

/// A request line taken apart.
#[derive(Debug)]
pub(crate) struct RequestLine {
    pub(crate) method: String,
    pub(crate) target: Vec<u8>,
    pub(crate) version: Version,
}

/// Takes a request line apart: three words between single spaces.
pub(crate) fn parse(line: &[u8], quirks: &Quirks) -> Result<RequestLine, Fault> {
    let [method, target, version] = words(line, quirks)?;
    if !is_token(method) {
        return Err(bad("the method must be a token"));
    }
    let mut target = target.to_vec();
    if quirks.has(WireQuirk::TruncatesAtNul) {
        target.truncate(target.iter().position(|&b| b == 0).unwrap_or(target.len()));
    }
    let spaced = quirks.has(WireQuirk::SplitsLineAtLastSpace);
    let visible = |b: &u8| b.is_ascii_graphic() || (spaced && *b == b' ');
    if !target.iter().all(visible) {
        return Err(bad("the target must be of visible ASCII characters"));
    }
    Ok(RequestLine {
        method: String::from_utf8_lossy(method).into_owned(),
        target,
        version: parse_version(version, quirks)?,
    })
}

fn words<'a>(line: &'a [u8], quirks: &Quirks) -> Result<[&'a [u8]; 3], Fault> {
    let words: Vec<&[u8]> = line.split(|&b| b == b' ').collect();
    match words[..] {
        [method, target, version] if !target.is_empty() => Ok([method, target, version]),
        [method, target] if quirks.has(WireQuirk::AnswersWithoutVersion) => {
            Ok([method, target, b"HTTP/1.0"])
        }
        [method, .., version] if quirks.has(WireQuirk::SplitsLineAtLastSpace) => {
            let end = line.len() - version.len() - 1;
            let target = line.get(method.len() + 1..end).unwrap_or_default();
            Ok([method, target, version])
        }
        [method, b"", .., version] if quirks.has(WireQuirk::TakesEmptyTarget) => {
            Ok([method, b"/", version])
        }
        _ => Err(bad("a request line has three words between single spaces")),
    }
}

fn parse_version(version: &[u8], quirks: &Quirks) -> Result<Version, Fault> {
    match version {
        b"HTTP/1.1" => Ok(Version::Http11),
        b"HTTP/1.0" => Ok(Version::Http10),
        _ if quirks.has(WireQuirk::AnyVersion) => Ok(Version::Http11),
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
            if major.is_ascii_digit() && minor.is_ascii_digit() =>
        {
            let any = quirks.has(Lawful::TakesAnyMajorVersion);
            let known = (any || *major == b'1') && !quirks.has(WireQuirk::RejectsHigherMinor);
            let fault = Fault::Status(505, "only HTTP/1 is spoken here");
            if known { Ok(Version::Http11) } else { Err(fault) }
        }
        _ => Err(bad("the version must be HTTP/digit.digit")),
    }
}
