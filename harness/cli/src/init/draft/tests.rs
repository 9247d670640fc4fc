use std::path::Path;

use httpdyno_spec::suite::read_workload;
use httpdyno_spec::workload::Workload;
use serde_json::json;

use super::*;

/// The workload that comes of it, as httpdyno reads it, and what was left out.
fn workload(found: Found) -> (Workload, Vec<String>) {
    let (routes, left_out) = found.routes();
    let left_out = said(&left_out);
    let text = write::workload("draft", "a file", "a test", &routes, &left_out);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("draft.yaml");
    std::fs::write(&path, &text).expect("written");
    let read = read_workload(&path).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    (read.value, left_out)
}

fn asked(workload: &Workload) -> Vec<(String, u32, u16)> {
    let line = |route: &httpdyno_spec::workload::Route| {
        let request = format!("{} {}", route.request.method.as_str(), route.request.path);
        (request, route.weight, route.expect.status[0])
    };
    workload.routes.iter().map(line).collect()
}

fn own(all: &[(&str, u32, u16)]) -> Vec<(String, u32, u16)> {
    all.iter().map(|(text, weight, status)| ((*text).to_owned(), *weight, *status)).collect()
}

#[test]
fn a_log_gives_what_was_answered_well_as_often_as_it_was() {
    let line = |request: &str, status: u16| {
        format!("::1 - - [28/Nov/2026:20:00:00 +0000] \"{request}\" {status} 7 \"-\" \"x 200\"\n")
    };
    let caddy = r#"{"request":{"method":"GET","uri":"/c"},"status":204}"#;
    let text = [
        line("GET /a?x=%22 HTTP/1.1", 200),
        line("GET /b HTTP/1.1", 304),
        line("GET /a?x=%22 HTTP/1.1", 200),
        line("GET /none HTTP/1.1", 404),
        line("POST /b HTTP/1.1", 201),
        line("DELETE /b HTTP/1.1", 204),
        line("PROPFIND /b HTTP/1.1", 207),
        line("GET /{id}/a b HTTP/1.1", 200),
        line("GET http://h/d HTTP/1.1", 200),
        line("HEAD /b HTTP/1.1", 200),
        format!("{caddy}\n"),
        "\"\\x16\\x03\" 400\n\n# a comment\n".to_owned(),
    ];
    let (workload, left_out) = workload(log::read(text.concat().as_bytes()).expect("a log"));
    let wanted = [
        ("GET /a?x=%22", 2, 200),
        ("GET /b", 1, 200),
        ("GET /d", 1, 200),
        ("HEAD /b", 1, 200),
        ("GET /c", 1, 204),
    ];
    assert_eq!(asked(&workload), own(&wanted));
    let words = ["1, which delete", "1, which had a body", "1, which are lines without", "error"];
    assert!(words.iter().all(|it| left_out.iter().any(|line| line.contains(it))), "{left_out:?}");
    assert_eq!(left_out.len(), 6, "{left_out:?}");
}

#[test]
fn only_so_many_kinds_are_taken_the_most_frequent_first() {
    let lines = (0..80).flat_map(|n| {
        std::iter::repeat_n(format!("\"GET /p{n} HTTP/1.1\" 200 7\n"), 1 + usize::from(n >= 40))
    });
    let (workload, left_out) =
        workload(log::read(lines.collect::<String>().as_bytes()).expect("a log"));
    assert_eq!(workload.routes.len(), MOST_ROUTES);
    assert!(workload.routes[..40].iter().all(|route| route.weight == 2));
    assert_eq!(left_out, ["left out: 30, which are kinds beyond the 50 most frequent ones"]);
}

