//! What `httpdyno load` says: nothing that it cannot know, and what is meant where it is asked in
//! the words of another tool.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use httpdyno_testkit::Server;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(60);

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_httpdyno"));
    command.arg("load").args(arguments).stdin(Stdio::null());
    command
}

fn load(arguments: &[&str]) -> Output {
    command(arguments).output().expect("httpdyno runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn json(arguments: &[&str]) -> Value {
    let output = load(&[arguments, &["--json"]].concat());
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)))
}

/// Answers each connection's requests, of which the head is all, with these in turn; ends it after
/// the last.
fn in_turn(answers: &'static [&'static str]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let answer = move |stream: TcpStream| {
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
        let mut stream = BufReader::new(stream);
        for answer in answers {
            let mut line = String::new();
            while line != "\r\n" {
                line.clear();
                if !stream.read_line(&mut line).is_ok_and(|read| read > 0) {
                    return;
                }
            }
            if stream.get_mut().write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    };
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer(stream));
        }
    });
    address
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const NO_CONTENT: &str = "HTTP/1.1 204 No Content\r\n\r\n";
const BUSY: &str = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const HINT: &str = "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

#[test]
fn responses_are_counted_by_status_code() {
    let url = format!("http://{}/", in_turn(&[OK, NO_CONTENT, HINT, BUSY]));
    for engine in ["epoll", "auto"] {
        let options = [&url, "-n", "40", "-c", "1", "--warmup", "0", "--engine", engine];
        let report = json(&options);
        let codes = serde_json::json!({"103": 10, "200": 20, "204": 10, "503": 10});
        assert_eq!(report["total"]["status_codes"], codes, "{report}");
        assert_eq!(report["total"]["status"]["server_error"], 10, "{report}");
        let of_seconds = report["seconds"].as_array().expect("seconds").iter();
        let of_seconds = of_seconds.filter_map(|second| second["status_codes"]["204"].as_u64());
        assert_eq!(of_seconds.sum::<u64>(), 10, "{report}");
        let shown = text(&load(&options).stdout);
        let line = "  status       103: 10, 200: 20, 204: 10, 503: 10\n";
        assert!(shown.contains(line), "{shown}");
    }
}

const LAST: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const ELSEWHERE: &str = "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n";

