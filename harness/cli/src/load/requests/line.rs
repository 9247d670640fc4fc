//! One line of a file of requests, or of a recorded log.

use httpdyno_report::legible::one_line;
use serde_json::Value;

use super::super::target::{is_whole, without_fragment};

/// What a line asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) method: Option<String>,
    /// A URL, or a path with the query; without a fragment.
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<Vec<u8>>,
    /// It is of a log, in which no bodies are.
    pub(super) is_logged: bool,
}

/// Why a request of a log is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lack {
    Body,
    Tunnel,
    Method,
    Target,
}

impl Lack {
    /// Goes on from a number of requests.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Body => "had a body, which no log keeps",
            Self::Tunnel => "asked for a tunnel (CONNECT)",
            Self::Method => "had a method that nobody knows",
            Self::Target => "had a target that cannot be sent",
        }
    }
}

/// Methods whose requests have no body, as a rule.
const BODILESS: [&str; 5] = ["GET", "HEAD", "OPTIONS", "DELETE", "TRACE"];

/// Methods whose requests have one.
const WITH_BODY: [&str; 11] = [
    "POST",
    "PUT",
    "PATCH",
    "QUERY",
    "SEARCH",
    "REPORT",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "LOCK",
    "ACL",
];

impl Line {
    /// What a request of a log lacks to be sent as it was.
    pub(super) fn lack(&self) -> Option<Lack> {
        if !self.is_logged {
            return None;
        }
        let method = self.method.as_deref().unwrap_or("GET");
        let is_target = self.url.bytes().all(|byte| byte.is_ascii_graphic())
            && (self.url.starts_with('/')
                || is_whole(&self.url)
                || (method, self.url.as_str()) == ("OPTIONS", "*"));
        match method {
            "CONNECT" => Some(Lack::Tunnel),
            _ if WITH_BODY.contains(&method) => Some(Lack::Body),
            _ if !BODILESS.contains(&method) => Some(Lack::Method),
            _ => (!is_target).then_some(Lack::Target),
        }
    }
}

impl Line {
    /// It, unless its bytes are no text: what stood there cannot be sent then. Of a log only the
    /// request matters, and that is looked at as a target.
    pub(super) fn if_legible(self, bytes: &[u8]) -> Result<Self, String> {
        match std::str::from_utf8(bytes) {
            Err(error) if !self.is_logged => Err(format!(
                "byte {} of it is not UTF-8; requests are text (a body of any bytes: --body @FILE)",
                error.valid_up_to()
            )),
            _ => Ok(self),
        }
    }
}

/// Reads a line that is neither empty nor a comment.
pub(super) fn line(text: &str) -> Result<Line, String> {
    let mut line = read(text)?;
    line.url.truncate(without_fragment(&line.url).len());
    Ok(line)
}

fn read(text: &str) -> Result<Line, String> {
    if text.starts_with('{') {
        return of_json(text);
    }
    if let Some(line) = of_log(text) {
        return Ok(line);
    }
    let line = match text.split_once(char::is_whitespace) {
        None => Line { url: text.to_owned(), ..Line::default() },
        Some((method, url)) => {
            let (method, url) = (Some(method.to_owned()), url.trim().to_owned());
            Line { method, url, ..Line::default() }
        }
    };
    let is_method = |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_one_word = !line.url.contains(char::is_whitespace);
    if line.method.as_deref().is_none_or(is_method) && is_one_word && is_url(&line.url) {
        Ok(line)
    } else {
        Err(format!(
            "`{}` is no request, expected a URL or /path, METHOD URL, a JSON object or a line of \
             an access log",
            one_line(&text.chars().take(80).collect::<String>())
        ))
    }
}

fn is_url(text: &str) -> bool {
    text.starts_with('/') || is_whole(text)
}

/// A line of an access log, in Common Log Format or one that goes on from it: the request is in
/// quotation marks, `"GET /path HTTP/1.1"`. Clients put spaces into the path.
fn of_log(text: &str) -> Option<Line> {
    text.split('"').skip(1).step_by(2).find_map(|quoted| {
        let (method, rest) = quoted.split_once(' ')?;
        let (url, version) = rest.rsplit_once(' ')?;
        let is_request = version.starts_with("HTTP/") && !method.is_empty() && !url.is_empty();
        is_request.then(|| Line {
            method: Some(method.to_owned()),
            url: url.to_owned(),
            is_logged: true,
            ..Line::default()
        })
    })
}

/// `{"method": .., "url": .., "headers": {..}, "body": ..}`; or a server's log in JSON, which has
/// `uri` in `request`.
fn of_json(text: &str) -> Result<Line, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"))?;
    let is_logged = value["request"].is_object();
    let object = if is_logged { &value["request"] } else { &value };
    let text = |names: &[&str]| {
        let found = names.iter().find_map(|name| object.get(*name));
        match found {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(format!("`{}` is {other}, expected a text", names[0])),
        }
    };
    let url = text(&["url", "uri", "path"])?.ok_or("no `url` in the object")?;
    if !is_logged && !is_url(&url) {
        return Err(format!("`url` is `{}`, expected a URL or /path", one_line(&url)));
    }
    let body = match object.get("body") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone().into_bytes()),
        // JSON in JSON needs no quotation marks.
        Some(other) => Some(other.to_string().into_bytes()),
    };
    let headers = if is_logged { Vec::new() } else { fields(object.get("headers"))? };
    Ok(Line { method: text(&["method"])?, url, headers, body, is_logged })
}

