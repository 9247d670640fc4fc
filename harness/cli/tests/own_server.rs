//! `conform --url` against somebody's own server: what stands in the way is one sentence and exit
//! code 2; what is HTTP/1.1 gets a verdict, on a page that it has.

#[path = "support/tree.rs"]
mod tree;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use httpdyno_testkit::{End, FileCheat, Nobody, Script, ScriptedResponder, Server, Step};
use serde_json::Value;

fn httpdyno(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_httpdyno"));
    command.args(arguments).current_dir(tree::root()).stdin(Stdio::null());
    command
}

/// `conform --url` of that URL, with these options.
fn conform(url: &str, more: &[&str]) -> (Option<i32>, String, String) {
    let arguments = [&["conform", "--url", url], more].concat();
    told(&httpdyno(&arguments).output().expect("httpdyno runs"))
}

fn told(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

fn answer(head: &str, content: &str) -> Script {
    let length = content.len();
    Script::answer(
        format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\n\r\n{content}"),
        End::Again,
    )
}

fn at_once(bytes: &[u8], end: End) -> Script {
    Script { steps: vec![Step::Send(bytes.to_vec())], end }
}

/// Whether exit code 2 comes with one sentence that has all these words.
fn is_in_the_way(scripts: Vec<Script>, more: &[&str], words: &[&str]) {
    let server = ScriptedResponder::start(scripts);
    let (code, out, err) = conform(&url(server.address()), more);
    assert_eq!(code, Some(2), "{words:?}: {out}{err}");
    assert_eq!(err.trim().lines().count(), 1, "{err}");
    assert!(out.is_empty(), "{out}");
    for word in words {
        assert!(err.contains(word), "`{word}` is missing: {err}");
    }
}

/// The first connection only shows that somebody listens.
fn after_the_first(scripts: &[Script]) -> Vec<Script> {
    [&[at_once(b"", End::Close)], scripts].concat()
}

#[test]
fn other_protocols_are_named() {
    let close = at_once(b"", End::Close);
    let settings = b"\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64";
    for (script, words) in [
        (at_once(b"220 mail.example ESMTP\r\n", End::Silence), &["SMTP", "port of an HTTP server"]),
        (at_once(b"SSH-2.0-OpenSSH_9.6\r\n", End::Silence), &["SSH", "port of an HTTP server"]),
        (at_once(b"\x15\x03\x01\0\x02\x02\x46", End::Close), &["TLS", "without TLS"]),
        (at_once(settings, End::Close), &["HTTP/2", "HTTP/1.1"]),
        (Script::answer("<html>old</html>", End::Close), &["HTTP/0.9", "<html>old</html>"]),
        (Script::answer(b"\x01\x02\x7f\0\xff\xfe".to_vec(), End::Close), &["no HTTP", r"\x01\x02"]),
        (Script::answer("HTTP/2 200 OK\r\n\r\n", End::Close), &["HTTP/2", "status line"]),
    ] {
        is_in_the_way(vec![script], &[], words);
    }
    let tls = at_once(b"\x16\x03\x03\0\x31\x02\0\0\x2d", End::Close);
    is_in_the_way(after_the_first(&[close.clone(), tls]), &[], &["speaks TLS"]);
    let http2 = at_once(settings, End::Close);
    is_in_the_way(after_the_first(&[close.clone(), close, http2]), &[], &["HTTP/2 only"]);
}

#[test]
fn servers_that_say_nothing_or_half_of_it_are_told_apart() {
    let nobody = Nobody::listens();
    let (code, _, err) = conform(&url(nobody.address()), &[]);
    assert_eq!(code, Some(2), "{err}");
    assert!(
        err.contains("nothing listens") && err.contains(&nobody.address().to_string()),
        "{err}"
    );

    std::thread::scope(|scope| {
        let silent = Script { steps: vec![], end: End::Silence };
        scope.spawn(|| is_in_the_way(vec![silent], &[], &["says nothing"]));
        let half = Script::answer("HTTP/1.1 200 OK\r\nContent-Le", End::Silence);
        scope.spawn(|| is_in_the_way(vec![half], &[], &["did not end it"]));
        scope.spawn(|| is_in_the_way(vec![at_once(b"", End::Close)], &[], &["closes it"]));
    });
}

#[test]
fn pages_that_will_not_do_say_which_would() {
    for (head, words) in [
        ("404 Not Found", &["404", "--page"][..]),
        ("301 Moved Permanently\r\nLocation: https://example.org/", &["TLS", "redirect"]),
        ("302 Found\r\nLocation: /login?next=/", &["login", "--page"]),
        ("302 Found\r\nLocation: /elsewhere", &["so is every other path"]),
        ("401 Unauthorized\r\nWWW-Authenticate: Basic", &["401", "login"]),
        ("502 Bad Gateway", &["proxy", "502"]),
        ("503 Service Unavailable", &["proxy", "503"]),
        ("500 Internal Server Error", &["500", "log"]),
        ("429 Too Many Requests", &["429", "limit"]),
        ("421 Misdirected Request", &["421", "host"]),
    ] {
        is_in_the_way(vec![answer(head, "")], &[], words);
    }
    let other = [answer("200 OK", "one"), answer("200 OK", "two")];
    is_in_the_way(after_the_first(&other), &["--page", "/now"], &["/now", "otherwise each time"]);
}

#[test]
fn a_url_or_page_that_is_none_says_why() {
    for (url, more, reason) in [
        ("https://127.0.0.1:9", &[][..], "https://"),
        ("ftp://127.0.0.1:9", &[], "`ftp`"),
        ("http://127.0.0.1:70000", &[], "1 to 65535"),
        ("HTTP://127.0.0.1:0", &[], "1 to 65535"),
        ("127.0.0.1:9", &[], "http://"),
        ("http://::1:80", &[], "brackets"),
        ("http://127.0.0.1:9", &["--page", "health"], "begin with `/`"),
        ("http://127.0.0.1:9/one", &["--page", "/other"], "--page names /other"),
    ] {
        let (code, _, err) = conform(url, more);
        assert_eq!(code, Some(2), "{url}: {err}");
        assert!(err.contains(reason) && err.trim().lines().count() == 1, "{url}: {err}");
    }
}

/// It ignores what it is asked: with most cases that is a fault, and always the same.
#[test]
fn an_application_that_answers_everything_gets_a_verdict_that_is_short() {
    let server = ScriptedResponder::start([answer("200 OK", "<html>app</html>")]);
    let (code, out, err) = conform(&url(server.address()), &["--deadline", "120s"]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.starts_with("HTTP/1.1: does not conform"), "{out}");
    assert!(out.contains("application contract: not offered"), "{out}");
    assert!(err.contains("on the page /;") && err.contains("does not answer 404"), "{err}");
    assert!(out.lines().count() < 300, "{} lines", out.lines().count());
}

#[test]
fn a_right_server_passes_on_its_own_page_and_by_the_contract() {
    let server = Server::perfect();
    let capitals = format!("HTTP://{}", server.address());
    for (url, more, page) in [
        (capitals.clone(), &["--contract"][..], "/plaintext"),
        (format!("{capitals}/json"), &[], "/json"),
        (capitals, &["--page", "/static/hello.txt"], "/static/hello.txt"),
    ] {
        let (code, out, err) = conform(&url, more);
        assert_eq!(code, Some(0), "{out}{err}");
        assert!(out.starts_with("HTTP/1.1: conforms"), "{out}");
        assert!(err.contains(&format!("on the page {page};")), "{err}");
    }
}

#[test]
fn the_contract_counts_where_it_is_asked_for_and_documents_say_what_made_them() {
    let server = Server::with([FileCheat::IgnoresRange]);
    let url = url(server.address());
    let only = ["--case", "h1/host", "app/static", "--format", "json"];
    let (code, out, err) = conform(&url, &only);
    assert_eq!(code, Some(0), "{err}");
    let found: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(found[0]["http"]["conformant"], true);
    assert_eq!(found[0]["contract"]["conformant"], false);
    assert!(found[0]["tool"].as_str().is_some_and(|tool| tool.starts_with("httpdyno ")));
    assert_eq!(found[0]["spec_digest"].as_str().map(str::len), Some(64));
    let cases = found[0]["cases"].as_array().expect("cases");
    let failed = cases.iter().find(|case| case["status"] == "fail").expect("a failure");
    // As it came: with the letters of its names, and the reason of its status.
    let received = failed["received"].as_str().expect("text");
    assert!(received.starts_with(r"HTTP/1.1 200 OK\r\n"), "{received}");
    assert!(received.contains("Content-Length: "), "{received}");

    let (code, ..) = conform(&url, &[&only[..], &["--contract"]].concat());
    assert_eq!(code, Some(1));
    let (_, junit, _) = conform(&url, &["--case", "h1/host", "--format", "junit"]);
    assert!(junit.contains("name=\"tool\" value=\"httpdyno ") && junit.contains("spec_digest"));

    let nothing = ScriptedResponder::start([answer("200 OK", "fine")]);
    let few = ["--case", "h1/connection/keep-alive", "app/json", "--contract"];
    let (code, _, err) = conform(&format!("http://{}", nothing.address()), &few);
    assert!(code == Some(1) && err.contains("no endpoint of it is offered"), "{err}");
}

/// It answers until it was looked at.
#[test]
fn a_server_that_falls_silent_does_not_hold_a_run_beyond_its_deadline() {
    let right = answer("200 OK", "fine");
    let silent = Script { steps: vec![Step::ReadRequest], end: End::Silence };
    let scripts = [right.clone(), right.clone(), right.clone(), right, silent];
    let server = ScriptedResponder::start(scripts);
    let begin = Instant::now();
    let only = ["--page", "/x", "--deadline", "3s", "--case", "h1"];
    let (code, out, err) = conform(&url(server.address()), &only);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.contains("unfinished"), "{out}");
    assert!(begin.elapsed() < Duration::from_secs(45), "{:?}", begin.elapsed());
}

