//! Responses: the fields every answer has, and the ways to fill in a body.

use std::cell::RefCell;

use bytes::Bytes;
use entry_shared::payload;
use http_body_util::Full;
use hyper::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderValue, SERVER};
use hyper::{HeaderMap, Response, StatusCode};
use serde::Serialize;

/// What hyper sends. It adds `Date` and `Content-Length`, and leaves the body of
/// an answer to `HEAD` out.
pub(crate) type Answer = Response<Full<Bytes>>;

const ENGINE: HeaderValue = HeaderValue::from_static("hyper");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const CLOSE: HeaderValue = HeaderValue::from_static("close");

thread_local! {
    /// Where small JSON is serialised before it gets a buffer of its exact size.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// A response in the making. It takes over the map of the request's fields:
/// hyper uses the map again for the next request, so that none is allocated
/// while a connection lives.
#[derive(Debug)]
pub(crate) struct Reply {
    fields: HeaderMap,
}

impl Reply {
    /// Starts from the request's fields, which are not needed any more.
    pub(crate) fn reusing(mut fields: HeaderMap) -> Self {
        fields.clear();
        fields.insert(SERVER, ENGINE);
        Self { fields }
    }

    /// Adds a field.
    pub(crate) fn field(
        mut self,
        name: impl hyper::header::IntoHeaderName,
        value: HeaderValue,
    ) -> Self {
        self.fields.insert(name, value);
        self
    }

    /// Says that the connection ends with this answer.
    pub(crate) fn closing(self, closing: bool) -> Self {
        if closing { self.field(CONNECTION, CLOSE) } else { self }
    }

    /// 200 with a plain text.
    pub(crate) fn text(self, text: &'static str) -> Answer {
        self.status_text(StatusCode::OK, text)
    }

    /// Any status with a plain text.
    pub(crate) fn status_text(self, status: StatusCode, text: &'static str) -> Answer {
        self.field(CONTENT_TYPE, TEXT).body(status, Bytes::from_static(text.as_bytes()))
    }

    /// 200 with a payload, serialised now.
    pub(crate) fn json(self, payload: &impl Serialize) -> Answer {
        let body = SCRATCH.with_borrow_mut(|scratch| {
            scratch.clear();
            payload::append_json(&mut *scratch, payload);
            Bytes::copy_from_slice(scratch)
        });
        self.json_bytes(body)
    }

    /// 200 with JSON that was serialised for this request.
    pub(crate) fn json_bytes(self, body: Bytes) -> Answer {
        self.field(CONTENT_TYPE, JSON).body(StatusCode::OK, body)
    }

    /// The answer to a method that the path does not know (RFC 9110 section 15.5.6).
    pub(crate) fn not_allowed(self, allowed: &'static str) -> Answer {
        self.field(ALLOW, HeaderValue::from_static(allowed))
            .status_text(StatusCode::METHOD_NOT_ALLOWED, "method not allowed")
    }

    /// The answer to `OPTIONS`.
    pub(crate) fn options(self, allowed: &'static str) -> Answer {
        self.field(ALLOW, HeaderValue::from_static(allowed))
            .body(StatusCode::NO_CONTENT, Bytes::new())
    }

    /// Any status and body, with the fields so far.
    pub(crate) fn body(self, status: StatusCode, body: Bytes) -> Answer {
        let mut answer = Response::new(Full::new(body));
        *answer.status_mut() = status;
        *answer.headers_mut() = self.fields;
        answer
    }
}
