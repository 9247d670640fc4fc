//! From a request to the endpoint that answers it.

use entry_shared::arguments;
use may_minihttp::{Request, Response};

use crate::App;
use crate::endpoints::{self, Rows};
use crate::head;
use crate::reply::{Reply, Status};

/// What the connection has to know about an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome {
    /// The length of the body in bytes.
    pub(crate) length: usize,
    /// The connection ends with it.
    pub(crate) close: bool,
}

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

/// The target without the scheme and authority of its absolute form (RFC 9112
/// section 3.2.2).
fn origin_form(target: &str) -> &str {
    let scheme = ["http://", "https://"].into_iter().find(|scheme| {
        target.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    let Some(scheme) = scheme else { return target };
    let rest = &target[scheme.len()..];
    rest.find(['/', '?']).map_or("/", |start| &rest[start..])
}

/// Answers one request and reads its body.
pub(crate) fn answer(
    app: &'static App,
    request: Request<'_, '_, '_>,
    response: &mut Response<'_>,
) -> Outcome {
    let mut reply = Reply::new(response, request.method() == "HEAD");
    let head = match head::read(&request) {
        Ok(head) => head,
        Err(refusal) => {
            reply.field("connection: close").text(refusal.status, refusal.reason);
            return Outcome { length: reply.length, close: true };
        }
    };
    let (path, _) = arguments::split_target(origin_form(request.path()));
    let mut close = head.close;
    match (find(path), request.method()) {
        (Some(Endpoint::Echo), "POST") => close |= endpoints::echo(&mut reply, request, head),
        (Some(Endpoint::Upload), "POST") => close |= endpoints::upload(&mut reply, request, head),
        _ => {
            without_body(app, &mut reply, &request);
            close |= endpoints::discard(request, head);
        }
    }
    if close {
        reply.field("connection: close");
    }
    Outcome { length: reply.length, close }
}

/// Answers a request whose body, if any, is of no interest.
fn without_body(app: &'static App, reply: &mut Reply<'_, '_>, request: &Request<'_, '_, '_>) {
    let (path, query) = arguments::split_target(origin_form(request.path()));
    let Some(endpoint) = find(path)
        .filter(|endpoint| !matches!(endpoint, Endpoint::Rows(_)) || app.database.is_some())
    else {
        return match (path, request.method()) {
            ("*", "OPTIONS") => reply.options("allow: GET, HEAD, POST, OPTIONS"),
            _ => reply.text(Status::NotFound, "not found"),
        };
    };
    let allow = match endpoint {
        Endpoint::Echo | Endpoint::Upload => "allow: POST, OPTIONS",
        _ => "allow: GET, HEAD, OPTIONS",
    };
    match (endpoint, request.method()) {
        (_, "OPTIONS") => reply.options(allow),
        (Endpoint::Plaintext, "GET" | "HEAD") => endpoints::plaintext(reply),
        (Endpoint::Json, "GET" | "HEAD") => endpoints::json(reply),
        (Endpoint::User(segment), "GET" | "HEAD") => {
            endpoints::user(reply, arguments::user_id(segment));
        }
        (Endpoint::Search, "GET" | "HEAD") => endpoints::search(reply, arguments::search(query)),
        (Endpoint::Static(segment), "GET" | "HEAD") => {
            endpoints::static_file(app, reply, request, segment);
        }
        (Endpoint::Delay(segment), "GET" | "HEAD") => {
            endpoints::delay(reply, arguments::delay_ms(segment));
        }
        (Endpoint::Rows(rows), "GET" | "HEAD") => {
            if let Some(database) = &app.database {
                endpoints::rows(database, reply, rows, query);
            }
        }
        _ => reply.field(allow).text(Status::MethodNotAllowed, "method not allowed"),
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
        for path in ["", "*", "/", "/Plaintext", "/plaintext/", "//json", "/users/", "/users/1/"] {
            assert_eq!(find(path), None, "{path:?}");
        }
    }

    #[test]
    fn absolute_form_is_the_same_target() {
        assert_eq!(origin_form("http://h:80/json?x"), "/json?x");
        assert_eq!(origin_form("HTTP://h"), "/");
        assert_eq!(origin_form("http://h?x"), "?x");
        assert_eq!(origin_form("/http://h/"), "/http://h/");
        assert_eq!(origin_form("*"), "*");
    }
}