/// Many cases run at the same time, some of them slow on purpose; none of that is the server's fault.
#[test]
fn a_server_of_one_connection_at_a_time_is_not_blamed_for_those_that_wait() {
    let server = Server::of_one_connection_at_a_time();
    let only = ["--deadline", "300s", "--page", "/", "--case", "h1/late-content"];
    let more = ["h1/responses", "h1/status-line", "h1/slow-clients", "h1/target", "h1/methods"];
    let (code, out, err) = conform(&url(server.address()), &[&only[..], &more].concat());
    assert_eq!(code, Some(0), "{out}{err}");
}

/// What it answers comes later than the cases wait for it at first.
#[test]
fn a_slow_server_is_asked_once_more_with_patience() {
    let slow = answer("200 OK", "fine").steps.into_iter();
    let mut steps: Vec<Step> = slow.collect();
    steps.insert(1, Step::Pause(Duration::from_millis(3300)));
    let server = ScriptedResponder::start([Script { steps, end: End::Again }]);
    let only = ["--page", "/x", "--deadline", "300s", "--case", "h1/target/absolute-form"];
    let (code, out, err) = conform(&url(server.address()), &only);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("conforms: 1 of 1 passed"), "{out}");
}

#[test]
fn a_limit_of_this_machine_is_no_verdict() {
    let server = Server::perfect();
    let line = format!(
        "ulimit -n 20; exec {} conform --url http://{} --case h1",
        env!("CARGO_BIN_EXE_httpdyno"),
        server.address()
    );
    let shell = Command::new("sh").args(["-c", &line]).current_dir(tree::root()).output();
    let (code, out, err) = told(&shell.expect("sh"));
    assert_eq!(code, Some(2), "{out}{err}");
    assert!(err.contains("open files") && out.is_empty(), "{out}{err}");
}

