//! One handler per endpoint that needs no database.

use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use entry_shared::arguments;
use entry_shared::echo as echo_json;
use entry_shared::payload::{Delayed, Message, PLAINTEXT, Upload, UploadReceipt, User};
use futures_util::StreamExt;
use tokio::time::sleep;

/// A status and a sentence.
pub(crate) type Refusal = (StatusCode, &'static str);

const fn bad_request(reason: &'static str) -> Refusal {
    (StatusCode::BAD_REQUEST, reason)
}

pub(crate) async fn plaintext() -> &'static str {
    PLAINTEXT
}

pub(crate) async fn json() -> Json<Message> {
    Json(Message::hello())
}

pub(crate) async fn user(Path(id): Path<String>) -> Result<Json<User>, Refusal> {
    let id = arguments::user_id(&id).ok_or(bad_request("id is not 1 to 9007199254740991"))?;
    Ok(Json(User::new(id)))
}

pub(crate) async fn search(RawQuery(query): RawQuery) -> Response {
    match arguments::search(query.as_deref().unwrap_or_default()) {
        Some(answer) => Json(answer).into_response(),
        None => bad_request("q is missing, empty or not UTF-8").into_response(),
    }
}

pub(crate) async fn delay(Path(ms): Path<String>) -> Result<Json<Delayed>, Refusal> {
    let delayed_ms = arguments::delay_ms(&ms).ok_or(bad_request("delay is not 0 to 10000 ms"))?;
    if delayed_ms > 0 {
        sleep(Duration::from_millis(delayed_ms.into())).await;
    }
    Ok(Json(Delayed { delayed_ms }))
}

/// The body whole; `DefaultBodyLimit` answers 413 where it is too long. Not `Json`, which asks for
/// a media type.
pub(crate) async fn echo(body: Bytes) -> Response {
    let mut answer = Vec::with_capacity(body.len());
    match echo_json(&body, &mut answer) {
        Ok(()) => ([(CONTENT_TYPE, "application/json")], answer).into_response(),
        Err(_) => bad_request("body is not JSON").into_response(),
    }
}

/// Pieces are counted and forgotten as they come.
pub(crate) async fn upload(body: Body) -> Result<Json<UploadReceipt>, Refusal> {
    let mut pieces = body.into_data_stream();
    let mut upload = Upload::new();
    while let Some(piece) = pieces.next().await {
        upload.update(&piece.map_err(|_| bad_request("body is broken or incomplete"))?);
    }
    Ok(Json(upload.finish()))
}
