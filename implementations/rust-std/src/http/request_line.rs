//! The request line (RFC 9112 section 3).

use std::ops::Range;

use super::Reject;
use super::chars::{is_target, is_token};
use super::host::is_valid_host;

/// The longest request target that is taken, in octets (414 above).
pub(crate) const MAX_TARGET: usize = 8 * 1024;
/// Longer than any registered method.
const MAX_METHOD: usize = 32;
/// The longest request line: a method, a target, a version and two spaces.
pub(crate) const MAX_LINE: usize = MAX_METHOD + 1 + MAX_TARGET + 1 + 8;

/// Too long a target, or a line that can't end in time.
pub(crate) const TOO_LONG: Reject =
    Reject::new(414, "the request target is longer than 8192 octets");

/// The methods that some endpoint treats by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Method {
    #[default]
    Get,
    Head,
    Post,
    Options,
    Connect,
    /// Any other token: methods are case-sensitive (RFC 9110 section 9.1).
    Other,
}

/// The parts of a request line; ranges count from the start of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestLine {
    pub(crate) method: Method,
    /// Path and query: of an absolute-form target too, where it may be empty
    /// (which means `/`); `*` for the asterisk-form.
    pub(crate) target: Range<usize>,
    /// HTTP/1.0, as opposed to 1.1 or a later minor version.
    pub(crate) is_http10: bool,
}

/// Parses the line without its CRLF.
pub(crate) fn parse(line: &[u8]) -> Result<RequestLine, Reject> {
    const SHAPE: Reject = Reject::malformed("the request line is not METHOD SP TARGET SP VERSION");
    let method_end = line.iter().position(|&byte| byte == b' ').ok_or(SHAPE)?;
    let version_at = line.iter().rposition(|&byte| byte == b' ').ok_or(SHAPE)?;
    if version_at <= method_end + 1 {
        return Err(SHAPE);
    }
    let token = &line[..method_end];
    if !is_token(token) {
        return Err(Reject::malformed("the method is not a token"));
    }
    let is_http10 = version(&line[version_at + 1..])?;
    if token.len() > MAX_METHOD {
        return Err(Reject::new(501, "the method is not implemented"));
    }
    let target = method_end + 1..version_at;
    if target.len() > MAX_TARGET {
        return Err(TOO_LONG);
    }
    if !is_target(&line[target.clone()]) {
        return Err(Reject::malformed("the request target has a character that no URI has"));
    }
    let method = method(token);
    let target = path_and_query(method, line, target)?;
    Ok(RequestLine { method, target, is_http10 })
}

fn method(token: &[u8]) -> Method {
    match token {
        b"GET" => Method::Get,
        b"HEAD" => Method::Head,
        b"POST" => Method::Post,
        b"OPTIONS" => Method::Options,
        b"CONNECT" => Method::Connect,
        _ => Method::Other,
    }
}

/// Whether it is 1.0. Case matters, and exactly one digit stands on each side
/// (RFC 9112 section 2.3). Unknown minor versions of major version 1 are 1.1.
fn version(bytes: &[u8]) -> Result<bool, Reject> {
    match bytes {
        b"HTTP/1.1" => Ok(false),
        b"HTTP/1.0" => Ok(true),
        [b'H', b'T', b'T', b'P', b'/', major @ b'0'..=b'9', b'.', b'0'..=b'9'] => {
            if *major == b'1' {
                Ok(false)
            } else {
                Err(Reject::new(505, "only HTTP/1.0 and HTTP/1.1 are spoken here"))
            }
        }
        _ => Err(Reject::malformed("the version is not HTTP/DIGIT.DIGIT")),
    }
}

