//! A server for tests of the harness itself: right by default, wrong in the one way its first
//! argument names. It speaks just enough HTTP/1.1 to be started, verified and measured; those that
//! cheat, all of it (see [`cheat`]).
//!
//! Built by `cargo test` like every example; started by tests through a manifest, as real
//! entries are.

#![forbid(unsafe_code)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};

use httpdyno_testkit::Server;

mod cheat;
mod date;
mod pace;
mod stray;

use cheat::Cheat;
use pace::Pace;
use stray::Stray;

/// In which way it is wrong.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// It answers rightly, but not as a good server would: see [`Pace`].
    Paced(Pace),
    ExitsAtOnce,
    NeverReady,
    IgnoresTerm,
    DiesUnderLoad,
    Garbage,
    EndlessBody,
    WrongBody,
    WrongOnce,
    /// It answers 500 and writes why.
    Breaks,
    StopsAnswering,
    WorksInChildren,
    LeavesItsCores,
    /// It leaves something, or is something, that its process group does not hold.
    Strays(Stray),
    /// It cheats, but only under load.
    Cheats(Cheat),
}

impl Fault {
    /// `name`, and what more it needs to know.
    fn named(name: Option<&str>, value: Option<&str>) -> Self {
        if let Some(pace) = name.and_then(|name| Pace::named(name, value)) {
            return Self::Paced(pace);
        }
        if let Some(cheat) = name.and_then(Cheat::named) {
            return Self::Cheats(cheat);
        }
        if let Some(stray) = name.and_then(Stray::named) {
            return Self::Strays(stray);
        }
        match name {
            None => Self::None,
            Some("exits-at-once") => Self::ExitsAtOnce,
            Some("never-ready") => Self::NeverReady,
            Some("ignores-term") => Self::IgnoresTerm,
            Some("dies-under-load") => Self::DiesUnderLoad,
            Some("garbage") => Self::Garbage,
            Some("endless-body") => Self::EndlessBody,
            Some("wrong-body") => Self::WrongBody,
            Some("wrong-once") => Self::WrongOnce,
            Some("breaks") => Self::Breaks,
            Some("stops-answering") => Self::StopsAnswering,
            Some("works-in-children") => Self::WorksInChildren,
            Some("leaves-its-cores") => Self::LeavesItsCores,
            Some(other) => panic!("no fault is named `{other}`"),
        }
    }
}

/// Requests answered rightly before a fault that comes under load sets in.
const GOOD_REQUESTS: u64 = 50;

static ANSWERED: AtomicU64 = AtomicU64::new(0);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "--version") {
        println!("misbehaving_server {}", env!("CARGO_PKG_VERSION"));
        return;
    }
    if arguments.first().is_some_and(|first| first == "child") {
        return burn();
    }
    if arguments.first().is_some_and(|first| first == stray::ROLE) {
        stray::prepare(&arguments[1..]);
    }
    let is_stray = arguments.first().is_some_and(|first| first == stray::ROLE);
    let arguments = if is_stray { Vec::new() } else { arguments };
    if arguments.first().is_some_and(|first| first == "beside") {
        return spin_on(arguments.get(1).and_then(|core| core.parse().ok()).expect("a core"));
    }
    let fault =
        Fault::named(arguments.first().map(String::as_str), arguments.get(1).map(String::as_str));
    let variable = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    match fault {
        Fault::ExitsAtOnce => {
            eprintln!("cannot open the configuration");
            std::process::exit(3);
        }
        Fault::NeverReady => loop {
            std::thread::park();
        },
        Fault::IgnoresTerm => ignore_term(),
        _ => exit_on_term(),
    }
    match fault {
        Fault::WorksInChildren => work_in_children(),
        Fault::LeavesItsCores => leave_cores(),
        Fault::Strays(stray) => stray.begin(),
        _ => {}
    }
    let address = SocketAddr::new(
        variable("HOST").parse().expect("an address"),
        variable("PORT").parse().expect("a port"),
    );
    if let Fault::Cheats(cheat) = fault {
        let change = move |number, line: &str, right| cheat.change(number, line, right);
        let _server = Server::that_changes_answers(address, change);
        loop {
            std::thread::park();
        }
    }
    let listener = TcpListener::bind(address).expect("cannot bind");
    let one_by_one = fault == Fault::Paced(Pace::AcceptsOneByOne);
    if one_by_one {
        // Again, with no room for connections that wait.
        rustix::net::listen(&listener, 0).expect("listens");
    }
    for stream in listener.incoming().flatten() {
        match one_by_one {
            true => serve(stream, fault),
            false => drop(std::thread::spawn(move || serve(stream, fault))),
        }
    }
}

