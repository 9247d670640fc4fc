//! Routes of workloads, verified as checks are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use httpdyno_conformance::{Route, Target, VerifiedExchange, verify_route_blocking};
use httpdyno_spec::exchange::{RequestTemplate, ResponseRule, Variable};
use httpdyno_testkit::{Cheat, Server};

fn verify(server: &Server, request: &str, expect: &str) -> Result<VerifiedExchange, String> {
    let vars = "{id: {random-integer: {min: 1, max: 1000000}}}";
    let vars: BTreeMap<String, Variable> = serde_yaml::from_str(vars).expect("variables");
    let request: RequestTemplate = serde_yaml::from_str(request).expect("a request");
    let expect: ResponseRule = serde_yaml::from_str(expect).expect("a rule");
    let route = Route { name: "route", vars: &vars, request: &request, expect: &expect };
    let payloads: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/payloads");
    let verified = verify_route_blocking(&Target::at(server.address()), &payloads, route, 7);
    verified.map_err(|mismatch| mismatch.to_string())
}

const USER: &str = "{path: '/users/{id}'}";
const NAMED: &str = "{status: [200], body: {json: {id: '{id}', name: 'user-{id}'}}}";

#[test]
fn a_right_answer_is_given_with_what_was_sent() {
    let server = Server::perfect();
    let verified = verify(&server, USER, NAMED).expect("the right answer");
    let id = verified.values["id"].as_u64().expect("an integer");
    assert_eq!(verified.request.path, format!("/users/{id}"));
    assert_eq!(verified.answer.status, 200);
    let text = String::from_utf8_lossy(&verified.answer.body).into_owned();
    assert!(text.contains(&format!("user-{id}")), "{text}");
    let echo = "{method: POST, path: /echo, body: {file: echo/small.json}}";
    assert!(verify(&server, echo, "{status: [200], body: echo-json}").is_ok());
}

#[test]
fn a_wrong_answer_says_what_is_wrong() {
    let server = Server::with([Cheat::OneUser]);
    let why = verify(&server, USER, NAMED).expect_err("the wrong answer");
    assert!(why.starts_with("GET /users/") && why.contains("content is not the JSON"), "{why}");
    let missing = "{method: POST, path: /echo, body: {file: echo/none.json}}";
    let why = verify(&server, missing, "{status: [200]}").expect_err("no such file");
    assert!(why.contains("can not read the payload"), "{why}");
}
