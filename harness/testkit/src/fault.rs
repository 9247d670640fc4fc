//! Why a request is not answered in the ordinary way.

use std::io;

/// Why reading a request stopped; the connection is closed after it.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Answer this status with this reason, then close.
    Status(u16, &'static str),
    /// Answer this status, and go on with what follows: only quirks do that.
    Passing(u16, &'static str),
    /// The client stopped sending in the middle of a request (RFC 9112 section 8).
    Incomplete,
    /// Close without an answer: only quirks do that.
    Silent,
    /// The connection failed.
    Io,
}

impl Fault {
    /// Goes on after the answer, where a quirk says so.
    pub(crate) fn passing_if(self, quirk: bool) -> Self {
        match self {
            Self::Status(status, reason) if quirk => Self::Passing(status, reason),
            fault => fault,
        }
    }
}

impl From<io::Error> for Fault {
    fn from(_: io::Error) -> Self {
        Self::Io
    }
}

/// The answer to what is not a request: 400, and close (RFC 9112 section 2.2).
pub(crate) fn bad(reason: &'static str) -> Fault {
    Fault::Status(400, reason)
}
