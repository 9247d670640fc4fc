//! The endpoints of the contract that need no database.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::application::{self, distort, pretend};
use crate::body::Body;
use crate::connection_quirk::ConnectionQuirk;
use crate::conversation_quirk::ConversationQuirk;
use crate::database::Application;
use crate::fault::Fault;
use crate::head::Head;
use crate::host::Link;
use crate::lawful::Lawful;
use crate::quirk::Quirks;
use crate::response::Response;
use crate::static_files;
use crate::target::{percent_decode, query_parameter};
use crate::wire_quirk::WireQuirk;

/// The contract's largest `/echo` content.
const ECHO_LIMIT: usize = 1 << 20;
/// The contract's largest user id, 2^53 - 1.
const LARGEST_ID: u64 = (1 << 53) - 1;
/// Methods of RFC 9110 section 9 and 5789; others are not implemented (501).
const METHODS: [&str; 9] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"];

/// What answering needs beside the request.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) quirks: &'a Quirks,
    pub(crate) static_dir: &'a Path,
    pub(crate) database: Option<&'a Arc<Application>>,
    pub(crate) link: &'a Link,
}

/// Answers one request, reading as much of its content as the endpoint wants.
pub(crate) fn answer(
    head: &Head,
    body: &mut Body<'_>,
    context: &Context<'_>,
) -> Result<Response, Fault> {
    let original = head;
    let head = &pretend(head, context.quirks);
    let method = head.known_method(context.quirks);
    let known = METHODS.contains(&method.as_str());
    let odd = !known || method == "CONNECT" || method == "TRACE";
    if odd && context.quirks.has(ConnectionQuirk::AnyMethodIsFine) {
        return Ok(Response::text(200, "fine"));
    }
    if method == "TRACE" && context.quirks.has(Lawful::Traces) {
        let traced = Response::new(200).with("Content-Type", "message/http");
        return Ok(traced.content(format!("TRACE {} HTTP/1.1\r\n", head.target.path).into()));
    }
    if !known && context.quirks.has(Lawful::BadMethod) {
        return Ok(Response::text(400, "no such method"));
    }
    if !known || method == "CONNECT" {
        return Ok(Response::text(501, "not implemented"));
    }
    let (path, query) = (&head.target.path, head.target.query.as_deref());
    let bare = [ConversationQuirk::LengthOn204, ConversationQuirk::ChunkedOn204];
    if method == "OPTIONS" && bare.iter().any(|&quirk| context.quirks.has(quirk)) {
        return Ok(Response::new(204).with("Allow", "GET, HEAD, OPTIONS"));
    }
    if let Some(answer) = context.database.and_then(|app| app.answer(path, &method, query)) {
        return Ok(answer);
    }
    let right = match (head.target.path.as_str(), method.as_str()) {
        ("/", "GET" | "HEAD") if context.quirks.has(Lawful::HasRootPage) => {
            Response::text(200, "welcome")
        }
        ("*", _) => Response::new(200).with("Allow", "GET, HEAD, POST, OPTIONS"),
        ("/echo" | "/upload", "POST") => with_content(head, body, context.quirks)?,
        ("/echo" | "/upload", _) => not_allowed("POST", context.quirks),
        (path, "GET" | "HEAD") => without_content(path, head, body, context)?,
        (path, _) if is_known(path) => not_allowed("GET, HEAD", context.quirks),
        (path, _) => not_found(path, context.quirks),
    };
    Ok(distort(right, original, context.quirks))
}

fn is_known(path: &str) -> bool {
    let prefixes = ["/users/", "/static/", "/delay/"];
    ["/plaintext", "/json", "/search"].contains(&path)
        || prefixes.iter().any(|prefix| path.starts_with(prefix))
}

fn not_allowed(allow: &str, quirks: &Quirks) -> Response {
    if quirks.has(Lawful::NotImplemented) {
        return Response::text(501, "not implemented");
    }
    if quirks.has(Lawful::BadMethod) {
        return Response::text(400, "no such method here");
    }
    let response = Response::text(405, "method not allowed");
    if quirks.has(ConnectionQuirk::NoAllowOn405) {
        return response;
    }
    response.with("Allow", allow)
}

fn not_found(path: &str, quirks: &Quirks) -> Response {
    let response = Response::text(404, "not found");
    reflect(response, path, quirks)
}

