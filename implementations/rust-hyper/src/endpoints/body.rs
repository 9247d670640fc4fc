//! Endpoints that read the request's body.

use bytes::Bytes;
use entry_shared::payload::Upload;
use entry_shared::{ECHO_LIMIT, echo as echo_json};
use hyper::body::Incoming;
use hyper::{HeaderMap, StatusCode};

use crate::reply::{Answer, Reply};
use crate::request::{self, BodyError};

/// `POST /echo`: the body is parsed whole, so it has a limit.
pub(crate) async fn echo(headers: HeaderMap, body: Incoming) -> Answer {
    let body = match request::whole(body, ECHO_LIMIT).await {
        Ok(body) => body,
        Err(BodyError::Broken) => return broken_body(headers),
        Err(BodyError::TooLong) => {
            // The rest is not read for an answer, so the connection can not go on.
            let reply = Reply::reusing(headers).closing(true);
            return reply.status_text(StatusCode::PAYLOAD_TOO_LARGE, "body is over 1 MiB");
        }
    };
    let mut answer = Vec::with_capacity(body.len());
    let reply = Reply::reusing(headers);
    match echo_json(&body, &mut answer) {
        Ok(()) => reply.json_bytes(Bytes::from(answer)),
        Err(_) => reply.status_text(StatusCode::BAD_REQUEST, "body is not JSON"),
    }
}

/// `POST /upload`: pieces are counted and forgotten as they come.
pub(crate) async fn upload(headers: HeaderMap, mut body: Incoming) -> Answer {
    let mut upload = Upload::new();
    loop {
        match request::next(&mut body).await {
            Ok(Some(piece)) => upload.update(&piece),
            Ok(None) => return Reply::reusing(headers).json(&upload.finish()),
            Err(_) => return broken_body(headers),
        }
    }
}

/// The answer to a body that can not be read to its end.
pub(crate) fn broken_body(headers: HeaderMap) -> Answer {
    let reply = Reply::reusing(headers).closing(true);
    reply.status_text(StatusCode::BAD_REQUEST, "body is broken or incomplete")
}
