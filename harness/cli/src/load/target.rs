//! From a URL to an address, a `Host` and a request target.

mod host;

use std::net::{SocketAddr, ToSocketAddrs};

use crate::exit::Failure;
use crate::output::shown;
use host::Host;

/// The port of the scheme `http`.
const USUAL_PORT: u16 = 80;

/// Where to send requests.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// The value of `Host`: `host:port`, or `host` where the URL has no port.
    pub(super) authority: String,
    /// Path and query.
    pub(super) path: String,
    host: Host,
    port: u16,
}

impl Target {
    /// Reads an `http` URL (RFC 3986, without user information).
    pub(super) fn parse(url: &str) -> Result<Self, Failure> {
        let wrong = |what: &str| {
            let url = shown(url);
            Failure::new(format!("`{url}`: {what}, expected e.g. http://127.0.0.1:8080/json"))
        };
        let rest = match url.split_once("://").filter(|(scheme, _)| is_scheme(scheme)) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("https") => {
                return Err(wrong("https is not supported"));
            }
            Some(_) => return Err(wrong("unknown scheme")),
            None => url,
        };
        let rest = without_fragment(rest);
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err(wrong("user information is not supported"));
        }
        let (host, port) = split_port(authority).map_err(|what| wrong(&what))?;
        let path = match path {
            "" => "/".to_string(),
            query if query.starts_with('?') => format!("/{query}"),
            path => path.to_string(),
        };
        let authority = match port {
            Some(port) => format!("{}:{port}", host.in_field()),
            None => host.in_field(),
        };
        Ok(Self { authority, path, host, port: port.unwrap_or(USUAL_PORT) })
    }

    /// The host, without brackets.
    pub(super) fn host(&self) -> &str {
        self.host.text()
    }

    /// The port, 80 where the URL has none.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Whether both are at the same host, whose name has no case, and port.
    pub(super) fn is_same_place(&self, other: &Self) -> bool {
        self.host().eq_ignore_ascii_case(other.host()) && self.port == other.port
    }

    /// All addresses of the host, the two families in turn (RFC 8305 section 4); at least one.
    pub(super) fn addresses(&self) -> Result<Vec<SocketAddr>, Failure> {
        let failed = |why: String| Failure::new(format!("cannot resolve `{}`: {why}", self.host()));
        let found = match &self.host {
            Host::Address(address) => vec![address.with_port(self.port).map_err(failed)?],
            Host::Name(name) => {
                let found = (name.as_str(), self.port).to_socket_addrs();
                found.map_err(|error| failed(error.to_string()))?.collect()
            }
        };
        let addresses = take_turns(found);
        if addresses.is_empty() {
            return Err(Failure::new(format!("`{}` has no address", self.host())));
        }
        Ok(addresses)
    }
}

/// Without what is for the client alone (RFC 3986 section 3.5) and never sent (RFC 9110 section 7.1).
pub(super) fn without_fragment(url: &str) -> &str {
    url.split_once('#').map_or(url, |(rest, _)| rest)
}

/// Whether it says which server: what starts with `/` is a path, whatever stands in its query.
pub(super) fn is_whole(url: &str) -> bool {
    !url.starts_with('/') && url.contains("://")
}

/// RFC 3986 section 3.1. What stands before `://` in a query is none.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|one| one.is_ascii_alphanumeric() || "+-.".contains(one))
}

/// Each address once, families alternating from that of the first, else in the order given.
fn take_turns(found: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let mut distinct: Vec<SocketAddr> = Vec::new();
    for address in found {
        if !distinct.contains(&address) {
            distinct.push(address);
        }
    }
    let first_is_v6 = distinct.first().is_some_and(SocketAddr::is_ipv6);
    let (own, other): (Vec<_>, Vec<_>) =
        distinct.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let (mut own, mut other) = (own.into_iter(), other.into_iter());
    let mut turns = Vec::new();
    loop {
        let pair = [own.next(), other.next()];
        if pair == [None, None] {
            return turns;
        }
        turns.extend(pair.into_iter().flatten());
    }
}