#[test]
fn whoever_stops_reading_ends_nothing_with_a_panic() {
    let server = Server::perfect();
    let only = ["conform", "--url", &url(server.address()), "--case", "h1/host", "--verbose"];
    for arguments in [&only[..], &["list", "cases"]] {
        let mut child = httpdyno(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("httpdyno runs");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{err}");
        assert!(!err.contains("panicked"), "{err}");
    }
}

#[test]
fn a_host_is_asked_at_the_address_that_listens() {
    let Ok(listener) = TcpListener::bind("[::1]:0") else { return };
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 1024];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let (code, _, err) = conform(&format!("http://[::1]:{port}"), &[]);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("404"), "{err}");
}

#[test]
fn what_cannot_be_built_or_read_is_named_and_left_out() {
    let root = tree::empty();
    let build = "  build: [\"no-such-toolchain\"]\n";
    tree::add_implementation(root.path(), "unbuilt", "/nonexistent".as_ref(), "");
    tree::add_implementation(root.path(), "broken", "/nonexistent".as_ref(), "nonsense: 1\n");
    let manifest = root.path().join("implementations/unbuilt/implementation.yaml");
    let text = std::fs::read_to_string(&manifest).expect("a manifest");
    std::fs::write(&manifest, text.replace("process:\n", &format!("process:\n{build}")))
        .expect("written");
    let folder = root.path().to_str().expect("UTF-8").to_owned();
    let run = |arguments: &[&str]| {
        told(&httpdyno(&[arguments, &["--root", &folder]].concat()).output().expect("runs"))
    };
    let (code, out, err) = run(&["list", "implementations"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("unbuilt") && !out.contains("broken"), "{out}");
    assert!(err.contains("left out") && err.contains("nonsense"), "{err}");
    let (code, _, err) = run(&["conform", "--database", "none"]);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("unbuilt: cannot build it") && err.contains("no-such-toolchain"), "{err}");
}
