//! Exchanges through hyper: a client that other people use too, and that frames for itself. What
//! goes over its connections is kept as it is.

mod tape;

use std::error::Error;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Channel, Empty, Full};
use httpdyno_spec::case::Framed;
use httpdyno_spec::exchange::{BodyFraming, Method};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{ACCEPT, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, TRANSFER_ENCODING};
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::render::RenderedRequest;
use crate::answer::Answer;
use crate::excerpt::Transcript;
use crate::foreign;
use crate::plan::Target;
use tape::{Tape, Taped};

/// No answer of the contract is nearly as long as this.
const MOST_BODY_BYTES: usize = 16 << 20;
const CONNECT_DEADLINE: Duration = Duration::from_secs(8);
/// The size of one chunk of chunked request content.
const CHUNK_BYTES: usize = 16 * 1024;

type Content = UnsyncBoxBody<Bytes, io::Error>;

/// A client with connections of its own.
#[derive(Clone)]
pub(crate) struct Client {
    target: Arc<Target>,
    idle: Arc<Mutex<Vec<Line>>>,
}

/// One connection.
struct Line {
    sender: SendRequest<Content>,
    tape: Tape,
    /// It has carried an exchange before.
    used: bool,
}

/// One exchange, whatever came of it.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) request: Arc<RenderedRequest>,
    /// The response, or why there is none.
    pub(crate) answer: Result<Answer, String>,
    /// From before sending to the response's head (or the failure).
    pub(crate) until_head: Duration,
    pub(crate) ended_at: Instant,
    /// What went over the connection, byte for byte.
    pub(crate) sent: Transcript,
    pub(crate) received: Transcript,
}

/// What can be told of an exchange while it goes on, should it be cut short.
#[derive(Default)]
struct Watched {
    until_head: Option<Duration>,
    tape: Option<Tape>,
}

impl Client {
    /// A client without connections yet.
    pub(crate) fn new(target: &Arc<Target>) -> Self {
        Self { target: Arc::clone(target), idle: Arc::default() }
    }

    /// Sends the request and reads the whole response, within the deadline.
    pub(crate) async fn exchange(
        &self,
        request: Arc<RenderedRequest>,
        deadline: Duration,
    ) -> Exchange {
        let begin = Instant::now();
        let mut watched = Watched::default();
        let work = self.send(&request, begin, &mut watched);
        let answer = match tokio::time::timeout(deadline, work).await {
            Ok(answer) => answer,
            Err(_) => Err(format!("no complete response within {} ms", deadline.as_millis())),
        };
        let ended_at = Instant::now();
        let until_head = watched.until_head.unwrap_or(ended_at - begin);
        let (sent, received) = watched.tape.map(|tape| tape.both()).unwrap_or_default();
        let answer = answer.map_err(|why| match foreign::name(received.kept()) {
            Some((_, what)) => format!("the server {what} ({why})"),
            None => why,
        });
        Exchange { request, answer, until_head, ended_at, sent, received }
    }

