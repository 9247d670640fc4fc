//! One handler per endpoint with a database.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use entry_shared::arguments;
use entry_shared::database::UNAVAILABLE;
use entry_shared::payload::World;

use crate::database::{Database, Unavailable};

impl IntoResponse for Unavailable {
    fn into_response(self) -> Response {
        (StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE).into_response()
    }
}

type Rows = Result<Json<Vec<World>>, Unavailable>;

fn count(query: Option<String>) -> usize {
    arguments::queries(query.as_deref().unwrap_or_default())
}

pub(crate) async fn db(State(database): State<Database>) -> Result<Json<World>, Unavailable> {
    database.world().await.map(Json)
}

pub(crate) async fn queries(State(database): State<Database>, RawQuery(query): RawQuery) -> Rows {
    database.worlds(count(query)).await.map(Json)
}

pub(crate) async fn updates(
    State(database): State<Database>,
    RawQuery(query): RawQuery,
) -> Result<Response, Unavailable> {
    let changes = database.updates(count(query)).await?;
    Ok(Json(changes.worlds()).into_response())
}

pub(crate) async fn cached_queries(
    State(database): State<Database>,
    RawQuery(query): RawQuery,
) -> Rows {
    database.cached(count(query)).await.map(Json)
}

pub(crate) async fn fortunes(
    State(database): State<Database>,
) -> Result<Html<String>, Unavailable> {
    database.fortunes().await.map(Html)
}
