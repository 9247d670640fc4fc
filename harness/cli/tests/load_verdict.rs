//! What a script may rely on: `httpdyno load` does exactly what it was asked, and its exit code
//! does not lie.

#[path = "support/requests.rs"]
mod requests;

use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use httpdyno_testkit::{Server, tell_skipped};
use requests::each_request;
use serde_json::Value;

const ENGINES: [&str; 2] = ["epoll", "auto"];

fn load(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_httpdyno"));
    command.arg("load").args(arguments).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    load(arguments).output().expect("httpdyno runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)))
}

fn url(server: &Server) -> String {
    format!("http://{}/plaintext", server.authority())
}

/// Answers so many requests, over all connections, and no more; counts all that come.
fn answering(address: &str, most: u64) -> (std::net::SocketAddr, Arc<AtomicU64>) {
    let listener = TcpListener::bind(address).expect("a port");
    let address = listener.local_addr().expect("bound");
    let seen = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&seen);
    // These threads end with the test's process; each waits most of the time.
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let count = Arc::clone(&count);
            std::thread::spawn(move || serve(stream, most, &count));
        }
    });
    (address, seen)
}

fn serve(stream: TcpStream, most: u64, count: &AtomicU64) {
    each_request(stream, |stream| {
        if count.fetch_add(1, Ordering::SeqCst) < most {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        }
    });
}

#[test]
fn a_number_of_requests_has_no_warm_up_unless_asked() {
    for engine in ENGINES {
        for more in [&[][..], &["--rate", "2000"], &["-c", "3", "-t", "3"], &["--pipeline", "4"]] {
            let (address, seen) = answering("127.0.0.1:0", u64::MAX);
            let url = format!("http://{address}/");
            let usual = [url.as_str(), "-n", "100", "--engine", engine, "--json"];
            let output = run(&[&usual[..], more].concat());
            assert_eq!(output.status.code(), Some(0), "{more:?}: {}", text(&output.stderr));
            let report = json(&output);
            assert_eq!(report["total"]["requests"], 100, "{more:?} {report}");
            assert_eq!((seen.load(Ordering::SeqCst), &report["total"]["ok"]), (100, &100.into()));
        }
    }
    let (address, seen) = answering("127.0.0.1:0", u64::MAX);
    let warm = ["-n", "10", "-c", "4", "--warmup", "200ms", "--json"];
    let report = json(&run(&[&[format!("http://{address}/").as_str()], &warm[..]].concat()));
    assert_eq!((&report["total"]["requests"], &report["total"]["ok"]), (&10.into(), &10.into()));
    assert!(seen.load(Ordering::SeqCst) > 10, "the warm-up that was asked for");
}

