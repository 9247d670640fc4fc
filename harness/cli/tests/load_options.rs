//! What `httpdyno load` is told to send arrives: method, fields, body and how many at once.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;

const DEADLINE: Duration = Duration::from_secs(60);
const DEPTH: usize = 4;
const ANSWER: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// The next request: its head in lower case, and its body.
fn request(stream: &mut BufReader<TcpStream>) -> Option<(String, String)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let head = head.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |text| text.trim().parse().expect("a number"))];
    stream.read_exact(&mut body).ok()?;
    Some((head, String::from_utf8(body).expect("UTF-8")))
}

/// Answers only when a whole depth of requests has come.
fn serve(stream: TcpStream, told: &mpsc::Sender<(String, String)>) {
    stream.set_read_timeout(Some(DEADLINE)).expect("a socket");
    let mut stream = BufReader::new(stream);
    loop {
        for _ in 0..DEPTH {
            let Some(request) = request(&mut stream) else { return };
            if told.send(request).is_err() {
                return;
            }
        }
        if stream.get_mut().write_all(ANSWER.repeat(DEPTH).as_bytes()).is_err() {
            return;
        }
    }
}

#[test]
fn method_fields_body_depth_threads_and_timeout_are_what_was_asked_for() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/things?x=1", listener.local_addr().expect("bound"));
    let (told, requests) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let told = told.clone();
            thread::spawn(move || serve(stream, &told));
        }
    });
    let output = Command::new(env!("CARGO_BIN_EXE_httpdyno"))
        .args(["load", &url, "--method", "PUT", "--header", "X-Colour: blue"])
        .args(["--body", "a body of ours", "--pipeline", &DEPTH.to_string(), "-t", "2"])
        .args(["-c", "2", "-n", "16", "--warmup", "0s", "--timeout", "50s", "--json"])
        .stdin(Stdio::null())
        .output()
        .expect("httpdyno runs");
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(report["total"]["ok"], 16, "{report}");
    assert_eq!(report["generator"]["threads"].as_array().map(Vec::len), Some(2), "{report}");
    let (head, body) = requests.recv_timeout(DEADLINE).expect("a request");
    assert!(head.starts_with("put /things?x=1 http/1.1\r\n"), "{head}");
    assert!(head.contains("\r\nx-colour: blue\r\n"), "{head}");
    assert_eq!(body, "a body of ours");
}
