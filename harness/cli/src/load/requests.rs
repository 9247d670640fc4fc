//! `--requests-from`: requests of a file, of a recorded log too.

use httpdyno_loadgen::{Playlist, RequestSpec};
use serde_json::Value;

use super::target::Target;
use crate::exit::Failure;

/// What a line asks for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Line {
    method: Option<String>,
    /// A URL, or a path with the query.
    url: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    /// It is of a log, in which no bodies are.
    is_logged: bool,
}

/// The lines of a file that are requests.
pub(super) struct Requests {
    /// With their number in the file.
    lines: Vec<(usize, Line)>,
    /// Requests of a log that had a body, which is not there.
    left_out: usize,
}

impl Requests {
    pub(super) fn parse(text: &[u8]) -> Result<Self, Failure> {
        let text = std::str::from_utf8(text).map_err(|error| {
            let at = error.valid_up_to();
            Failure::new(format!("--requests-from: byte {at} is not UTF-8; requests are text"))
        })?;
        let mut requests = Self { lines: Vec::new(), left_out: 0 };
        for (index, text) in text.lines().enumerate() {
            let (number, text) = (index + 1, text.trim().trim_start_matches('\u{feff}'));
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let line = line(text).map_err(|why| at_line(number, &why))?;
            let bodiless = line.method.as_deref().is_none_or(|method| BODILESS.contains(&method));
            if line.is_logged && !bodiless {
                requests.left_out += 1;
            } else {
                requests.lines.push((number, line));
            }
        }
        if requests.lines.is_empty() {
            let logged = match requests.left_out {
                0 => String::new(),
                all => format!(" ({all} of a log had a body, which no log keeps)"),
            };
            return Err(Failure::new(format!("--requests-from: no request in it{logged}")));
        }
        Ok(requests)
    }

    /// The first whole URL, for want of another that says where to connect.
    pub(super) fn first_url(&self) -> Option<&str> {
        self.lines.iter().map(|(_, line)| line.url.as_str()).find(|url| url.contains("://"))
    }

    /// What there is to be said of it.
    pub(super) fn remark(&self) -> Option<String> {
        (self.left_out > 0).then(|| {
            format!(
                "{} requests of the log are left out: they had a body, which no log keeps",
                self.left_out
            )
        })
    }

    /// All of them for one server; what a line does not say is as in `usual`. Hosts may differ
    /// where it is said elsewhere where to connect.
    pub(super) fn playlist(
        self,
        usual: &RequestSpec,
        server: &Target,
        any_host: bool,
        order: httpdyno_loadgen::Order,
    ) -> Result<Playlist, Failure> {
        let made = self.lines.into_iter().map(|(number, line)| {
            request(line, usual, server, any_host).map_err(|why| at_line(number, &why))
        });
        Ok(Playlist { requests: made.collect::<Result<_, _>>()?, order })
    }
}

/// Methods whose requests have no body, as a rule.
const BODILESS: [&str; 5] = ["GET", "HEAD", "OPTIONS", "DELETE", "TRACE"];

fn at_line(number: usize, why: &str) -> Failure {
    Failure::new(format!("--requests-from, line {number}: {why}"))
}

fn request(
    line: Line,
    usual: &RequestSpec,
    server: &Target,
    any_host: bool,
) -> Result<RequestSpec, String> {
    let mut headers = usual.headers.clone();
    for (name, value) in line.headers {
        headers.retain(|(other, _)| !other.eq_ignore_ascii_case(&name));
        headers.push((name, value));
    }
    let path = if line.url.contains("://") {
        let target = Target::parse(&line.url).map_err(|error| error.to_string())?;
        let same = (target.host(), target.port()) == (server.host(), server.port());
        if !same && !any_host {
            return Err(format!(
                "`{}` is of another server than {}; one run puts load on one, and --connect-to \
                 HOST:PORT sends all there",
                line.url, server.authority
            ));
        }
        if !same && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            headers.push(("Host".to_owned(), target.authority));
        }
        target.path
    } else {
        line.url
    };
    let body = line.body.or_else(|| usual.body.clone());
    let method = line.method.unwrap_or_else(|| match body {
        Some(_) if usual.body.is_none() => "POST".to_owned(),
        _ => usual.method.clone(),
    });
    Ok(RequestSpec { method, path, headers, body })
}

