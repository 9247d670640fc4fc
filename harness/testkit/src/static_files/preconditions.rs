//! Conditional requests (RFC 9110 section 13).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::fields::Fields;

/// What the preconditions of a request come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Precondition {
    Holds,
    /// Answer 304.
    NotModified,
    /// Answer 412.
    Failed,
}

/// Evaluates the preconditions of a `GET` or `HEAD` in the order of section 13.2.2.
pub(super) fn evaluate(fields: &Fields, etag: &str, modified: SystemTime) -> Precondition {
    let modified = whole_seconds(modified);
    let date = |name| parse_date(fields.value(name));
    if let Some(wanted) = fields.value("if-match") {
        let strong = |tag: &str| tag == etag;
        if wanted.trim() != "*" && !tags(&wanted).iter().any(|tag| strong(tag)) {
            return Precondition::Failed;
        }
    } else if date("if-unmodified-since").is_some_and(|since| modified > since) {
        return Precondition::Failed;
    }
    if let Some(known) = fields.value("if-none-match") {
        let weak = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag) == etag;
        if known.trim() == "*" || tags(&known).iter().any(|tag| weak(tag)) {
            return Precondition::NotModified;
        }
    } else if date("if-modified-since").is_some_and(|since| modified <= since) {
        return Precondition::NotModified;
    }
    Precondition::Holds
}

/// Whether `Range` counts, as `If-Range` says (section 13.1.5): compared strongly.
pub(super) fn range_applies(fields: &Fields, etag: &str, modified: SystemTime) -> bool {
    match fields.value("if-range") {
        None => true,
        Some(tag) if tag.starts_with('"') || tag.starts_with("W/") => tag == etag,
        Some(date) => parse_date(Some(date)) == Some(whole_seconds(modified)),
    }
}

/// The entity tags of a list; a comma inside the quotes is part of a tag.
fn tags(list: &str) -> Vec<&str> {
    let mut tags = Vec::new();
    let mut rest = list;
    while let Some(open) = rest.find('"') {
        let Some(length) = rest[open + 1..].find('"') else {
            break;
        };
        let start = if rest[..open].ends_with("W/") { open - 2 } else { open };
        let end = open + 1 + length + 1;
        tags.push(&rest[start..end]);
        rest = &rest[end..];
    }
    tags
}

fn parse_date(value: Option<String>) -> Option<SystemTime> {
    httpdate::parse_http_date(&value?).ok()
}

/// HTTP dates have whole seconds.
fn whole_seconds(time: SystemTime) -> SystemTime {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    UNIX_EPOCH + Duration::from_secs(since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_may_be_weak_and_hold_commas() {
        assert_eq!(tags(r#""a,b", W/"c" , "d"#), [r#""a,b""#, r#"W/"c""#]);
    }
}
