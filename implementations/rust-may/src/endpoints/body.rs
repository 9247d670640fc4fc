//! Endpoints that read the request's body, and bodies that nobody wants. Each
//! tells whether the connection has to end.

use std::io::{BufRead, Read};

use entry_shared::payload::Upload;
use entry_shared::{ECHO_LIMIT, echo as echo_json};
use may_minihttp::Request;

use crate::head::Head;
use crate::reply::{Reply, Status};

/// `POST /echo`: parsed in place when the whole body came with the head.
pub(crate) fn echo(reply: &mut Reply<'_, '_>, request: Request<'_, '_, '_>, head: Head) -> bool {
    let length = head.content_length;
    if length > ECHO_LIMIT {
        reply.text(Status::ContentTooLarge, "body is over 1 MiB");
        return discard(request, head);
    }
    let mut body = request.body();
    let in_place = match body.fill_buf() {
        Ok(piece) if piece.len() == length => {
            Some(reply.json_written(|writer| echo_json(piece, writer)))
        }
        Ok(_) => None,
        Err(_) => return incomplete(reply),
    };
    let echoed = match in_place {
        Some(echoed) => echoed,
        None => {
            let mut whole = Vec::with_capacity(length);
            if body.read_to_end(&mut whole).is_err() || whole.len() < length {
                return incomplete(reply);
            }
            reply.json_written(|writer| echo_json(&whole, writer))
        }
    };
    if echoed.is_err() {
        reply.text(Status::BadRequest, "body is not JSON");
    }
    false
}

/// `POST /upload`: pieces are counted and forgotten as they come.
pub(crate) fn upload(reply: &mut Reply<'_, '_>, request: Request<'_, '_, '_>, head: Head) -> bool {
    let mut body = request.body();
    let mut upload = Upload::new();
    let mut left = head.content_length;
    while left > 0 {
        let length = match body.fill_buf() {
            Ok(piece) if !piece.is_empty() => {
                upload.update(piece);
                piece.len()
            }
            Ok(_) | Err(_) => return incomplete(reply),
        };
        body.consume(length);
        left -= length;
    }
    reply.json(&upload.finish());
    false
}

/// Reads and forgets a body, so that the next request is found behind it. A client
/// that waits for 100 has not sent it and will not, so the connection ends instead.
pub(crate) fn discard(request: Request<'_, '_, '_>, head: Head) -> bool {
    if head.content_length > 0 && head.expects_continue {
        return true;
    }
    // The engine reads a body to its end when it is dropped.
    drop(request.body());
    false
}

fn incomplete(reply: &mut Reply<'_, '_>) -> bool {
    reply.text(Status::BadRequest, "body is incomplete");
    true
}
