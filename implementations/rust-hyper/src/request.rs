//! Checks that HTTP asks of a server and hyper leaves to its user.

use std::time::Duration;

use bytes::{Buf, Bytes};
use entry_shared::{ECHO_LIMIT, host};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper::header::{EXPECT, HOST, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::{HeaderMap, StatusCode, Version};
use tokio::time::timeout;

/// How long a body that nobody asked for may take.
const UNWANTED_LIMIT: Duration = Duration::from_secs(1);

/// Why a request is refused before it is routed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) reason: &'static str,
}

const fn bad_request(reason: &'static str) -> Refusal {
    Refusal { status: StatusCode::BAD_REQUEST, reason }
}

/// Checks the head of a request.
pub(crate) fn check(head: &Parts) -> Result<(), Refusal> {
    check_host(&head.headers, head.version)?;
    check_codings(&head.headers)
}

/// Exactly one valid `Host` in HTTP/1.1 (RFC 9112 section 3.2).
fn check_host(headers: &HeaderMap, version: Version) -> Result<(), Refusal> {
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(_), Some(_)) => Err(bad_request("several host fields")),
        (Some(value), None) if host::is_valid(value.as_bytes()) => Ok(()),
        (Some(_), None) => Err(bad_request("invalid host field")),
        (None, _) if version == Version::HTTP_11 => Err(bad_request("no host field")),
        (None, _) => Ok(()),
    }
}

/// `chunked`, once, is the only transfer coding known here (RFC 9112 section 6.1).
fn check_codings(headers: &HeaderMap) -> Result<(), Refusal> {
    let mut chunked = 0;
    for value in headers.get_all(TRANSFER_ENCODING) {
        for coding in value.as_bytes().split(|byte| *byte == b',') {
            let coding = coding.trim_ascii();
            if coding.eq_ignore_ascii_case(b"chunked") {
                chunked += 1;
            } else if !coding.is_empty() {
                let reason = "unknown transfer coding";
                return Err(Refusal { status: StatusCode::NOT_IMPLEMENTED, reason });
            }
        }
    }
    if chunked > 1 { Err(bad_request("chunked more than once")) } else { Ok(()) }
}

/// How reading a body ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// It is longer than the limit.
    TooLong,
    /// Its framing is broken, or it ended before its length.
    Broken,
}

/// The whole body, of up to `limit` bytes, copied only if it came in pieces.
pub(crate) async fn whole(mut body: Incoming, limit: usize) -> Result<Bytes, BodyError> {
    let hint = body.size_hint();
    if hint.lower() > limit as u64 {
        return Err(BodyError::TooLong);
    }
    let Some(first) = next(&mut body).await? else { return Ok(Bytes::new()) };
    if hint.exact() == Some(first.len() as u64) {
        return Ok(first);
    }
    let mut pieces = Vec::with_capacity(hint.exact().map_or(2 * first.len(), |len| len as usize));
    let mut piece = first;
    loop {
        if piece.len() > limit - pieces.len() {
            return Err(BodyError::TooLong);
        }
        pieces.extend_from_slice(&piece);
        match next(&mut body).await? {
            Some(more) => piece = more,
            None => return Ok(Bytes::from(pieces)),
        }
    }
}

/// The next piece of data, past any trailers.
pub(crate) async fn next(body: &mut Incoming) -> Result<Option<Bytes>, BodyError> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| BodyError::Broken)?;
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

/// Reads and forgets a body that the endpoint does not want, so that the next
/// request on the connection is found behind it. `Ok(false)` when it was not read
/// to its end and the connection has to close.
pub(crate) async fn discard(headers: &HeaderMap, mut body: Incoming) -> Result<bool, BodyError> {
    if body.is_end_stream() {
        return Ok(true);
    }
    if headers.contains_key(EXPECT) || body.size_hint().lower() > ECHO_LIMIT as u64 {
        return Ok(false);
    }
    let mut left = ECHO_LIMIT;
    let reading = async {
        while let Some(piece) = next(&mut body).await? {
            let Some(rest) = left.checked_sub(piece.remaining()) else { return Ok(false) };
            left = rest;
        }
        Ok(true)
    };
    timeout(UNWANTED_LIMIT, reading).await.unwrap_or(Ok(false))
}
