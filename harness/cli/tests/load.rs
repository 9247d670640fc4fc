//! `httpdyno load` as a person and a script meet it, against the scripted server.

use std::process::{Command, Output, Stdio};

use httpdyno_testkit::{Nobody, Server};
use serde_json::Value;

fn load(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_httpdyno"))
        .arg("load")
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("httpdyno runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", stdout(output), stderr(output)))
}

fn url(server: &Server, path: &str) -> String {
    format!("http://{}{path}", server.authority())
}

#[test]
fn every_request_asked_for_is_made_and_counted() {
    let server = Server::perfect();
    let url = url(&server, "/json");
    let output = load(&[&url, "-n", "500", "-c", "4", "--warmup", "0s", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = json(&output);
    assert_eq!(report["total"]["ok"], 500, "{report}");
    assert_eq!(report["connections"]["established"], 4);
}

#[test]
fn both_engines_do_the_same() {
    let server = Server::perfect();
    let url = url(&server, "/plaintext");
    for engine in ["epoll", "auto"] {
        let output = load(&[
            &url,
            "-n",
            "200",
            "-c",
            "2",
            "--warmup",
            "0s",
            "--engine",
            engine,
            "--expect-body",
            "Hello, World!",
            "--json",
        ]);
        assert_eq!(output.status.code(), Some(0), "{engine}: {}", stderr(&output));
        let report = json(&output);
        assert_eq!(report["total"]["ok"], 200, "{engine}");
        let expected = if engine == "epoll" { &["epoll"][..] } else { &["epoll", "io_uring"] };
        assert!(expected.iter().any(|name| report["engine"] == **name), "{}", report["engine"]);
    }
}

#[test]
fn the_report_fits_its_published_schema() {
    let schema = json(&load(&["--json-schema"]));
    let published =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec/schema/load/report.schema.json");
    let published = std::fs::read_to_string(published).expect("published in spec/schema");
    assert_eq!(schema, serde_json::from_str::<Value>(&published).expect("JSON"));
    let server = Server::perfect();
    let url = url(&server, "/json");
    let rate = ["--rate", "400", "-d", "500ms", "--warmup", "0s", "-c", "2", "--json"];
    let output = load(&[&[url.as_str()], &rate[..]].concat());
    let report = json(&output);
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let wrong: Vec<String> =
        validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(report["open_loop"]["offered"].as_u64().is_some_and(|offered| offered > 0), "{report}");
}

#[test]
fn the_summary_has_rate_latencies_and_errors() {
    let server = Server::perfect();
    let output = load(&[&url(&server, "/json"), "-n", "300", "-c", "2", "--warmup", "0s"]);
    let text = stdout(&output);
    for wanted in ["300", "p50", "p99", "max"] {
        assert!(text.contains(wanted), "`{wanted}` is missing: {text}");
    }
    let bars: Vec<&str> = text.lines().filter(|line| line.contains("<= ")).collect();
    assert!(!bars.is_empty() && bars.iter().any(|bar| bar.contains("##########")), "{text}");
    assert!(bars[bars.len() - 1].trim_end().ends_with("100.0000 %"), "{text}");
}

#[test]
fn a_wrong_body_is_an_error_and_never_throughput() {
    let server = Server::perfect();
    let url = url(&server, "/plaintext");
    let output = load(&[
        &url,
        "-n",
        "50",
        "-c",
        "1",
        "--warmup",
        "0s",
        "--expect-body",
        "Something else",
        "--json",
    ]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let report = json(&output);
    assert_eq!(report["total"]["ok"], 0, "{report}");
    let mismatches = &report["total"]["mismatches"];
    let count = |cause: &str| mismatches[cause].as_u64().unwrap_or(0);
    assert_eq!(count("length") + count("body"), 50, "{report}");
}

#[test]
fn templated_requests_are_checked_by_what_was_sent() {
    let server = Server::perfect();
    let url = url(&server, "/users/{{id}}");
    let output = load(&[
        &url,
        "-n",
        "100",
        "-c",
        "2",
        "--warmup",
        "0s",
        "--value",
        "id=seq:1",
        "--expect-json",
        "--expect-body",
        r#"{"id":{{id}},"name":"user-{{id}}"}"#,
        "--json",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(json(&output)["total"]["ok"], 100);
}

#[test]
fn latencies_of_every_second_are_written_as_a_log() {
    let server = Server::perfect();
    let folder = tempfile::tempdir().expect("folder");
    let log = folder.path().join("run.hlog");
    let path = log.to_str().expect("UTF-8");
    let output =
        load(&[&url(&server, "/json"), "-n", "100", "-c", "1", "--warmup", "0s", "--hdr", path]);
    assert!(output.status.success(), "{}", stderr(&output));
    let text = std::fs::read_to_string(&log).expect("the log");
    assert!(text.contains("StartTime") && text.contains("HISTFAAA"), "{text}");
}

#[test]
fn a_server_that_is_not_there_is_said_in_one_line() {
    let nobody = Nobody::listens();
    let address = nobody.address();
    let output = load(&[&format!("http://{address}/"), "-n", "1", "-c", "1"]);
    assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
    assert!(stderr(&output).contains(&address.to_string()), "{}", stderr(&output));
}

#[test]
fn wrong_usage_says_what_is_allowed() {
    for arguments in [
        &["http://127.0.0.1:1/", "--rate", "fast"][..],
        &["http://127.0.0.1:1/", "-d", "10 apples"],
        &["ftp://127.0.0.1/"],
        &["http://127.0.0.1:1/", "--value", "id=nonsense"],
    ] {
        let output = load(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!stderr(&output).is_empty());
    }
}
