//! One handler per endpoint with a database.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use entry_shared::database::UNAVAILABLE;
use entry_shared::database::pooled::{Database, Unavailable};
use entry_shared::{arguments, fortunes as page};
use serde::Serialize;

use crate::handlers::refusal;

fn count(request: &HttpRequest) -> usize {
    arguments::queries(request.query_string())
}

fn json(rows: Result<impl Serialize, Unavailable>) -> HttpResponse {
    match rows {
        Ok(rows) => HttpResponse::Ok().json(rows),
        Err(Unavailable) => refusal(StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE),
    }
}

pub(crate) async fn db(database: Data<Database>) -> HttpResponse {
    json(database.world().await)
}

pub(crate) async fn queries(database: Data<Database>, request: HttpRequest) -> HttpResponse {
    json(database.worlds(count(&request)).await)
}

pub(crate) async fn updates(database: Data<Database>, request: HttpRequest) -> HttpResponse {
    let changes = database.updates(count(&request)).await;
    json(changes.as_ref().map(|changes| changes.worlds()).map_err(|unavailable| *unavailable))
}

pub(crate) async fn cached_queries(database: Data<Database>, request: HttpRequest) -> HttpResponse {
    json(database.cached(count(&request)).await)
}

pub(crate) async fn fortunes(database: Data<Database>) -> HttpResponse {
    match database.fortunes().await {
        Ok(html) => HttpResponse::Ok().content_type(page::CONTENT_TYPE).body(html),
        Err(Unavailable) => refusal(StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE),
    }
}
