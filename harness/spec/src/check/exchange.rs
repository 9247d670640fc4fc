//! Rules for requests, responses and payload files.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use super::variables::expand;
use super::{At, in_range, not_empty};
use crate::exchange::{
    BodyRule, FieldRule, FileRange, RequestBody, RequestTemplate, ResponseRule, Variable,
};

/// A request by itself, without its variables.
pub(super) fn request(at: At<'_>, request: &RequestTemplate) {
    path(at.field("path"), &request.path);
    for (name, value) in &request.headers {
        let at = at.field("headers");
        if !is_token(name) {
            at.name(name).say(format!("`{name}` is not a field name (RFC 9110 section 5.1)"));
        }
        if value.chars().any(|c| c.is_control() && c != '\t') {
            at.field(name).say("a field value may not hold control characters".to_owned());
        }
    }
    let at = at.field("body");
    match &request.body {
        Some(RequestBody::File(file)) => {
            payload(at.field("file"), file);
        }
        Some(RequestBody::Generated(generated)) => {
            let size = at.field("generated").field("size");
            in_range(size, "size in bytes", generated.size.0, 1..=1 << 30);
        }
        Some(RequestBody::Json(_) | RequestBody::Text(_)) | None => {}
    }
}

/// A response rule by itself, for a response to `request`.
pub(super) fn response(
    at: At<'_>,
    rule: &ResponseRule,
    request: &RequestTemplate,
    variables: &BTreeMap<String, Variable>,
) {
    not_empty(at.field("status"), "the list of status codes", &rule.status);
    for (index, code) in rule.status.iter().enumerate() {
        let at = at.field("status").item(index);
        in_range(at, "status code", u64::from(*code), 100..=599);
    }
    fields(at.field("headers"), rule.headers.iter());
    match &rule.body {
        BodyRule::File(template) => {
            for file in expand(template, variables) {
                payload(at.field("body").field("file"), &file);
            }
        }
        rule => body(at.field("body"), rule),
    }
    if rule.body == BodyRule::EchoJson && request.body.is_none() {
        at.field("body").say("`echo-json` needs a request with a body");
    }
}

/// Rules for response fields, which are written by lower-case name.
pub(super) fn fields<'a>(at: At<'_>, rules: impl Iterator<Item = (&'a String, &'a FieldRule)>) {
    for (name, rule) in rules {
        let lower = name.to_ascii_lowercase();
        if !is_token(name) {
            at.name(name).say(format!("`{name}` is not a field name (RFC 9110 section 5.1)"));
        } else if *name != lower {
            at.name(name).say(format!("write the field name in lower case: `{lower}`"));
        }
        match rule {
            FieldRule::OneOf(list) => not_empty(at.field(name), "the list of values", list),
            FieldRule::ListHas(list) => not_empty(at.field(name), "the list of members", list),
            _ => {}
        }
    }
}

/// A rule for content, in which nothing is replaced.
pub(super) fn body(at: At<'_>, rule: &BodyRule) {
    match rule {
        BodyRule::File(file) => {
            payload(at.field("file"), file);
        }
        BodyRule::FileRange(range) => file_range(at.field("file-range"), range),
        _ => {}
    }
}

fn file_range(at: At<'_>, range: &FileRange) {
    let FileRange { file, first, last } = range;
    if first > last {
        at.say(format!("first {first} is larger than last {last}"));
    }
    if let Some(length) = payload(at.field("file"), file)
        && *last >= length
    {
        at.field("last").say(format!(
            "last {last} lies beyond the end of `{file}`, which has {length} bytes (the last one \
             is {})",
            length.saturating_sub(1)
        ));
    }
}

/// A file under `spec/payloads/`: it must be one, inside that folder. Gives its length in bytes.
fn payload(at: At<'_>, file: &str) -> Option<u64> {
    let (path, name) = (Path::new(file), at.known().payloads());
    let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    if file.is_empty() || !inside {
        at.say(format!("`{file}` is not a path inside {name}"));
        return None;
    }
    let folder = at.known().spec?.join("payloads");
    let Ok(found) = folder.join(path).canonicalize() else {
        at.say(format!("there is no file `{file}` in {name}"));
        return None;
    };
    if !folder.canonicalize().is_ok_and(|folder| found.starts_with(folder)) {
        at.say(format!("`{file}` leads out of {name}"));
        return None;
    }
    match found.metadata() {
        Ok(metadata) if metadata.is_file() => Some(metadata.len()),
        _ => {
            at.say(format!("`{file}` in {name} is not a file"));
            None
        }
    }
}

/// A request target in origin-form (RFC 9112 section 3.2.1).
fn path(at: At<'_>, path: &str) {
    if !path.starts_with('/') {
        at.say(format!("path `{path}` does not begin with `/`"));
    }
    for piece in crate::template::pieces(path) {
        let crate::template::Piece::Text(text) = piece else { continue };
        let allowed = |c: char| c.is_ascii_graphic() && !"{}#\"<>\\^`|".contains(c);
        if let Some(c) = text.chars().find(|c| !allowed(*c)) {
            at.say(format!(
                "path `{path}` has {c:?}, which may not stand in a request target; percent-encode \
                 it (a variable is a lower-case name in braces)"
            ));
        }
    }
}

/// A token of RFC 9110 section 5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}