#[test]
fn redirects_are_followed_when_asked_for_and_told_of() {
    let url = format!("http://{}/", in_turn(&[ELSEWHERE, ELSEWHERE, LAST]));
    let run = |more: &[&str]| {
        let output = load(&[&[url.as_str(), "-n", "3", "-c", "1", "--warmup", "0"], more].concat());
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    for follow in ["-L", "--follow", "--follow=2"] {
        let (code, said, _) = run(&[follow]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("redirects    6 followed"), "{said}");
        assert!(said.contains("200: 3, 302: 6"), "{said}");
    }
    let (code, said, _) = run(&["--follow=1"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("status 302 after 1 redirects"), "{said}");
    // Without it a redirect is an answer.
    let (code, said, _) = run(&[]);
    assert!(code == Some(0) && !said.contains("followed"), "{said}");
    for (wrong, why) in [
        (&["--follow=0"][..], "0 is not in 1..=1000"),
        (&["-L", "--pipeline", "2"], "where redirects are followed"),
        (&["--max-redirects", "3"], "--follow=MOST"),
    ] {
        let (code, _, said) = run(wrong);
        assert!(code == Some(2) && said.contains(why), "{said}");
    }
}

#[test]
fn percentiles_are_those_asked_for_and_none_has_too_few_responses_behind_it() {
    let server = Server::perfect();
    let url = format!("http://{}/json", server.authority());
    let figures = |options: &[&str]| {
        let usual = [&url, "-c", "1", "--warmup", "0"];
        let shown = text(&load(&[&usual[..], options].concat()).stdout);
        let of = |name: &str| {
            let line = shown.lines().find(|line| line.trim_start().starts_with(name));
            let line = line.unwrap_or_else(|| panic!("no {name}: {shown}"));
            line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        };
        (of("mean"), of("latency "), shown.clone())
    };
    let (names, values, _) = figures(&["-n", "200"]);
    assert_eq!(names, ["mean", "p50", "p90", "p95", "p99", "p99.9", "max"]);
    // Two words each, but for the one that there is not.
    assert_eq!((values.len(), values[11].as_str()), (1 + 2 * 6 + 1, "-"), "{values:?}");
    let (names, values, _) =
        figures(&["-n", "200", "--percentiles", "75,75,99.99,99.9999999999999999999"]);
    assert_eq!(names, ["mean", "p75", "p99.99", "p99.9999999999999999999", "max"]);
    assert_eq!(values.iter().filter(|word| *word == "-").count(), 2, "{values:?}");
    let (_, values, shown) = figures(&["-n", "4"]);
    assert_eq!(values.iter().filter(|word| *word == "-").count(), 5, "{values:?}");
    assert!(!shown.contains("per response") && !shown.contains("Little"), "{shown}");
    let handful = json(&[&url, "-c", "1", "--warmup", "0", "-n", "4"]);
    assert_eq!(handful["littles_law_residual_ppm"], Value::Null, "{handful}");
}

#[test]
fn without_a_response_there_is_no_figure_of_responses() {
    let url = format!("http://{}/", in_turn(&[""]));
    let options = [&url, "-d", "300ms", "-c", "2", "--warmup", "0", "--timeout", "100ms"];
    let output = load(&options);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    for figure in ["p50", "per response", "Little", "distribution", "status  "] {
        assert!(!shown.contains(figure), "{figure}: {shown}");
    }
}

#[test]
fn the_generator_never_uses_more_than_it_has() {
    let server = Server::perfect();
    let url = format!("http://{}/json", server.authority());
    let usual = [&url, "-c", "1", "--warmup", "0"];
    for more in [
        &["-n", "1"][..],
        &["-n", "3", "--engine", "epoll"],
        &["-n", "50"],
        &["--rate", "200", "-d", "200ms", "--spin", "10ms"],
        &["--rate", "2000", "-d", "100ms", "--spin", "10ms", "--engine", "epoll"],
    ] {
        let report = json(&[&usual[..], more].concat());
        let share = report["generator"]["cpu_share_ppm"].as_u64().expect("a share");
        assert!(share <= 1_000_000, "{more:?}: {share}");
    }
}

#[test]
fn an_interrupted_warm_up_is_as_long_as_it_was() {
    let said = text(&interrupted_in_warm_up(&[]).stdout);
    assert!(said.contains("stopped before the measurement began"), "{said}");
    assert!(!said.contains("no response") && !said.contains("no request"), "{said}");
    let began = Instant::now();
    let output = interrupted_in_warm_up(&["--json"]);
    let passed = u64::try_from(began.elapsed().as_nanos()).expect("nanoseconds");
    assert_eq!(output.status.code(), Some(130), "{}", text(&output.stdout));
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let warmed = report["warmup"]["elapsed_ns"].as_u64().expect("a time");
    assert!(warmed <= passed, "{warmed} of {passed}");
    assert_eq!(report["elapsed_ns"], 0, "{report}");
}

fn interrupted_in_warm_up(more: &[&str]) -> Output {
    let server = Server::perfect();
    let url = format!("http://{}/json", server.authority());
    let mut command = command(&[&[url.as_str(), "-c", "1", "--warmup", "1h"], more].concat());
    let child =
        command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("httpdyno runs");
    // Load has begun when a connection is up.
    await_connection(&server.authority());
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("an id")).expect("a process");
    kill_process(pid, Signal::INT).expect("a signal");
    child.wait_with_output().expect("an end")
}

/// Until the kernel lists a connection to this port.
fn await_connection(authority: &str) {
    let port = authority.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
    let remote = format!(":{:04X} 01", port.expect("a port"));
    let deadline = Instant::now() + PATIENCE;
    while !std::fs::read_to_string("/proc/net/tcp").is_ok_and(|all| all.contains(&remote)) {
        assert!(Instant::now() < deadline, "no connection to {authority}");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn times_of_a_log_count_from_the_windows_begin() {
    let server = Server::perfect();
    let url = format!("http://{}/json", server.authority());
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("run.hlog");
    let path = log.to_str().expect("UTF-8");
    let millis = || {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
        u64::try_from(now.as_millis()).expect("milliseconds")
    };
    let before = millis();
    let output = load(&[&url, "-d", "300ms", "-c", "1", "--warmup", "0.7", "--hdr", path]);
    let after = millis();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let written = std::fs::read_to_string(&log).expect("a log");
    let start = written.split("StartTime: ").nth(1).expect("a start").split(' ').next();
    let (seconds, decimals) = start.and_then(|at| at.split_once('.')).expect("a time");
    let start =
        seconds.parse::<u64>().expect("s") * 1000 + decimals[..3].parse::<u64>().expect("ms");
    assert!((before + 700..=after - 300).contains(&start), "{before} {start} {after}");
}

#[test]
fn a_server_that_closes_without_a_word_is_told_of() {
    let url = format!("http://{}/", in_turn(&[OK, OK, OK]));
    let shown = text(&load(&[&url, "-n", "60", "-c", "1", "--warmup", "0"]).stdout);
    assert!(shown.contains("without `Connection: close` before, one per "), "{shown}");
    assert!(shown.contains("--reconnect-after"), "{shown}");
    // Whether one had, is a matter of moments.
    let under_way = ["had a request under way. Its", "had a request under way, which is lost. Its"];
    assert!(under_way.iter().any(|it| shown.contains(it)), "{shown}");
    // Renewed after each response there is nothing to lower.
    let gone = format!("http://{}/", in_turn(&[]));
    let options = [&gone, "-d", "300ms", "-c", "1", "--warmup", "0", "--disable-keepalive"];
    let shown = text(&load(&options).stdout);
    assert!(shown.contains("without `Connection: close` before"), "{shown}");
    assert!(!shown.contains("--reconnect-after") && !shown.contains(" 0 of these"), "{shown}");
    let said = format!("http://{}/", in_turn(&[BUSY]));
    let options = [&said, "-n", "20", "-c", "1", "--warmup", "0", "--expect-status", "503"];
    let shown = text(&load(&options).stdout);
    assert!(!shown.contains("without `Connection: close`"), "{shown}");
}

#[test]
fn times_and_counts_are_taken_as_people_type_them() {
    let server = Server::perfect();
    let url = format!("http://{}/json", server.authority());
    let report = json(&[&url, "-n", "1k", "-c", "2", "--warmup", "0", "--timeout", "1h"]);
    assert_eq!(report["total"]["ok"], 1000, "{report}");
    let report = json(&[&url, "-d", "0.25s", "-c", "1", "--warmup", "0.05"]);
    assert!(report["elapsed_ns"].as_u64().is_some_and(|ns| ns >= 250_000_000), "{report}");
}

#[test]
fn what_is_wrong_is_said_in_words_that_help() {
    for (arguments, words) in [
        (
            &["http://127.0.0.1:9/", "-H", "Host: a", "-H", "Host: b"][..],
            "2 Host fields, expected exactly one",
        ),
        (&["http://127.0.0.1:9/{{id}}"], "`{{id}}` names no value, and none is defined"),
        (&["http://127.0.0.1:9/{{id}}", "--value", "n=seq:1"], "expected one of: n"),
        (&["http://h/", "--latency"], "latencies and their distribution are always printed"),
        (&["http://h/", "-k"], "connections are kept open unless --disable-keepalive"),
        (&["http://h/", "-z", "10s"], "the measured time is -d"),
        (&["http://h/", "--script=x.lua"], "--requests-from"),
        (&["http://h/", "-d", "10x"], "is no time, expected e.g. 10 (seconds), 1.5s"),
        (&["http://h/", "-n", "lots"], "is no count, expected e.g. 1000, 1k"),
        (&["http://h/", "--percentiles", "50,101"], "is no percentile"),
        (&["http://127.0.0.1:9/", "--timeout", "2d"], "1 ms to 1 day"),
        (&["http://[fe80::1]:9/", "-c", "1"], "invalid-address"),
        (&["http://h/", "--unix-socket", "/no/such/socket", "-c", "1"], "no-such-socket"),
        (
            &["http://h/", "--unix-socket", LONG_PATH, "-c", "1"],
            "the path of the unix socket is 108 bytes long, expected 1 to 107 bytes",
        ),
        (&["http://h/", "--expect-status", "99"], "99 is not in 100..=999"),
        (&["http://h/", "--follow", "3"], "--follow=3"),
        (&["--follow", "3", "http://h/"], "--follow=3"),
        (&["http://h/", "-L3"], "--follow=3"),
        (&["http://h/", "--rate", "\u{9b}31m"], "\\u{9b}31m"),
        (&["http://h/", "--colour\u{9b}31m"], "--colour\\u{9b}31m"),
        (&["http://h/", "--connect-to", "\u{9b}31m:1"], "\\u{9b}31m:1"),
        (&["http://h/", "--body", "@/no/\u{9b}31m"], "cannot read /no/\\u{9b}31m"),
    ] {
        let output = load(arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
        assert!(!said.contains("in 0 attempts") && !said.contains("other"), "{said}");
        assert!(!said.contains('\u{9b}') && said.matches("error:").count() == 1, "{said:?}");
    }
}

const LONG_PATH: &str = concat!(
    "/a/path/of/108/bytes/which/is/one/more/than/a/socket/can/have/",
    "-2-4-6-8-0-2-4-6-8-0-2-4-6-8-0-2-4-6-8-0-2-4-6"
);

/// A listener whose queue is full: further SYNs stay without an answer.
#[test]
fn unanswered_attempts_to_connect_are_attempts() {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None);
    let socket = socket.expect("a socket");
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    socket.bind(&any.into()).expect("bound");
    socket.listen(0).expect("listening");
    let address = socket.local_addr().expect("bound").as_socket().expect("of IP");
    // One more than the queue holds; that it is full shows in one that does not get through.
    let mut held = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(500)) {
        held.push(stream);
        assert!(held.len() < 1000, "the queue is never full");
    }
    let url = format!("http://{address}/");
    let output = load(&[&url, "-c", "1", "--timeout", "300ms"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("in 1 attempt: timed-out; nothing answers"), "{said}");
}
