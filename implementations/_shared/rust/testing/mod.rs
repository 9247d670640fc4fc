//! Included by the integration tests of the Rust entries: starts the real
//! program on a free port and talks to it over a plain socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Far more than anything here takes, even on a loaded machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// A running server; it is killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

/// The program with the environment of the contract.
pub(crate) fn command(program: &str, port: u16, arguments: &[&str], static_dir: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .envs([("HOST", "127.0.0.1"), ("WORKERS", "2")])
        .env("PORT", port.to_string())
        .env("STATIC_DIR", static_dir)
        .env_remove("DATABASE_URL")
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    command
}

impl Server {
    /// Starts the program on a free port and waits until it tells which.
    pub(crate) fn start(program: &str, arguments: &[&str], static_dir: &Path) -> Self {
        Self::run(command(program, 0, arguments, static_dir))
    }

    /// Starts a command that asks for any port, and waits until it tells which.
    pub(crate) fn run(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        let (told, hears) = mpsc::channel();
        // The thread reads to the end, so that the program never meets a closed pipe.
        thread::spawn(move || {
            let mut line = String::new();
            while errors.read_line(&mut line).is_ok_and(|read| read > 0) {
                let _ = told.send(std::mem::take(&mut line));
            }
        });
        let address = loop {
            let line = hears.recv_timeout(DEADLINE).expect("the server did not start");
            if let Some(address) = line.trim_end().strip_prefix("listening on ") {
                break address.parse().unwrap();
            }
        };
        Self { child, address }
    }

    /// A new connection.
    pub(crate) fn connect(&self) -> Client {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.set_write_timeout(Some(DEADLINE)).unwrap();
        Client(BufReader::new(stream))
    }

    /// The answer to one request without a body, on a connection of its own.
    pub(crate) fn ask(&self, method: &str, target: &str, fields: &[(&str, &str)]) -> Response {
        let mut client = self.connect();
        client.send(&request(method, target, fields, b""));
        client.response(method == "HEAD")
    }

    /// The answer to `GET`.
    pub(crate) fn get(&self, target: &str) -> Response {
        self.ask("GET", target, &[])
    }

    /// The answer to `POST` with a body of known length.
    pub(crate) fn post(&self, target: &str, body: &[u8]) -> Response {
        let mut client = self.connect();
        let length = body.len().to_string();
        client.send(&request("POST", target, &[("Content-Length", &length)], body));
        client.response(false)
    }

    /// Waits until the server has read all that was sent on a connection: nothing is
    /// left in the queues at either end, as the kernel tells.
    pub(crate) fn wait_until_read(&self, client: &Client) {
        let port = client.0.get_ref().local_addr().unwrap().port();
        let ends = [(port, self.address.port()), (self.address.port(), port)];
        let since = Instant::now();
        while !ends.iter().all(|(local, remote)| queues_are_empty(*local, *remote)) {
            assert!(since.elapsed() < DEADLINE, "the server does not read");
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }

    /// Waits for the end of the program.
    pub(crate) fn wait(mut self) -> ExitStatus {
        let since = Instant::now();
        while since.elapsed() < DEADLINE {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            thread::sleep(Duration::from_millis(5));
        }
        panic!("the server did not exit");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One client connection.
pub(crate) struct Client(BufReader<TcpStream>);

impl Client {
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).unwrap();
    }

    /// Closes the sending side.
    pub(crate) fn finish(&mut self) {
        self.0.get_mut().shutdown(Shutdown::Write).unwrap();
    }

    /// The next response; one to `HEAD` has no body whatever its length says.
    pub(crate) fn response(&mut self, to_head: bool) -> Response {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            let read = self.0.read_line(&mut line).expect("no response in time");
            assert!(read > 0, "connection closed within a response head: {lines:?}");
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let status: u16 = lines[0].split(' ').nth(1).unwrap().parse().unwrap();
        let fields = lines[1..].iter().map(|line| line.split_once(": ").unwrap());
        let fields = fields.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        let mut response = Response { status, fields, body: Vec::new() };
        if !to_head && status >= 200 && !matches!(status, 204 | 304) {
            let length = response.field("content-length").expect("no length").parse().unwrap();
            response.body = vec![0; length];
            self.0.read_exact(&mut response.body).unwrap();
        }
        response
    }

    /// Waits for the server to close and returns what it sent before.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).expect("the connection did not end with FIN");
        rest
    }
}

/// A parsed response.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// A request with `Host` and these fields.
pub(crate) fn request(method: &str, target: &str, fields: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut text = format!("{method} {target} HTTP/1.1\r\nHost: test\r\n");
    for (name, value) in fields {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    [text.as_bytes(), b"\r\n", body].concat()
}

/// Whether the socket between two local ports has nothing to send or to be read.
fn queues_are_empty(local: u16, remote: u16) -> bool {
    let sockets = std::fs::read_to_string("/proc/net/tcp").unwrap();
    sockets.lines().any(|line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        columns[1].ends_with(&format!(":{local:04X}"))
            && columns[2].ends_with(&format!(":{remote:04X}"))
            && columns[4] == "00000000:00000000"
    })
}
