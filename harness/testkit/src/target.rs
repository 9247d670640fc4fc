//! The request target (RFC 9112 section 3.2) and percent-encoding.

use crate::fault::{Fault, bad};
use crate::quirk::Quirks;
use crate::wire_quirk::WireQuirk;

/// What a request is about.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The path as written; `*` in asterisk-form.
    pub(crate) path: String,
    /// The query as written, without its `?`.
    pub(crate) query: Option<String>,
    /// The authority of absolute-form.
    pub(crate) authority: Option<String>,
}

/// Reads a target in origin-, absolute-, authority- or asterisk-form.
pub(crate) fn parse(method: &str, target: &[u8], quirks: &Quirks) -> Result<Target, Fault> {
    let text = String::from_utf8_lossy(target).into_owned();
    if text.starts_with('/') {
        return Ok(split(&text, None, quirks));
    }
    if text == "*" {
        if quirks.has(WireQuirk::ClosesOnAsterisk) {
            return Err(Fault::Silent);
        }
        // Only OPTIONS may be about the server as a whole (RFC 9112 section 3.2.4).
        return match method {
            "OPTIONS" => Ok(split("*", None, quirks)),
            _ => Err(bad("the target `*` is for OPTIONS only")),
        };
    }
    if method == "CONNECT" {
        return Ok(split(&text, None, quirks));
    }
    let lower = text.to_ascii_lowercase();
    let scheme = ["http://", "https://"].iter().find(|s| lower.starts_with(**s));
    match scheme {
        Some(scheme) if !quirks.has(WireQuirk::RejectsAbsoluteForm) => {
            let rest = &text[scheme.len()..];
            let end = rest.find(['/', '?']).unwrap_or(rest.len());
            let (authority, path) = rest.split_at(end);
            if !is_authority(authority.as_bytes()) {
                return Err(bad("the target has no valid authority"));
            }
            let slash = if path.starts_with('/') { "" } else { "/" };
            Ok(split(&format!("{slash}{path}"), Some(authority.to_owned()), quirks))
        }
        None if quirks.has(WireQuirk::AddsSlash) => Ok(split(&format!("/{text}"), None, quirks)),
        _ => Err(bad("the target is in no known form")),
    }
}

fn split(text: &str, authority: Option<String>, quirks: &Quirks) -> Target {
    let (path, query) = match text.split_once('?') {
        Some((_, "")) if quirks.has(WireQuirk::KeepsEmptyQueryInPath) => (text, None),
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (text, None),
    };
    Target { path: path.to_owned(), query, authority }
}

/// Whether `bytes` are `uri-host [ ":" port ]` with a host (RFC 9110 section 7.2).
pub(crate) fn is_authority(bytes: &[u8]) -> bool {
    let (host, port) = match bytes.iter().rposition(|&b| b == b':') {
        Some(at) if !bytes.ends_with(b"]") => (&bytes[..at], &bytes[at + 1..]),
        _ => (bytes, &b""[..]),
    };
    let literal = host.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]"));
    let name = |b: &u8| b.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=".contains(b);
    let host_is_valid = match literal {
        Some(inside) => inside.iter().all(|b| b.is_ascii_hexdigit() || b":.".contains(b)),
        None => host.iter().all(name),
    };
    !host.is_empty() && host_is_valid && port.iter().all(u8::is_ascii_digit)
}

/// Replaces `%HH` by its byte; a `%` without two digits stands for itself.
pub(crate) fn percent_decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let digits = digits.filter(|two| two.iter().all(u8::is_ascii_hexdigit));
        let value = digits.and_then(|two| std::str::from_utf8(two).ok());
        match value.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    decoded
}

/// The first value of a query parameter, decoded as a form is (`+` is a space).
pub(crate) fn query_parameter(query: Option<&str>, name: &str) -> Option<String> {
    query_parameters(query, name).into_iter().next()
}

/// All values of a query parameter.
pub(crate) fn query_parameters(query: Option<&str>, name: &str) -> Vec<String> {
    let decode = |text: &str| percent_decode(&text.replace('+', " "));
    let pairs = query.into_iter().flat_map(|query| query.split('&'));
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let values = pairs.filter(|(key, _)| decode(key) == name.as_bytes());
    values.map(|(_, value)| String::from_utf8_lossy(&decode(value)).into_owned()).collect()
}