/// A quirk: what the client sent goes into a field as it is.
fn reflect(response: Response, text: &str, quirks: &Quirks) -> Response {
    if !quirks.has(WireQuirk::ReflectsTarget) {
        return response;
    }
    response.with("X-Asked", String::from_utf8_lossy(&percent_decode(text)))
}

fn with_content(head: &Head, body: &mut Body<'_>, quirks: &Quirks) -> Result<Response, Fault> {
    if head.target.path == "/echo" {
        let content = body.whole(application::echo_limit(head, quirks).unwrap_or(ECHO_LIMIT))?;
        if let Some(cheated) = application::echo(&content, head, quirks) {
            return Ok(cheated);
        }
        return Ok(match serde_json::from_slice::<Value>(&content) {
            Ok(value) => Response::json(&value),
            Err(_) => Response::text(400, "the content is not JSON"),
        });
    }
    let (mut count, mut hasher) = (0u64, crc32fast::Hasher::new());
    while let Some(piece) = body.piece()? {
        count += piece.len() as u64;
        hasher.update(&piece);
    }
    let crc32 = format!("{:08x}", hasher.finalize());
    Ok(Response::json(&json!({ "bytes": count, "crc32": crc32 })))
}

fn without_content(
    path: &str,
    head: &Head,
    body: &mut Body<'_>,
    context: &Context<'_>,
) -> Result<Response, Fault> {
    let query = head.target.query.as_deref();
    if let Some(id) = path.strip_prefix("/users/") {
        return Ok(user(id));
    }
    if let Some(name) = path.strip_prefix("/static/") {
        let found = static_files::serve(context.static_dir, name, head);
        return Ok(found.unwrap_or_else(|| not_found(path, context.quirks)));
    }
    if let Some(ms) = path.strip_prefix("/delay/") {
        return delay(ms, body, context);
    }
    Ok(match path {
        "/plaintext" => Response::text(200, "Hello, World!"),
        "/json" => message(context.quirks),
        "/search" => reflect(search(query, context.quirks), query.unwrap_or(""), context.quirks),
        _ => not_found(path, context.quirks),
    })
}

fn message(quirks: &Quirks) -> Response {
    let mut response = Response::json(&json!({ "message": "Hello, World!" }));
    if quirks.has(ConnectionQuirk::ShortLengthOfJson) {
        response.declared = Some(response.content.len() - 1);
    }
    response
}

/// A decimal integer without sign or leading zeros, at most `largest`.
fn whole_number(text: &str, largest: u64) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let canonical = text == "0" || !text.starts_with('0');
    let number = text.parse().ok().filter(|_| digits && canonical)?;
    (number <= largest).then_some(number)
}

fn user(id: &str) -> Response {
    match whole_number(id, LARGEST_ID) {
        Some(id) if id > 0 => Response::json(&json!({ "id": id, "name": format!("user-{id}") })),
        _ => Response::text(404, "no such user"),
    }
}

fn search(query: Option<&str>, quirks: &Quirks) -> Response {
    let early = quirks.has(WireQuirk::DecodesBeforeSplitting);
    let decoded = query.filter(|_| early).map(percent_decode);
    let decoded = decoded.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let query = decoded.as_deref().or(query);
    let Some(wanted) = query_parameter(query, "q").filter(|q| !q.is_empty()) else {
        return Response::text(400, "the parameter `q` is missing");
    };
    let limit = query_parameter(query, "limit").map_or(10, |text| clamp_limit(&text));
    Response::json(&json!({ "query": wanted, "limit": limit }))
}

/// The contract's 1 to 100, and 10 for what is not an integer of whatever size.
fn clamp_limit(text: &str) -> i64 {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return 10;
    }
    let too_long = if text.starts_with('-') { 1 } else { 100 };
    text.parse::<i64>().unwrap_or(too_long).clamp(1, 100)
}

fn delay(ms: &str, body: &mut Body<'_>, context: &Context<'_>) -> Result<Response, Fault> {
    let Some(ms) = whole_number(ms, 10_000) else {
        return Ok(Response::text(404, "no such delay"));
    };
    let held = Duration::from_millis(ms);
    if context.quirks.has(ConnectionQuirk::DropsHeldOnHalfClose) && body.client_ends_within(held) {
        return Err(Fault::Silent);
    }
    let _turn = application::turn_to_hold(held, context.quirks);
    context.link.stage("holding a response");
    if !context.link.sleep(held) {
        return Err(Fault::Silent);
    }
    Ok(Response::json(&json!({ "delayed_ms": ms })))
}
