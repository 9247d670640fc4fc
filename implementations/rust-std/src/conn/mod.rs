//! One connection from its first octet to its close, on one thread, with
//! blocking reads and writes.

mod body;
mod input;
mod linger;
mod reply;
mod serve;
mod wire;

use std::time::Duration;

use crate::http::{DateCache, HeadParser, Reject};
use input::Input;

pub(crate) use serve::serve;

/// How long a connection may be without a request.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// How long a head may take from its first octet to its last.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// How long a body may pause; it also has to come at `BODY_RATE` on the whole.
const BODY_PATIENCE: Duration = Duration::from_secs(10);
/// The slowest body, in octets per second.
const BODY_RATE: u64 = 1024;
/// How long a client may take for each `PIECE` of a response.
const SEND_PATIENCE: Duration = Duration::from_secs(30);
/// The most octets given to the system in one write.
const PIECE: usize = 256 * 1024;

/// Why serving ends.
#[derive(Debug)]
enum End {
    /// The client has closed its side, or was idle for too long.
    Closed,
    /// The last response said so, or this request can't be followed by another.
    Finished,
    /// Like `Finished`, but octets of the client may be on their way, which would
    /// turn the close into a reset and so could cost it the response.
    Unread,
    /// The request is refused.
    Refused(Reject),
    /// Reading or writing failed: there is nobody to tell.
    Broken,
}

impl From<Reject> for End {
    fn from(reject: Reject) -> Self {
        Self::Refused(reject)
    }
}

/// The memory of one thread, used by one connection after the other.
#[derive(Debug)]
pub(crate) struct Buffers {
    input: Input,
    out: Vec<u8>,
    parser: HeadParser,
    date: DateCache,
    /// The body of the response that is being made.
    answer: Vec<u8>,
    /// A request body that had to be collected.
    payload: Vec<u8>,
}

impl Buffers {
    /// What a thread keeps of each buffer between two connections, in octets.
    const KEPT: usize = 16 * 1024;

    pub(crate) fn new() -> Self {
        Self {
            input: Input::new(),
            out: Vec::with_capacity(4 * 1024),
            parser: HeadParser::default(),
            date: DateCache::new(),
            answer: Vec::with_capacity(1024),
            payload: Vec::new(),
        }
    }

    /// Forgets one connection. Large buffers are given back: there may be
    /// thousands of threads.
    fn reset(&mut self) {
        self.input.reset(Self::KEPT);
        for buffer in [&mut self.out, &mut self.answer, &mut self.payload] {
            buffer.clear();
            buffer.shrink_to(Self::KEPT);
        }
    }
}
