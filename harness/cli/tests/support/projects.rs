//! Somebody's own project for a test, and httpdyno in it as it is installed: without a checkout.
#![allow(dead_code, reason = "each test uses its part")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// Somebody's own server, which knows no contract and no signal: it answers each request after so many
/// microseconds of its CPU time.
const SERVER: &str = r#"
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

fn main() {
    let argument = std::env::args().nth(1).expect("microseconds");
    let cost = Duration::from_micros(argument.parse().expect("a number"));
    let port: u16 = std::env::var("PORT").expect("a port").parse().expect("a number");
    for stream in TcpListener::bind(("127.0.0.1", port)).expect("bound").incoming() {
        let mut stream = stream.expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        std::thread::spawn(move || {
            let (mut seen, mut buffer) = (Vec::new(), [0; 4096]);
            while let Ok(read) = stream.read(&mut buffer) {
                if read == 0 { return; }
                seen.extend_from_slice(&buffer[..read]);
                while let Some(end) = seen.windows(4).position(|four| four == b"\r\n\r\n") {
                    seen.drain(..end + 4);
                    let begun = Instant::now();
                    while begun.elapsed() < cost {}
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
                    if stream.write_all(answer).is_err() { return; }
                }
            }
        });
    }
}
"#;

/// That server's program, compiled once for all tests of a file.
pub(crate) fn server() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let name = concat!(env!("CARGO_CRATE_NAME"), "-server");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).expect("a folder");
        let (source, program) = (folder.join("main.rs"), folder.join("server"));
        fs::write(&source, SERVER).expect("written");
        let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or("rustc".into()));
        rustc.args(["--edition", "2021", "-o"]).arg(&program).arg(&source);
        assert!(rustc.status().expect("rustc runs").success(), "the server does not build");
        program
    })
}

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_httpdyno");

/// A profile under which no gate takes a figure on a busy machine, and trials are short.
const LOOSE: &str = "version: 1
id: loose
summary: For tests.
publishable: false
placement: split
idle_guard: false
workloads: [first]
connections: [2]
idle: 0ms
warmup: 50ms
measure: 150ms
blocks: 4
start_timeout: 20s
gates:
  littles_law_ppm: 1000000
  steal_ppm: 1000000
  offered_ppm: 0
  send_lag_ppm: 1000000
  generator_cpu_ppm: 1000000
  generator_delay_ppm: 1000000
  server_delay_ppm: 1000000
  foreign_ppm: 1000000
  headroom_ppm: 1000000
  server_busy_ppm: 0
  drift_ppm: 1000000
";

/// A project's folder, with all that httpdyno may write elsewhere in folders of the test's own.
pub(crate) struct Project {
    pub(crate) folder: tempfile::TempDir,
    home: tempfile::TempDir,
    temporary: tempfile::TempDir,
}

impl Project {
    pub(crate) fn new() -> Self {
        let folder = || tempfile::tempdir().expect("folder");
        let project = Self { folder: folder(), home: folder(), temporary: folder() };
        project.write("loose.yaml", LOOSE);
        project
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        fs::write(path, text).expect("written");
    }

    pub(crate) fn replace(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path().join(file)).expect("readable");
        assert!(text.contains(from), "`{from}` is not in {file}: {text}");
        self.write(file, &text.replace(from, to));
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).current_dir(self.path()).stdin(Stdio::null());
        command.env("HOME", self.home.path()).env_remove("XDG_CACHE_HOME");
        command.env("TMPDIR", self.temporary.path()).env_remove("HTTPDYNO_ROOT");
        command
    }

    /// What was printed, what was told beside it, and the exit code.
    pub(crate) fn run(&self, arguments: &[&str]) -> (String, String, Option<i32>) {
        let Output { status, stdout, stderr } =
            self.command(arguments).output().expect("httpdyno runs");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (text(stdout), text(stderr), status.code())
    }

    /// What a run has left among the temporary files.
    pub(crate) fn left(&self) -> Vec<String> {
        let items = fs::read_dir(self.temporary.path()).expect("readable").flatten();
        items.map(|item| item.file_name().to_string_lossy().into_owned()).collect()
    }

    /// A folder among the temporary files.
    pub(crate) fn temporary(&self, name: &str) -> std::path::PathBuf {
        self.temporary.path().join(name)
    }

    /// What git prints in the project.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let identity =
            ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgSign=false"];
        let mut git = Command::new("git");
        let output = git.arg("-C").arg(self.path()).args(identity).args(arguments).output();
        let output = output.expect("git runs");
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
    }
}
