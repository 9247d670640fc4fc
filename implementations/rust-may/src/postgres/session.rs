//! A connection's own coroutine: sends what has gathered, hands out what comes.

use bytes::{Buf, BytesMut};

use super::error::Error;
use super::frames::Frames;
use super::link::Link;
use super::pool::Shared;
use super::socket::{Events, Socket};

/// How much is read at once, in bytes.
const CHUNK: usize = 16 << 10;

/// An open connection.
pub(super) struct Session<'p> {
    shared: &'p Shared,
    link: &'p Link,
    socket: Socket,
    frames: Frames,
    /// What is to be sent.
    unsent: BytesMut,
    chunk: Vec<u8>,
}

impl<'p> Session<'p> {
    pub(super) fn new(
        shared: &'p Shared,
        link: &'p Link,
        (socket, frames): (Socket, Frames),
    ) -> Self {
        Self { shared, link, socket, frames, unsent: BytesMut::new(), chunk: vec![0; CHUNK] }
    }

    /// Serves until the connection or the pool ends, and tells why it did.
    pub(super) fn serve(&mut self) -> Error {
        self.link.open(self.socket.waker());
        self.shared.route_backlog();
        let error = match self.converse() {
            Ok(()) => Error::lost("the pool is closed"),
            Err(error) => error,
        };
        for request in self.link.close(&error) {
            // Never sent, so another connection may have it.
            self.shared.route(request);
        }
        error
    }

    fn converse(&mut self) -> Result<(), Error> {
        let mut spare = Vec::new();
        let mut events = Events::ANY;
        while !self.shared.is_closing() {
            if events.readable() {
                self.read(events)?;
            }
            self.link.take_unsent(&mut self.unsent, &mut spare);
            self.write()?;
            events = self.socket.wait();
        }
        Ok(())
    }

    /// Reads all there is. Readiness is told once (edge-triggered), but a short read says as much
    /// as another that would find nothing, unless the end comes behind it.
    fn read(&mut self, events: Events) -> Result<(), Error> {
        loop {
            let count = self.socket.read_now(&mut self.chunk)?;
            if let Some(count) = count {
                self.frames.add(&self.chunk[..count]);
            }
            if self.link.take_messages(&mut self.frames)? {
                self.shared.route_backlog();
            }
            match count {
                None => return Ok(()),
                Some(0) => return Err(Error::lost("closed by the server")),
                Some(count) if count < CHUNK && !events.ending() => return Ok(()),
                Some(_) => {}
            }
        }
    }

    /// Writes what there is room for; the rest when there is room again.
    fn write(&mut self) -> Result<(), Error> {
        while !self.unsent.is_empty() {
            match self.socket.write_now(&self.unsent)? {
                Some(count) => self.unsent.advance(count),
                None => break,
            }
        }
        Ok(())
    }
}
