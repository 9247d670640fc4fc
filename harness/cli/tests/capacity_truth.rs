//! `capacity` on a server whose capacity is known: it answers so many requests per second and no
//! more, whatever the machine could do.

#[path = "support/results.rs"]
mod results;
#[path = "support/tree.rs"]
mod tree;

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use httpdyno_record::{CapacitySearch, Record};

/// Far below what a loaded machine can do.
const RATE_PER_S: u64 = 1_000;

/// How far the server may fall behind its clock and catch up: threads that the kernel wakes late
/// would make it slower than its rate.
const CATCHES_UP: Duration = Duration::from_millis(20);

/// When the next answer is due.
struct Clock(Mutex<Instant>);

impl Clock {
    fn wait_for_turn(&self) {
        let turn = {
            let mut next = self.0.lock().expect("no thread panics");
            let earliest = Instant::now().checked_sub(CATCHES_UP).expect("the machine runs longer");
            let turn = (*next).max(earliest);
            *next = turn + Duration::from_secs(1) / RATE_PER_S as u32;
            turn
        };
        std::thread::sleep(turn.saturating_duration_since(Instant::now()));
    }
}

/// Answers requests without a body, one after the other, until the connection is closed.
fn serve(stream: TcpStream, clock: &Clock) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    while lines.read_line(&mut line)? > 0 {
        if line == "\r\n" {
            clock.wait_for_turn();
            let body = "{\"message\":\"Hello, World!\"}";
            // No Date: one that stands still would be found out.
            let head = "HTTP/1.1 200 OK\r\nServer: a\r\nContent-Type: application/json\r\n";
            let answer = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
            (&stream).write_all(answer.as_bytes())?;
        }
        line.clear();
    }
    Ok(())
}

/// Serves until the test ends, on a port of its own.
fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let clock = Arc::new(Clock(Mutex::new(Instant::now())));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let clock = Arc::clone(&clock);
            // A client that resets its connection is no concern of others.
            std::thread::spawn(move || serve(stream, &clock));
        }
    });
    url
}

/// A root whose profile asks nothing of the machine: so slow a server is as slow beside a generator
/// that others keep from its core.
fn patient_root() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("folder");
    tree::copy(&tree::root().join("spec"), &folder.path().join("spec"));
    std::fs::create_dir(folder.path().join("implementations")).expect("folder");
    let profile = folder.path().join("spec/profiles/smoke.yaml");
    let text = std::fs::read_to_string(&profile).expect("a profile");
    let (before_gates, _) = text.split_once("gates:").expect("gates");
    let gates = "gates:\n  generator_cpu_ppm: 1000000\n  generator_delay_ppm: 1000000\n  \
                 headroom_ppm: 1000000\n  server_busy_ppm: 0\n  littles_law_ppm: 1000000\n  \
                 steal_ppm: 1000000\n  send_lag_ppm: 1000000\n  offered_ppm: 0\n";
    std::fs::write(&profile, format!("{before_gates}{gates}")).expect("a profile");
    folder
}

fn search(url: &str, root: &Path, results: &Path) -> CapacitySearch {
    let output = Command::new(env!("CARGO_BIN_EXE_httpdyno"))
        .args(["capacity", "--url", url, "--workload", "json", "--connections", "16"])
        // As much as a queue that grows by 1.5 % takes, and a stall of a loaded machine does not.
        .args(["--measure", "3s", "--slo", "p50=100ms", "--goodput", "0.985", "--soak", "2s"])
        .args(["--no-curve", "--results"])
        .arg(results)
        .current_dir(root)
        .stdin(Stdio::null())
        .output()
        .expect("httpdyno runs");
    let run = results::record_in(results);
    let run = run.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let record = Record::read(&run).expect("a record");
    record.capacity().expect("readable").expect("there").searches.remove(0)
}

#[test]
fn the_capacity_of_a_server_with_a_known_one_is_found() {
    let url = start();
    let (root, results) = (patient_root(), tempfile::tempdir().expect("folder"));
    let found = search(&url, root.path(), results.path());
    let is_near = found.rate_per_s.abs_diff(RATE_PER_S) <= RATE_PER_S / 20;
    let is_inside = (found.low_per_s..=found.high_per_s).contains(&RATE_PER_S);
    assert!(is_near || is_inside, "{found:?}");
    // An interval so wide that everything lies in it finds nothing.
    assert!(found.high_per_s - found.low_per_s <= RATE_PER_S / 5, "{found:?}");
}
