//! Entity tags and dates: the preconditions of RFC 9110 section 13.

use std::time::SystemTime;

use super::catalogue::{Representation, StaticFile};
use super::conditions::Conditions;

/// What the preconditions ask for before any range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Proceed,
    NotModified,
    Failed,
}

/// Evaluates preconditions in the order of RFC 9110 section 13.2.2.
pub(super) fn evaluate(
    file: &StaticFile,
    chosen: &Representation,
    conditions: &Conditions<'_>,
) -> Verdict {
    if let Some(list) = &conditions.if_match {
        if !any_matches(list, chosen.etag.value(), Comparison::Strong) {
            return Verdict::Failed;
        }
    } else if let Some(since) = date(conditions.if_unmodified_since.as_deref())
        && file.modified > since
    {
        return Verdict::Failed;
    }
    if let Some(list) = &conditions.if_none_match {
        if any_matches(list, chosen.etag.value(), Comparison::Weak) {
            return Verdict::NotModified;
        }
    } else if let Some(since) = date(conditions.if_modified_since.as_deref())
        && file.modified <= since
    {
        return Verdict::NotModified;
    }
    Verdict::Proceed
}

/// Whether `If-Range` lets the range through (RFC 9110 section 13.1.5): the same
/// tag, strongly compared, or exactly the same date where it is a strong one.
pub(super) fn range_holds(
    file: &StaticFile,
    chosen: &Representation,
    if_range: Option<&[u8]>,
) -> bool {
    let Some(validator) = if_range.map(<[u8]>::trim_ascii) else {
        return true;
    };
    if validator.ends_with(b"\"") {
        return validator == chosen.etag.value().as_bytes();
    }
    file.modified_is_strong && date(Some(validator)) == Some(file.modified)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Strong,
    Weak,
}

/// Whether a list of entity tags has one that equals `etag`, or is `*`.
fn any_matches(list: &[u8], etag: &str, comparison: Comparison) -> bool {
    let mut rest = list.trim_ascii();
    if rest == b"*" {
        return true;
    }
    while let Some((weak, tag, after)) = next_tag(rest) {
        let comparable = comparison == Comparison::Weak || !weak;
        if comparable && tag == etag.as_bytes() {
            return true;
        }
        rest = after;
    }
    false
}

/// The next entity tag of a list: whether it is weak, the tag with its quotes,
/// and what comes after. A tag may hold commas, so the quotes lead, not them.
fn next_tag(list: &[u8]) -> Option<(bool, &[u8], &[u8])> {
    let start = list.iter().position(|byte| !matches!(byte, b',' | b' ' | b'\t'))?;
    let list = &list[start..];
    let (weak, quoted) = match list.strip_prefix(b"W/") {
        Some(quoted) => (true, quoted),
        None => (false, list),
    };
    let inside = quoted.strip_prefix(b"\"")?;
    let end = inside.iter().position(|byte| *byte == b'"')? + 2;
    Some((weak, &quoted[..end], &quoted[end..]))
}

/// A valid HTTP date; anything else counts as absent.
fn date(field: Option<&[u8]>) -> Option<SystemTime> {
    let text = std::str::from_utf8(field?.trim_ascii()).ok()?;
    httpdate::parse_http_date(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_compare_weakly_or_strongly() {
        let weak = |list: &str| any_matches(list.as_bytes(), "\"a\"", Comparison::Weak);
        let strong = |list: &str| any_matches(list.as_bytes(), "\"a\"", Comparison::Strong);
        for list in ["\"a\"", " \"x\" , \"a\"", ",,\"a\"", "*", "\"b,c\",\"a\"", "W/\"x\",\"a\""] {
            assert!(weak(list) && strong(list), "{list:?}");
        }
        assert!(weak("W/\"a\"") && !strong("W/\"a\""));
        for list in ["", "a", "\"b\"", "\"a", "w/\"a\"", "\"A\"", "\"x,\"a\"", "*, \"b\""] {
            assert!(!weak(list) && !strong(list), "{list:?}");
        }
    }

    #[test]
    fn all_three_date_forms_are_read_and_others_are_absent() {
        let rfc = date(Some(b"Sun, 06 Nov 1994 08:49:37 GMT"));
        assert!(rfc.is_some());
        assert_eq!(date(Some(b"Sunday, 06-Nov-94 08:49:37 GMT")), rfc);
        assert_eq!(date(Some(b"Sun Nov  6 08:49:37 1994")), rfc);
        for bad in [&b""[..], b"yesterday", b"784111777", b"\xff"] {
            assert_eq!(date(Some(bad)), None);
        }
    }
}
