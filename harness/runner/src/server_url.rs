//! The URL of somebody's server: where it is, how it is called, and a page of it.

use std::net::{SocketAddr, ToSocketAddrs};

use httpdyno_conformance::Target;

use crate::error::ConformError;

/// `http://host[:port][/page]`, its host looked up.
#[derive(Debug)]
pub(crate) struct ServerUrl {
    /// Never empty; a host may have an address of each family.
    pub(crate) addresses: Vec<SocketAddr>,
    /// The value of `Host`.
    pub(crate) authority: String,
    /// Path and query, where it has more than `/`.
    pub(crate) page: Option<String>,
}

impl ServerUrl {
    /// Reads `url` and looks its host up.
    pub(crate) fn parse(url: &str) -> Result<Self, ConformError> {
        Self::read(url).map_err(|reason| ConformError::Url { url: url.to_owned(), reason })
    }

    fn read(url: &str) -> Result<Self, String> {
        let rest = without_scheme(url)?;
        let rest = rest.split('#').next().unwrap_or(rest);
        let (authority, page) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err("a user and a password in it are sent to nobody; leave them out".to_owned());
        }
        let (host, port) = host_and_port(authority)?;
        let found = (host, port).to_socket_addrs();
        let addresses: Vec<SocketAddr> =
            found.map_err(|error| format!("its host `{host}` has no address ({error})"))?.collect();
        if addresses.is_empty() {
            return Err(format!("its host `{host}` has no address"));
        }
        let page = match page {
            "" | "/" => None,
            query if query.starts_with('?') => Some(format!("/{query}")),
            path => Some(path.to_owned()),
        };
        page.iter().try_for_each(|page| page_is_right(page))?;
        Ok(Self { addresses, authority: authority.to_owned(), page })
    }
}

/// Where `url` leads to, which must name a server and no page of it.
pub(crate) fn url_target(url: &str) -> Result<Target, ConformError> {
    let found = ServerUrl::parse(url)?;
    if found.page.is_some() {
        let reason = "it has more than a host and a port".to_owned();
        return Err(ConformError::Url { url: url.to_owned(), reason });
    }
    Ok(Target::new(found.addresses[0], &found.authority))
}

/// Whether it can stand in a request line as it is.
pub(crate) fn page_is_right(page: &str) -> Result<(), String> {
    if !page.starts_with('/') {
        return Err(format!("the page `{page}` does not begin with `/`"));
    }
    match page.chars().find(|letter| !letter.is_ascii_graphic()) {
        Some(letter) => Err(format!(
            "the page has the character {letter:?}, which must be percent-encoded in a request"
        )),
        None => Ok(()),
    }
}

fn without_scheme(url: &str) -> Result<&str, String> {
    match url.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => Ok(rest),
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("https") => Err(
            "only plain http:// can be checked, and it says https://; use a listener without TLS"
                .to_owned(),
        ),
        Some((scheme, _)) => {
            Err(format!("its scheme is `{scheme}`, and only http:// can be checked"))
        }
        None => Err("it does not begin with http://".to_owned()),
    }
}

/// The host without brackets; port 80 where none is named.
fn host_and_port(authority: &str) -> Result<(&str, u16), String> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']').ok_or("its `[` has no `]`")?;
            let port = rest.strip_prefix(':');
            if port.is_none() && !rest.is_empty() {
                return Err(format!("`{rest}` stands behind the address where `:port` may stand"));
            }
            (host, port)
        }
        None => match authority.split_once(':') {
            Some((_, rest)) if rest.contains(':') => {
                return Err(
                    "an IPv6 address in it must stand in brackets, as in http://[::1]:8080"
                        .to_owned(),
                );
            }
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    if host.is_empty() {
        return Err("it has no host".to_owned());
    }
    let port = match port {
        None | Some("") => 80,
        Some(text) => match text.parse::<u16>() {
            Ok(port) if port > 0 && text.bytes().all(|byte| byte.is_ascii_digit()) => port,
            _ => return Err(format!("its port is `{text}`, and ports are 1 to 65535")),
        },
    };
    Ok((host, port))
}

#[cfg(test)]
mod tests {
    use super::ServerUrl;

    fn parts(url: &str) -> (String, String, Option<String>) {
        let found = ServerUrl::read(url).unwrap_or_else(|why| panic!("{url}: {why}"));
        (found.addresses[0].to_string(), found.authority, found.page)
    }

    #[test]
    fn a_url_gives_addresses_authority_and_page() {
        for (url, address, authority, page) in [
            ("http://127.0.0.1:8080/", "127.0.0.1:8080", "127.0.0.1:8080", None),
            ("HTTP://127.0.0.1", "127.0.0.1:80", "127.0.0.1", None),
            ("Http://127.0.0.1:/", "127.0.0.1:80", "127.0.0.1:", None),
            ("http://[::1]:9", "[::1]:9", "[::1]:9", None),
            ("http://[::1]", "[::1]:80", "[::1]", None),
            ("http://127.0.0.1:1/app/?q=1#x", "127.0.0.1:1", "127.0.0.1:1", Some("/app/?q=1")),
            ("http://127.0.0.1:1?q", "127.0.0.1:1", "127.0.0.1:1", Some("/?q")),
        ] {
            let wanted = (address.to_owned(), authority.to_owned(), page.map(str::to_owned));
            assert_eq!(parts(url), wanted, "{url}");
        }
    }

    #[test]
    fn what_cannot_be_checked_says_why() {
        for (url, reason) in [
            ("https://127.0.0.1", "https://"),
            ("HTTPS://127.0.0.1", "https://"),
            ("ftp://127.0.0.1", "`ftp`"),
            ("127.0.0.1:80", "does not begin with http://"),
            ("http://", "no host"),
            ("http://:80", "no host"),
            ("http://127.0.0.1:99999", "1 to 65535"),
            ("http://127.0.0.1:0", "1 to 65535"),
            ("http://127.0.0.1:-1", "1 to 65535"),
            ("http://127.0.0.1:+80", "1 to 65535"),
            ("http://127.0.0.1:http", "1 to 65535"),
            ("http://::1:80", "brackets"),
            ("http://[::1", "`]`"),
            ("http://[::1]x", "`:port`"),
            ("http://me:pass@127.0.0.1", "password"),
            ("http://127.0.0.1/a b", "percent-encoded"),
            ("http://host.invalid", "no address"),
        ] {
            let why = ServerUrl::read(url).expect_err(url);
            assert!(why.contains(reason), "{url}: {why}");
        }
    }
}
