//! What comes late or not at all: `httpdyno load` says so, waits with bounds, and fails.

#[path = "support/requests.rs"]
mod requests;

use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use httpdyno_testkit::tell_skipped;
use requests::each_request;

const ENGINES: [&str; 2] = ["epoll", "auto"];

fn load(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_httpdyno"));
    command.arg("load").args(arguments).stdin(Stdio::null());
    command.output().expect("httpdyno runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The line of this name, without it.
fn line(output: &Output, name: &str) -> Option<String> {
    let shown = text(&output.stdout);
    let mut lines = shown.lines();
    lines.find_map(|line| Some(line.strip_prefix("  ")?.strip_prefix(name)?.trim().to_owned()))
}

/// Answers each request after so long; counts connections. Its threads end with the test's process.
fn slow(listener: TcpListener, delay: Duration) -> (SocketAddr, Arc<AtomicU64>) {
    let address = listener.local_addr().expect("bound");
    let connections = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&connections);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            count.fetch_add(1, Ordering::SeqCst);
            thread::spawn(move || serve(stream, delay));
        }
    });
    (address, connections)
}

fn serve(stream: TcpStream, delay: Duration) {
    each_request(stream, |stream| {
        thread::sleep(delay);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
}

fn after(millis: u64) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    format!("http://{}/", slow(listener, Duration::from_millis(millis)).0)
}

#[test]
fn no_response_within_the_window_is_a_failure_though_some_come_after_it() {
    for engine in ENGINES {
        for more in [&["-c", "2"][..], &["-c", "500", "--rate", "50"]] {
            let url = after(1_800);
            let usual = [url.as_str(), "-d", "300ms", "--warmup", "0", "--engine", engine];
            let output = load(&[&usual[..], more].concat());
            let shown = text(&output.stdout);
            assert_eq!(output.status.code(), Some(1), "{more:?}: {shown}");
            let line = line(&output, "no response").unwrap_or_else(|| panic!("{shown}"));
            assert!(line.starts_with("none within the window, "), "{line}");
            assert!(line.ends_with(" after it") && !line.contains(" 0 "), "{line}");
            // That it waits is told where it takes long.
            let told = text(&output.stderr);
            let is_told =
                told.contains("waiting for the responses that are under way, up to 10.0 s");
            assert!(is_told || more.contains(&"--rate"), "{told}");
        }
    }
}

#[test]
fn an_overload_that_is_served_after_the_window_is_one() {
    let slow = after(100);
    let usual = ["-c", "2", "--rate", "100", "-d", "1", "--warmup", "0"];
    for (more, code) in [
        (&[][..], 1),
        (&["--allow-unanswered", "100000"], 1),
        (&["--allow-unanswered", "999999"], 0),
    ] {
        let output = load(&[&[slow.as_str()], &usual[..], more].concat());
        let shown = text(&output.stdout);
        assert_eq!(output.status.code(), Some(code), "{more:?}: {shown}");
        let late = line(&output, "late").unwrap_or_else(|| panic!("{shown}"));
        let number: u64 = late.split(' ').next().and_then(|it| it.parse().ok()).expect("a number");
        assert!(number > 50 && late.ends_with("the offered rate was not reached"), "{late}");
    }
    // What is under way at the end of a rate that is kept is none; more than all of it fits on these
    // connections, however slow this machine is.
    let slow = after(300);
    let kept = ["-c", "400", "--rate", "100", "-d", "2", "--warmup", "0"];
    let output = load(&[&[slow.as_str()], &kept[..]].concat());
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    let late = line(&output, "late").unwrap_or_else(|| panic!("{shown}"));
    assert!(late.ends_with("were answered after the window"), "{late}");
}

#[test]
fn a_number_of_requests_that_time_cuts_short_is_a_failure_unless_allowed() {
    let slow = after(50);
    for (more, code) in [(&[][..], 1), (&["--allow-unanswered", "999999"], 0)] {
        let cut = [slow.as_str(), "-n", "20000", "-d", "500ms", "-c", "1"];
        let output = load(&[&cut[..], more].concat());
        let shown = text(&output.stdout);
        assert_eq!(output.status.code(), Some(code), "{shown}");
        let told = line(&output, "requests ").unwrap_or_else(|| panic!("{shown}"));
        assert!(told.ends_with("of 20 000 when the time was over"), "{told}");
        assert!(line(&output, "never sent").is_some_and(|it| it.contains("of 20 000")), "{shown}");
    }
}

#[test]
fn where_nothing_was_due_no_response_is_missed() {
    let output = load(&[&after(0), "--rate", "0.001", "-d", "300ms", "-c", "1", "--warmup", "0"]);
    assert_eq!(line(&output, "no response"), None, "{}", text(&output.stdout));
    assert_eq!(line(&output, "no request").as_deref(), Some("none was due in the window"));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_server_that_dies_in_the_warm_up_ends_the_run() {
    for engine in ENGINES {
        for more in [&[][..], &["--rate", "200"]] {
            let url = after(3_600_000);
            let usual = [url.as_str(), "-n", "100", "--warmup", "1h", "--timeout", "300ms"];
            let output = load(&[&usual[..], &["-c", "2", "--engine", engine], more].concat());
            let shown = text(&output.stdout);
            assert_eq!(output.status.code(), Some(1), "{shown}");
            let ended = line(&output, "ended").unwrap_or_else(|| panic!("{shown}"));
            assert_eq!(ended, "in the warm-up: nothing came from the server for 1.30 s");
            let never = line(&output, "never sent").unwrap_or_else(|| panic!("{shown}"));
            assert_eq!(never, "100 of 100 requests (100.0000 %)");
        }
    }
}

#[test]
fn connections_that_this_machine_could_not_open_are_named_and_no_failure_of_the_server() {
    let url = after(0);
    let mut command = Command::new("sh");
    // Of these descriptors some are taken by the generator itself.
    command.args(["-c", "ulimit -n 40; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_httpdyno")]);
    command.args(["load", &url, "-d", "300ms", "-c", "64", "--timeout", "2", "--engine", "epoll"]);
    let output = command.stdin(Stdio::null()).output().expect("sh runs");
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(2), "{shown}{}", text(&output.stderr));
    let environment = line(&output, "environment").unwrap_or_else(|| panic!("{shown}"));
    assert!(environment.contains("could not open a connection"), "{environment}");
    assert!(environment.contains("`ulimit -n`"), "{environment}");
    assert!(shown.contains("of 64 connections were up when the load began; failed"), "{shown}");
    assert!(shown.contains("no-file-descriptor-left"), "{shown}");
}

