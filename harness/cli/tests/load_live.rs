//! What `httpdyno load` shows while it runs, how much memory it takes, and what it says of itself.

use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use httpdyno_testkit::{Server, Terminal};
use indicatif::{InMemoryTerm, TermLike};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use serde_json::Value;

/// Long enough for a loaded machine; only what never comes waits so long.
const PATIENCE: Duration = Duration::from_secs(120);

const PROGRAM: &str = env!("CARGO_BIN_EXE_httpdyno");

fn load(arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.arg("load").args(arguments).stdin(Stdio::null());
    command
}

fn url(server: &Server) -> String {
    format!("http://{}/json", server.authority())
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_terminal_shows_rate_percentiles_status_codes_and_errors_while_it_runs() {
    let server = Server::perfect();
    let url = url(&server);
    let words = [PROGRAM, "load", &url, "-d", "3s", "--warmup", "0s", "-c", "2"];
    let mut terminal = Terminal::run(root(), &words, 40, 120);
    let screen = InMemoryTerm::new(40, 120);
    let wanted = [
        "requests/s",
        "p50 ",
        "p99 ",
        "failed",
        "status       200: ",
        "s of 3 s, ",
        "/s, at most ",
    ];
    let (mut bytes, mut seen_together) = (Vec::new(), false);
    while let Some(more) = terminal.read(PATIENCE) {
        screen.write_str(&String::from_utf8_lossy(&more)).expect("a screen");
        let seen = screen.contents();
        seen_together |=
            wanted.iter().all(|words| seen.contains(words)) && seen.contains('\u{2588}');
        bytes.extend(more);
    }
    assert!(seen_together, "{}", String::from_utf8_lossy(&bytes));
    // Nothing of it stays.
    assert_eq!(screen.contents(), "");
    let shown = String::from_utf8_lossy(&bytes);
    assert!(shown.rfind(LEFT) > shown.rfind("[?1049h"), "{shown:?}");
}

/// Shows the cursor and the screen that was there before.
const LEFT: &str = "\u{1b}[?25h\u{1b}[?1049l";

#[test]
fn ctrl_c_gives_the_terminal_back() {
    let server = Server::perfect();
    let url = url(&server);
    // The second of two ends it at once.
    for signals in [1, 2] {
        let line = format!("{PROGRAM} load {url} -d 1h --warmup 0s -c 2 & pid=$!; read word; ");
        let line = line + &"kill -INT $pid; ".repeat(signals) + "wait $pid; echo ended $? >&2";
        let words = ["bash", "-c", &format!("set -m; {line}")];
        let (mut screen, program) = terminal();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).env("TERM", "xterm").stdin(Stdio::piped());
        command.stdout(Stdio::null()).stderr(program);
        let mut shell = command.spawn().expect("a shell");
        drop(command);
        let mut shown = Vec::new();
        while !String::from_utf8_lossy(&shown).contains("[?1049h") {
            let mut bytes = [0; 4096];
            let read = screen.read(&mut bytes).expect("a screen");
            shown.extend_from_slice(&bytes[..read]);
        }
        shell.stdin.take().expect("a pipe").write_all(b"now\n").expect("a word");
        // Ends with EIO when all that write there are gone.
        let _ = screen.read_to_end(&mut shown);
        shell.wait().expect("an end");
        let shown = String::from_utf8_lossy(&shown).into_owned();
        assert!(shown.trim_end().ends_with("ended 130"), "{shown:?}");
        let left = shown.rfind(LEFT).unwrap_or_else(|| panic!("{shown:?}"));
        assert!(left > shown.rfind("[?1049h").unwrap_or(0), "{shown:?}");
    }
}

#[test]
fn a_terminal_that_only_prints_gets_plain_lines() {
    let server = Server::perfect();
    let (mut screen, program) = terminal();
    let mut command = load(&[&url(&server), "-d", "6s", "--warmup", "0s", "-c", "2"]);
    command.env("TERM", "dumb").stdout(Stdio::null()).stderr(program);
    let mut child = command.spawn().expect("httpdyno runs");
    drop(command); // The program's side is now the child's alone.
    let mut shown = Vec::new();
    // Ends with EIO when the child is gone.
    let _ = screen.read_to_end(&mut shown);
    assert!(child.wait().expect("an end").success());
    let shown = String::from_utf8_lossy(&shown).into_owned();
    assert!(shown.contains("requests/s") && !shown.contains("\u{1b}[?"), "{shown:?}");
}

/// A terminal of 120 columns: the side of its screen, and the side of the program.
fn terminal() -> (File, OwnedFd) {
    let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
    grantpt(&screen).expect("granted");
    unlockpt(&screen).expect("unlocked");
    let size = Winsize { ws_row: 40, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(screen.as_fd(), size).expect("a size");
    let name = ptsname(&screen, Vec::new()).expect("a name").into_string().expect("UTF-8");
    let program = File::options().read(true).write(true).open(name).expect("the other side");
    (screen.into(), program.into())
}

#[test]
fn the_live_line_counts_what_failed() {
    let server = Server::perfect();
    let nowhere = format!("http://{}/nowhere", server.authority());
    let output = load(&[&nowhere, "-d", "6s", "--warmup", "0s", "-c", "2"]).output();
    let shown = String::from_utf8(output.expect("httpdyno runs").stderr).expect("UTF-8");
    let line = shown.lines().find(|line| line.contains("requests/s")).expect("a line in 5 s");
    let failed = line.split("failed ").nth(1).expect("a count").trim();
    let digits: String = failed.chars().filter(char::is_ascii_digit).collect();
    assert!(digits.parse::<u64>().is_ok_and(|failed| failed > 0), "{line:?}");
}

#[test]
fn a_pipe_gets_plain_lines() {
    let server = Server::perfect();
    let arguments = [&url(&server), "-d", "6s", "--warmup", "0s", "-c", "2"];
    let output = load(&arguments).output().expect("httpdyno runs");
    assert!(output.status.success());
    let shown = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!shown.contains('\u{1b}') && !shown.contains('\r'), "{shown:?}");
    let lines: Vec<&str> = shown.lines().filter(|line| line.contains("requests/s")).collect();
    assert_eq!(lines.len(), 1, "one in five seconds: {shown:?}");
    assert!(lines[0].trim_start().starts_with("5 s") && lines[0].contains("p99"), "{shown:?}");
}