fn line(text: &str) -> Result<Line, String> {
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
    let is_url = |text: &str| {
        (text.starts_with('/') || text.contains("://")) && !text.contains(char::is_whitespace)
    };
    if line.method.as_deref().is_none_or(is_method) && is_url(&line.url) {
        Ok(line)
    } else {
        Err(format!(
            "`{}` is no request, expected a URL or /path, METHOD URL, a JSON object or a line of \
             an access log",
            httpdyno_report::legible::one_line(&text.chars().take(80).collect::<String>())
        ))
    }
}

/// A line of an access log, in Common Log Format or one that goes on from it: the request is in
/// quotation marks, `"GET /path HTTP/1.1"`.
fn of_log(text: &str) -> Option<Line> {
    text.split('"').skip(1).step_by(2).find_map(|quoted| {
        let mut words = quoted.split(' ');
        let (method, url, version) = (words.next()?, words.next()?, words.next()?);
        let is_request = version.starts_with("HTTP/") && words.next().is_none();
        (is_request && !method.is_empty() && !url.is_empty()).then(|| Line {
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
        // Several values of one field are one list (RFC 9110 section 5.3).
        fields.push((name.clone(), texts.join(", ")));
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
        for wrong in ["a", "get /a", "GET a", "/a b", "{", "{}", r#"{"url":7}"#] {
            assert!(line(wrong).is_err(), "{wrong}");
        }
        let fields = r#"{"url":"/","headers":{"X":1}}"#;
        assert!(line(fields).unwrap_err().contains("texts"), "{fields}");
    }

    fn list(text: &str, any_host: bool) -> Result<Vec<RequestSpec>, String> {
        let server = Target::parse("http://h:81/").unwrap();
        let usual = RequestSpec {
            method: "GET".into(),
            path: "/".into(),
            headers: vec![("X".into(), "0".into())],
            body: None,
        };
        let requests = Requests::parse(text.as_bytes()).map_err(|error| error.to_string())?;
        let order = httpdyno_loadgen::Order::Given;
        let list = requests.playlist(&usual, &server, any_host, order);
        list.map(|list| list.requests).map_err(|error| error.to_string())
    }

    #[test]
    fn what_a_line_leaves_open_is_as_in_the_options() {
        let found = list(
            "# two\n/a\n\n{\"url\":\"http://h:81/b\",\"headers\":{\"x\":\"1\"},\"body\":\"c\"}",
            false,
        );
        let found = found.unwrap();
        assert_eq!((found[0].method.as_str(), found[0].path.as_str()), ("GET", "/a"));
        assert_eq!(found[0].headers, [("X".to_owned(), "0".to_owned())]);
        assert_eq!((found[1].method.as_str(), found[1].path.as_str()), ("POST", "/b"));
        assert_eq!(found[1].headers, [("x".to_owned(), "1".to_owned())]);
        assert_eq!(found[1].body.as_deref(), Some(&b"c"[..]));
    }

    #[test]
    fn another_server_is_refused_unless_it_is_said_where_to_connect() {
        let text = "/a\nhttp://other/b";
        let error = list(text, false).unwrap_err();
        assert!(error.contains("line 2") && error.contains("another server than h:81"), "{error}");
        let found = list(text, true).unwrap();
        assert_eq!(found[1].headers[1], ("Host".to_owned(), "other".to_owned()));
    }

    #[test]
    fn a_log_keeps_no_bodies() {
        let text = "\"GET /a HTTP/1.1\"\n\"POST /b HTTP/1.1\"\n\"HEAD /c HTTP/1.0\"";
        let requests = Requests::parse(text.as_bytes()).unwrap();
        assert_eq!((requests.lines.len(), requests.left_out), (2, 1));
        assert!(requests.remark().unwrap().starts_with("1 requests"));
        let none = Requests::parse(b"\"POST /b HTTP/1.1\"").err().unwrap().to_string();
        assert!(none.contains("no request in it"), "{none}");
        assert!(Requests::parse(b"\n# nothing\n").is_err());
        assert!(Requests::parse(b"/a\n\xff").is_err());
    }
}
