//! Exchanges through reqwest: a client that other people use too, and that frames for itself.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Channel;
use httpdyno_spec::case::Framed;
use httpdyno_spec::exchange::{BodyFraming, Method};
use reqwest::header::{CONTENT_LENGTH, HOST, HeaderMap, TRANSFER_ENCODING};
use tokio::time::Instant;

use super::render::RenderedRequest;
use crate::answer::Answer;
use crate::excerpt::Transcript;
use crate::plan::Target;

/// No answer of the contract is nearly as long as this.
const MOST_BODY_BYTES: usize = 16 << 20;
const CONNECT_DEADLINE: Duration = Duration::from_secs(8);
/// The size of one chunk of chunked request content.
const CHUNK_BYTES: usize = 16 * 1024;

/// A client with connections of its own.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    target: Arc<Target>,
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
}

impl Client {
    /// A client without connections yet.
    pub(crate) fn new(target: &Arc<Target>) -> Result<Self, String> {
        let http = reqwest::Client::builder()
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_DEADLINE)
            .tcp_nodelay(true)
            .build()
            .map_err(|e| format!("no HTTP client can be made: {}", chain(&e)))?;
        Ok(Self { http, target: Arc::clone(target) })
    }

    /// Sends the request and reads the whole response, within the deadline.
    pub(crate) async fn exchange(
        &self,
        request: Arc<RenderedRequest>,
        deadline: Duration,
    ) -> Exchange {
        let begin = Instant::now();
        let mut until_head = None;
        let work = self.send(&request, begin, &mut until_head);
        let answer = match tokio::time::timeout(deadline, work).await {
            Ok(answer) => answer,
            Err(_) => Err(format!("no complete response within {} ms", deadline.as_millis())),
        };
        let ended_at = Instant::now();
        let until_head = until_head.unwrap_or(ended_at - begin);
        Exchange { request, answer, until_head, ended_at }
    }

    async fn send(
        &self,
        request: &RenderedRequest,
        begin: Instant,
        until_head: &mut Option<Duration>,
    ) -> Result<Answer, String> {
        let url = format!("http://{}{}", self.target.address, request.path);
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Head => reqwest::Method::HEAD,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
            Method::Options => reqwest::Method::OPTIONS,
            Method::Trace => reqwest::Method::TRACE,
        };
        let mut builder = self.http.request(method, url).header(HOST, &self.target.authority);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        if let Some(body) = &request.body {
            builder = builder.body(content(body, request.framing).await);
        }
        let mut response = builder.send().await.map_err(|e| chain(&e))?;
        *until_head = Some(begin.elapsed());
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|e| chain(&e))? {
            if body.len() + piece.len() > MOST_BODY_BYTES {
                return Err(format!("the content is longer than {MOST_BODY_BYTES} bytes"));
            }
            body.extend_from_slice(&piece);
        }
        let (status, headers) = (response.status().as_u16(), response.headers());
        let framed = framing(request.method, status, headers);
        Ok(Answer { status, fields: fields(headers), body, framed, spaceless: false })
    }
}

async fn content(body: &[u8], framing: BodyFraming) -> reqwest::Body {
    let bytes = Bytes::copy_from_slice(body);
    if framing == BodyFraming::Length {
        return bytes.into();
    }
    // A body that does not know its length is sent chunked.
    let pieces = bytes.len().div_ceil(CHUNK_BYTES);
    let (mut sender, channel) = Channel::<Bytes, io::Error>::new(pieces.max(1));
    for at in 0..pieces {
        let piece = bytes.slice(at * CHUNK_BYTES..bytes.len().min((at + 1) * CHUNK_BYTES));
        // There is room for every piece, so that this neither waits nor fails.
        let _ = sender.send_data(piece).await;
    }
    reqwest::Body::wrap(channel)
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

impl Exchange {
    /// The request as a message (as reqwest was told it, not as it went over the connection).
    pub(crate) fn sent(&self, authority: &str) -> Transcript {
        Transcript::of(&self.request.to_bytes(authority))
    }

    /// The response as a message, put together again from its parts.
    pub(crate) fn received(&self) -> Transcript {
        let Ok(answer) = &self.answer else {
            return Transcript::default();
        };
        let mut transcript = Transcript::of(format!("HTTP/1.1 {}\r\n", answer.status).as_bytes());
        for (name, value) in &answer.fields {
            transcript.push(&[name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        transcript.push(b"\r\n");
        transcript.push(&answer.body);
        transcript
    }
}
