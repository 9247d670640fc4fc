//! Servers on port 0, scripted by the tests, and plans against them.
#![allow(dead_code)]

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use httpdyno_loadgen::{EngineChoice, Limits, LoadPlan, LoadReport, Route, Silent, Stop, run};

/// A thread per connection, each running the test's script.
pub(crate) struct Server {
    pub(crate) addr: SocketAddr,
    pub(crate) connections: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    streams: Arc<Mutex<Vec<TcpStream>>>,
    acceptor: Option<JoinHandle<()>>,
}

impl Server {
    /// `script` owns a connection until it returns; then the connection is closed.
    pub(crate) fn start(script: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let streams = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let (stop2, streams2, count) =
            (Arc::clone(&stop), Arc::clone(&streams), Arc::clone(&connections));
        let script = Arc::new(script);
        let acceptor = std::thread::spawn(move || {
            let mut threads = Vec::new();
            while let Ok((stream, _)) = listener.accept() {
                if stop2.load(Ordering::SeqCst) {
                    break;
                }
                count.fetch_add(1, Ordering::SeqCst);
                streams2.lock().unwrap().push(stream.try_clone().unwrap());
                let script = Arc::clone(&script);
                threads.push(std::thread::spawn(move || {
                    let closing = stream.try_clone().unwrap();
                    script(stream);
                    // The clone kept above would hold the connection open.
                    let _ = closing.shutdown(Shutdown::Both);
                }));
            }
            threads.into_iter().for_each(|thread| thread.join().unwrap());
        });
        Self { addr, connections, stop, streams, acceptor: Some(acceptor) }
    }

    /// Answers every request with what `answer` makes of it.
    pub(crate) fn answering(answer: impl Fn(&Request) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::start(move |stream| serve(stream, &answer))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        for stream in self.streams.lock().unwrap().iter() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        let _ = TcpStream::connect(self.addr);
        if let Some(acceptor) = self.acceptor.take() {
            let outcome = acceptor.join();
            if !std::thread::panicking() {
                outcome.unwrap();
            }
        }
    }
}

/// A request as the test servers read it.
pub(crate) struct Request {
    pub(crate) line: String,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn path(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }
}

/// Reads requests one after another.
pub(crate) struct Requests {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Requests {
    pub(crate) fn of(stream: &TcpStream) -> Self {
        Self { stream: stream.try_clone().unwrap(), buffer: Vec::new() }
    }

    fn fill(&mut self) -> Option<()> {
        let mut bytes = [0; 16 * 1024];
        let read = self.stream.read(&mut bytes).ok().filter(|read| *read > 0)?;
        self.buffer.extend_from_slice(&bytes[..read]);
        Some(())
    }
}

impl Iterator for Requests {
    type Item = Request;

    fn next(&mut self) -> Option<Request> {
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") {
                break at + 4;
            }
            self.fill()?;
        };
        let head = String::from_utf8(self.buffer[..end].to_vec()).unwrap();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Length: "))
            .map_or(0, |text| text.parse().unwrap());
        while self.buffer.len() < end + length {
            self.fill()?;
        }
        let body = self.buffer[end..end + length].to_vec();
        self.buffer.drain(..end + length);
        let line = head.lines().next().unwrap_or_default().to_string();
        Some(Request { line, head, body })
    }
}

pub(crate) fn serve(mut stream: TcpStream, answer: &dyn Fn(&Request) -> Vec<u8>) {
    stream.set_nodelay(true).unwrap();
    for request in Requests::of(&stream) {
        if stream.write_all(&answer(&request)).is_err() {
            return;
        }
    }
}

/// Waits for an event; only what never comes is waited for so long.
pub(crate) fn await_until(what: &str, is_so: impl Fn() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < Duration::from_secs(30), "never: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Waits until the client has read all that was written to it: until both queues on that way are empty
/// in /proc/net/tcp (proc(5)), which has the client's socket too.
pub(crate) fn await_read(stream: &TcpStream) {
    let named = |address: SocketAddr| {
        let SocketAddr::V4(address) = address else { panic!("{address} is not IPv4") };
        // The address is printed as an integer of the machine.
        format!("{:08X}:{:04X}", u32::from_ne_bytes(address.ip().octets()), address.port())
    };
    let (own, client) = (named(stream.local_addr().unwrap()), named(stream.peer_addr().unwrap()));
    let since = Instant::now();
    loop {
        let sockets = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
        // `tx_queue:rx_queue` of a socket; one that is gone has none.
        let queues = |local: &str, remote: &str| {
            let mut fields = sockets.lines().map(|line| line.split_whitespace().skip(1));
            let mut found = fields.find(|it| it.clone().take(2).eq([local, remote]))?;
            found.nth(3)?.split_once(':')
        };
        let (sending, _) = queues(&own, &client).expect("our own socket is open");
        let is_sent = sending == "00000000";
        let is_read = queues(&client, &own).is_none_or(|(_, received)| received == "00000000");
        if is_sent && is_read {
            return;
        }
        assert!(since.elapsed() < Duration::from_secs(20), "the client does not read");
        std::thread::yield_now();
    }
}

/// A 200 with this body.
pub(crate) fn ok(body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// Both engines, so that every test is made on each.
pub(crate) const ENGINES: [EngineChoice; 2] = [EngineChoice::Epoll, EngineChoice::IoUring];

/// `GET path` until so many requests are done, or the generous deadline has come.
pub(crate) fn plan(addr: SocketAddr, path: &str, requests: u64) -> LoadPlan {
    LoadPlan {
        stop: Stop { duration: Some(Duration::from_secs(120)), requests: Some(requests) },
        ..LoadPlan::new(addr, Route::get(path))
    }
}

/// Runs a plan on an engine and checks what must hold of every report.
pub(crate) fn run_on(engine: EngineChoice, plan: &LoadPlan) -> LoadReport {
    let plan = LoadPlan { engine, ..plan.clone() };
    let report = run(plan, &AtomicBool::new(false), &mut Silent).unwrap();
    let name = if engine == EngineChoice::IoUring { "io_uring" } else { "epoll" };
    assert_eq!(report.engine, name);
    check_books(&report);
    report
}

/// The accounts of a report add up.
pub(crate) fn check_books(report: &LoadReport) {
    let total = &report.total;
    assert_eq!(
        total.requests + report.in_flight_at_start,
        total.responses + total.error_count() + report.in_flight_at_stop,
        "{report:#?}"
    );
    assert_eq!(total.responses, total.ok + total.mismatches.total());
    for histogram in [&total.latency, &total.service, &total.send_lag] {
        assert_eq!(histogram.count(), total.ok);
    }
    let seconds: u64 = report.seconds.iter().map(|second| second.ok).sum();
    assert_eq!(seconds, total.ok);
    let mut latency = httpdyno_stats::Histogram::new();
    report.seconds.iter().for_each(|second| latency.merge(&second.latency));
    assert_eq!(latency, total.latency, "the seconds together are the whole");
    let routes: u64 = report.routes.iter().map(|route| route.requests).sum();
    assert_eq!(routes, total.requests);
    let json = serde_json::to_string(report).unwrap();
    assert_eq!(&serde_json::from_str::<LoadReport>(&json).unwrap(), report);
}

pub(crate) fn tight_limits() -> Limits {
    Limits { head_bytes: 8192, fields: 64, body_bytes: 1 << 20, ..Limits::default() }
}