    async fn send(
        &self,
        request: &RenderedRequest,
        begin: Instant,
        watched: &mut Watched,
    ) -> Result<Answer, String> {
        let (mut line, response) = self.first_response(request, watched).await?;
        watched.until_head = Some(begin.elapsed());
        let (head, mut content) = response.into_parts();
        let mut body = Vec::new();
        while let Some(frame) = content.frame().await {
            let Ok(piece) = frame.map_err(|e| chain(&e))?.into_data() else { continue };
            if body.len() + piece.len() > MOST_BODY_BYTES {
                return Err(format!("the content is longer than {MOST_BODY_BYTES} bytes"));
            }
            body.extend_from_slice(&piece);
        }
        if !line.sender.is_closed() {
            line.used = true;
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
        let status = head.status.as_u16();
        let framed = framing(request.method, status, &head.headers);
        Ok(Answer { status, fields: fields(&head.headers), body, framed, spaceless: false })
    }

    /// On a kept connection if there is one. A server may close that one at any time: then the
    /// request is sent again on a new one, unless some of an answer has come.
    async fn first_response(
        &self,
        request: &RenderedRequest,
        watched: &mut Watched,
    ) -> Result<(Line, Response<Incoming>), String> {
        loop {
            let mut line = self.line().await?;
            line.tape.rewind();
            watched.tape = Some(line.tape.clone());
            let message = self.message(request).await?;
            match line.sender.send_request(message).await {
                Ok(response) => return Ok((line, response)),
                Err(_) if line.used && line.tape.both().1.total() == 0 => {}
                Err(error) => return Err(chain(&error)),
            }
        }
    }

    async fn line(&self) -> Result<Line, String> {
        loop {
            let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(mut line) = kept else { return self.new_line().await };
            if line.sender.ready().await.is_ok() {
                return Ok(line);
            }
        }
    }

    async fn new_line(&self) -> Result<Line, String> {
        let address = self.target.address;
        let connecting = tokio::time::timeout(CONNECT_DEADLINE, TcpStream::connect(address));
        let stream = match connecting.await {
            Ok(connected) => connected.inspect_err(|error| self.target.trouble.note(error)),
            Err(_) => {
                return Err(format!("no connection to {address} within {CONNECT_DEADLINE:?}"));
            }
        };
        let failed = |error: io::Error| format!("no connection to {address}: {error}");
        let stream = stream.map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        let tape = Tape::default();
        let taped = TokioIo::new(Taped::new(stream, tape.clone()));
        let (sender, connection) = handshake(taped).await.map_err(|e| chain(&e))?;
        // What goes wrong with it shows in the exchange.
        tokio::spawn(connection);
        Ok(Line { sender, tape, used: false })
    }

    async fn message(&self, request: &RenderedRequest) -> Result<Request<Content>, String> {
        let mut builder = Request::builder()
            .method(request.method.as_str())
            .uri(&request.path)
            .header(HOST, &self.target.authority);
        let is_accept = |name: &String| *name == ACCEPT.as_str();
        if !request.headers.iter().any(|(name, _)| is_accept(name)) {
            builder = builder.header(ACCEPT, "*/*");
        }
        for (name, value) in &request.headers {
            builder = builder.header(HeaderName::try_from(name).map_err(|e| e.to_string())?, value);
        }
        let content = content(request.body.as_deref(), request.framing).await;
        builder.body(content).map_err(|error| format!("the request cannot be made: {error}"))
    }
}

async fn content(body: Option<&[u8]>, framing: BodyFraming) -> Content {
    let Some(body) = body else {
        return Empty::new().map_err(|never| match never {}).boxed_unsync();
    };
    let bytes = Bytes::copy_from_slice(body);
    if framing == BodyFraming::Length {
        return Full::new(bytes).map_err(|never| match never {}).boxed_unsync();
    }
    // A body that does not know its length is sent chunked.
    let pieces = bytes.len().div_ceil(CHUNK_BYTES);
    let (mut sender, channel) = Channel::<Bytes, io::Error>::new(pieces.max(1));
    for at in 0..pieces {
        let piece = bytes.slice(at * CHUNK_BYTES..bytes.len().min((at + 1) * CHUNK_BYTES));
        // There is room for every piece, so that this neither waits nor fails.
        let _ = sender.send_data(piece).await;
    }
    channel.boxed_unsync()
}

fn fields(headers: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    let fields = headers.iter();
    fields.map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect()
}

fn framing(method: Method, status: u16, headers: &HeaderMap) -> Option<Framed> {
    if method == Method::Head || status < 200 || matches!(status, 204 | 304) {
        None
    } else if headers.contains_key(TRANSFER_ENCODING) {
        Some(Framed::Chunked)
    } else if headers.contains_key(CONTENT_LENGTH) {
        Some(Framed::Length)
    } else {
        Some(Framed::Close)
    }
}

/// An error with all that caused it, in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(&format!(": {cause_text}"));
        }
        source = cause.source();
    }
    text
}
