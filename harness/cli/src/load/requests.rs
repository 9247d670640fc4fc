//! `--requests-from`: requests of a file, of a recorded log too.

mod line;

use std::collections::BTreeMap;

use httpdyno_loadgen::{Playlist, RequestSpec};

use super::target::{Target, is_whole};
use crate::exit::Failure;
use line::{Lack, Line, line};

/// Method and URL of a line of an access log; nothing where it is of none.
pub(crate) fn logged(text: &str) -> Option<(String, String)> {
    let line = line(text).ok().filter(|line| line.is_logged)?;
    Some((line.method.unwrap_or_else(|| "GET".to_owned()), line.url))
}

/// The lines of a file that are requests.
pub(super) struct Requests {
    /// With their number in the file.
    lines: Vec<(usize, Line)>,
    /// Requests of a log that cannot be sent as they were.
    left_out: BTreeMap<Lack, u64>,
    /// Lines of a log without a request: how many, and the number of the first.
    without: Option<(u64, usize)>,
}

impl Requests {
    pub(super) fn parse(text: &[u8]) -> Result<Self, Failure> {
        let mut requests = Self { lines: Vec::new(), left_out: BTreeMap::new(), without: None };
        let (mut is_log, mut first_wrong) = (false, None);
        for (index, bytes) in text.split(|byte| *byte == b'\n').enumerate() {
            let (number, text) = (index + 1, String::from_utf8_lossy(bytes));
            let text = text.trim().trim_start_matches('\u{feff}');
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            match line(text).and_then(|line| line.if_legible(bytes)) {
                Err(why) => {
                    requests.without.get_or_insert((0, number)).0 += 1;
                    first_wrong.get_or_insert((number, why));
                }
                Ok(line) => {
                    is_log |= line.is_logged;
                    match line.lack() {
                        Some(lack) => *requests.left_out.entry(lack).or_default() += 1,
                        None => requests.lines.push((number, line)),
                    }
                }
            }
        }
        // Logs have lines in which nobody asked for anything; what somebody wrote has mistakes.
        if let Some((number, why)) = first_wrong.filter(|_| !is_log) {
            return Err(at_line(number, &why));
        }
        if requests.lines.is_empty() {
            let why = requests.remark().map(|remark| format!(" ({remark})")).unwrap_or_default();
            return Err(Failure::new(format!("--requests-from: no request in it{why}")));
        }
        Ok(requests)
    }

    /// The first whole URL, for want of another that says where to connect.
    pub(super) fn first_url(&self) -> Option<&str> {
        self.lines.iter().map(|(_, line)| line.url.as_str()).find(|url| is_whole(url))
    }

