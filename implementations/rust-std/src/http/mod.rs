//! HTTP/1.1 on bytes, without I/O: parsing of requests and writing of responses.

mod chars;
mod chunked;
mod date;
mod fields;
mod framing;
mod head;
mod host;
mod request_line;
mod response;

pub(crate) use chunked::ChunkedDecoder;
pub(crate) use date::DateCache;
pub(crate) use framing::Framing;
pub(crate) use head::{Head, HeadParser, MAX_HEAD, Progress};
pub(crate) use request_line::Method;
pub(crate) use response::{Connection, HeadWriter};

/// Why a request is refused: the status and a sentence for the body. Nothing of
/// the request is repeated in it (RFC 9112 section 11.1: no reflection).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reject {
    pub(crate) status: u16,
    pub(crate) reason: &'static str,
}

impl Reject {
    pub(crate) const fn new(status: u16, reason: &'static str) -> Self {
        Self { status, reason }
    }

    /// 400: the message breaks the grammar or its framing can't be trusted.
    pub(crate) const fn malformed(reason: &'static str) -> Self {
        Self::new(400, reason)
    }
}
