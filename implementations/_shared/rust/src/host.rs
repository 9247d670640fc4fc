//! The `Host` field's value, which engines tend to leave to their users.

/// Whether `value` is `uri-host [ ":" port ]` (RFC 9110 section 7.2), which a
/// server must check (RFC 9112 section 3.2). It may be empty.
#[must_use]
pub fn is_valid(value: &[u8]) -> bool {
    let (host, port) = match value.iter().rposition(|byte| matches!(byte, b':' | b']')) {
        Some(colon) if value[colon] == b':' => (&value[..colon], &value[colon + 1..]),
        _ => (value, &[][..]),
    };
    let host_is_valid = match host {
        [b'[', address @ .., b']'] => is_literal(address),
        name => name.iter().all(|byte| is_name(*byte)),
    };
    host_is_valid && port.len() <= 5 && port.iter().all(u8::is_ascii_digit)
}

fn is_literal(address: &[u8]) -> bool {
    let text = std::str::from_utf8(address).unwrap_or_default();
    text.parse::<std::net::Ipv6Addr>().is_ok() || matches!(address, [b'v' | b'V', _, ..])
}

/// `reg-name` of RFC 3986 section 3.2.2; what follows a `%` is left to whoever
/// decodes it.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=%".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::is_valid;

    #[test]
    fn names_addresses_and_ports() {
        for good in ["", "h", "example.com", "127.0.0.1:8080", "[::1]", "[::1]:80", "h:", "a_b"] {
            assert!(is_valid(good.as_bytes()), "{good:?}");
        }
        for bad in [
            "a b", "a/b", "user@h", "h:x", "h:123456", "[::1", "::1", "[x]", "a,b:c", "h\0", "é",
            "[::1]x", "http://h",
        ] {
            assert!(!is_valid(bad.as_bytes()), "{bad:?}");
        }
    }
}