    /// What there is to be said of it.
    pub(super) fn remark(&self) -> Option<String> {
        let mut remarks = Vec::new();
        if !self.left_out.is_empty() {
            let all: u64 = self.left_out.values().sum();
            let each = self.left_out.iter().map(|(lack, number)| match number {
                number if *number == all => format!("they {}", lack.words()),
                number => format!("{number} {}", lack.words()),
            });
            let each = each.collect::<Vec<_>>().join("; ");
            remarks.push(format!("{all} requests of the log are left out: {each}"));
        }
        if let Some((number, first)) = self.without {
            remarks.push(format!(
                "{number} lines of the log are left out: no request is in them, the first is line \
                 {first}"
            ));
        }
        (!remarks.is_empty()).then(|| remarks.join("; "))
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

fn at_line(number: usize, why: &str) -> Failure {
    Failure::new(format!("--requests-from, line {number}: {why}"))
}

fn request(
    line: Line,
    usual: &RequestSpec,
    server: &Target,
    any_host: bool,
) -> Result<RequestSpec, String> {
    let is_own = |name: &str| line.headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
    let mut headers = usual.headers.clone();
    headers.retain(|(name, _)| !is_own(name));
    headers.extend(line.headers);
    let is_host = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("host");
    let hosts = headers.iter().filter(is_host).count();
    if hosts > 1 {
        return Err(format!("{hosts} Host fields, expected exactly one"));
    }
    let path = if is_whole(&line.url) {
        let target = Target::parse(&line.url).map_err(|error| error.to_string())?;
        let same = target.is_same_place(server);
        if !same && !any_host {
            return Err(format!(
                "`{}` is of another server than {}; one run puts load on one, and --connect-to \
                 HOST:PORT sends all there",
                line.url, server.authority
            ));
        }
        if !same && hosts == 0 {
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

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!((requests.lines.len(), requests.left_out[&Lack::Body]), (2, 1));
        assert!(requests.remark().unwrap().starts_with("1 requests"));
        let none = Requests::parse(b"\"POST /b HTTP/1.1\"").err().unwrap().to_string();
        assert!(none.contains("no request in it"), "{none}");
        assert!(Requests::parse(b"\n# nothing\n").is_err());
    }

    #[test]
    fn what_is_not_utf_8_is_a_mistake_in_a_list_and_noise_in_a_log() {
        let of_a_list = Requests::parse(b"/a\n/\xff").err().unwrap().to_string();
        assert!(of_a_list.contains("line 2: byte 1 of it is not UTF-8"), "{of_a_list}");
        let of_json = Requests::parse(b"{\"url\":\"/\",\"body\":\"\xff\"}").err().unwrap();
        assert!(of_json.to_string().contains("line 1: byte 19 of it"), "{of_json}");
        // Clients name themselves in any encoding, and ask for anything.
        let log = b"\"GET /a HTTP/1.1\" 200 \"\xc4gypten/1.0\"\n\"GET /\xff HTTP/1.1\" 400\n\xff\n";
        let requests = Requests::parse(log).unwrap();
        assert_eq!((requests.lines.len(), requests.left_out[&Lack::Target]), (1, 1));
        assert_eq!(requests.without, Some((1, 3)));
    }

    #[test]
    fn noise_of_a_log_is_left_out_and_said_as_what_it_is() {
        let text = "\"-\" 408 0\n\"\\x16\\x03\\x01\" 400\n\"GET /a HTTP/1.1\" 200\n\
                    \"GET /a b HTTP/1.1\"\n\"CONNECT h:443 HTTP/1.1\"\n\"POST /b HTTP/1.1\"\n\
                    {\"level\":\"info\"}\n\"POST /c HTTP/1.1\"";
        let requests = Requests::parse(text.as_bytes()).unwrap();
        assert_eq!(requests.lines.len(), 1);
        let remark = requests.remark().unwrap();
        let words = "4 requests of the log are left out: 2 had a body, which no log keeps; 1 asked \
                     for a tunnel (CONNECT); 1 had a target that cannot be sent; 3 lines of the log \
                     are left out: no request is in them, the first is line 1";
        assert_eq!(remark, words);
        let tunnels = Requests::parse(b"\"CONNECT h:443 HTTP/1.1\"").err().unwrap().to_string();
        assert!(tunnels.contains("they asked for a tunnel"), "{tunnels}");
        // What is no log has no noise.
        let error = Requests::parse(b"/a\n\"-\" 408 0").err().unwrap().to_string();
        assert!(error.contains("line 2"), "{error}");
    }

    #[test]
    fn hosts_are_the_same_in_any_case_and_there_is_one() {
        let found = list("http://H:81/b#c\n/d?u=http://other/#e", false).unwrap();
        assert_eq!([&found[0].path, &found[1].path], ["/b", "/d?u=http://other/"]);
        for hosts in [r#"{"Host":["a","b"]}"#, r#"{"Host":"a","host":"b"}"#] {
            let error = list(&format!("/\n{{\"url\":\"/\",\"headers\":{hosts}}}"), false);
            let error = error.unwrap_err();
            assert!(error.contains("line 2: 2 Host fields, expected exactly one"), "{error}");
        }
    }
}
