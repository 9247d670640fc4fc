//! The messages of PostgreSQL's protocol, version 3 (PostgreSQL manual, section 55.7).

use std::io::{self, Read, Write};
use std::net::TcpStream;

/// `SSLRequest` and `GSSENCRequest`, in the place of a version.
const ENCRYPTION_REQUESTS: [u32; 2] = [80_877_103, 80_877_104];
/// A type and a length.
const HEAD_BYTES: usize = 5;
/// No startup is longer: PostgreSQL itself takes none that is.
const MOST_STARTUP_BYTES: usize = 10_000;

/// The first message, which has no type. Encryption that is asked for before it is refused.
pub(super) fn read_startup(mut client: &TcpStream) -> io::Result<Vec<u8>> {
    loop {
        let mut length = [0; 4];
        client.read_exact(&mut length)?;
        let bytes = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if !(8..=MOST_STARTUP_BYTES).contains(&bytes) {
            return Err(io::Error::other(format!("a startup message of {bytes} bytes")));
        }
        let mut message = length.to_vec();
        message.resize(bytes, 0);
        client.read_exact(&mut message[4..])?;
        let code = u32::from_be_bytes([message[4], message[5], message[6], message[7]]);
        if !ENCRYPTION_REQUESTS.contains(&code) {
            return Ok(message);
        }
        client.write_all(b"N")?;
    }
}

/// A message of either side.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message {
    kind: u8,
    body: Vec<u8>,
}

impl Message {
    /// From the client: has a prepared statement executed.
    pub(super) fn is_execute(&self) -> bool {
        self.kind == b'E'
    }

    /// From the client: has a statement analysed.
    pub(super) fn is_parsed(&self) -> bool {
        let of_rows = |start: &[u8]| {
            let has_start =
                |verb: &[u8]| start.get(..6).is_some_and(|it| it.eq_ignore_ascii_case(verb));
            has_start(b"select") || has_start(b"update")
        };
        self.kind == b'P' || (self.kind == b'Q' && of_rows(self.body.trim_ascii_start()))
    }

    /// From the server: ends an execution (`CommandComplete`, `EmptyQueryResponse`,
    /// `PortalSuspended`, `ErrorResponse`).
    pub(super) fn ends_execution(&self) -> bool {
        b"CIsE".contains(&self.kind)
    }
}

/// Bytes as they come, put together into messages.
#[derive(Debug, Default)]
pub(super) struct Messages {
    rest: Vec<u8>,
}

impl Messages {
    /// Those that `bytes` complete.
    pub(super) fn of(&mut self, bytes: &[u8]) -> Vec<Message> {
        self.rest.extend_from_slice(bytes);
        let mut complete = Vec::new();
        while let Some((message, end)) = first(&self.rest) {
            complete.push(message);
            self.rest.drain(..end);
        }
        complete
    }
}

/// The first message, and where it ends.
fn first(bytes: &[u8]) -> Option<(Message, usize)> {
    let &[kind, a, b, c, d, ..] = bytes else { return None };
    // The length counts itself and not the type.
    let end = usize::try_from(u32::from_be_bytes([a, b, c, d])).ok()?.checked_add(1)?;
    let body = bytes.get(HEAD_BYTES..end)?.to_vec();
    Some((Message { kind, body }, end))
}

#[cfg(test)]
mod tests {
    use super::{Message, Messages};

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).expect("short");
        [&[kind], &length.to_be_bytes()[..], body].concat()
    }

    #[test]
    fn messages_are_the_same_wherever_they_are_cut() {
        let bytes = [message(b'P', b"one"), message(b'S', b""), message(b'E', b"three")].concat();
        let whole = Messages::default().of(&bytes);
        assert_eq!(whole.iter().map(|one| one.kind).collect::<Vec<_>>(), b"PSE");
        for cut in 0..bytes.len() {
            let mut messages = Messages::default();
            let mut all = messages.of(&bytes[..cut]);
            all.extend(messages.of(&bytes[cut..]));
            assert_eq!(all, whole, "cut at {cut}");
        }
    }

    #[test]
    fn a_statement_in_a_query_is_analysed_each_time_and_the_limits_of_a_transaction_are_none() {
        let is_parsed = |kind, body: &[u8]| Message { kind, body: body.to_vec() }.is_parsed();
        assert!(is_parsed(b'P', b"name\0BEGIN\0"));
        assert!(is_parsed(b'Q', b" Update world SET\0") && is_parsed(b'Q', b"SELECT 1\0"));
        assert!(!is_parsed(b'Q', b"BEGIN\0") && !is_parsed(b'B', b"SELECT"));
    }
}
