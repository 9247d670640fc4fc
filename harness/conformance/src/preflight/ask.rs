//! One question on a connection of its own.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use httpdyno_wire::{Limits, RequestKind, Response, ResponseCollector, ResponseError};

/// More than this is not read.
const MOST_BYTES: usize = 9 << 20;

/// A ClientHello of TLS 1.2 with four cipher suites and one group: enough for a TLS server to
/// answer, be it with an alert (RFC 5246 section 7.4.1.2).
pub(super) const CLIENT_HELLO: &[u8] = b"\x16\x03\x01\0\x45\x01\0\0\x41\x03\x03\
    0123456789abcdef0123456789abcdef\0\0\x08\xc0\x2f\xc0\x30\xc0\x2b\0\x9c\x01\0\0\x10\
    \0\x0a\0\x04\0\x02\0\x17\0\x0d\0\x04\0\x02\x04\x01";

/// The preface of HTTP/2 with empty SETTINGS (RFC 9113 section 3.4).
pub(super) const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// How the server ended the connection until the question was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Closed,
    Reset,
    /// It did not.
    Silent,
}

/// What came.
pub(super) struct Asked {
    /// The first final response.
    pub(super) response: Option<Response>,
    /// Why the bytes are none.
    pub(super) error: Option<ResponseError>,
    pub(super) bytes: Vec<u8>,
    pub(super) end: End,
}

/// Sends `question` and reads until there is a response, what came is malformed, nothing more can
/// come, or the time is up.
pub(super) fn ask(address: SocketAddr, question: &[u8], patience: Duration) -> io::Result<Asked> {
    let deadline = Instant::now() + patience;
    let mut stream = TcpStream::connect_timeout(&address, patience)?;
    stream.set_write_timeout(Some(patience))?;
    // A server that has closed already shows what it sent before.
    let _ = stream.write_all(question);
    let limits = Limits { body_bytes: MOST_BYTES as u64, ..Limits::default() };
    let mut collector = ResponseCollector::new(limits);
    collector.expect(RequestKind::of_method(b"GET"));
    let mut asked = Asked { response: None, error: None, bytes: Vec::new(), end: End::Silent };
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || asked.bytes.len() > MOST_BYTES {
            return Ok(asked);
        }
        stream.set_read_timeout(Some(left))?;
        let responses = match stream.read(&mut buffer) {
            Ok(0) => {
                asked.end = End::Closed;
                collector.eof().into_iter().collect()
            }
            Ok(count) => {
                asked.bytes.extend_from_slice(&buffer[..count]);
                collector.feed(&buffer[..count])
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) if is_timeout(&error) => return Ok(asked),
            Err(_) => {
                asked.end = End::Reset;
                Vec::new()
            }
        };
        asked.response = responses.into_iter().find(|response| !response.is_interim());
        asked.error = collector.error().cloned();
        // Bytes that are no response: whether they end tells what they are.
        let settled = asked.response.is_some() || asked.end != End::Silent;
        if settled || (asked.error.is_some() && asked.bytes.len() >= 16) {
            return Ok(asked);
        }
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}
