//! The null server under the contract of entries: environment, readiness, SIGTERM, `--version`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

const PATIENCE: Duration = Duration::from_secs(60);

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_httpdyno"));
    command.arg("null-server").stdin(Stdio::null()).stderr(Stdio::piped());
    command.env("HOST", "127.0.0.1").env("PORT", "0").env("WORKERS", "2");
    command
}

/// Killed should a test fail.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn start(mut command: Command) -> Self {
        Self::try_start(&mut command).unwrap_or_else(|line| panic!("{line}"))
    }

    /// Nothing but the line that says why, where it does not listen.
    fn try_start(command: &mut Command) -> Result<Self, String> {
        let mut child = command.spawn().expect("httpdyno runs");
        let mut line = String::new();
        let errors = child.stderr.take().expect("piped");
        BufReader::new(errors).read_line(&mut line).expect("a line");
        match line.trim().strip_prefix("listening on ") {
            Some(address) => Ok(Self { address: address.parse().expect("an address"), child }),
            None => {
                child.wait().expect("an end");
                Err(line)
            }
        }
    }

    fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).expect("connects");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let request = format!("{request} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("sends");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    /// SIGTERM, and how the process ended.
    fn stop(mut self) -> Option<i32> {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::TERM).expect("a signal");
        self.child.wait().expect("an end").code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn failure(command: &mut Command) -> (Option<i32>, String) {
    let output = command.output().expect("httpdyno runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn response_file(folder: &Path, text: &str) -> std::path::PathBuf {
    let path = folder.join("response");
    std::fs::write(&path, text).expect("a file");
    path
}

#[test]
fn it_is_ready_answers_and_ends_as_an_entry_does() {
    let server = Server::start(command());
    for request in ["GET /plaintext", "GET /json", "DELETE /anything?at=all"] {
        let answer = server.ask(request);
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n\r\n{\"message\":\"Hello, World!\"}"), "{answer}");
    }
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn its_response_is_the_one_it_is_given() {
    let folder = tempfile::tempdir().expect("folder");
    let text = "HTTP/1.1 206 Partial Content\r\nX: y\r\nContent-Length: 4\r\n\r\nbody";
    let mut command = command();
    command.env("NULL_RESPONSE", response_file(folder.path(), text));
    let server = Server::start(command);
    assert_eq!(server.ask("GET /json"), text);
    assert!(server.ask("GET /plaintext").starts_with("HTTP/1.1 200 "), "the sign of readiness");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn an_extra_cost_is_found_by_the_clock_or_the_message_says_why_not() {
    let mut command = command();
    command.args(["--extra-cpu-ns", "50"]);
    let deadline = Instant::now() + PATIENCE;
    let server = loop {
        match Server::try_start(&mut command) {
            Ok(server) => break server,
            // A machine full of other tests may be too restless for many tries.
            Err(line) => assert!(line.contains("try again on a quieter core"), "{line}"),
        }
        assert!(Instant::now() < deadline, "not once in {PATIENCE:?}");
    };
    assert!(server.ask("GET /json").starts_with("HTTP/1.1 200 "));
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_port_in_use_is_a_message_and_an_exit() {
    let first = Server::start(command());
    let port = first.address.port().to_string();
    let (code, text) = failure(command().env("PORT", &port));
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains(&format!("can not listen on 127.0.0.1:{port}")), "{text}");
}

#[test]
fn a_response_that_is_none_is_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let path = response_file(folder.path(), "HTTP/1.1 200 OK\r\n\r\nno length");
    let (code, text) = failure(command().arg("--response").arg(&path));
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains(path.to_str().expect("UTF-8")), "{text}");
    assert!(text.contains("expected Content-Length or chunked framing"), "{text}");
    let (code, text) = failure(command().env("NULL_RESPONSE", folder.path().join("none")));
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("cannot read"), "{text}");
}

#[test]
fn its_version_is_one_line() {
    let output = command().arg("--version").output().expect("httpdyno runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains(env!("CARGO_PKG_VERSION")), "{text}");
}
