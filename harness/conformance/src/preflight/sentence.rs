//! What stands in the way, as one sentence: what was found, and what to do.

use std::io;
use std::net::SocketAddr;

use httpdyno_wire::{Response, escape_bounded};

use super::Obstacle;
use crate::trouble;

/// Of addresses that cannot be connected to.
pub(super) fn of_connecting(refused: &[(SocketAddr, io::Error)]) -> Obstacle {
    if let Some((_, error)) = refused.iter().find(|(_, error)| trouble::is_ours(error)) {
        return Obstacle::new(trouble::sentence(error));
    }
    let Some((first, error)) = refused.first() else {
        return Obstacle::new("the host of the URL has no address; correct it");
    };
    let places: Vec<String> = refused.iter().map(|(address, _)| address.to_string()).collect();
    let places = places.join(" or ");
    Obstacle::new(match error.kind() {
        io::ErrorKind::ConnectionRefused => format!(
            "nothing listens at {places} (connection refused); start the server, or correct the \
             port in the URL"
        ),
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => format!(
            "no connection to {places} within {:?}; see whether a firewall or a full backlog \
             keeps it from being made",
            super::PATIENCE
        ),
        io::ErrorKind::ConnectionReset => format!(
            "the server at {first} resets connections as soon as they are made; look into its log"
        ),
        _ => format!("no connection to {places} ({error}); correct the URL, or mend the network"),
    })
}

/// Of a path that is not answered 200. `elsewhere` asks for a path that no server has.
pub(super) fn of_status(
    path: &str,
    response: &Response,
    elsewhere: impl Fn() -> Option<Response>,
) -> Obstacle {
    let status = response.status;
    let other = "name a page that is answered 200 with --page, such as --page /health";
    let asked = format!("GET {path} is answered {status}");
    Obstacle::new(match status {
        300..=303 | 307 | 308 => of_redirect(path, response, elsewhere().as_ref()),
        401 | 403 | 407 | 511 => format!(
            "{asked}: the server asks for a login or keeps this client out; {other}, one that is \
             open to all"
        ),
        404 | 410 => format!("{asked}: the server has no such page; {other}"),
        421 => format!(
            "{asked}: the server does not answer for this host; use a host name in the URL that it \
             is configured for"
        ),
        400 => format!(
            "{asked}, though the request is right; see whether the server wants another host name \
             in the URL, or {other}"
        ),
        426 | 505 => format!(
            "{asked}: the server refuses HTTP/1.1; give the port of a listener that speaks it"
        ),
        429 => format!(
            "{asked}: the server limits how often it is asked; lift that limit for this client, \
             since the cases make some thousand requests"
        ),
        502..=504 => format!(
            "{asked}: that is a proxy's page for a server behind it that does not answer; start \
             that one, or check it by its own port"
        ),
        500..=599 => format!("{asked}: the server fails; look into its log, or {other}"),
        200..=299 => format!("{asked}, and 200 is needed; {other}"),
        _ => format!("{asked}; {other}"),
    })
}

fn of_redirect(path: &str, response: &Response, elsewhere: Option<&Response>) -> String {
    let status = response.status;
    let to = |response: &Response| response.value("location").map(<[u8]>::to_vec);
    let target = to(response).unwrap_or_default();
    let shown = escape_bounded(&target, 120);
    let asked = format!("GET {path} is answered {status} with a redirect to `{shown}`");
    let text = String::from_utf8_lossy(&target).to_ascii_lowercase();
    if text.starts_with("https://") {
        return format!(
            "{asked}: the server sends everyone to TLS; only plain HTTP/1.1 is checked: give the \
             port of a listener that serves without, or name a page that is not redirected with \
             --page"
        );
    }
    if ["login", "signin", "sign-in", "auth", "sso"].iter().any(|word| text.contains(word)) {
        return format!(
            "{asked}: that is a login page; name a page that is open to all with --page, such as \
             --page /health"
        );
    }
    let everywhere = elsewhere.is_some_and(|other| (300..=308).contains(&other.status));
    if everywhere {
        return format!(
            "{asked}, and so is every other path; give the URL that it leads to, or name a page \
             that is answered 200 with --page"
        );
    }
    let local = text.starts_with('/') && !text.starts_with("//");
    match local {
        true => format!("{asked}; name the page with --page {shown}"),
        false => format!("{asked}; give that URL, or name a page that is answered 200 with --page"),
    }
}
