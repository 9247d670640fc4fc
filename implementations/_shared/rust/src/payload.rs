//! The typed bodies of the JSON endpoints. None of them allocates to serialise.

use std::borrow::Cow;
use std::io;

use serde::{Serialize, Serializer};

/// The body of `GET /plaintext`.
pub const PLAINTEXT: &str = "Hello, World!";

/// The answer of `GET /json`.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Message {
    /// The greeting.
    pub message: &'static str,
}

impl Message {
    /// The message that the contract asks for.
    #[must_use]
    pub fn hello() -> Self {
        Self { message: PLAINTEXT }
    }
}

/// The answer of `GET /users/{id}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct User {
    /// The id that the path named.
    pub id: u64,
    name: UserName,
}

impl User {
    /// The user with this id; the name follows from it.
    #[must_use]
    pub fn new(id: u64) -> Self {
        Self { id, name: UserName(id) }
    }
}

/// `user-ID`, formatted when it is serialised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct UserName(u64);

impl Serialize for UserName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("user-{}", self.0))
    }
}

/// The answer of `GET /search`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SearchAnswer<'q> {
    /// The decoded `q`.
    pub query: Cow<'q, str>,
    /// The clamped `limit`, 1 to 100.
    pub limit: u32,
}

/// A row of `world`: the answer of `GET /db`, and an element of the arrays of the other
/// endpoints with a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct World {
    /// 1 to 10000.
    pub id: i32,
    /// 1 to 10000.
    #[serde(rename = "randomNumber")]
    pub random_number: i32,
}

/// The answer of `GET /delay/{ms}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Delayed {
    /// How long the answer was held, in milliseconds, 0 to 10000.
    pub delayed_ms: u32,
}

/// The answer of `POST /upload`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct UploadReceipt {
    /// The length of the body in bytes.
    pub bytes: u64,
    crc32: Crc32,
}

/// A CRC-32 (IEEE 802.3), serialised as eight lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Crc32(u32);

impl Serialize for Crc32 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:08x}", self.0))
    }
}

/// Counts and checks an upload piece by piece.
#[derive(Debug, Default)]
pub struct Upload {
    bytes: u64,
    crc32: crc32fast::Hasher,
}

impl Upload {
    /// An upload of which nothing has come yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece of the body.
    pub fn update(&mut self, piece: &[u8]) {
        self.bytes += piece.len() as u64;
        self.crc32.update(piece);
    }

    /// The receipt for all that came.
    #[must_use]
    pub fn finish(self) -> UploadReceipt {
        UploadReceipt { bytes: self.bytes, crc32: Crc32(self.crc32.finalize()) }
    }
}

/// Serialises a payload to the end of a buffer in memory.
///
/// # Panics
/// When the buffer can not be written to: one in memory always can.
pub fn append_json(buffer: impl io::Write, payload: &impl Serialize) {
    // No payload here has a map with odd keys, so only writing could fail.
    serde_json::to_writer(buffer, payload).expect("a buffer in memory takes any payload");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(payload: &impl Serialize) -> String {
        let mut buffer = Vec::new();
        append_json(&mut buffer, payload);
        String::from_utf8(buffer).unwrap()
    }

    #[test]
    fn payloads_have_the_members_of_the_contract() {
        assert_eq!(json(&Message::hello()), r#"{"message":"Hello, World!"}"#);
        assert_eq!(json(&User::new(42)), r#"{"id":42,"name":"user-42"}"#);
        let world = World { id: 7, random_number: 10_000 };
        assert_eq!(json(&[world]), r#"[{"id":7,"randomNumber":10000}]"#);
        assert_eq!(json(&Delayed { delayed_ms: 0 }), r#"{"delayed_ms":0}"#);
        let answer = SearchAnswer { query: "a \"b\" ü".into(), limit: 7 };
        assert_eq!(json(&answer), r#"{"query":"a \"b\" ü","limit":7}"#);
    }

    #[test]
    fn an_upload_in_pieces_has_the_checksum_of_the_whole() {
        let mut upload = Upload::new();
        upload.update(b"1234");
        upload.update(b"");
        upload.update(b"56789");
        // The check value of CRC-32/ISO-HDLC.
        assert_eq!(json(&upload.finish()), r#"{"bytes":9,"crc32":"cbf43926"}"#);
    }

    #[test]
    fn a_checksum_keeps_its_leading_zeros() {
        assert_eq!(json(&Upload::new().finish()), r#"{"bytes":0,"crc32":"00000000"}"#);
    }
}