/// Most memory that the generator may ever use here: it holds few connections.
const MOST_BYTES: u64 = 128 << 20;

/// The highest resident memory of `child` while it lives.
fn peak_bytes(child: &mut Child) -> u64 {
    let deadline = Instant::now() + PATIENCE;
    let mut peak = 0;
    while child.try_wait().expect("a child").is_none() {
        assert!(Instant::now() < deadline, "it did not end within {PATIENCE:?}");
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
        let line = status.unwrap_or_default();
        let high = line.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = high.and_then(|text| text.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        peak = peak.max(kib.unwrap_or(0) * 1024);
        assert!(peak < MOST_BYTES, "{peak} bytes");
        std::thread::sleep(Duration::from_millis(5));
    }
    peak
}

/// Sends `head`, then `piece` for ever, to whoever connects.
fn endless(head: &'static str, piece: &'static str) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    // These threads end with the test's process; each waits most of the time.
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let _ = stream.read(&mut [0; 4096]);
                let piece = piece.repeat(4096);
                let _ = stream.write_all(head.as_bytes());
                while stream.write_all(piece.as_bytes()).is_ok() {}
            });
        }
    });
    address
}

#[test]
fn what_never_ends_does_not_fill_the_memory() {
    const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (head, piece, more) in [
        ("HTTP/1.1 200 OK\r\nX: ", "yyyyyyyyyyyyyyyy", None),
        ("HTTP/1.1 200 OK\r\n", "a: b\r\n", None),
        ("", "HTTP/1.1 103 Early Hints\r\n\r\n", None),
        ("HTTP/1.1 200 OK\r\n\r\n", "yyyyyyyyyyyyyyyy", None),
        (CHUNKED, "8\r\nyyyyyyyy\r\n", None),
        // What is compared as JSON is kept until it is whole.
        (CHUNKED, "8\r\n        \r\n", Some(["--expect-json", "--expect-body", "[]"])),
    ] {
        let address = endless(head, piece);
        let url = format!("http://{address}/");
        let mut command = load(&[&url, "-c", "8", "-d", "1s", "--warmup", "0s", "--timeout", "2s"]);
        command.args(more.iter().flatten()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("httpdyno runs");
        let peak = peak_bytes(&mut child);
        assert!(peak > 0, "VmHWM was never seen");
        // A body of which the window sees no end is neither right nor wrong.
        let code = child.wait().expect("an end").code();
        assert!(matches!(code, Some(0 | 1)), "{head:?}: {code:?}");
    }
}

fn json(arguments: &[&str]) -> Value {
    let output = load(arguments).output().expect("httpdyno runs");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"))
}

#[test]
fn the_result_says_how_busy_the_generator_was_and_whether_the_figures_fit_together() {
    let server = Server::perfect();
    let report = json(&[&url(&server), "-c", "4", "-d", "1s", "--warmup", "0s", "--json"]);
    let threads = report["generator"]["threads"].as_array().expect("threads");
    assert_eq!(threads.len(), 1);
    let number = |value: &Value| value.as_u64().unwrap_or_else(|| panic!("{value}"));
    let share = number(&report["generator"]["cpu_share_ppm"]);
    // CPU time of one thread: more than none, and no more than there is (clocks are read in turn).
    assert!((1..=1_050_000).contains(&share), "{share}");
    assert!(number(&threads[0]["cpu_ns"]) > 0, "{report}");
    // Connections in use never exceed those that were asked for, but for those under way at the
    // edges of the window, which are seldom a tenth.
    let residual = report["littles_law_residual_ppm"].as_i64().expect("a closed loop has one");
    assert!((-500_000..=1_000_000).contains(&residual), "{residual}");
    let in_use = number(&report["mean_concurrency_milli"]) as i64;
    assert!((in_use - (4_000 - residual / 250)).abs() <= 1, "{in_use} and {residual} agree");
}

#[test]
fn reports_of_failures_and_of_several_routes_fit_the_schema_too() {
    let schema: Value = json(&["--json-schema"]);
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let server = Server::perfect();
    let wrong = ["--expect-body", "Something else", "-n", "20", "-c", "2", "--warmup", "0s"];
    let failing = json(&[&[url(&server).as_str(), "--json"], &wrong[..]].concat());
    assert_eq!(failing["total"]["ok"], 0, "{failing}");
    let mixed = ["--also", "3=/plaintext", "-n", "400", "-c", "2", "--warmup", "0s", "--json"];
    let several = json(&[&[url(&server).as_str()], &mixed[..]].concat());
    assert_eq!(several["total"]["ok"], 400, "{several}");
    let routes = several["routes"].as_array().expect("routes");
    let count = |route: usize| routes[route]["ok"].as_u64().expect("a number");
    assert_eq!(routes[1]["name"], "/plaintext");
    // 300 in the mean, with a standard deviation of 9.
    assert!((200..=390).contains(&count(1)) && count(0) + count(1) == 400, "{several}");
    for report in [failing, several] {
        let wrong: Vec<String> = validator.iter_errors(&report).map(|it| it.to_string()).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