/// Host and port (RFC 3986 sections 3.2.2 and 3.2.3); a port may be absent or empty.
fn split_port(authority: &str) -> Result<(Host, Option<u16>), String> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (literal, rest) = rest.split_once(']').ok_or("bad host or port, `]` is missing")?;
            let port = match rest {
                "" => "",
                rest => rest.strip_prefix(':').ok_or("bad host or port, `:` expected after `]`")?,
            };
            (Host::literal(literal)?, port)
        }
        None => {
            let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
            if port.contains(':') {
                return Err("bad host or port, an IPv6 address stands in brackets".to_owned());
            }
            (Host::name(host)?, port)
        }
    };
    if port.is_empty() {
        return Ok((host, None));
    }
    // Digits alone: Rust's own parsing would take a sign.
    let number = Some(port).filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    match number.and_then(|digits| digits.trim_start_matches('0').parse().ok()) {
        Some(port) => Ok((host, Some(port))),
        None => Err(format!("bad host or port, `{}` is no port from 1 to 65535", shown(port))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(url: &str) -> (String, u16, String, String) {
        let target = Target::parse(url).unwrap();
        (target.host().to_owned(), target.port, target.authority, target.path)
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
        assert_eq!(parts("h:81/?u=http://x/"), own("h", 81, "h:81", "/?u=http://x/"));
        assert_eq!(parts("http://h:/a"), own("h", 80, "h", "/a"));
        assert_eq!(parts("http://[::1]:"), own("::1", 80, "[::1]", "/"));
        assert_eq!(parts("http://h:0080/"), own("h", 80, "h:80", "/"));
        assert_eq!(parts("http://%6Cocal%68ost:9/"), own("localhost", 9, "localhost:9", "/"));
        assert_eq!(
            parts("http://a_b-c.d~e!$&'()*+,;=/"),
            own("a_b-c.d~e!$&'()*+,;=", 80, "a_b-c.d~e!$&'()*+,;=", "/")
        );
    }

    #[test]
    fn a_zone_is_for_the_socket_and_not_for_the_field() {
        for url in ["http://[fe80::1%25lo]:9/", "http://[fe80::1%lo]:9/", "http://[fe80::1%251]:9/"]
        {
            let target = Target::parse(url).unwrap();
            assert_eq!(target.authority, "[fe80::1]:9", "{url}");
            let addresses = target.addresses().unwrap();
            let [SocketAddr::V6(address)] = addresses[..] else { panic!("{addresses:?}") };
            // The loopback interface is the first of every Linux system.
            assert_eq!((address.scope_id(), address.port()), (1, 9), "{url}");
        }
        let nowhere = Target::parse("http://[fe80::1%25nonesuch]/").unwrap();
        let error = nowhere.addresses().unwrap_err().to_string();
        assert!(error.contains("nonesuch"), "{error}");
    }

    #[test]
    fn families_take_turns_and_no_address_is_tried_twice() {
        let of = |texts: &[&str]| texts.iter().map(|it| it.parse().unwrap()).collect::<Vec<_>>();
        let found = of(&["[::1]:1", "[::2]:1", "[::1]:1", "1.1.1.1:1", "[::3]:1"]);
        assert_eq!(take_turns(found), of(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "[::3]:1"]));
        assert_eq!(take_turns(of(&["1.1.1.1:1"])), of(&["1.1.1.1:1"]));
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
            ("http://h:+80/", "`+80` is no port"),
            ("http://h:-1/", "bad host or port"),
            ("http://h: 80/", "bad host or port"),
            ("http://h:8\u{661}/", "bad host or port"),
            ("http://::1/", "stands in brackets"),
            ("http://[::1]80/", "bad host or port"),
            ("http://[1.2.3.4]/", "bad host"),
            ("http://[v1.x]/", "bad host"),
            ("http://[fe80::1%25]/", "bad host"),
            ("http://[fe80::1%25a/b]/", "bad host"),
            ("http://a b/", "bad host"),
            ("http://a\\b/", "bad host"),
            ("http://a<b/", "bad host"),
            ("http://a%2/", "bad host"),
            ("http://a%00b/", "bad host"),
            ("http://a%0d%0ab/", "bad host"),
            ("http://:80/", "bad host or port"),
            ("http://\u{1b}[31m/", "`http://\\u{1b}[31m/`"),
            ("http://me@h/", "user information"),
        ] {
            let error = Target::parse(url).unwrap_err().to_string();
            assert!(error.contains(reason), "{url}: {error}");
        }
    }
}
