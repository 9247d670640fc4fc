//! `httpdyno init --from-openapi`, `--from-har`, `--from-log`: the draft is a workload that is measured as it
//! is.

#[path = "support/projects.rs"]
mod projects;

use std::fs;

use httpdyno_testkit::{End, Script, ScriptedResponder};

use projects::Project;

const LOG: &str = "::1 - - [1/Jan/2026] \"GET /a HTTP/1.1\" 200 2\n\
                   ::1 - - [1/Jan/2026] \"GET /a HTTP/1.1\" 200 2\n\
                   ::1 - - [1/Jan/2026] \"GET /b?c=1 HTTP/1.1\" 200 2\n\
                   ::1 - - [1/Jan/2026] \"GET /none HTTP/1.1\" 404 2\n";
const OPENAPI: &str = "openapi: 3.0.0\npaths:\n  /orders:\n    post:\n      requestBody:\n        \
                       content:\n          application/json:\n            example: { amount: 1 }\n      \
                       responses: { '200': {} }\n";
const HAR: &str = r#"{"log":{"entries":[{"request":{"method":"GET","url":"http://shop/cart","headers":
    [{"name":"Cookie","value":"secret"}]},"response":{"status":200}}]}}"#;

fn project() -> Project {
    let project = Project::new();
    project.write("access.log", LOG);
    project.write("api.yaml", OPENAPI);
    project.write("recorded.har", HAR);
    project
}

fn server() -> ScriptedResponder {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    ScriptedResponder::start([Script::answer(answer, End::Again)])
}

#[test]
fn a_draft_is_measured_as_it_is() {
    let project = project();
    let (old, new) = (server(), server());
    let [base, head] = [&old, &new].map(|it| format!("http://{}", it.address()));
    let (text, errors, code) = project.run(&["init", "--url", &base, "--from-log", "access.log"]);
    assert_eq!(code, Some(0), "{text}{errors}");
    assert!(text.contains("2 kinds of requests of an access log"), "{text}");
    assert!(text.contains("left out: 1, which were answered with an error"), "{text}");
    let profile = fs::read_to_string(project.path().join("httpdyno/profiles/local.yaml"));
    assert!(profile.expect("readable").contains("workloads: [log]"));
    // Others are put beside it, and nothing is written over.
    for (more, name) in [
        (["init", "--from-openapi", "api.yaml"], "openapi"),
        (["init", "--from-har", "recorded.har"], "har"),
    ] {
        let (text, errors, code) = project.run(&more);
        assert_eq!(code, Some(0), "{text}{errors}");
        let file = project.path().join(format!("httpdyno/workloads/{name}.yaml"));
        let written = fs::read_to_string(&file).expect("readable");
        assert!(!written.contains("secret"), "{written}");
        fs::write(&file, format!("{written}# mine\n")).expect("written");
        let (_, errors, code) = project.run(&more);
        assert_eq!(code, Some(2), "{errors}");
        assert!(errors.contains("nothing in it was touched"), "{errors}");
        assert!(fs::read_to_string(&file).expect("readable").ends_with("# mine\n"));
    }
    let sides = ["ab", "--base", &base, "--head", &head, "--profile", "loose.yaml"];
    let asked = ["--workload", "log", "openapi", "har", "--blocks", "2", "--margin", "90%"];
    let (text, errors, code) = project.run(&[&sides[..], &asked].concat());
    assert!(matches!(code, Some(0 | 3)), "{text}{errors}");
    for workload in ["log", "openapi", "har"] {
        assert!(text.contains(&format!("{workload}, 2 connections")), "{text}{errors}");
    }
}

#[test]
fn what_is_no_such_file_makes_no_suite() {
    let project = project();
    let url = ["init", "--url", "http://127.0.0.1:9"];
    project.write("empty.log", "\"GET /none HTTP/1.1\" 404 2\n");
    for (more, words) in [
        (["--from-har", "access.log"], "no JSON"),
        (["--from-openapi", "recorded.har"], "openapi"),
        (["--from-log", "recorded.har"], "no request"),
        (["--from-log", "empty.log"], "were answered with an error"),
        (["--from-log", "nothing.log"], "cannot read nothing.log"),
        (["--from-log", "."], "cannot read ."),
    ] {
        let (text, errors, code) = project.run(&[&url[..], &more].concat());
        assert_eq!((code, text.as_str()), (Some(2), ""), "{more:?}: {errors}");
        assert!(errors.contains(words), "{more:?}: {errors}");
        assert!(!project.path().join("httpdyno").exists(), "{more:?}");
    }
    let two = ["--from-log", "access.log", "--from-har", "recorded.har"];
    let (_, errors, code) = project.run(&[&url[..], &two].concat());
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("cannot be used with"), "{errors}");
}
