//! `uri-host [":" port]` (RFC 9110 section 7.2, RFC 3986 section 3.2.2).

use super::chars::is_reg_name;

/// Whether a `Host` value or an authority follows the grammar. An empty host is
/// in it: it is what a client sends when the target has no authority.
pub(crate) fn is_valid_host(value: &[u8]) -> bool {
    let (host, port) = match value {
        [b'[', ..] => match value.iter().position(|&byte| byte == b']') {
            Some(end) => (&value[..=end], &value[end + 1..]),
            None => return false,
        },
        _ => value.split_at(value.iter().position(|&byte| byte == b':').unwrap_or(value.len())),
    };
    let is_host = match host {
        [b'[', literal @ .., b']'] => is_ip_literal(literal),
        name => is_reg_name(name) && percent_signs_are_escapes(name),
    };
    let is_port = match port {
        [] => true,
        [b':', digits @ ..] => digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    is_host && is_port
}

/// An IPv6 address, or `v1.something` (IPvFuture).
fn is_ip_literal(literal: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(literal) else { return false };
    if let Some(future) = text.strip_prefix(['v', 'V']) {
        let Some((version, address)) = future.split_once('.') else { return false };
        return !version.is_empty()
            && version.bytes().all(|byte| byte.is_ascii_hexdigit())
            && !address.is_empty()
            && address.bytes().all(|byte| byte != b'%' && (byte == b':' || is_reg_name(&[byte])));
    }
    text.parse::<std::net::Ipv6Addr>().is_ok()
}

fn percent_signs_are_escapes(name: &[u8]) -> bool {
    name.iter().enumerate().filter(|(_, byte)| **byte == b'%').all(|(at, _)| {
        name.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    })
}

#[cfg(test)]
mod tests {
    use super::is_valid_host;

    #[test]
    fn hosts_of_the_grammar() {
        for good in [
            "",
            "localhost",
            "localhost:8080",
            "127.0.0.1:1",
            "example.com:",
            "[::1]",
            "[::1]:80",
            "a_b.c",
            "%41.b",
            "[v1.a:b]",
        ] {
            assert!(is_valid_host(good.as_bytes()), "{good:?}");
        }
        for bad in [
            "a b", "a/b", "u@h", "a:b", "a:80:80", "[::1", "[::1]x", "[zz]", "a%4", "a%zz", "h\\",
            "h?q", "h#f", "<h>", "\u{e9}", "[v.a]", "::1",
        ] {
            assert!(!is_valid_host(bad.as_bytes()), "{bad:?}");
        }
    }
}