fn fields(headers: Option<&Value>) -> Result<Vec<(String, String)>, String> {
    let wrong = |found: &Value| {
        format!("`headers` has {found}, expected an object of texts or of lists of texts")
    };
    let Some(headers) = headers else { return Ok(Vec::new()) };
    let mut fields = Vec::new();
    for (name, value) in headers.as_object().ok_or_else(|| wrong(headers))? {
        let values = match value {
            Value::Array(values) => values.iter().collect(),
            value => vec![value],
        };
        let texts = values.into_iter().map(|value| value.as_str().ok_or_else(|| wrong(value)));
        let texts = texts.collect::<Result<Vec<_>, _>>()?;
        if name.eq_ignore_ascii_case("host") {
            // This one is no list.
            fields.extend(texts.into_iter().map(|text| (name.clone(), text.to_owned())));
        } else if !texts.is_empty() {
            // Several values of one field are one list (RFC 9110 section 5.3).
            fields.push((name.clone(), texts.join(", ")));
        }
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(url: &str) -> Line {
        Line { method: Some("GET".into()), url: url.into(), ..Line::default() }
    }

    #[test]
    fn a_line_is_a_url_a_method_with_one_json_or_of_a_log() {
        let bare = |url: &str| Line { url: url.into(), ..Line::default() };
        assert_eq!(line("/a?b"), Ok(bare("/a?b")));
        assert_eq!(line("http://h/a"), Ok(bare("http://h/a")));
        assert_eq!(line("GET   http://h/a"), Ok(get("http://h/a")));
        let logged = Line { is_logged: true, ..get("/a?b=%22c") };
        let common = r#"10.0.0.1 - - [28/Nov/2026:20:00:00 +0000] "GET /a?b=%22c HTTP/1.1" 200 7"#;
        assert_eq!(line(common), Ok(Line { is_logged: true, ..get("/a?b=%22c") }));
        let combined = format!(r#"{common} "http://from/" "An agent (GET it)""#);
        assert_eq!(line(&combined), Ok(logged));
        let json =
            r#"{"method":"PUT","url":"/a","headers":{"X":"1","Y":["2","3"]},"body":{"k":1}}"#;
        assert_eq!(
            line(json),
            Ok(Line {
                method: Some("PUT".into()),
                url: "/a".into(),
                headers: vec![("X".into(), "1".into()), ("Y".into(), "2, 3".into())],
                body: Some(br#"{"k":1}"#.to_vec()),
                is_logged: false,
            })
        );
        let caddy = r#"{"ts":1.5,"request":{"method":"GET","uri":"/a","headers":{"X":["1"]}}}"#;
        assert_eq!(line(caddy), Ok(Line { is_logged: true, ..get("/a") }));
        for wrong in ["a", "get /a", "GET a", "/a b", "{", "{}", r#"{"url":7}"#, r#"{"url":"a"}"#] {
            assert!(line(wrong).is_err(), "{wrong}");
        }
        let fields = r#"{"url":"/","headers":{"X":1}}"#;
        assert!(line(fields).unwrap_err().contains("texts"), "{fields}");
    }

    #[test]
    fn what_starts_with_a_slash_is_a_path_and_no_fragment_is_kept() {
        for (text, url) in [
            ("/login?next=http://h/a", "/login?next=http://h/a"),
            ("GET /a?u=x://y#z", "/a?u=x://y"),
            ("/a#f", "/a"),
            ("http://h/a#f?g", "http://h/a"),
            (r#"{"url":"/a?b#c"}"#, "/a?b"),
            (r#"- "GET /a#b HTTP/1.1" 200"#, "/a"),
        ] {
            assert_eq!(line(text).unwrap().url, url, "{text}");
        }
    }

    #[test]
    fn a_request_of_a_log_says_what_it_lacks() {
        for (text, lack) in [
            (r#""GET /a HTTP/1.1""#, None),
            (r#""OPTIONS * HTTP/1.1""#, None),
            (r#""GET http://h/a HTTP/1.1""#, None),
            (r#""GET /a b HTTP/1.1""#, Some(Lack::Target)),
            ("\"GET /\u{fc} HTTP/1.1\"", Some(Lack::Target)),
            (r#""GET a HTTP/1.1""#, Some(Lack::Target)),
            (r#""POST /a HTTP/1.1""#, Some(Lack::Body)),
            (r#""PROPFIND / HTTP/1.1""#, Some(Lack::Body)),
            (r#""CONNECT h:443 HTTP/1.1""#, Some(Lack::Tunnel)),
            (r#""PRI * HTTP/2.0""#, Some(Lack::Method)),
            (r#""\x16\x03 x HTTP/1.1""#, Some(Lack::Method)),
            ("POST /a", None),
        ] {
            assert_eq!(line(text).unwrap().lack(), lack, "{text}");
        }
    }

    #[test]
    fn a_list_for_a_field_is_one_line_but_for_the_host() {
        let json = r#"{"url":"/","headers":{"Host":["a","b"],"X":["1","2"],"Y":[]}}"#;
        let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let fields = [own("Host", "a"), own("Host", "b"), own("X", "1, 2")];
        assert_eq!(line(json).unwrap().headers, fields);
    }
}