#[test]
fn a_server_that_dies_ends_the_run_and_is_told_in_lines_and_exit_code() {
    for more in [&[][..], &["--rate", "500"]] {
        let (address, _) = answering("127.0.0.1:0", 30);
        let url = format!("http://{address}/");
        let usual = [url.as_str(), "-n", "100", "-c", "2", "--timeout", "300ms"];
        let output = run(&[&usual[..], more].concat());
        let shown = text(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{shown}{}", text(&output.stderr));
        for line in ["ended", "unanswered", "never sent"] {
            let is_there = |it: &str| it.trim_start().starts_with(line) && it.contains("100");
            let is_told = |it: &str| it.trim_start().starts_with(line) && line == "ended";
            assert!(shown.lines().any(|it| is_there(it) || is_told(it)), "{line}: {shown}");
        }
    }
}

#[test]
fn no_response_and_an_unanswered_share_fail_unless_they_are_allowed() {
    // Nothing is ever answered; then all but one of 20, which takes a busy machine its time.
    for (most, allowed, code) in [
        (0, None, 1),
        (0, Some("999999"), 1),
        (0, Some("1000000"), 0),
        (19, None, 1),
        (19, Some("49999"), 1),
        (19, Some("50000"), 0),
    ] {
        let (address, _) = answering("127.0.0.1:0", most);
        let url = format!("http://{address}/");
        let timeout = if most == 0 { "500ms" } else { "3s" };
        let mut command = load(&[&url, "-n", "20", "-c", "20", "--timeout", timeout]);
        command.args(allowed.map(|ppm| format!("--allow-unanswered={ppm}")));
        let output = command.output().expect("httpdyno runs");
        let shown = text(&output.stdout);
        assert_eq!(output.status.code(), Some(code), "{most} {allowed:?}: {shown}");
        let has = |name: &str| shown.lines().any(|line| line.trim_start().starts_with(name));
        assert!(has("unanswered"), "{shown}");
        assert_eq!(has("no response"), most == 0, "{shown}");
    }
}

#[test]
fn overload_in_an_open_loop_is_a_failure_and_what_is_under_way_is_told() {
    let (address, _) = answering("127.0.0.1:0", 3);
    let slow = format!("http://{address}/");
    let rate = ["--rate", "100", "-d", "400ms", "-c", "1", "--warmup", "0s", "--timeout", "300ms"];
    let output = run(&[&[slow.as_str(), "--arrivals", "constant"], &rate[..]].concat());
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    assert!(shown.lines().any(|line| line.trim_start().starts_with("never sent")), "{shown}");
    // The closed loop has nobody to wait for but those that never come.
    let closed = ["-d", "300ms", "-c", "2", "--warmup", "0s", "--timeout", "700ms"];
    let output = run(&[&[slow.as_str()], &closed[..]].concat());
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    let line = shown.lines().find(|line| line.contains("in flight")).expect("a line");
    assert!(line.contains("2 when the window ended; 0 answered after it, 2 not"), "{line}");
    let server = Server::perfect();
    let output = run(&[&url(&server), "-d", "300ms", "-c", "2", "--warmup", "0s"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
}

#[test]
fn outputs_that_are_gone_or_full_lose_nothing_and_do_not_panic() {
    let server = Server::perfect();
    let url = url(&server);
    let full = || File::options().write(true).open("/dev/full").expect("/dev/full");
    for json in [&[][..], &["--json"]] {
        let arguments = [&[url.as_str(), "-n", "10", "-c", "1"], json].concat();
        // A reader that has gone.
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = load(&arguments).stdout(writer).stderr(Stdio::piped()).output().expect("runs");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(!text(&output.stderr).contains("panicked"), "{}", text(&output.stderr));
        // A disk that is full.
        let output = load(&arguments).stdout(full()).stderr(Stdio::piped()).output().expect("runs");
        assert_eq!(output.status.code(), Some(2));
        let told = text(&output.stderr);
        assert!(told.contains("cannot write to standard output") && !told.contains("panicked"));
        // Nowhere to complain to.
        let status = load(&arguments).stdout(full()).stderr(full()).status().expect("runs");
        assert_eq!(status.code(), Some(2));
    }
    let output = run(&[&url, "-n", "10", "-c", "1", "--hdr", "/dev/full"]);
    assert_eq!(output.status.code(), Some(2));
    let (shown, told) = (text(&output.stdout), text(&output.stderr));
    assert!(shown.contains("10 right"), "{shown}");
    assert!(told.contains("/dev/full"), "{told}");
}

#[test]
fn a_name_is_reached_at_whichever_of_its_addresses_listens() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        if let Err(error) = TcpListener::bind(address) {
            tell_skipped(&format!("nothing can listen on {address}: {error}"));
            continue;
        }
        let (bound, _) = answering(address, u64::MAX);
        let mut places = vec![bound.to_string(), format!("localhost:{}", bound.port())];
        // What the name stands for is the machine's affair.
        if !places[1].to_socket_addrs().expect("localhost").any(|found| found == bound) {
            tell_skipped(&format!("localhost is not {}", bound.ip()));
            places.pop();
        }
        for place in places {
            let output = run(&[&place, "-n", "20", "-c", "4"]);
            assert_eq!(output.status.code(), Some(0), "{place}: {}", text(&output.stderr));
        }
    }
}

/// Answers each request with its content, whatever that is.
fn echoing() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    // As in `answering`.
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || echo(stream));
        }
    });
    address
}

fn echo(mut stream: TcpStream) -> Option<()> {
    let mut read = Vec::new();
    let mut bytes = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut bytes) {
        read.extend_from_slice(&bytes[..length]);
        while let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = text(&read[..end]).to_ascii_lowercase();
            let length: usize =
                head.split("content-length: ").nth(1)?.lines().next()?.parse().ok()?;
            let Some(content) = read.get(end + 4..end + 4 + length) else { break };
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
            stream.write_all(&[head.as_bytes(), content].concat()).ok()?;
            read.drain(..end + 4 + length);
        }
    }
    Some(())
}

#[test]
fn bytes_are_taken_as_they_are_on_request_and_none_reaches_a_terminal() {
    let url = format!("http://{}/", echoing());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("body");
    let body: Vec<u8> =
        [b"\x1b[31m{{\x00\x1b]0;x\x07{{{{}}\xff".to_vec(), (0..=255).collect()].concat();
    std::fs::write(&file, &body).expect("written");
    let body = format!("@{}", file.display());
    let usual = [url.as_str(), "-n", "10", "-c", "1", "--body", &body];
    let expect = ["--expect-body", body.as_str(), "--raw"];
    let output = run(&[&usual[..], &expect[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
    // Not raw, it is no template; and a wrong expectation shows what came.
    for more in [&["--expect-echo"][..], &["--raw", "--expect-body", "x"]] {
        let output = run(&[&usual[..], more].concat());
        assert_ne!(output.status.code(), Some(0));
        for shown in [&output.stdout, &output.stderr] {
            assert!(!shown.contains(&0x1b) && !shown.contains(&0), "{more:?}: {}", text(shown));
        }
    }
}

#[test]
fn rates_below_one_are_kept_and_shown() {
    let server = Server::perfect();
    let slow = ["--rate", "1/2", "-n", "1", "-c", "1", "--arrivals", "constant", "--json"];
    let report = json(&run(&[&[url(&server).as_str()], &slow[..]].concat()));
    assert_eq!(report["total"]["ok"], 1, "{report}");
    let shown = text(
        &run(&[
            &url(&server),
            "--rate",
            "30/min",
            "-d",
            "1500ms",
            "--warmup",
            "0s",
            "--arrivals",
            "constant",
        ])
        .stdout,
    );
    assert!(shown.contains("0.666 of 0.666 offered"), "{shown}");
}