/// One child after the other, each of which uses CPU time and ends, for ever.
fn work_in_children() {
    let program = std::env::current_exe().expect("own path");
    std::thread::spawn(move || {
        loop {
            let child = std::process::Command::new(&program).arg("child").status();
            assert!(child.expect("a child").success());
        }
    });
}

/// Uses 20 ms of CPU time.
fn burn() {
    let used = || rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime).tv_nsec;
    let mut sum = 0_u64;
    while used() < 20_000_000 {
        sum = std::hint::black_box(sum.wrapping_add(1));
    }
}

/// A neighbour on `core` that never rests, until the end of its standard input.
fn spin_on(core: usize) {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let mut only = rustix::thread::CpuSet::new();
    only.set(core);
    rustix::thread::sched_setaffinity(None, &only).expect("affinity");
    loop {
        std::hint::spin_loop();
    }
}

/// Allows this thread every core there is; the threads it makes inherit that.
fn leave_cores() {
    let mut all = rustix::thread::CpuSet::new();
    (0..rustix::thread::CpuSet::MAX_CPU).for_each(|core| all.set(core));
    rustix::thread::sched_setaffinity(None, &all).expect("affinity");
}

fn exit_on_term() {
    watch(libc::SIGTERM, || std::process::exit(0));
}

fn ignore_term() {
    watch(libc::SIGTERM, || ());
}

/// Runs `action` at each `signal`.
fn watch(signal: i32, action: impl Fn() + Send + 'static) {
    let mut signals = signal_hook::iterator::Signals::new([signal]).expect("signals");
    std::thread::spawn(move || signals.forever().for_each(|_| action()));
}

fn serve(stream: TcpStream, fault: Fault) {
    let Ok(mut writer) = stream.try_clone() else {
        return;
    };
    let _ = writer.set_nodelay(true);
    let mut reader = BufReader::new(stream);
    let mut turn = None;
    while let Some(line) = read_request(&mut reader) {
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let served = ANSWERED.fetch_add(1, Ordering::Relaxed);
        if let Fault::Paced(pace) = fault {
            if pace.answer(&mut writer, &path, served, &mut turn).is_none() {
                return;
            }
            continue;
        }
        let late = match fault {
            Fault::WrongOnce => served == GOOD_REQUESTS,
            _ => served >= GOOD_REQUESTS,
        };
        match fault {
            Fault::DiesUnderLoad if late => std::process::exit(9),
            Fault::StopsAnswering if late => loop {
                std::thread::park();
            },
            _ => {}
        }
        if answer(&mut writer, &path, late.then_some(fault)).is_none() {
            return;
        }
    }
}

/// Reads a request; its first line.
fn read_request(reader: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|&read| read > 0)?;
    let first = line.clone();
    let mut length = 0;
    while line.trim_end() != "" {
        line.clear();
        reader.read_line(&mut line).ok().filter(|&read| read > 0)?;
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut content = vec![0; length];
    reader.read_exact(&mut content).ok()?;
    Some(first)
}

/// Answers; `fault` is what is wrong with this very answer.
fn answer(writer: &mut impl Write, path: &str, fault: Option<Fault>) -> Option<()> {
    let (status, body) = match path {
        "/plaintext" if matches!(fault, Some(Fault::WrongBody | Fault::WrongOnce)) => {
            ("200 OK", "Hello, World?")
        }
        "/plaintext" if fault == Some(Fault::Breaks) => {
            eprintln!("the pool has no connection left");
            ("500 Internal Server Error", "")
        }
        "/plaintext" => ("200 OK", "Hello, World!"),
        _ => ("404 Not Found", ""),
    };
    let length = body.len();
    let whole = format!(
        "HTTP/1.1 {status}\r\nServer: misbehaving\r\nDate: {}\r\nContent-Type: text/plain\r\n\
         Content-Length: {length}\r\n\r\n{body}",
        date::now(0)
    );
    match fault {
        Some(Fault::Garbage) => writer.write_all(b"\x00\x01not HTTP at all\r\n\r\n").ok(),
        Some(Fault::EndlessBody) => {
            writer.write_all(b"HTTP/1.1 200 OK\r\nX-Endless: ").ok()?;
            loop {
                writer.write_all(&[b'a'; 4096]).ok()?;
            }
        }
        _ => writer.write_all(whole.as_bytes()).ok(),
    }
}
