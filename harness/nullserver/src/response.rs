//! The one response, checked before it is ever sent.

use httpdyno_wire::{Framing, Limits, RequestKind, ResponseCollector};

/// What is answered unless something else was given: a small JSON object.
const DEFAULT: &[u8] = b"HTTP/1.1 200 OK\r\nServer: null\r\n\
    Content-Type: application/json\r\nContent-Length: 27\r\n\
    Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n{\"message\":\"Hello, World!\"}";

/// What `GET /plaintext`, the sign of readiness, is answered where the response is no 200.
const READY: &[u8] = b"HTTP/1.1 200 OK\r\nServer: null\r\nContent-Type: text/plain\r\n\
    Content-Length: 13\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\nHello, World!";

/// Bytes of a whole response: status line, fields and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedResponse {
    bytes: Vec<u8>,
    head_bytes: usize,
    status: u16,
}

/// Why bytes are not a response that can be sent again and again on one connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResponseProblem {
    /// They are not HTTP/1.1.
    #[error("the fixed response is not HTTP/1.1: {0}")]
    Malformed(httpdyno_wire::ResponseError),
    /// They end early.
    #[error("the fixed response of {0} bytes is incomplete: expected a head and its whole body")]
    Incomplete(usize),
    /// There is more than one response, or something after it.
    #[error("the fixed response is followed by {0} more bytes: expected exactly one response")]
    Trailing(usize),
    /// It is interim (1xx).
    #[error("the fixed response has status {0}: expected a final one, 200 or above")]
    Interim(u16),
    /// The connection would end after it.
    #[error(
        "the fixed response ends its connection: expected Content-Length or chunked framing and \
         no `Connection: close`"
    )]
    EndsConnection,
}

impl FixedResponse {
    /// Checks `bytes`, the answer to any request but HEAD.
    ///
    /// # Errors
    /// When they are anything but exactly one final response after which the connection stays.
    pub fn new(bytes: Vec<u8>) -> Result<Self, ResponseProblem> {
        let limits = Limits { body_bytes: u64::MAX, ..Limits::default() };
        let mut collector = ResponseCollector::new(limits);
        collector.expect(RequestKind::Normal);
        let responses = collector.feed(&bytes);
        if let httpdyno_wire::Collecting::Failed(error) = collector.state()
            && responses.is_empty()
        {
            return Err(ResponseProblem::Malformed(error));
        }
        let Some(response) = responses.first() else {
            let ends = collector.eof().is_some();
            return Err(if ends {
                ResponseProblem::EndsConnection
            } else {
                ResponseProblem::Incomplete(bytes.len())
            });
        };
        if response.is_interim() {
            return Err(ResponseProblem::Interim(response.status));
        }
        if response.close || response.framing == Framing::UntilClose {
            return Err(ResponseProblem::EndsConnection);
        }
        if response.raw.len() != bytes.len() {
            return Err(ResponseProblem::Trailing(bytes.len() - response.raw.len()));
        }
        let status = response.status;
        let end = memchr::memmem::find(&bytes, b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
        Ok(Self { bytes, head_bytes: end, status })
    }

    /// For a request with this method and target.
    pub(crate) fn answer(&self, is_head: bool, is_readiness_probe: bool) -> &[u8] {
        match (is_head, is_readiness_probe && self.status != 200) {
            (_, true) => READY,
            (true, false) => &self.bytes[..self.head_bytes],
            (false, false) => &self.bytes,
        }
    }
}

impl Default for FixedResponse {
    fn default() -> Self {
        let head_bytes = DEFAULT.len() - br#"{"message":"Hello, World!"}"#.len();
        Self { bytes: DEFAULT.to_vec(), head_bytes, status: 200 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> ResponseProblem {
        FixedResponse::new(text.as_bytes().to_vec()).unwrap_err()
    }

    #[test]
    fn the_default_passes_the_check() {
        let default = FixedResponse::default();
        assert_eq!(FixedResponse::new(DEFAULT.to_vec()), Ok(default.clone()));
        assert!(default.answer(true, false).ends_with(b"\r\n\r\n"));
        assert_eq!(FixedResponse::new(READY.to_vec()).unwrap().status, 200);
    }

    #[test]
    fn readiness_is_always_a_200() {
        let bytes = b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec();
        let response = FixedResponse::new(bytes.clone()).unwrap();
        assert_eq!(response.answer(false, true), READY);
        assert_eq!(response.answer(false, false), bytes);
    }

    #[test]
    fn chunked_framing_will_do() {
        let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n";
        let response = FixedResponse::new(text.as_bytes().to_vec()).unwrap();
        assert_eq!(response.answer(false, false), text.as_bytes());
    }

    #[test]
    fn what_can_not_be_sent_again_and_again_is_refused() {
        let incomplete = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab";
        assert_eq!(problem(incomplete), ResponseProblem::Incomplete(incomplete.len()));
        assert_eq!(problem(""), ResponseProblem::Incomplete(0));
        let two = "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n";
        assert_eq!(problem(two), ResponseProblem::Trailing(27));
        assert_eq!(problem("HTTP/1.1 100 Continue\r\n\r\n"), ResponseProblem::Interim(100));
        assert_eq!(problem("HTTP/1.1 200 OK\r\n\r\nx"), ResponseProblem::EndsConnection);
        let close = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(problem(close), ResponseProblem::EndsConnection);
        assert!(matches!(problem("HTTP/9 what\r\n\r\n"), ResponseProblem::Malformed(_)));
    }
}