#[test]
fn a_har_file_gives_one_hosts_requests_without_what_is_secret() {
    let entry = |method: &str, url: &str, status: u16, more: Value| {
        let headers = json!([
            { "name": "Accept", "value": "*/*" }, { "name": "Cookie", "value": "session=1" },
            { "name": ":authority", "value": "shop" }, { "name": "sec-ch-ua", "value": "x" },
            { "name": "Authorization", "value": "Bearer x" }, { "name": "User-Agent", "value": "x" },
        ]);
        json!({
            "request": { "method": method, "url": url, "headers": headers, "postData": more },
            "response": { "status": status },
        })
    };
    let json_body =
        json!({ "mimeType": "application/json", "text": r#"{"a":[1,"x: y"],"b":null}"# });
    let entries = [
        entry("GET", "https://shop:8443/", 200, Value::Null),
        entry("GET", "https://shop:8443?q=1#top", 304, Value::Null),
        entry("POST", "https://shop:8443/orders", 201, json_body),
        entry(
            "POST",
            "https://shop:8443/text",
            200,
            json!({ "mimeType": "text/plain", "text": "a\nb\u{1b}" }),
        ),
        entry("POST", "https://shop:8443/file", 200, json!({ "params": [{ "name": "f" }] })),
        entry(
            "POST",
            "https://shop:8443/raw",
            200,
            json!({ "text": "AA==", "encoding": "base64" }),
        ),
        entry("POST", "https://shop:8443/named", 200, json!({ "text": "hello {name}" })),
        entry("GET", "https://elsewhere/", 200, Value::Null),
        entry("GET", "https://shop:8443/blocked", 0, Value::Null),
        entry("GET", "data:text/plain,x", 200, Value::Null),
        entry("DELETE", "https://shop:8443/orders/1", 204, Value::Null),
    ];
    let file = json!({ "log": { "version": "1.2", "entries": entries } }).to_string();
    let (workload, left_out) = workload(har::read(file.as_bytes()).expect("a HAR file"));
    let wanted = [
        ("GET /", 1, 200),
        ("GET /?q=1", 1, 200),
        ("POST /orders", 1, 201),
        ("POST /text", 1, 200),
    ];
    assert_eq!(asked(&workload), own(&wanted));
    let all = format!("{workload:?}");
    assert!(
        !all.contains("session=1") && !all.contains("Bearer") && !all.contains("sec-ch"),
        "{all}"
    );
    let body = workload.routes[2].request.body.as_ref().expect("a body");
    let wanted = json!({ "a": [1, "x: y"], "b": null });
    assert_eq!(*body, httpdyno_spec::exchange::RequestBody::Json(wanted));
    assert_eq!(workload.routes[0].request.headers["accept"], "*/*");
    assert_eq!(left_out.len(), 6, "{left_out:?}");
}

const OPENAPI: &str = r##"
openapi: 3.1.0
info: { title: Shop, version: "1" }
servers: [{ url: "https://api.example.org/v1/" }]
security: [{ key: [] }]
paths:
  /orders/{id}:
    parameters: [{ $ref: "#/components/parameters/id" }]
    get:
      parameters:
        - { name: full, in: query, required: true, schema: { type: boolean } }
        - { name: page, in: query, schema: { type: integer } }
        - { name: X-Trace, in: header, required: true, example: "a b" }
      responses: { "404": {}, "200": {} }
    delete: { responses: { "204": {} } }
  /orders:
    post:
      security: []
      requestBody:
        content:
          application/json: { schema: { $ref: "#/components/schemas/Order" } }
      responses: { "201": {} }
  /upload:
    put:
      requestBody: { required: true, content: { image/png: {} } }
components:
  parameters:
    id: { name: id, in: path, required: true, schema: { type: string, example: "a/7" } }
  schemas:
    Order:
      type: object
      properties:
        id: { type: integer, readOnly: true }
        amount: { type: number, minimum: 2.5 }
        at: { type: [string, "null"], format: date-time }
        kind: { enum: [new, old] }
        parts: { type: array, items: { $ref: "#/components/schemas/Order" } }
"##;

#[test]
fn an_openapi_document_gives_each_operation_once() {
    let (workload, left_out) = workload(openapi::read(OPENAPI.as_bytes()).expect("a document"));
    let mut found = asked(&workload);
    found.sort();
    let wanted = [("GET /v1/orders/a%2F7?full=true", 1, 200), ("POST /v1/orders", 1, 201)];
    assert_eq!(found, own(&wanted));
    let of = |method: &str| {
        let mut routes = workload.routes.iter();
        &routes.find(|route| route.request.method.as_str() == method).expect(method).request
    };
    assert_eq!(of("GET").headers["x-trace"], "a b");
    let Some(httpdyno_spec::exchange::RequestBody::Json(body)) = &of("POST").body else {
        panic!("{workload:?}");
    };
    assert_eq!((&body["amount"], &body["kind"]), (&json!(2.5), &json!("new")));
    assert_eq!(body["at"], "2020-01-01T00:00:00Z");
    assert!(body.get("id").is_none() && body["parts"][0]["parts"].is_array());
    assert_eq!(left_out.len(), 2, "{left_out:?}");
    let swagger = r#"{"swagger":"2.0","basePath":"/v2","paths":{"/a":{"post":{"parameters":
        [{"name":"x","in":"body","schema":{"type":"object","properties":{"n":{"type":"integer"}}}}],
        "responses":{"default":{}}}}}}"#;
    let (workload, _) = self::workload(openapi::read(swagger.as_bytes()).expect("a document"));
    assert_eq!(asked(&workload), own(&[("POST /v2/a", 1, 200)]));
}

