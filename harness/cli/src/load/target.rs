//! From a URL to an address, a `Host` and a request target.

use std::net::{SocketAddr, ToSocketAddrs};

use crate::exit::Failure;

/// Where to send requests.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// `host:port`, or `host` for port 80.
    pub(super) authority: String,
    /// Path and query.
    pub(super) path: String,
    host: String,
    port: u16,
}

impl Target {
    /// Reads an `http` URL (RFC 3986, without user information).
    pub(super) fn parse(url: &str) -> Result<Self, Failure> {
        let wrong = |what: &str| {
            Failure::new(format!("`{url}`: {what}, expected e.g. http://127.0.0.1:8080/json"))
        };
        let rest = match url.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("https") => {
                return Err(wrong("https is not supported"));
            }
            Some(_) => return Err(wrong("unknown scheme")),
            None => url,
        };
        let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err(wrong("user information is not supported"));
        }
        let (host, port) = split_port(authority).ok_or_else(|| wrong("bad host or port"))?;
        let path = match path {
            "" => "/".to_string(),
            query if query.starts_with('?') => format!("/{query}"),
            path => path.to_string(),
        };
        let authority = authority.to_string();
        let ascii = Self::ascii_host(&host).ok_or_else(|| wrong("no host by UTS 46"))?;
        let authority = authority.replacen(&host, &ascii, 1);
        Ok(Self { authority, path, host: ascii, port })
    }

    /// A name in any script as DNS has it (UTS 46); others stay as they are.
    fn ascii_host(host: &str) -> Option<String> {
        if host.is_ascii() {
            return Some(host.to_owned());
        }
        idna::domain_to_ascii(host).ok()
    }

    /// The host, without brackets.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// The port, 80 where the URL has none.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The first address of the host.
    pub(super) fn address(&self) -> Result<SocketAddr, Failure> {
        let found = (self.host.as_str(), self.port).to_socket_addrs();
        let mut addresses =
            found.map_err(|e| Failure::new(format!("cannot resolve `{}`: {e}", self.host)))?;
        let none = || Failure::new(format!("`{}` has no address", self.host));
        addresses.next().ok_or_else(none)
    }
}

/// Host without brackets, and port; 80 when there is none.
fn split_port(authority: &str) -> Option<(String, u16)> {
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (host, port) = rest.split_once(']')?;
        (host, if port.is_empty() { None } else { Some(port.strip_prefix(':')?) })
    } else {
        match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        }
    };
    let port = match port {
        None => 80,
        Some(port) => port.parse().ok().filter(|port| *port != 0)?,
    };
    (!host.is_empty()).then(|| (host.to_string(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(url: &str) -> (String, u16, String, String) {
        let target = Target::parse(url).unwrap();
        (target.host, target.port, target.authority, target.path)
    }

    #[test]
    fn urls_have_hosts_ports_and_paths() {
        let own = |h: &str, p, a: &str, path: &str| (h.into(), p, a.into(), path.into());
        assert_eq!(parts("http://h:81/a?b#c"), own("h", 81, "h:81", "/a?b"));
        assert_eq!(parts("HTTP://h"), own("h", 80, "h", "/"));
        assert_eq!(parts("localhost:8080"), own("localhost", 8080, "localhost:8080", "/"));
        assert_eq!(parts("http://h?q=1"), own("h", 80, "h", "/?q=1"));
        assert_eq!(parts("http://[::1]:9/x"), own("::1", 9, "[::1]:9", "/x"));
        assert_eq!(parts("http://[::1]/x"), own("::1", 80, "[::1]", "/x"));
    }

    #[test]
    fn names_of_any_script_are_as_dns_has_them() {
        let own = |h: &str, p, a: &str, path: &str| (h.into(), p, a.into(), path.into());
        for (name, ascii) in [
            ("b\u{fc}cher.example", "xn--bcher-kva.example"),
            ("B\u{dc}CHER.example", "xn--bcher-kva.example"),
            ("\u{4f8b}\u{3048}.\u{30c6}\u{30b9}\u{30c8}", "xn--r8jz45g.xn--zckzah"),
            // The full stop of ideographic scripts is one.
            ("b\u{fc}cher\u{3002}example", "xn--bcher-kva.example"),
        ] {
            let with_port = format!("{ascii}:81");
            assert_eq!(parts(&format!("http://{name}:81/x")), own(ascii, 81, &with_port, "/x"));
            assert_eq!(parts(&format!("http://{name}")), own(ascii, 80, ascii, "/"));
        }
        let error = Target::parse("http://a\u{fffd}b/").unwrap_err().to_string();
        assert!(error.contains("UTS 46"), "{error}");
    }

    #[test]
    fn others_are_refused_with_a_reason() {
        for (url, reason) in [
            ("https://h/", "https is not supported"),
            ("ftp://h/", "unknown scheme"),
            ("http://", "bad host or port"),
            ("http://h:x/", "bad host or port"),
            ("http://h:0/", "bad host or port"),
            ("http://h:99999/", "bad host or port"),
            ("http://[::1/", "bad host or port"),
            ("http://me@h/", "user information"),
        ] {
            let error = Target::parse(url).unwrap_err().to_string();
            assert!(error.contains(reason), "{url}: {error}");
        }
    }
}
