//! From a request to the endpoint that answers it.

use std::convert::Infallible;

use entry_shared::arguments;
use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{Method, Request, StatusCode};

use crate::App;
use crate::endpoints::{self, Rows};
use crate::reply::{Answer, Reply};
use crate::request::{self, BodyError};

/// The endpoints of the contract that this entry serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Endpoint<'p> {
    Plaintext,
    Json,
    User(&'p str),
    Search,
    Static(&'p str),
    Delay(&'p str),
    Echo,
    Upload,
    Rows(Rows),
}

/// Paths are compared byte by byte.
fn find(path: &str) -> Option<Endpoint<'_>> {
    match path {
        "/plaintext" => Some(Endpoint::Plaintext),
        "/json" => Some(Endpoint::Json),
        "/search" => Some(Endpoint::Search),
        "/echo" => Some(Endpoint::Echo),
        "/upload" => Some(Endpoint::Upload),
        "/db" => Some(Endpoint::Rows(Rows::Db)),
        "/queries" => Some(Endpoint::Rows(Rows::Queries)),
        "/updates" => Some(Endpoint::Rows(Rows::Updates)),
        "/cached-queries" => Some(Endpoint::Rows(Rows::CachedQueries)),
        "/fortunes" => Some(Endpoint::Rows(Rows::Fortunes)),
        _ => {
            let (collection, segment) = path.strip_prefix('/')?.split_once('/')?;
            match collection {
                _ if segment.is_empty() || segment.contains('/') => None,
                "users" => Some(Endpoint::User(segment)),
                "static" => Some(Endpoint::Static(segment)),
                "delay" => Some(Endpoint::Delay(segment)),
                _ => None,
            }
        }
    }
}

/// `Allow` for the methods of an endpoint.
fn allowed(endpoint: Endpoint<'_>) -> &'static str {
    match endpoint {
        Endpoint::Echo | Endpoint::Upload => "POST, OPTIONS",
        _ => "GET, HEAD, OPTIONS",
    }
}

/// Answers one request.
pub(crate) async fn answer(
    app: &'static App,
    request: Request<Incoming>,
) -> Result<Answer, Infallible> {
    let (head, body) = request.into_parts();
    if let Err(refusal) = request::check(&head) {
        let reply = Reply::reusing(head.headers).closing(true);
        return Ok(reply.status_text(refusal.status, refusal.reason));
    }
    Ok(match (find(head.uri.path()), &head.method) {
        (Some(Endpoint::Echo), &Method::POST) => endpoints::echo(head.headers, body).await,
        (Some(Endpoint::Upload), &Method::POST) => endpoints::upload(head.headers, body).await,
        _ => match request::discard(&head.headers, body).await {
            Ok(complete) => without_body(app, head, !complete).await,
            Err(BodyError::Broken | BodyError::TooLong) => endpoints::broken_body(head.headers),
        },
    })
}

/// Answers a request whose body, if any, is of no interest.
async fn without_body(app: &'static App, mut head: Parts, closing: bool) -> Answer {
    let fields = std::mem::take(&mut head.headers);
    let path = head.uri.path();
    let query = head.uri.query().unwrap_or_default();
    let is_offered = |endpoint: &_| app.offer.is_some() || !matches!(endpoint, Endpoint::Rows(_));
    let Some(endpoint) = find(path).filter(is_offered) else {
        let reply = Reply::reusing(fields).closing(closing);
        return match (path, &head.method) {
            ("*", &Method::OPTIONS) => reply.options("GET, HEAD, POST, OPTIONS"),
            _ => reply.status_text(StatusCode::NOT_FOUND, "not found"),
        };
    };
    if let (Endpoint::Static(segment), &Method::GET | &Method::HEAD) = (endpoint, &head.method) {
        return endpoints::static_file(app, &head.method, segment, fields, closing);
    }
    let reply = Reply::reusing(fields).closing(closing);
    if let (Endpoint::Rows(rows), &Method::GET | &Method::HEAD, Some(offer)) =
        (endpoint, &head.method, &app.offer)
    {
        return endpoints::rows(reply, offer, rows, query).await;
    }
    match (endpoint, &head.method) {
        (_, &Method::OPTIONS) => reply.options(allowed(endpoint)),
        (Endpoint::Plaintext, &Method::GET | &Method::HEAD) => endpoints::plaintext(reply),
        (Endpoint::Json, &Method::GET | &Method::HEAD) => endpoints::json(reply),
        (Endpoint::User(segment), &Method::GET | &Method::HEAD) => {
            endpoints::user(reply, arguments::user_id(segment))
        }
        (Endpoint::Search, &Method::GET | &Method::HEAD) => {
            endpoints::search(reply, arguments::search(query))
        }
        (Endpoint::Delay(segment), &Method::GET | &Method::HEAD) => {
            endpoints::delay(reply, arguments::delay_ms(segment)).await
        }
        _ => reply.not_allowed(allowed(endpoint)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_exact() {
        assert_eq!(find("/plaintext"), Some(Endpoint::Plaintext));
        assert_eq!(find("/users/7"), Some(Endpoint::User("7")));
        assert_eq!(find("/static/a%2Fb"), Some(Endpoint::Static("a%2Fb")));
        assert_eq!(find("/delay/x"), Some(Endpoint::Delay("x")));
        for path in [
            "",
            "*",
            "/",
            "/Plaintext",
            "/plaintext/",
            "//plaintext",
            "/users/",
            "/users",
            "/users/1/",
            "/static/a/b",
            "/db/",
        ] {
            assert_eq!(find(path), None, "{path:?}");
        }
    }
}
