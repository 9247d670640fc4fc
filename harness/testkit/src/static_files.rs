//! `/static/{file}`: representations, and the answer to conditional and range requests.

mod accept_encoding;
mod preconditions;
mod ranges;

use std::path::Path;
use std::time::SystemTime;

use crate::head::Head;
use crate::response::Response;
use crate::target::percent_decode;
use preconditions::Precondition;
use ranges::Range;

/// What is sent of a file: its own bytes or those of a compressed sibling.
#[derive(Debug)]
struct Representation {
    bytes: Vec<u8>,
    modified: SystemTime,
    etag: String,
}

impl Representation {
    fn read(path: &Path, suffix: &str) -> Option<Self> {
        let metadata = std::fs::symlink_metadata(path).ok()?;
        let bytes = metadata.is_file().then(|| std::fs::read(path).ok())??;
        let etag = format!("\"{:08x}-{:x}{suffix}\"", crc32fast::hash(&bytes), bytes.len());
        Some(Self { modified: metadata.modified().ok()?, etag, bytes })
    }
}

/// Answers a `GET` or `HEAD` of the file that the last path segment names; `None` is a 404.
pub(crate) fn serve(folder: &Path, segment: &str, head: &Head) -> Option<Response> {
    let fields = &head.fields;
    if segment.contains('/') {
        return None;
    }
    let name = String::from_utf8(percent_decode(segment)).ok()?;
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', '\0']) {
        return None;
    }
    let path = folder.join(&name);
    let plain = Representation::read(&path, "")?;
    let sibling = |extension: &str| {
        let path = folder.join(format!("{name}.{extension}"));
        Representation::read(&path, &format!("-{extension}"))
    };
    let offered = [("br", sibling("br")), ("gzip", sibling("gz"))];
    let varies = offered.iter().any(|(_, sibling)| sibling.is_some());
    let accepted = fields.value("accept-encoding").unwrap_or_default();
    let mut chosen = (None, plain);
    let mut best = accept_encoding::explicit_identity_quality(&accepted);
    for (coding, sibling) in offered {
        let quality = accept_encoding::quality(&accepted, coding);
        let better = quality > 0 && (quality > best || (chosen.0.is_none() && quality == best));
        if let (Some(sibling), true) = (sibling, better) {
            best = quality;
            chosen = (Some(coding), sibling);
        }
    }
    let (coding, representation) = chosen;
    let mut response = conditional(&representation, head, media_type(&name));
    if let (Some(coding), 200 | 206) = (coding, response.status) {
        response = response.with("Content-Encoding", coding);
    }
    if varies {
        response = response.with("Vary", "Accept-Encoding");
    }
    Some(response)
}

/// Preconditions, then ranges (RFC 9110 sections 13.2.2 and 14.2).
fn conditional(file: &Representation, head: &Head, media_type: &str) -> Response {
    let fields = &head.fields;
    let modified = httpdate::fmt_http_date(file.modified);
    let described = |status| {
        let response = Response::new(status).with("ETag", file.etag.clone());
        response.with("Last-Modified", modified.clone())
    };
    match preconditions::evaluate(fields, &file.etag, file.modified) {
        Precondition::Failed => return Response::text(412, "precondition failed"),
        Precondition::NotModified => return described(304),
        Precondition::Holds => {}
    }
    let total = file.bytes.len();
    let ranged = described(200).with("Accept-Ranges", "bytes").with("Content-Type", media_type);
    // Ranges are defined for GET only (RFC 9110 section 14.2).
    let applies = preconditions::range_applies(fields, &file.etag, file.modified);
    if head.method != "GET" || !applies {
        return ranged.content(file.bytes.clone());
    }
    match ranges::parse(fields.value("range").as_deref(), total) {
        Range::Whole => ranged.content(file.bytes.clone()),
        Range::Unsatisfiable => {
            let response = Response::text(416, "range not satisfiable");
            response.with("Content-Range", format!("bytes */{total}"))
        }
        Range::Part(first, last) => {
            let range = format!("bytes {first}-{last}/{total}");
            let mut response = ranged.with("Content-Range", range);
            response.status = 206;
            response.content(file.bytes[first..=last].to_vec())
        }
    }
}

/// The contract's media types, by the end of the name.
fn media_type(name: &str) -> &'static str {
    let types = [
        (".html", "text/html; charset=utf-8"),
        (".css", "text/css; charset=utf-8"),
        (".js", "text/javascript; charset=utf-8"),
        (".json", "application/json"),
        (".txt", "text/plain; charset=utf-8"),
        (".svg", "image/svg+xml"),
        (".png", "image/png"),
        (".wasm", "application/wasm"),
        (".woff2", "font/woff2"),
    ];
    let known = types.iter().find(|(end, _)| name.ends_with(end));
    known.map_or("application/octet-stream", |(_, media_type)| media_type)
}
