//! One handler per endpoint that needs no database.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use actix_web::rt::time::sleep;
use actix_web::web::{Bytes, Json, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, Responder};
use entry_shared::arguments;
use entry_shared::echo as echo_json;
use entry_shared::payload::{Delayed, Message, PLAINTEXT, Upload, User};
use futures_util::StreamExt;

pub(crate) const TEXT: &str = "text/plain; charset=utf-8";

/// A status and a sentence.
pub(crate) fn refusal(status: StatusCode, reason: &'static str) -> HttpResponse {
    HttpResponse::build(status).content_type(TEXT).body(reason)
}

fn bad_request(reason: &'static str) -> HttpResponse {
    refusal(StatusCode::BAD_REQUEST, reason)
}

pub(crate) async fn not_found() -> HttpResponse {
    refusal(StatusCode::NOT_FOUND, "not found")
}

pub(crate) async fn plaintext() -> impl Responder {
    PLAINTEXT
}

pub(crate) async fn json() -> impl Responder {
    Json(Message::hello())
}

pub(crate) async fn user(id: Path<String>) -> HttpResponse {
    match arguments::user_id(&id) {
        Some(id) => HttpResponse::Ok().json(User::new(id)),
        None => bad_request("id is not 1 to 9007199254740991"),
    }
}

pub(crate) async fn search(request: HttpRequest) -> HttpResponse {
    match arguments::search(request.query_string()) {
        Some(answer) => HttpResponse::Ok().json(answer),
        None => bad_request("q is missing, empty or not UTF-8"),
    }
}

pub(crate) async fn delay(ms: Path<String>) -> HttpResponse {
    let Some(delayed_ms) = arguments::delay_ms(&ms) else {
        return bad_request("delay is not 0 to 10000 ms");
    };
    if delayed_ms > 0 {
        sleep(Duration::from_millis(delayed_ms.into())).await;
    }
    HttpResponse::Ok().json(Delayed { delayed_ms })
}

/// The body whole; `PayloadConfig` answers 413 where it is too long. Not `Json`, which asks for a
/// media type.
pub(crate) async fn echo(body: Bytes) -> HttpResponse {
    let mut answer = Vec::with_capacity(body.len());
    match echo_json(&body, &mut answer) {
        Ok(()) => HttpResponse::Ok().content_type(ContentType::json()).body(answer),
        Err(_) => bad_request("body is not JSON"),
    }
}

/// Pieces are counted and forgotten as they come.
pub(crate) async fn upload(mut pieces: Payload) -> HttpResponse {
    let mut upload = Upload::new();
    while let Some(piece) = pieces.next().await {
        match piece {
            Ok(piece) => upload.update(&piece),
            Err(_) => return bad_request("body is broken or incomplete"),
        }
    }
    HttpResponse::Ok().json(upload.finish())
}