#[test]
fn think_time_is_between_response_and_request() {
    let began = Instant::now();
    let output = load(&[&after(0), "-n", "4", "-c", "1", "--think", "200ms"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert!(began.elapsed() >= Duration::from_millis(600), "{:?}", began.elapsed());
}

#[test]
fn connections_are_spread_over_all_addresses_of_a_name() {
    let first = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = first.local_addr().expect("bound").port();
    let name = format!("localhost:{port}");
    let found: Vec<SocketAddr> = name.to_socket_addrs().expect("localhost").collect();
    let second = match TcpListener::bind(("::1", port)) {
        Ok(second) if found.iter().any(SocketAddr::is_ipv6) && found.len() > 1 => second,
        _ => return tell_skipped(&format!("localhost has one address: {found:?}")),
    };
    let counts = [first, second].map(|listener| slow(listener, Duration::ZERO).1);
    // One that had nothing to send may be accepted only after the end.
    let took = || {
        let deadline = Instant::now() + Duration::from_secs(30);
        while counts.iter().map(|count| count.load(Ordering::SeqCst)).sum::<u64>() < 4 {
            assert!(Instant::now() < deadline, "{counts:?}");
            thread::sleep(Duration::from_millis(1));
        }
        counts.each_ref().map(|count| count.swap(0, Ordering::SeqCst))
    };
    for engine in ENGINES {
        let usual = [name.as_str(), "-n", "40", "-c", "4", "--engine", engine];
        assert_eq!(load(&[&usual[..], &["--spread"]].concat()).status.code(), Some(0));
        assert_eq!(took(), [2, 2]);
        assert_eq!(load(&usual).status.code(), Some(0));
        let mut all = took();
        all.sort_unstable();
        assert_eq!(all, [0, 4]);
    }
}
