//! A connection of which every byte is kept (within bounds), as it went over it.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::excerpt::Transcript;

/// What went over a connection since [`Tape::rewind`].
#[derive(Clone, Debug, Default)]
pub(super) struct Tape {
    /// Sent, received.
    both: Arc<Mutex<(Transcript, Transcript)>>,
}

impl Tape {
    /// Forgets all until now.
    pub(super) fn rewind(&self) {
        self.with(|both| *both = Default::default());
    }

    /// What was sent, and what was received.
    pub(super) fn both(&self) -> (Transcript, Transcript) {
        self.with(|both| both.clone())
    }

    fn with<T>(&self, act: impl FnOnce(&mut (Transcript, Transcript)) -> T) -> T {
        act(&mut self.both.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A connection with its tape.
pub(super) struct Taped {
    stream: TcpStream,
    tape: Tape,
}

impl Taped {
    pub(super) fn new(stream: TcpStream, tape: Tape) -> Self {
        Self { stream, tape }
    }
}

impl AsyncRead for Taped {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.tape.with(|both| both.1.push(&buffer.filled()[before..]));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Taped {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        self.tape.with(|both| both.0.push(&bytes[..count]));
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
