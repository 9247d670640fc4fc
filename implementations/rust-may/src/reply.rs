//! Responses, within what the engine lets its user say: a status, fields that
//! live forever, a body. `Server`, `Date` and `Content-Length` are its own.

use bytes::BufMut;
use entry_shared::payload;
use may_minihttp::Response;
use serde::Serialize;

/// The statuses this server answers with beside those of static files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Ok,
    BadRequest,
    NotFound,
    MethodNotAllowed,
    LengthRequired,
    ContentTooLarge,
    UriTooLong,
    FieldsTooLarge,
    NotImplemented,
    ServiceUnavailable,
}

impl Status {
    fn parts(self) -> (usize, &'static str) {
        match self {
            Self::Ok => (200, "OK"),
            Self::BadRequest => (400, "Bad Request"),
            Self::NotFound => (404, "Not Found"),
            Self::MethodNotAllowed => (405, "Method Not Allowed"),
            Self::LengthRequired => (411, "Length Required"),
            Self::ContentTooLarge => (413, "Content Too Large"),
            Self::UriTooLong => (414, "URI Too Long"),
            Self::FieldsTooLarge => (431, "Request Header Fields Too Large"),
            Self::NotImplemented => (501, "Not Implemented"),
            Self::ServiceUnavailable => (503, "Service Unavailable"),
        }
    }
}

/// A response in the making.
pub(crate) struct Reply<'r, 'b> {
    response: &'r mut Response<'b>,
    /// `HEAD`: the engine would send the body.
    bodiless: bool,
    /// The length of the body in bytes.
    pub(crate) length: usize,
}

impl<'r, 'b> Reply<'r, 'b> {
    pub(crate) fn new(response: &'r mut Response<'b>, bodiless: bool) -> Self {
        Self { response, bodiless, length: 0 }
    }

    /// Adds a field, as a whole line.
    pub(crate) fn field(&mut self, line: &'static str) -> &mut Self {
        self.response.header(line);
        self
    }

    /// Any status with a plain text.
    pub(crate) fn text(&mut self, status: Status, text: &'static str) {
        self.status(status);
        self.field("content-type: text/plain");
        self.body(text.as_bytes());
    }

    /// 200 with a page.
    pub(crate) fn html(&mut self, page: &str) {
        self.status(Status::Ok);
        self.field("content-type: text/html; charset=utf-8");
        self.body(page.as_bytes());
    }

    /// The answer to `OPTIONS`, as 200: the engine sends a length with every status,
    /// and 204 must not have one (RFC 9110 section 8.6).
    pub(crate) fn options(&mut self, allow: &'static str) {
        self.status(Status::Ok);
        self.field(allow);
    }

    /// 200 with a payload, serialised now.
    pub(crate) fn json(&mut self, payload: &impl Serialize) {
        self.json_written(|writer| {
            payload::append_json(writer, payload);
            Ok::<_, std::convert::Infallible>(())
        })
        .unwrap_or_else(|never| match never {});
    }

    /// 200 with the JSON that `write` appends; unchanged when it fails without
    /// having written.
    pub(crate) fn json_written<E>(
        &mut self,
        write: impl FnOnce(&mut dyn std::io::Write) -> Result<(), E>,
    ) -> Result<(), E> {
        let buffer = self.response.body_mut();
        write(&mut buffer.writer())?;
        if self.bodiless {
            buffer.clear();
        }
        self.length = buffer.len();
        self.status(Status::Ok);
        self.field("content-type: application/json");
        Ok(())
    }

    /// A status given by number, for static files.
    pub(crate) fn status_code(&mut self, code: u16, reason: &'static str) {
        self.response.status_code(code.into(), reason);
    }

    /// Appends to the body.
    pub(crate) fn body(&mut self, bytes: &[u8]) {
        if !self.bodiless {
            self.response.body_mut().extend_from_slice(bytes);
            self.length += bytes.len();
        }
    }

    fn status(&mut self, status: Status) {
        let (code, reason) = status.parts();
        self.response.status_code(code, reason);
    }
}