/// The four forms of RFC 9112 section 3.2.
fn path_and_query(
    method: Method,
    line: &[u8],
    target: Range<usize>,
) -> Result<Range<usize>, Reject> {
    const FORM: Reject = Reject::malformed("the request target has none of the four forms");
    let text = &line[target.clone()];
    if method == Method::Connect {
        return Err(Reject::new(501, "this server makes no tunnels"));
    }
    if text[0] == b'/' || (text == b"*" && method == Method::Options) {
        return Ok(target);
    }
    let scheme = [&b"http://"[..], b"https://"].into_iter().find(|scheme| {
        text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    let authority_at = scheme.ok_or(FORM)?.len();
    let rest = &text[authority_at..];
    let length = rest.iter().position(|byte| b"/?".contains(byte)).unwrap_or(rest.len());
    // An empty host is invalid in these schemes (RFC 9110 section 4.2.1), and user
    // information is treated as an error (section 4.2.4).
    let authority = &rest[..length];
    if authority.is_empty() || authority[0] == b':' || !is_valid_host(authority) {
        return Err(Reject::malformed("the authority of the request target is not a host"));
    }
    Ok(target.start + authority_at + length..target.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(line: &str) -> &str {
        &line[parse(line.as_bytes()).unwrap().target]
    }

    fn status(line: &str) -> u16 {
        parse(line.as_bytes()).unwrap_err().status
    }

    #[test]
    fn the_forms_of_a_target() {
        assert_eq!(target("GET /a?b HTTP/1.1"), "/a?b");
        assert_eq!(target("GET http://h:80/a HTTP/1.1"), "/a");
        assert_eq!(target("GET HTTP://h/a HTTP/1.1"), "/a");
        assert_eq!(target("GET http://h HTTP/1.1"), "");
        assert_eq!(target("GET http://h?q HTTP/1.1"), "?q");
        assert_eq!(target("OPTIONS * HTTP/1.1"), "*");
        for bad in ["GET * HTTP/1.1", "GET a HTTP/1.1", "GET http:///a HTTP/1.1"] {
            assert_eq!(status(bad), 400, "{bad}");
        }
        assert_eq!(status("GET http://u@h/ HTTP/1.1"), 400);
        assert_eq!(status("GET http://:80/ HTTP/1.1"), 400);
        assert_eq!(status("CONNECT h:80 HTTP/1.1"), 501);
    }

    #[test]
    fn versions() {
        assert!(parse(b"GET / HTTP/1.0").unwrap().is_http10);
        assert!(!parse(b"GET / HTTP/1.9").unwrap().is_http10);
        for bad in ["http/1.1", "HTTP/01.1", "HTTP/1.10", "HTTP/1", "HTTP 1.1", "HTTP/1.1x", ""] {
            assert_eq!(status(&format!("GET / {bad}")), 400, "{bad}");
        }
        for newer in ["HTTP/9.9", "HTTP/2.0", "HTTP/0.9"] {
            assert_eq!(status(&format!("GET / {newer}")), 505);
        }
        assert_eq!(status("PRI * HTTP/2.0"), 505);
    }

    #[test]
    fn shapes_that_are_refused() {
        for bad in [
            "",
            "GET",
            "GET /",
            "GET  HTTP/1.1",
            "GET  / HTTP/1.1",
            "GET /  HTTP/1.1",
            " GET / HTTP/1.1",
            "G@T / HTTP/1.1",
            "GET /a b HTTP/1.1",
            "GET\t/\tHTTP/1.1",
            "GET / HTTP/1.1 ",
            "GET /\x01 HTTP/1.1",
            "GET /\u{e9} HTTP/1.1",
        ] {
            assert_eq!(status(bad), 400, "{bad:?}");
        }
    }

    #[test]
    fn lengths() {
        let line = |length: usize| format!("GET /{} HTTP/1.1", "a".repeat(length - 1));
        assert_eq!(target(&line(MAX_TARGET)).len(), MAX_TARGET);
        assert_eq!(status(&line(MAX_TARGET + 1)), 414);
        assert_eq!(status(&format!("{} / HTTP/1.1", "M".repeat(33))), 501);
    }
}
