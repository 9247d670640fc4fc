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
