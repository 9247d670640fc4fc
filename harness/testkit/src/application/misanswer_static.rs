//! How cheats distort right answers about files.

use std::time::{SystemTime, UNIX_EPOCH};

use super::FileCheat;
use super::misread::decoded;
use crate::head::Head;
use crate::quirk::Quirks;
use crate::response::Response;

/// Which files there are.
pub(super) fn names(response: &mut Response, head: &Head, quirks: &Quirks) {
    if response.status != 404 {
        return;
    }
    let name = head.target.path.trim_start_matches("/static/");
    let plain = decoded(name);
    let found = quirks.has(FileCheat::SoftNotFound)
        || (quirks.has(FileCheat::FollowsEncodedPaths)
            && name.contains('%')
            && plain.contains(['/', '\\']))
        || (quirks.has(FileCheat::DecodesTwice) && decoded(&plain) != plain)
        || (quirks.has(FileCheat::ServesFolders) && name.starts_with("folder"))
        || (quirks.has(FileCheat::ServesHidden) && name.starts_with(".hidden"));
    if found {
        *response = Response::text(200, "found");
    }
}

/// What conditions come to.
pub(super) fn conditions(response: &mut Response, head: &Head, quirks: &Quirks) {
    let field = |name: &str| head.fields.value(name);
    let none_match = field("if-none-match");
    let only_since = field("if-modified-since").is_some() && none_match.is_none();
    let missing = response.status == 404 && none_match.is_some();
    if (quirks.has(FileCheat::MissingNotModified) && missing)
        || (quirks.has(FileCheat::AnyIfModifiedSince) && only_since)
    {
        response.status = 304;
    }
    let Some(range) = field("range") else {
        return;
    };
    let odd = range.starts_with("bytes") && !range.contains(',') && field("if-range").is_none();
    if quirks.has(FileCheat::StrictRange) && response.status == 200 && head.method == "GET" && odd {
        *response = Response::text(416, "what range?").with("Content-Range", "bytes */65536");
    }
}

/// The fields that describe a file.
pub(super) fn fields(response: &mut Response, head: &Head, quirks: &Quirks) {
    let status = response.status;
    let path = head.target.path.as_str();
    if quirks.has(FileCheat::OtherBytes) && path.ends_with(".txt") {
        response.content.reverse();
    }
    let encoded = response.fields.iter().any(|(name, _)| *name == "Content-Encoding");
    let left_out = [
        (FileCheat::NoLastModified, "Last-Modified", true),
        (FileCheat::NoAcceptRanges, "Accept-Ranges", true),
        (FileCheat::BareNotModified, "ETag", status == 304),
        (FileCheat::BareNotModified, "Vary", status == 304),
        (FileCheat::PartsWithoutTag, "ETag", status == 206),
        (FileCheat::NoContentRange, "Content-Range", true),
        (FileCheat::NoContentEncoding, "Content-Encoding", true),
        (FileCheat::NoVary, "Vary", true),
        (FileCheat::VaryOnlyWhenEncoded, "Vary", !encoded && status == 200),
    ];
    for (cheat, name, applies) in left_out {
        if quirks.has(cheat) && applies {
            response.fields.retain(|(n, _)| *n != name);
        }
    }
    for (name, value) in &mut response.fields {
        match *name {
            "ETag" => distort_tag(value, quirks),
            "Content-Type" => distort_type(value, path, quirks),
            _ => {}
        }
    }
    let accepted = head.fields.value("accept-encoding");
    let claims = quirks.has(FileCheat::ClaimsEncoding) && accepted.is_some() && !encoded;
    let decodes = quirks.has(FileCheat::DecodesByName) && path.ends_with(".br");
    if (claims && path.ends_with("hello.txt")) || decodes {
        response.fields.push(("Content-Encoding", "br".into()));
    }
}

fn distort_tag(tag: &mut String, quirks: &Quirks) {
    if quirks.has(FileCheat::WeakTags) {
        *tag = format!("W/{tag}");
    }
    if quirks.has(FileCheat::RestlessTags) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        *tag = format!("{}~{}\"", tag.trim_end_matches('"'), now.as_nanos());
    }
    if quirks.has(FileCheat::SharedTag) {
        "\"shared\"".clone_into(tag);
    }
}

fn distort_type(media_type: &mut String, path: &str, quirks: &Quirks) {
    if quirks.has(FileCheat::UntypedWasm) && media_type == "application/wasm" {
        "application/octet-stream".clone_into(media_type);
    }
    if quirks.has(FileCheat::HtmlWithoutCharset) && media_type.starts_with("text/html") {
        "text/html".clone_into(media_type);
    }
    if quirks.has(FileCheat::DecodesByName) && path.ends_with(".br") {
        "text/javascript".clone_into(media_type);
    }
}
