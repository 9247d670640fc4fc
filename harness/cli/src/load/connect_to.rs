//! `--connect-to`: another place to connect to than the URL says.

use super::target::Target;
use crate::exit::Failure;

/// `HOST:PORT` or `HOST`, or `HOST1:PORT1:HOST2:PORT2`, where an empty part is that of the URL.
pub(super) fn place(text: &str, url: &Target) -> Result<Target, Failure> {
    let wrong = |why: &str| {
        let expected = "expected HOST:PORT, or HOST1:PORT1:HOST2:PORT2 with those of the URL first";
        Failure::new(format!("--connect-to `{text}`: {why}, {expected}"))
    };
    let parts = parts(text);
    let (host, port) = match parts[..] {
        [host] => (host, ""),
        [host, port] => (host, port),
        [from_host, from_port, host, port] => {
            let same_host = from_host.is_empty() || from_host.eq_ignore_ascii_case(url.host());
            if !same_host || !(from_port.is_empty() || from_port == url.port().to_string()) {
                let (host, port) = (url.host(), url.port());
                return Err(wrong(&format!("it does not hold for the URL's {host}:{port}")));
            }
            (host, port)
        }
        _ => return Err(wrong("not two and not four parts")),
    };
    let host = if host.is_empty() { url.host() } else { host };
    let is_bare_literal = host.contains(':') && !host.starts_with('[');
    let host = if is_bare_literal { format!("[{host}]") } else { host.to_owned() };
    let port = if port.is_empty() { url.port().to_string() } else { port.to_owned() };
    if host.contains(['/', '?', '#', '@']) || port.contains(['/', '?', '#']) {
        return Err(wrong("it is an address, no URL"));
    }
    Target::parse(&format!("http://{host}:{port}")).map_err(|error| wrong(&error.to_string()))
}

/// Apart at colons, but not at those of an IPv6 literal in brackets.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut from, mut depth) = (0, 0);
    for (at, letter) in text.char_indices() {
        match letter {
            '[' => depth += 1,
            ']' => depth -= 1,
            ':' if depth == 0 => {
                parts.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Result<String, String> {
        let url = Target::parse("http://example.org:81/").unwrap();
        let place = place(text, &url).map_err(|error| error.to_string())?;
        Ok(format!("{} {}", place.host().trim_matches(['[', ']']), place.port()))
    }

    #[test]
    fn a_place_is_two_parts_or_four() {
        for (text, place) in [
            ("localhost:9", "localhost 9"),
            ("localhost", "localhost 81"),
            (":9", "example.org 9"),
            ("[::1]:9", "::1 9"),
            ("example.org:81:localhost:9", "localhost 9"),
            ("EXAMPLE.org:81:localhost:9", "localhost 9"),
            ("::localhost:9", "localhost 9"),
            ("::[::1]:", "::1 81"),
        ] {
            assert_eq!(found(text), Ok(place.to_owned()), "{text}");
        }
    }

    #[test]
    fn others_are_refused_with_a_reason() {
        for (text, why) in [
            ("a:1:b", "not two and not four parts"),
            ("other.org:81:localhost:9", "does not hold for the URL's example.org:81"),
            ("example.org:82:localhost:9", "does not hold for the URL's example.org:81"),
            ("localhost:port", "bad host or port"),
            ("http://localhost:9", "parts"),
            ("localhost:9/x", "no URL"),
        ] {
            let error = found(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
