//! One handler per endpoint with a database.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use entry_shared::arguments;
use entry_shared::database::UNAVAILABLE;
use entry_shared::database::pooled::{Database, Unavailable};
use entry_shared::payload::World;

use crate::handlers::Refusal;

type Rows = Result<Json<Vec<World>>, Refusal>;

const fn unavailable(_: Unavailable) -> Refusal {
    (StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE)
}

fn count(query: Option<String>) -> usize {
    arguments::queries(query.as_deref().unwrap_or_default())
}

pub(crate) async fn db(State(database): State<Database>) -> Result<Json<World>, Refusal> {
    database.world().await.map(Json).map_err(unavailable)
}

pub(crate) async fn queries(State(database): State<Database>, RawQuery(query): RawQuery) -> Rows {
    database.worlds(count(query)).await.map(Json).map_err(unavailable)
}

pub(crate) async fn updates(
    State(database): State<Database>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let changes = database.updates(count(query)).await.map_err(unavailable)?;
    Ok(Json(changes.worlds()).into_response())
}

pub(crate) async fn cached_queries(
    State(database): State<Database>,
    RawQuery(query): RawQuery,
) -> Rows {
    database.cached(count(query)).await.map(Json).map_err(unavailable)
}

pub(crate) async fn fortunes(State(database): State<Database>) -> Result<Html<String>, Refusal> {
    database.fortunes().await.map(Html).map_err(unavailable)
}
