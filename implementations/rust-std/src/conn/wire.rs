//! Reads and writes with their deadlines. Every read flushes first, so that
//! responses of pipelined requests go out together, and none is held back.

use std::io::{ErrorKind, IoSlice, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use super::input::Input;
use super::{End, KEEP_ALIVE, PIECE, SEND_PATIENCE};
use crate::http::Reject;
use crate::server::{Shared, Watch};

/// What came of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrived {
    Octets(usize),
    /// The client (or the timekeeper) has closed this direction.
    End,
}

pub(super) struct Wire<'a> {
    stream: &'a TcpStream,
    watch: &'a Watch,
    shared: &'a Shared,
    pub(super) input: &'a mut Input,
    pub(super) out: &'a mut Vec<u8>,
    /// The read timeout that the socket has.
    timeout: Option<Duration>,
}

impl<'a> Wire<'a> {
    pub(super) fn new(
        stream: &'a TcpStream,
        watch: &'a Watch,
        shared: &'a Shared,
        input: &'a mut Input,
        out: &'a mut Vec<u8>,
    ) -> Self {
        Self { stream, watch, shared, input, out, timeout: None }
    }

    pub(super) fn stream(&self) -> &'a TcpStream {
        self.stream
    }

    pub(super) fn shared(&self) -> &'a Shared {
        self.shared
    }

    /// Waits for the first octets of a request. The timekeeper ends the wait: the
    /// usual request costs no system call for its timeout.
    pub(super) fn await_request(&mut self) -> Result<Arrived, End> {
        self.flush()?;
        self.set_timeout(None)?;
        self.watch.idle(self.shared.clock.deadline(KEEP_ALIVE));
        if self.shared.drain.is_on() {
            // What has arrived can still be read.
            self.stream.shutdown(Shutdown::Read).map_err(|_| End::Broken)?;
        }
        let arrived = self.read_input();
        self.watch.busy();
        arrived
    }

    /// Waits for more of a message; 408 when nothing comes within `patience`.
    pub(super) fn await_more(&mut self, patience: Duration) -> Result<Arrived, End> {
        self.flush()?;
        self.set_timeout(Some(patience))?;
        self.read_input()
    }

    fn read_input(&mut self) -> Result<Arrived, End> {
        let mut stream = self.stream;
        let input = &mut *self.input;
        retry(|| input.read_from(&mut stream))
    }

    /// Reads past the input buffer, which has to be empty. Flushes first.
    pub(super) fn read_directly(
        &mut self,
        place: &mut [u8],
        patience: Duration,
    ) -> Result<Arrived, End> {
        debug_assert!(self.input.is_empty(), "octets keep their order");
        self.flush()?;
        self.set_timeout(Some(patience))?;
        let mut stream = self.stream;
        retry(|| stream.read(place))
    }

    /// A system call only where the timeout changes.
    fn set_timeout(&mut self, timeout: Option<Duration>) -> Result<(), End> {
        if self.timeout != timeout {
            // Zero would mean none at all.
            let at_least = timeout.map(|timeout| timeout.max(Duration::from_millis(1)));
            self.stream.set_read_timeout(at_least).map_err(|_| End::Broken)?;
            self.timeout = timeout;
        }
        Ok(())
    }

    /// Writes what is there to write.
    pub(super) fn flush(&mut self) -> Result<(), End> {
        self.flush_with(&[])
    }

    /// Writes what is there to write and then `tail`, which was not copied.
    pub(super) fn flush_with(&mut self, tail: &[u8]) -> Result<(), End> {
        let (mut head, mut tail) = (self.out.as_slice(), tail);
        let mut stream = self.stream;
        while !head.is_empty() || !tail.is_empty() {
            self.watch.sending(self.shared.clock.deadline(SEND_PATIENCE));
            let piece = &tail[..tail.len().min(PIECE)];
            let written = match (head, piece) {
                (head, []) => stream.write(&head[..head.len().min(PIECE)]),
                ([], piece) => stream.write(piece),
                (head, piece) => stream.write_vectored(&[IoSlice::new(head), IoSlice::new(piece)]),
            };
            match written {
                Ok(0) => return Err(End::Broken),
                Ok(octets) => {
                    let of_head = octets.min(head.len());
                    head = &head[of_head..];
                    tail = &tail[octets - of_head..];
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(End::Broken),
            }
        }
        self.watch.busy();
        self.out.clear();
        Ok(())
    }
}

fn retry(mut read: impl FnMut() -> std::io::Result<usize>) -> Result<Arrived, End> {
    loop {
        return match read() {
            Ok(0) => Ok(Arrived::End),
            Ok(octets) => Ok(Arrived::Octets(octets)),
            Err(error) => match error.kind() {
                ErrorKind::Interrupted => continue,
                // Which one of them a timeout is depends on the system.
                ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                    Err(Reject::new(408, "the request came too slowly").into())
                }
                _ => Err(End::Broken),
            },
        };
    }
}
