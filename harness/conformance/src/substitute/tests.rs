use std::path::Path;

use httpdyno_spec::case::CasesFile;
use httpdyno_spec::read_file;

use super::*;

fn all() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/cases");
    let files = std::fs::read_dir(folder).expect("spec/cases").flatten();
    let read = |path: &Path| match read_file::<CasesFile>(path) {
        Ok(file) => file.value.cases,
        Err(errors) => panic!("{errors}"),
    };
    files.flat_map(|file| read(&file.path())).collect()
}

fn page() -> Page {
    Page::found("/health/of/all", Some(b"fine".to_vec()), true)
}

fn bytes(case: &Case) -> Vec<u8> {
    Actions::of(case, "h:1").expect("actions").whole()
}

/// What is asked of a page names no endpoint, but where a case hides a request in content, or behind
/// a request whose end nobody can know.
#[test]
fn most_cases_can_be_asked_of_any_page() {
    let cases = all();
    let (mut asked, mut left) = (0, Vec::new());
    for case in &cases {
        match on_page(case, "h:1", &page()) {
            Ok(new) => {
                asked += 1;
                let sent = bytes(&new);
                let names_none = |one: &Request| one.ours.is_none() && one.method != b"POST";
                let text = String::from_utf8_lossy(&sent);
                assert!(requests(&sent).iter().all(names_none), "{}: {text}", case.id);
                assert!(new.uses.is_empty(), "{}", case.id);
                let content_first =
                    |bytes: &[u8]| requests(bytes).first().map(|first| first.has_content);
                assert_eq!(content_first(&sent), content_first(&bytes(case)), "{}", case.id);
            }
            Err(why) => left.push(format!("{}: {why}", case.id)),
        }
    }
    assert!(asked * 10 > cases.len() * 6, "{asked} of {}: {left:#?}", cases.len());
}

#[test]
fn a_folded_line_is_no_field_and_a_long_number_is_a_length() {
    let of = |fields: &str| {
        requests(format!("GET /plaintext HTTP/1.1\r\nHost: h\r\n{fields}\r\n\r\nabc").as_bytes())
            .swap_remove(0)
    };
    let folded = of("X: a\r\n Content-Length: 9999");
    assert!(!folded.has_content && !folded.is_broken);
    for length in ["4294967299", "9223372036854775811", "340282366920938463463374607431768211459"] {
        let cut_off = of(&format!("Content-Length: {length}"));
        assert!(cut_off.has_content && cut_off.is_broken, "{length}");
    }
    let whole = of("Content-Length: 3");
    assert!(whole.has_content && !whole.is_broken);
    for none in ["Content-Length: +3", "Content-Length: 3, 4", "Transfer-Encoding: x"] {
        assert!(!of(none).has_content, "{none}");
    }
    assert!(of("Transfer-Encoding: chunked").is_broken);
}

