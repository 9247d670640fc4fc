//! Starting and stopping the program.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::client::Client;

/// Longer than anything takes on a loaded machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);
pub(crate) const QUEUES: [&str; 2] = ["mutex", "lock-free"];

/// A running server; killed when dropped.
pub(crate) struct Server {
    child: Child,
    stderr: BufReader<ChildStderr>,
    pub(crate) address: SocketAddr,
}

/// The program with the environment of the contract, not started yet.
pub(crate) fn command(port: u16) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rust-std"));
    command
        .env("HOST", "127.0.0.1")
        .env("PORT", port.to_string())
        .env("WORKERS", "2")
        .env("STATIC_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec/payloads/static"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

impl Server {
    pub(crate) fn start(queue: &str) -> Self {
        let mut child = command(0).args(["--queue", queue]).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").map(str::parse);
        let address = address.unwrap_or_else(|| panic!("it said {line:?}")).unwrap();
        Self { child, stderr, address }
    }

    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.address)
    }

    pub(crate) fn terminate(&self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
    }

    /// Waits for the end and checks that nothing was logged.
    pub(crate) fn wait(mut self) -> ExitStatus {
        let status = wait(&mut self.child);
        let mut said = String::new();
        self.stderr.read_to_string(&mut said).unwrap();
        assert_eq!(said, "");
        status
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The exit status, within the deadline.
pub(crate) fn wait(child: &mut Child) -> ExitStatus {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        assert!(start.elapsed() < DEADLINE, "it does not end");
        std::thread::sleep(Duration::from_millis(5));
    }
}
