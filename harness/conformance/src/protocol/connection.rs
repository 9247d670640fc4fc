//! One connection to the server under test: our own bytes out, whatever comes in collected,
//! everything bounded.

use std::io;
use std::time::Duration;

use httpdyno_spec::case::Framed;
use httpdyno_spec::exchange::Method;
use httpdyno_wire::{Collecting, Framing, Limits, RequestKind, Response, ResponseCollector};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use crate::answer::Answer;
use crate::excerpt::Transcript;
use crate::foreign;
use crate::plan::Target;

/// A server under test that sends more than this on one connection is cut off.
const MOST_RECEIVED_BYTES: u64 = 64 << 20;
const CONNECT_DEADLINE: Duration = Duration::from_secs(8);

const LIMITS: Limits = Limits {
    head_bytes: 64 * 1024,
    fields: 256,
    interim_responses: 32,
    chunk_line_bytes: 4096,
    trailer_bytes: 16 * 1024,
    body_bytes: 8 << 20,
};

/// How the peer ended the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Fin,
    Reset,
}

/// What comes of waiting on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// The condition holds.
    Met,
    /// Nothing more can come: the connection has ended or carries garbage.
    Over,
    /// The time is up.
    TimedOut,
}

/// One connection with all that came on it.
pub(crate) struct Connection {
    reader: OwnedReadHalf,
    writer: Option<OwnedWriteHalf>,
    collector: ResponseCollector,
    buffer: Vec<u8>,
    pub(crate) answers: Vec<Answer>,
    pub(crate) interim: u32,
    pub(crate) sent: Transcript,
    pub(crate) received: Transcript,
    pub(crate) ended: Option<Ended>,
    /// For each of the answers, whether it said that the connection ends after it.
    announced: Vec<bool>,
    /// Sending has shown that the server reset the connection. The system tells that once, so that
    /// reading shows no more than an end.
    reset_in_sending: bool,
    /// The last answer is an error whose content a reset has cut off.
    tail_lost: bool,
    pub(crate) last_byte_at: Instant,
    /// Nothing is read before this.
    reading_from: Instant,
}

impl Connection {
    /// Connects; `most_answers` bounds how many responses are taken before the server counts as
    /// one that sends what nobody asked for.
    pub(crate) async fn open(
        target: &Target,
        methods: &[Method],
        most_answers: usize,
    ) -> io::Result<Self> {
        let stream = connect(target).await.inspect_err(|error| target.trouble.note(error))?;
        stream.set_nodelay(true)?;
        let mut collector = ResponseCollector::new(LIMITS);
        for at in 0..most_answers {
            let method = methods.get(at).copied().unwrap_or_default();
            collector.expect(RequestKind::of_method(method.as_str().as_bytes()));
        }
        let (reader, writer) = stream.into_split();
        Ok(Self {
            reader,
            writer: Some(writer),
            collector,
            buffer: vec![0; 64 * 1024],
            answers: Vec::new(),
            interim: 0,
            sent: Transcript::default(),
            received: Transcript::default(),
            ended: None,
            announced: Vec::new(),
            reset_in_sending: false,
            tail_lost: false,
            last_byte_at: Instant::now(),
            reading_from: Instant::now(),
        })
    }

    /// Whether the first `answers` of the answers ended in one that announced the end.
    pub(crate) fn announced_after(&self, answers: usize) -> bool {
        answers > 0 && self.announced.get(answers - 1).copied().unwrap_or(false)
    }

    /// Whether the last answer said that the connection ends after it.
    pub(crate) fn close_announced(&self) -> bool {
        self.announced_after(self.answers.len())
    }

    /// Whether a request can still be sent.
    pub(crate) fn can_send(&self) -> bool {
        self.writer.is_some() && self.ended.is_none()
    }

    /// Ends the sending half (FIN).
    pub(crate) async fn half_close(&mut self) {
        if let Some(mut writer) = self.writer.take() {
            // A connection that the server has reset can not be shut down; reading shows that.
            let _ = writer.shutdown().await;
        }
    }

    /// Writes, and reads meanwhile, so that neither side waits for the other. What the server does
    /// not take by the deadline stays unsent; so does everything once the connection is broken.
    pub(crate) async fn write(&mut self, bytes: &[u8], deadline: Instant) {
        let mut rest = bytes;
        while let Some(writer) = self.writer.as_mut().filter(|_| !rest.is_empty()) {
            let over = self.ended.is_some() || self.collector.error().is_some();
            let silent = !over && Instant::now() < self.reading_from;
            let reading = !over && !silent;
            tokio::select! {
                biased;
                written = writer.write(rest) => match written {
                    Ok(count) => {
                        self.sent.push(&rest[..count]);
                        rest = &rest[count..];
                    }
                    Err(error) => {
                        self.writer = None;
                        self.reset_in_sending |= error.kind() == io::ErrorKind::ConnectionReset;
                    }
                },
                read = self.reader.read(&mut self.buffer), if reading => self.take(read),
                () = sleep_until(self.reading_from), if silent => {}
                () = sleep_until(deadline) => return,
            }
        }
    }

