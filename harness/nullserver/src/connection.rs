//! One connection: bytes in, as many answers out.

use std::net::TcpStream;

use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};

use crate::extra_cpu::ExtraCpu;
use crate::request::{Memo, Request, Unreadable};
use crate::response::FixedResponse;

/// What the connections of a worker share.
pub(crate) struct Shared {
    pub(crate) response: FixedResponse,
    pub(crate) extra: ExtraCpu,
    pub(crate) memo: Memo,
    /// What was received last.
    pub(crate) buffer: Vec<u8>,
    /// Answers of one receive, sent in one go.
    pub(crate) answers: Vec<u8>,
}

/// What a connection needs next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// It waits for the client, to send or to take.
    Stay,
    /// It is over.
    Close,
}

pub(crate) struct Connection {
    stream: TcpStream,
    /// A head that is not complete yet.
    head: Vec<u8>,
    /// A request whose body is still coming, with the bytes that are missing.
    body: Option<(Request, u64)>,
    /// Answers that the client has not taken yet.
    unsent: Vec<u8>,
    /// The last answer is given: ends when it is sent.
    closing: bool,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream, head: Vec::new(), body: None, unsent: Vec::new(), closing: false }
    }

    /// Nothing of a request has come, and nothing of an answer is left to send.
    pub(crate) fn is_idle(&self) -> bool {
        self.head.is_empty() && self.body.is_none() && self.unsent.is_empty()
    }

    /// Moves on as far as it goes without waiting. Edge-triggered: after this, nothing is left
    /// to be read or sent, or else the kernel will tell.
    #[inline]
    pub(crate) fn advance(&mut self, shared: &mut Shared, hung_up: bool) -> Next {
        loop {
            if !self.unsent.is_empty() && !self.send_rest() {
                return Next::Close;
            }
            if !self.unsent.is_empty() {
                // A client that takes nothing is not read from either.
                return Next::Stay;
            }
            if self.closing {
                return Next::Close;
            }
            let room = shared.buffer.len();
            let read = match recv(&self.stream, shared.buffer.as_mut_slice(), RecvFlags::empty()) {
                Ok((0, _)) => return Next::Close,
                Ok((read, _)) => read,
                Err(Errno::INTR) => continue,
                Err(Errno::AGAIN) => return Next::Stay,
                Err(_) => return Next::Close,
            };
            if self.received(shared, read).is_err() {
                return Next::Close;
            }
            // A short read has emptied the socket, but for the client's end.
            let emptied = read < room && !hung_up;
            if emptied && self.unsent.is_empty() && !self.closing {
                return Next::Stay;
            }
        }
    }

    /// Answers what is complete in the first `read` bytes of the buffer.
    #[inline]
    fn received(&mut self, shared: &mut Shared, read: usize) -> Result<(), Unreadable> {
        let Shared { response, extra, memo, buffer, answers } = shared;
        let mut bytes = &buffer[..read];
        // The usual case: one whole request and nothing else is answered without a copy.
        if self.head.is_empty()
            && self.body.is_none()
            && let Some((request, length)) = memo.read(bytes, 0)?
            && length == bytes.len()
            && request.body_bytes == 0
        {
            extra.spend();
            self.closing = request.close;
            let answer = response.answer(request.is_head, request.is_readiness_probe);
            return self.send(answer);
        }
        answers.clear();
        while !self.closing {
            if let Some((request, missing)) = self.body {
                let here = missing.min(bytes.len() as u64);
                bytes = &bytes[usize::try_from(here).unwrap_or(bytes.len())..];
                if here < missing {
                    self.body = Some((request, missing - here));
                    break;
                }
                self.body = None;
                extra.spend();
                let answer = response.answer(request.is_head, request.is_readiness_probe);
                answers.extend_from_slice(answer);
                self.closing = request.close;
                continue;
            }
            if bytes.is_empty() {
                break;
            }
            let Some((request, used)) = self.next_request(memo, bytes)? else { break };
            bytes = &bytes[used..];
            self.body = Some((request, request.body_bytes));
        }
        self.send(answers)
    }

    /// The request that begins in the kept bytes or here, and how many of `bytes` its head takes.
    /// Keeps `bytes` if it does not end in them.
    fn next_request(
        &mut self,
        memo: &mut Memo,
        bytes: &[u8],
    ) -> Result<Option<(Request, usize)>, Unreadable> {
        if self.head.is_empty() {
            let found = memo.read(bytes, 0)?;
            if found.is_none() {
                self.head.extend_from_slice(bytes);
            }
            return Ok(found);
        }
        let kept = self.head.len();
        self.head.extend_from_slice(bytes);
        let found = memo.read(&self.head, kept)?;
        if found.is_some() {
            self.head.clear();
        }
        // A head that was incomplete before does not end before these bytes.
        Ok(found.map(|(request, length)| (request, length - kept)))
    }

    /// Sends an answer, or keeps what the client does not take now.
    #[inline]
    fn send(&mut self, answer: &[u8]) -> Result<(), Unreadable> {
        if answer.is_empty() {
            return Ok(());
        }
        let sent = match send(&self.stream, answer, SendFlags::NOSIGNAL) {
            Ok(sent) => sent,
            Err(Errno::AGAIN | Errno::INTR) => 0,
            // Nobody is there to be answered.
            Err(_) => return Err(Unreadable),
        };
        self.unsent.extend_from_slice(&answer[sent..]);
        Ok(())
    }

    /// Sends what was kept, as far as the client takes it; `false` when the client is gone.
    fn send_rest(&mut self) -> bool {
        let mut sent = 0;
        let alive = loop {
            if sent == self.unsent.len() {
                break true;
            }
            match send(&self.stream, &self.unsent[sent..], SendFlags::NOSIGNAL) {
                Ok(more) => sent += more,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => break true,
                Err(_) => break false,
            }
        };
        self.unsent.drain(..sent);
        alive
    }
}