#[test]
fn what_refers_to_itself_without_end_has_one() {
    let wide = json!({ "$ref": "#/components/schemas/Wide" });
    let members: serde_json::Map<String, Value> =
        (0..40).map(|n| (format!("m{n}"), wide.clone())).collect();
    let body = json!({ "content": { "application/json": { "schema": wide } } });
    let document = json!({
        "openapi": "3.0.0",
        "paths": {
            "/a": { "post": { "requestBody": body } },
            "/b": { "$ref": "#/paths/~1b" },
            "/c": { "get": { "parameters": [{ "$ref": "#/x/0" }, { "$ref": "elsewhere.yaml" }] } },
        },
        "x": [{ "$ref": "#/x/0" }],
        "components": { "schemas": { "Wide": { "properties": members } } },
    });
    let (workload, _) =
        workload(openapi::read(document.to_string().as_bytes()).expect("a document"));
    assert_eq!(workload.routes.len(), 2);
}

#[test]
fn what_is_none_of_them_says_why() {
    type Read = fn(&[u8]) -> Result<Found, String>;
    let deep = "[".repeat(100_000);
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n\
                c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n\
                e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n\
                g: [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n";
    let cases: [(Read, &str, &str); 10] = [
        (har::read, "", "no JSON"),
        (har::read, "{}", "log.entries"),
        (har::read, "{\"log\":{\"entries\":7}}", "log.entries"),
        (har::read, &deep, "no JSON"),
        (openapi::read, "", "it "),
        (openapi::read, "openapi: 3.0.0\n", "`paths`"),
        (openapi::read, "paths: {}\n", "`openapi: 3...`"),
        (openapi::read, "a: [", "no YAML"),
        (openapi::read, &deep, "no YAML"),
        (openapi::read, bomb, "it "),
    ];
    for (read, text, words) in cases {
        let why = read(text.as_bytes()).expect_err(text);
        assert!(why.contains(words) && why.lines().count() == 1, "{why}");
    }
    assert!(openapi::read(b"\xff\xfe").expect_err("no text").contains("no text"));
    for empty in
        [log::read(b""), log::read(b"\x00\xff\n{\n"), har::read(b"{\"log\":{\"entries\":[]}}")]
    {
        assert_eq!(empty.expect("read").routes().0, []);
    }
    let none = DraftOption { from_openapi: None, from_har: None, from_log: None };
    assert!(none.draft().expect("nothing").is_none());
    let missing = DraftOption { from_log: Some("/no/such.log".into()), ..none };
    let failure = missing.draft().err().expect("it is not there").to_string();
    assert!(failure.contains("cannot read /no/such.log"), "{failure}");
    assert!(bytes_of(Path::new("/dev/zero")).expect_err("endless").to_string().contains("64 MiB"));
}

/// Whatever is in a source, the draft is a workload or the request is left out.
#[test]
fn hostile_texts_make_no_other_yaml() {
    let texts = [
        "/a\"b",
        "/a\n- id: x",
        "/{id}",
        "/%7Bid%7D",
        "/a#b",
        "/\u{1b}[2J",
        "/\u{e4}",
        "/'",
        "/?a={b}",
        "/a: b",
        "/$(x)",
        "/..//",
        "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ];
    let mut found = Found::default();
    for text in texts {
        for method in ["GET", "get", "POST", "X\n- y", ""] {
            found.asked.push(Asked {
                method: method.to_owned(),
                path: text.to_owned(),
                headers: BTreeMap::from([("x-a".to_owned(), "\"'\\: {} # \u{e4}".to_owned())]),
                body: Some(Body::Text(format!("{text}\u{85}\u{2028}\t"))),
                status: 200,
                notes: vec![format!("{text}\n  - id: injected\u{1b}")],
            });
        }
        found.asked.push(Asked {
            method: "PUT".to_owned(),
            path: "/".to_owned(),
            headers: BTreeMap::from([("x-b".to_owned(), "1".to_owned())]),
            body: Some(Body::Json(
                json!({ text: [text, 1e300, -0.5, u64::MAX, true, null_of(text)] }),
            )),
            status: 200,
            notes: Vec::new(),
        });
    }
    let (workload, _) = workload(found);
    assert!(workload.routes.iter().all(|route| route.id.as_str() != "injected"));
    assert!(workload.routes.len() >= 10, "{}", workload.routes.len());
}

fn null_of(text: &str) -> Value {
    json!({ text: null, "": "", "a: b": "{}" })
}