    /// Reads until the condition holds, nothing more can come, or the deadline passes.
    pub(crate) async fn read_until(
        &mut self,
        deadline: Instant,
        met: impl Fn(&Self) -> bool,
    ) -> Wait {
        loop {
            if met(self) {
                return Wait::Met;
            }
            if self.ended.is_some() || self.collector.error().is_some() {
                return Wait::Over;
            }
            sleep_until(self.reading_from.min(deadline)).await;
            match timeout_at(deadline, self.reader.read(&mut self.buffer)).await {
                Ok(read) => self.take(read),
                Err(_) => return Wait::TimedOut,
            }
        }
    }

    /// From now until then nothing is read (a slow reader); sending goes on.
    pub(crate) fn stop_reading(&mut self, until: Instant) {
        self.reading_from = until;
    }

    /// Whether what came last is no response but the first frame of an HTTP/2 server, SETTINGS
    /// (RFC 9113 sections 3.4 and 4.1).
    pub(crate) fn speaks_http2(&self) -> bool {
        let bytes = self.collector.unfinished();
        matches!(bytes, [_, _, _, 4, _, 0, 0, 0, 0, ..])
    }

    /// What is wrong with the bytes that came, if anything. A connection that ended in the middle
    /// of a response is wrong too.
    pub(crate) fn malformation(&self) -> Option<(&'static str, String)> {
        if let Some(error) = self.collector.error() {
            return Some(match foreign::name(self.collector.unfinished()) {
                Some((name, what)) => (name, format!("the server {what}")),
                None => (error.name(), error.to_string()),
            });
        }
        match (self.ended, self.collector.state()) {
            (Some(Ended::Reset), _) if self.tail_lost => None,
            (Some(Ended::Reset), Collecting::InHead | Collecting::InBody) => {
                Some(("reset-in-response", "the connection was reset inside a response".into()))
            }
            _ => None,
        }
    }

    /// Bytes came that are no complete response (yet).
    pub(crate) fn has_unfinished_bytes(&self) -> bool {
        !self.tail_lost && !self.collector.unfinished().is_empty()
    }

    fn take(&mut self, read: io::Result<usize>) {
        match read {
            Ok(0) if !self.reset_in_sending => {
                self.ended = Some(Ended::Fin);
                if let Some(response) = self.collector.eof() {
                    self.keep(response);
                }
            }
            Ok(count) if count > 0 => {
                self.last_byte_at = Instant::now();
                self.received.push(&self.buffer[..count]);
                for response in self.collector.feed(&self.buffer[..count]) {
                    self.keep(response);
                }
                if self.received.total() > MOST_RECEIVED_BYTES {
                    self.ended = Some(Ended::Reset);
                }
            }
            Ok(_) | Err(_) => {
                self.ended = Some(Ended::Reset);
                self.keep_error_without_tail();
            }
        }
    }

    /// A server that refuses a request without reading it all, and closes, resets the connection,
    /// and with that the end of its answer may be lost (RFC 9112 section 9.6). What it answered is
    /// known all the same.
    fn keep_error_without_tail(&mut self) {
        if self.collector.state() != Collecting::InBody {
            return;
        }
        // As if to HEAD: the head alone is a response then.
        let mut head_only = ResponseCollector::new(LIMITS);
        head_only.expect(RequestKind::of_method(b"HEAD"));
        let last = head_only.feed(self.collector.unfinished()).into_iter().next();
        if let Some(response) = last.filter(|response| response.status >= 400) {
            self.tail_lost = true;
            self.keep(response);
        }
    }

    fn keep(&mut self, response: Response) {
        if response.is_interim() {
            self.interim += 1;
            return;
        }
        self.announced.push(response.close);
        self.answers.push(answer(response));
    }
}

async fn connect(target: &Target) -> io::Result<TcpStream> {
    match timeout(CONNECT_DEADLINE, TcpStream::connect(target.address)).await {
        Ok(connected) => connected,
        Err(_) => Err(io::Error::new(
            io::ErrorKind::TimedOut,
            format!("no connection to {} within {CONNECT_DEADLINE:?}", target.address),
        )),
    }
}

fn answer(response: Response) -> Answer {
    let framed = match response.framing {
        Framing::None => None,
        Framing::Length(_) => Some(Framed::Length),
        Framing::Chunked => Some(Framed::Chunked),
        Framing::UntilClose => Some(Framed::Close),
    };
    // "HTTP/1.1 NNN" and the line's end.
    let spaceless = response.raw.get(12) == Some(&b'\r');
    let fields = response
        .fields
        .into_iter()
        .map(|(name, value)| (String::from_utf8_lossy(&name).to_ascii_lowercase(), value));
    Answer {
        status: response.status,
        fields: fields.collect(),
        body: response.body,
        framed,
        spaceless,
    }
}
