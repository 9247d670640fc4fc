//! From bytes to messages.

use bytes::BytesMut;
use postgres_protocol::message::backend::{Header, Message};

use super::error::Error;

/// The longest message that is waited for, in bytes. Rows here are some hundred bytes long; a
/// longer length is that of something else than PostgreSQL.
const LONGEST_MESSAGE: usize = 1 << 20;

/// What came from the server and is not read yet.
#[derive(Debug, Default)]
pub(super) struct Frames(BytesMut);

impl Frames {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// The next whole message; `None` until more has come.
    ///
    /// # Errors
    /// When what came is no message. There is no way on from there.
    pub(super) fn next(&mut self) -> Result<Option<Message>, Error> {
        // Looked at before the crate does, which makes room for whatever length it finds.
        let Some(header) = Header::parse(&self.0)? else { return Ok(None) };
        let length = usize::try_from(header.len()).unwrap_or(usize::MAX);
        if length > LONGEST_MESSAGE {
            return Err(Error::Unexpected("a message of more than 1 MiB"));
        }
        if self.0.len() <= length {
            return Ok(None);
        }
        Ok(Message::parse(&mut self.0)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_found_however_the_bytes_fall() {
        let bytes = b"2\0\0\0\x04Z\0\0\0\x05I1\0\0\0\x04";
        for at in 0..bytes.len() {
            let mut frames = Frames::default();
            let mut count = 0;
            for piece in [&bytes[..at], &bytes[at..]] {
                frames.add(piece);
                while frames.next().unwrap().is_some() {
                    count += 1;
                }
            }
            assert_eq!(count, 3, "cut at {at}");
        }
    }

    #[test]
    fn a_length_that_is_none_is_an_error_before_room_is_made() {
        for length in [0_u32, 3, 1 << 21, 0x7fff_ffff, 0x8000_0000, u32::MAX] {
            let mut frames = Frames::default();
            frames.add(b"D");
            frames.add(&length.to_be_bytes());
            assert!(frames.next().is_err(), "{length}");
            assert!(frames.0.capacity() < 1 << 16);
        }
    }
}
