//! What a server writes of its own errors stands beside the failures that come of them, and beside no
//! others.

#[path = "support/own_server.rs"]
#[allow(dead_code, reason = "this server is not the scripted one")]
mod own_server;
mod support;

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use httpdyno_record::{CaseRecord, CaseStatus};
use httpdyno_runner::{ConformOptions, Filter, conform_entry};
use signal_hook::consts::SIGTERM;
use signal_hook::iterator::Signals;
use support::{line, tree};

/// In the environment of the server.
const SERVES: &str = "HTTPDYNO_TEST_WORDS";

/// More than any message has room for.
const LONG: usize = 3000;

/// Not a test, but the server under test: this program is started again to be it.
#[test]
fn serve_under_the_contract() {
    if std::env::var_os(SERVES).is_none() {
        return;
    }
    let given = |name| std::env::var(name).unwrap_or_else(|_| panic!("{name} is set"));
    let listener = TcpListener::bind(format!("{}:{}", given("HOST"), given("PORT")));
    let listener = listener.expect("bound");
    let mut signals = Signals::new([SIGTERM]).expect("a signal handler");
    eprintln!("listening since long ago");
    let count = Arc::new(AtomicUsize::new(0));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let count = Arc::clone(&count);
            std::thread::spawn(move || serve(&stream, &count));
        }
    });
    signals.forever().next();
    std::process::exit(0);
}

fn serve(stream: &TcpStream, count: &AtomicUsize) -> Option<()> {
    let mut lines = BufReader::new(stream).lines();
    loop {
        let first = lines.next()?.ok()?;
        while !lines.next()?.ok()?.is_empty() {}
        let number = count.fetch_add(1, Ordering::SeqCst);
        let path = first.split(' ').nth(1)?.to_owned();
        let (status, body) = if path == "/plaintext" {
            ("200 OK", "Hello, World!")
        } else if path == "/json" {
            eprintln!("Traceback of request {number}:");
            (0..LONG).for_each(|frame| eprintln!("  in frame {frame}"));
            eprintln!("KeyError: 'message'");
            ("500 Internal Server Error", "")
        } else if path.starts_with("/users/") {
            // Many a framework logs there.
            println!("panicked at users.rs:7: index out of range");
            return None;
        } else {
            eprintln!("nothing at {path}");
            ("404 Not Found", "")
        };
        let length = body.len();
        write!(
            &mut &*stream,
            "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .ok()?;
    }
}

#[test]
fn the_words_stand_beside_errors_and_ended_connections_alone() {
    let mut entry = own_server::entry(&format!("{SERVES}: '1'"));
    let endpoints = ["plaintext", "json", "users", "search"];
    entry.manifest.endpoints = endpoints.map(|id| id.parse().expect("an id")).to_vec();
    let of = |cases: &[&str]| {
        let cases = cases.iter().map(|&case| case.to_owned()).collect();
        let filter = Filter { cases, ..Filter::default() };
        let options = ConformOptions { filter, ..ConformOptions::default() };
        conform_entry(&tree(), &entry, &options, None, |_| ()).expect("verdicts")
    };
    // One kind at a time, as what is asked at the same time is told too.
    for (cases, observed, words) in [
        ("app/json", "500", "KeyError: 'message'"),
        ("app/users", "no answer", "panicked at users.rs:7: index out of range"),
    ] {
        let found = of(&[cases]);
        let failed: Vec<&CaseRecord> = found.iter().filter(|it| is_told(it, observed)).collect();
        assert!(!failed.is_empty(), "{}", found.iter().map(line).collect::<String>());
        for case in failed {
            let reason = &case.reason;
            assert!(reason.contains("the server wrote:\n"), "{}", line(case));
            assert!(reason.contains(words), "{}", line(case));
            assert!(!reason.contains("long ago"), "of another moment: {}", line(case));
            assert!(reason.len() < 2000 && reason.lines().count() < 16, "{}", line(case));
        }
    }
    let found = of(&["app/search"]);
    assert!(found.iter().any(|case| case.observed.contains("404")), "{found:#?}");
    let wordy = found.iter().find(|case| case.reason.contains("the server wrote"));
    assert!(wordy.is_none(), "{}", line(wordy.expect("one")));
}

fn is_told(case: &CaseRecord, observed: &str) -> bool {
    case.status == CaseStatus::Fail
        && (case.observed.contains(observed) || case.received.contains("HTTP/1.1 500"))
}
