//! Which handler answers what. A route for `GET` also answers `HEAD`; a path with another method
//! is answered 405 with `Allow`: both are axum's doing.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::SERVER;
use axum::http::{HeaderValue, StatusCode};
use axum::routing::{get, post};
use entry_shared::database::pooled::Database;
use entry_shared::{Catalogue, ECHO_LIMIT};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::{handlers, rows, static_file};

const ENGINE: HeaderValue = HeaderValue::from_static("axum");

pub(crate) fn router(catalogue: &'static Catalogue, database: Option<Database>) -> Router {
    let without_database = Router::new()
        .route("/plaintext", get(handlers::plaintext))
        .route("/json", get(handlers::json))
        .route("/users/{id}", get(handlers::user))
        .route("/search", get(handlers::search))
        .route("/delay/{ms}", get(handlers::delay))
        .route("/static/{file}", get(static_file::static_file))
        .route("/echo", post(handlers::echo).layer(DefaultBodyLimit::max(ECHO_LIMIT)))
        .route("/upload", post(handlers::upload).layer(DefaultBodyLimit::disable()))
        .with_state(catalogue);
    let router = match database {
        Some(database) => without_database.merge(with_database(database)),
        None => without_database,
    };
    router
        .fallback(|| async { (StatusCode::NOT_FOUND, "not found") })
        .layer(SetResponseHeaderLayer::overriding(SERVER, ENGINE))
}

fn with_database(database: Database) -> Router {
    Router::new()
        .route("/db", get(rows::db))
        .route("/queries", get(rows::queries))
        .route("/updates", get(rows::updates))
        .route("/cached-queries", get(rows::cached_queries))
        .route("/fortunes", get(rows::fortunes))
        .with_state(database)
}
