//! Which handler answers what. actix-web answers `HEAD` and other methods of a known path with 404
//! unless it is told otherwise: each resource says it.

use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::web::{PayloadConfig, ServiceConfig};
use actix_web::{Handler, HttpResponse, Resource, Responder, web};
use entry_shared::ECHO_LIMIT;
use entry_shared::database::pooled::Database;

use crate::{handlers, rows, static_file};

pub(crate) fn configure(routes: &mut ServiceConfig, database: Option<Database>) {
    routes
        .service(get("/plaintext", handlers::plaintext))
        .service(get("/json", handlers::json))
        .service(get("/users/{id}", handlers::user))
        .service(get("/search", handlers::search))
        .service(get("/delay/{ms}", handlers::delay))
        .service(get("/static/{file}", static_file::static_file))
        .service(post("/echo", handlers::echo).app_data(PayloadConfig::new(ECHO_LIMIT)))
        .service(post("/upload", handlers::upload))
        .default_service(web::to(handlers::not_found));
    if let Some(database) = database {
        routes
            .app_data(web::Data::new(database))
            .service(get("/db", rows::db))
            .service(get("/queries", rows::queries))
            .service(get("/updates", rows::updates))
            .service(get("/cached-queries", rows::cached_queries))
            .service(get("/fortunes", rows::fortunes));
    }
}

fn get<H, A>(path: &str, handler: H) -> Resource
where
    H: Handler<A>,
    A: actix_web::FromRequest + 'static,
    H::Output: Responder + 'static,
{
    web::resource(path)
        .route(web::get().to(handler.clone()))
        .route(web::head().to(handler))
        .default_service(web::to(|| not_allowed("GET, HEAD")))
}

fn post<H, A>(path: &str, handler: H) -> Resource
where
    H: Handler<A>,
    A: actix_web::FromRequest + 'static,
    H::Output: Responder + 'static,
{
    web::resource(path)
        .route(web::post().to(handler))
        .default_service(web::to(|| not_allowed("POST")))
}

async fn not_allowed(methods: &'static str) -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header((ALLOW, HeaderValue::from_static(methods)))
        .content_type(handlers::TEXT)
        .body("method not allowed")
}
