//! A response and its bytes.

use std::time::{Duration, SystemTime};

use crate::connection_quirk::ConnectionQuirk;
use crate::conversation_quirk::ConversationQuirk;
use crate::lawful::Lawful;
use crate::quirk::Quirks;
use crate::request_line::Version;

/// What is answered.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(&'static str, String)>,
    pub(crate) content: Vec<u8>,
    /// A `Content-Length` other than the true one: only quirks set it.
    pub(crate) declared: Option<usize>,
    /// A `Date` other than now: only cheats set it.
    pub(crate) date: Option<SystemTime>,
    /// Without `Server`: only for cheats.
    pub(crate) anonymous: bool,
    /// Its content ends with the connection: only for cheats.
    pub(crate) until_close: bool,
}

impl Response {
    pub(crate) fn new(status: u16) -> Self {
        Self {
            status,
            fields: Vec::new(),
            content: Vec::new(),
            declared: None,
            date: None,
            anonymous: false,
            until_close: false,
        }
    }

    pub(crate) fn text(status: u16, text: &str) -> Self {
        let plain = Self::new(status).with("Content-Type", "text/plain; charset=utf-8");
        plain.content(text.as_bytes().to_vec())
    }

    pub(crate) fn json(value: &serde_json::Value) -> Self {
        let json = Self::new(200).with("Content-Type", "application/json");
        json.content(value.to_string().into_bytes())
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    pub(crate) fn content(mut self, content: Vec<u8>) -> Self {
        self.content = content;
        self
    }
}

/// What the bytes of a response depend on beside the response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delivery {
    /// To a `HEAD` request: no content follows.
    pub(crate) to_head: bool,
    /// The version of the request.
    pub(crate) version: Version,
    /// The connection ends after this response.
    pub(crate) close: bool,
    /// It answers what is no request, which no endpoint has seen.
    pub(crate) refusal: bool,
}

/// The bytes of `response`.
pub(crate) fn encode(response: &Response, delivery: Delivery, quirks: &Quirks) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(response.content.len() + 256);
    let mut line = |name: &str, value: &str| {
        for part in [name, ": ", value, "\r\n"] {
            bytes.extend_from_slice(part.as_bytes());
        }
    };
    let status = response.status;
    let bodiless = status == 304 && !quirks.has(ConnectionQuirk::ContentOn304);
    let chunked =
        delivery.version == Version::Http10 && quirks.has(ConnectionQuirk::ChunkedToHttp10);
    let chunked = chunked
        || (status == 204 && quirks.has(ConversationQuirk::ChunkedOn204))
        || (quirks.has(Lawful::ChunksEverything)
            && delivery.version == Version::Http11
            && !bodiless
            && status < 400);
    let undated = quirks.has(ConnectionQuirk::NoDateOnErrors) && status >= 400;
    let undated = undated || (delivery.refusal && quirks.has(ConversationQuirk::NoDateOnRefusals));
    if !undated && !quirks.has(ConnectionQuirk::NoDate) {
        let date = response.date.unwrap_or_else(SystemTime::now);
        line("Date", &httpdate::fmt_http_date(wrong_by_quirk(date, quirks)));
    }
    if !response.anonymous {
        line("Server", "testkit");
    }
    for (name, value) in &response.fields {
        line(name, value);
    }
    if chunked {
        line("Transfer-Encoding", "chunked");
    } else if !bodiless && !response.until_close {
        line("Content-Length", &declared_length(response, delivery, quirks).to_string());
    }
    if delivery.close && !quirks.has(ConnectionQuirk::ClosesUnannounced) {
        line("Connection", "close");
    } else if !delivery.close && delivery.version == Version::Http10 {
        line("Connection", "keep-alive");
    }
    bytes.extend_from_slice(b"\r\n");
    let silent = delivery.to_head && !quirks.has(ConnectionQuirk::ContentOnHead);
    if !bodiless && !silent {
        append_content(&mut bytes, content_of(response), chunked);
    }
    let version = if quirks.has(Lawful::AnswersInHttp10) { "1.0" } else { "1.1" };
    let spaceless = quirks.has(ConversationQuirk::NoSpaceAfterStatus)
        || (delivery.refusal && quirks.has(ConversationQuirk::NoSpaceOnRefusals));
    let phrase = if spaceless { String::new() } else { format!(" {}", reason(status)) };
    let mut whole = format!("HTTP/{version} {status}{phrase}\r\n").into_bytes();
    whole.append(&mut bytes);
    whole
}

fn wrong_by_quirk(date: SystemTime, quirks: &Quirks) -> SystemTime {
    const HOUR: Duration = Duration::from_secs(3600);
    if quirks.has(ConversationQuirk::DateIsYesterday) {
        date - 24 * HOUR
    } else if quirks.has(ConversationQuirk::DateIsNextYear) {
        date + 365 * 24 * HOUR
    } else if quirks.has(ConversationQuirk::DateIsLocalTime) {
        date + HOUR
    } else {
        date
    }
}

/// The content sent: a quirk sends some where there is none to send.
fn content_of(response: &Response) -> &[u8] {
    match response.status {
        304 => b"not modified",
        _ => &response.content,
    }
}

fn declared_length(response: &Response, delivery: Delivery, quirks: &Quirks) -> usize {
    if delivery.to_head && quirks.has(ConnectionQuirk::LengthZeroOnHead) {
        return 0;
    }
    response.declared.unwrap_or(content_of(response).len())
}

fn append_content(bytes: &mut Vec<u8>, content: &[u8], chunked: bool) {
    if !chunked {
        return bytes.extend_from_slice(content);
    }
    if !content.is_empty() {
        bytes.extend_from_slice(format!("{:x}\r\n", content.len()).as_bytes());
        bytes.extend_from_slice(content);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
}

fn reason(status: u16) -> &'static str {
    match status {
        101 => "Switching Protocols",
        200 => "OK",
        204 => "No Content",
        206 => "Partial Content",
        304 => "Not Modified",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        416 => "Range Not Satisfiable",
        417 => "Expectation Failed",
        421 => "Misdirected Request",
        426 => "Upgrade Required",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "",
    }
}