/// A server may answer before it reads what it has no use for; what it must not do is go on.
#[test]
fn broken_content_may_be_noticed_behind_the_answer() {
    let ended = |send: &str| {
        let accept = "{responses: [{status: [4xx, 5xx]}], then: ended}";
        let new = on_page(&case(send, accept), "h:1", &page()).expect("a case");
        let statuses = |outcome: &Outcome| -> Vec<String> {
            outcome.responses.iter().map(|one| one.status[0].to_string()).collect()
        };
        assert!(new.accept.iter().all(|outcome| outcome.then == Then::Ended));
        new.accept.iter().map(statuses).collect::<Vec<_>>()
    };
    let chunked = r"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    for sound in ["5\r\nhello", "5;a=b\r\nhello", "5 ; a\r\nhello"] {
        let sound = sound.replace("\r\n", r"\r\n");
        for trailers in ["", r"X-Test: a\r\n"] {
            let last = ended(&format!(r"{chunked}{sound}\r\n0\r\n{trailers}\r\n")).pop();
            assert_eq!(last, Some(vec!["4xx".to_owned()]), "{sound} {trailers}");
        }
    }
    for broken in [
        r"5g\r\nhello\r\n0\r\n\r\n",
        r"+5\r\nhello\r\n0\r\n\r\n",
        r"5 \r\nhello\r\n0\r\n\r\n",
        r"5\nhello\r\n0\r\n\r\n",
        r"5;a\nb\r\nhello\r\n0\r\n\r\n",
        r"5\r\nhello\n0\r\n\r\n",
        r"5\r\nhelloX0\r\n\r\n",
        r"5\r\nhello\r\n",
        r"5\r\nhello\r\n0\r\nno colon\r\n\r\n",
        r"5\r\nhello\r\n0\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
        r"5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n",
        r"5\r\nhello\r\n0\r\nConnection: close\r\n\r\n",
    ] {
        let last = ended(&format!("{chunked}{broken}")).pop();
        assert_eq!(last, Some(vec!["200".to_owned(), "400".to_owned()]), "{broken}");
    }
    let cut_off = r"POST /echo HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc";
    assert_eq!(ended(cut_off).pop(), Some(vec!["200".to_owned(), "400".to_owned()]));
    let whole = cut_off.replace('9', "3");
    assert_eq!(ended(&whole).pop(), Some(vec!["4xx".to_owned()]));
}

fn case(send: &str, accept: &str) -> Case {
    let yaml = format!(
        "{{id: h1/test/case, title: t, level: must, source: s, requires: r, uses: [echo], \
         send: [bytes: '{send}'], accept: [{accept}]}}"
    );
    serde_yaml::from_str(&yaml).unwrap_or_else(|error| panic!("{yaml}: {error}"))
}

#[test]
fn content_may_be_read_refused_or_left_but_not_taken_for_a_request() {
    let send = r"POST /echo HTTP/1.1\r\nHost: {host}\r\nContent-Length: 20\r\n\r\n\
        GET /users/666 HTTP/GET /users/1 HTTP/1.1\r\nHost: {host}\r\n\r\n"
        .replace("\\\n        ", "");
    let accept = "{responses: [{status: [200], times: 2}], then: open}";
    let new = on_page(&case(&send, accept), "h:1", &page()).expect("a case");
    let sent = String::from_utf8(bytes(&new)).expect("text");
    assert_eq!(
        sent,
        "GET /health/of/all HTTP/1.1\r\nHost: h:1\r\nContent-Length: 20\r\n\r\n\
         GET /users/666 HTTP/GET /health/of/all HTTP/1.1\r\nHost: h:1\r\n\r\n"
    );
    let thens: Vec<Then> = new.accept.iter().map(|outcome| outcome.then).collect();
    assert_eq!(thens, [Then::Open, Then::Ended, Then::Ended]);
    assert_eq!(new.accept[1].responses[0].body, BodyRule::Text("fine".into()));
}

#[test]
fn what_a_page_cannot_stand_for_says_why() {
    let ok = "{responses: [{status: [200]}], then: open}";
    for (send, accept, reason) in [
        (r"DELETE /echo HTTP/1.1\r\n\r\n", ok, "method"),
        (r"GET /delay/7 HTTP/1.1\r\n\r\n", ok, "endpoint"),
        (r"GET /echo HTTP/1.1\r\n\r\n", "{responses: [{status: [404]}], then: open}", "not there"),
        (r"GET /echo HTTP/1.1\r\n\r\n", "{responses: [{status: [405]}], then: open}", "takes"),
    ] {
        let why = on_page(&case(send, accept), "h:1", &page()).expect_err(send);
        assert!(why.contains(reason), "{send}: {why}");
    }
    let everything = Page::found("/", Some(b"app".to_vec()), false);
    let nowhere = case(r"GET /nowhere HTTP/1.1\r\n\r\n", ok);
    let why = on_page(&nowhere, "h:1", &everything).expect_err("answers everything");
    assert!(why.contains("404"), "{why}");
}
