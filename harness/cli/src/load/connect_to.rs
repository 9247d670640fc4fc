//! `--connect-to`: another place to connect to than the URL says.

use super::target::Target;
use crate::exit::Failure;
use crate::output::shown;

const EXPECTED: &str = "expected HOST:PORT, or HOST1:PORT1:HOST2:PORT2 with those of the URL first";

/// The place of the first option that holds for the URL.
pub(super) fn place(texts: &[String], url: &Target) -> Result<Target, Failure> {
    // A mistake in any of them is one.
    let places = texts.iter().map(|text| one(text, url)).collect::<Result<Vec<_>, _>>()?;
    places.into_iter().flatten().next().ok_or_else(|| {
        let all = texts.iter().map(|text| format!("`{}`", shown(text))).collect::<Vec<_>>();
        Failure::new(format!(
            "--connect-to {}: it does not hold for the URL's {}:{}, {EXPECTED}",
            all.join(", "),
            url.host(),
            url.port()
        ))
    })
}

/// `HOST:PORT` or `HOST`, or `HOST1:PORT1:HOST2:PORT2`, where an empty part is that of the URL.
/// Nothing where it is for another URL.
fn one(text: &str, url: &Target) -> Result<Option<Target>, Failure> {
    let wrong =
        |why: &str| Failure::new(format!("--connect-to `{}`: {why}, {EXPECTED}", shown(text)));
    let target = |host: &str, port: &str| {
        let host = if host.is_empty() { url.host() } else { host };
        let is_bare_literal = host.contains(':') && !host.starts_with('[');
        let host = if is_bare_literal { format!("[{host}]") } else { host.to_owned() };
        let port = if port.is_empty() { url.port().to_string() } else { port.to_owned() };
        if host.contains(['/', '?', '#', '@']) || port.contains(['/', '?', '#']) {
            return Err(wrong("it is an address, no URL"));
        }
        Target::parse(&format!("http://{host}:{port}")).map_err(|error| wrong(&error.to_string()))
    };
    match parts(text)[..] {
        [host] => target(host, "").map(Some),
        [host, port] => target(host, port).map(Some),
        [from_host, from_port, host, port] => {
            let (from, to) = (target(from_host, from_port)?, target(host, port)?);
            Ok(from.is_same_place(url).then_some(to))
        }
        _ => Err(wrong("not two and not four parts")),
    }
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
        found_for("http://example.org:81/", &[text])
    }

    fn found_for(url: &str, texts: &[&str]) -> Result<String, String> {
        let url = Target::parse(url).unwrap();
        let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
        let place = place(&texts, &url).map_err(|error| error.to_string())?;
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
    fn the_urls_part_may_be_written_as_a_url_may() {
        for (url, text) in [
            ("http://b\u{fc}cher.example/", "b\u{fc}cher.example:80:localhost:9"),
            ("http://xn--bcher-kva.example/", "B\u{dc}CHER.example:080:localhost:9"),
            ("http://b\u{fc}cher.example/", "xn--bcher-kva.example::localhost:9"),
            ("http://[::1]:81/", "[0:0::1]:0081:localhost:9"),
            ("http://[::1]:81/", "::localhost:9"),
            ("http://Example.org/", "exampl%65.ORG:80:localhost:9"),
        ] {
            assert_eq!(found_for(url, &[text]), Ok("localhost 9".to_owned()), "{url} {text}");
        }
    }

    #[test]
    fn of_several_the_first_that_holds_is_taken() {
        let url = "http://b.example/";
        let several = ["a.example:80:127.0.0.1:1", "b.example:80:127.0.0.1:2", "127.0.0.1:3"];
        assert_eq!(found_for(url, &several), Ok("127.0.0.1 2".to_owned()));
        let none = found_for(url, &several[..1]).unwrap_err();
        assert!(none.contains("does not hold for the URL's b.example:80"), "{none}");
        let mistake = found_for(url, &["127.0.0.1:3", "a:1:b"]).unwrap_err();
        assert!(mistake.contains("`a:1:b`: not two"), "{mistake}");
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
