//! Where a redirect leads (RFC 9110 section 15.4), and the request that goes there.

use httpdyno_wire::escape_bounded;
use url::Url;

/// How much of a field an explanation shows, in bytes.
const EXCERPT_BYTES: usize = 80;

/// Fields that say something about the content, and go when it does (RFC 9110 section 15.4).
const CONTENT_FIELDS: [&str; 5] =
    ["content-length", "content-type", "content-encoding", "content-language", "content-location"];

/// A response that says: elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Redirect {
    pub(crate) status: u16,
    /// The value of its `Location`.
    pub(crate) location: Vec<u8>,
}

impl Redirect {
    /// From the status and the whole head of a response. None: there is nothing to follow.
    pub(crate) fn of(status: u16, head: &[u8]) -> Option<Self> {
        if !matches!(status, 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        let location = field(head, "location")?.to_vec();
        Some(Self { status, location })
    }

    /// The request that follows `request`, both as they are sent; or why there is none.
    pub(crate) fn applied_to(&self, request: &[u8]) -> Result<Vec<u8>, String> {
        let head_bytes = request.windows(4).position(|bytes| bytes == b"\r\n\r\n");
        let (head, content) = request.split_at(head_bytes.map_or(request.len(), |at| at + 4));
        let mut lines = head.split(|byte| *byte == b'\n').map(trim_end);
        let line = lines.next().unwrap_or_default();
        let mut words = line.split(|byte| *byte == b' ');
        let method = words.next().unwrap_or_default();
        let target = words.next().unwrap_or_default();
        let host = field(head, "host").unwrap_or_default();
        let target = self.target(host, target)?;
        // What every user agent does, and section 15.4 allows, with a POST.
        let becomes_get = match self.status {
            303 => method != b"HEAD",
            301 | 302 => method == b"POST",
            _ => false,
        };
        let method = if becomes_get { b"GET" } else { method };
        let mut out = [method, b" ", target.as_bytes(), b" HTTP/1.1\r\n"].concat();
        for line in lines.filter(|line| !line.is_empty()) {
            let is_of_content = CONTENT_FIELDS.iter().any(|name| value(line, name).is_some());
            if !(becomes_get && is_of_content) {
                out.extend_from_slice(line);
                out.extend_from_slice(b"\r\n");
            }
        }
        out.extend_from_slice(b"\r\n");
        if !becomes_get {
            out.extend_from_slice(content);
        }
        Ok(out)
    }

    /// Path and query of where it leads from `target` of `host`: on the same server, since the
    /// load is one server's.
    fn target(&self, host: &[u8], target: &[u8]) -> Result<String, String> {
        let shown = || escape_bounded(&self.location, EXCERPT_BYTES);
        let status = self.status;
        let broken = || format!("status {status} with Location `{}`, which is no URL", shown());
        let [host, target, location] = [host, target, &self.location].map(std::str::from_utf8);
        let (Ok(host), Ok(target), Ok(location)) = (host, target, location) else {
            return Err(broken());
        };
        let from = Url::parse(&format!("http://{host}/")).and_then(|root| root.join(target));
        let from = from.map_err(|_| broken())?;
        let to = from.join(location).map_err(|_| broken())?;
        if to.origin() != from.origin() {
            return Err(format!("status {status} leads to another server, `{}`", shown()));
        }
        let query = to.query().map(|query| format!("?{query}"));
        Ok(to.path().to_owned() + &query.unwrap_or_default())
    }
}

fn trim_end(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The value of a field line, if that is its name.
fn value<'a>(line: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let (found, rest) = line.split_at_checked(name.len())?;
    let value = rest.strip_prefix(b":")?;
    found.eq_ignore_ascii_case(name.as_bytes()).then(|| value.trim_ascii())
}

/// The value of the first field of that name.
fn field<'a>(head: &'a [u8], name: &str) -> Option<&'a [u8]> {
    head.split(|byte| *byte == b'\n').find_map(|line| value(trim_end(line), name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redirect(status: u16, location: &str) -> Redirect {
        let head = format!("HTTP/1.1 {status} X\r\nServer: a\r\nLOCATION: \t{location}\r\n\r\n");
        Redirect::of(status, head.as_bytes()).unwrap()
    }

    fn after(status: u16, location: &str, request: &str) -> Result<String, String> {
        let next = redirect(status, location).applied_to(request.as_bytes());
        next.map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn locations_are_resolved_as_rfc_3986_says() {
        for (location, target) in [
            ("/b", "/b"),
            ("c?d=e#f", "/a/c?d=e"),
            ("../x/./y", "/x/y"),
            ("?q", "/a/b?q"),
            ("http://h:81/z", "/z"),
            ("HTTP://H:81", "/"),
            ("//h:81/n", "/n"),
            ("/\u{e9} g", "/%C3%A9%20g"),
        ] {
            let next = after(302, location, "GET /a/b?p HTTP/1.1\r\nHost: h:81\r\n\r\n");
            let expected = format!("GET {target} HTTP/1.1\r\nHost: h:81\r\n\r\n");
            assert_eq!(next, Ok(expected), "{location}");
        }
    }

    #[test]
    fn content_goes_where_the_method_becomes_get() {
        let content = "Content-Type: a/b\r\nX: y\r\nContent-Length: 2\r\n\r\nhi";
        for (status, method, next) in [
            (301, "POST", "GET"),
            (302, "POST", "GET"),
            (303, "POST", "GET"),
            (303, "PUT", "GET"),
            (301, "PUT", "PUT"),
            (307, "POST", "POST"),
            (308, "POST", "POST"),
        ] {
            let request = format!("{method} /a HTTP/1.1\r\nHost: h\r\n{content}");
            let rest = if next == "GET" { "X: y\r\n\r\n" } else { content };
            let expected = format!("{next} /b HTTP/1.1\r\nHost: h\r\n{rest}");
            assert_eq!(after(status, "/b", &request), Ok(expected), "{status} {method}");
        }
        let head = "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n";
        assert!(after(303, "/b", head).unwrap().starts_with("HEAD /b "));
    }

    #[test]
    fn what_leads_away_or_nowhere_is_told() {
        let request = "GET / HTTP/1.1\r\nHost: h:81\r\n\r\n";
        for (location, why) in [
            ("https://h:81/", "leads to another server, `https://h:81/`"),
            ("http://h/", "leads to another server"),
            ("//other:81/", "leads to another server"),
            ("http://[", "which is no URL"),
        ] {
            let error = after(301, location, request).unwrap_err();
            assert!(error.contains(why), "{location}: {error}");
        }
    }

    #[test]
    fn only_a_redirect_with_a_location_is_one() {
        for status in [200, 201, 300, 304, 305, 306] {
            assert_eq!(Redirect::of(status, b"HTTP/1.1 X\r\nLocation: /\r\n\r\n"), None);
        }
        assert_eq!(Redirect::of(302, b"HTTP/1.1 302 X\r\nX-Location: /\r\n\r\n"), None);
    }
}
