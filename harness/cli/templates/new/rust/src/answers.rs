//! The endpoints: add one here, and its id to `endpoints` in implementation.yaml.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONNECTION, CONTENT_TYPE, HOST, HeaderValue, SERVER};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode, Version};
use serde::Serialize;

/// hyper adds Date and Content-Length, and leaves the body of an answer to HEAD out.
type Answer = Response<Full<Bytes>>;

/// A body that no endpoint wants is read up to here, so that its connection can go on.
const UNWANTED_LIMIT: usize = 1 << 20;

#[derive(Serialize)]
struct Message {
    message: &'static str,
}

/// Answers one request.
pub(crate) async fn answer(request: Request<Incoming>) -> Result<Answer, Infallible> {
    let (head, body) = request.into_parts();
    if let Err(reason) = check_host(&head) {
        return Ok(closing(text(StatusCode::BAD_REQUEST, reason)));
    }
    if Limited::new(body, UNWANTED_LIMIT).collect().await.is_err() {
        return Ok(closing(text(StatusCode::BAD_REQUEST, "broken body, or too long")));
    }
    Ok(match (head.uri.path(), &head.method) {
        ("/plaintext", &Method::GET | &Method::HEAD) => text(StatusCode::OK, "Hello, World!"),
        ("/json", &Method::GET | &Method::HEAD) => json(&Message { message: "Hello, World!" }),
        ("/plaintext" | "/json", _) => {
            let mut refusal = text(StatusCode::METHOD_NOT_ALLOWED, "method not allowed");
            refusal.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            refusal
        }
        _ => text(StatusCode::NOT_FOUND, "not found"),
    })
}

/// HTTP/1.1 asks for one Host (RFC 9112 section 3.2); hyper leaves it to its user.
fn check_host(head: &Parts) -> Result<(), &'static str> {
    let mut hosts = head.headers.get_all(HOST).iter();
    let is_valid =
        |host: &HeaderValue| !host.as_bytes().iter().any(|byte| b" \t/\\?#@".contains(byte));
    match (hosts.next(), hosts.next()) {
        (Some(host), None) if is_valid(host) => Ok(()),
        (None, _) if head.version < Version::HTTP_11 => Ok(()),
        _ => Err("a request has one valid Host field"),
    }
}

fn text(status: StatusCode, body: &'static str) -> Answer {
    respond(status, "text/plain", Bytes::from_static(body.as_bytes()))
}

/// Serialised for each request, as the contract asks.
fn json(value: &impl Serialize) -> Answer {
    match serde_json::to_vec(value) {
        Ok(body) => respond(StatusCode::OK, "application/json", body.into()),
        Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "cannot be serialised"),
    }
}

fn respond(status: StatusCode, content_type: &'static str, body: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = status;
    let fields = answer.headers_mut();
    fields.insert(SERVER, HeaderValue::from_static("hyper"));
    fields.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer
}

fn closing(mut answer: Answer) -> Answer {
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}
