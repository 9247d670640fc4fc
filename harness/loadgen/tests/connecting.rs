//! All connections are up before anything is sent, the warm-up's requests too.

mod support;

use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::time::Duration;

use httpdyno_loadgen::{LoadPlan, Route, Stop};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::listen;
use support::{ENGINES, ok, run_on, serve};

const CONNECTIONS: usize = 8;
/// As long as a correct generator keeps still here, this only makes a hasty one be seen.
const WATCHED: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };

/// Only what never comes is waited for so long.
const PATIENCE: Timespec = Timespec { tv_sec: 60, tv_nsec: 0 };

fn is_readable(socket: impl AsFd, within: &Timespec) -> bool {
    let mut watched = [PollFd::new(&socket, PollFlags::IN)];
    poll(&mut watched, Some(within)).unwrap() > 0
}

fn accept(listener: &TcpListener) -> TcpStream {
    assert!(is_readable(listener, &PATIENCE), "nobody connects any more");
    listener.accept().unwrap().0
}

#[test]
fn nothing_is_sent_before_all_connections_are_up() {
    for engine in ENGINES {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        // One connection at a time is up without being accepted; the others' SYN are dropped
        // (listen(2)) and sent again after a second (RFC 6298, section 2).
        listen(&listener, 0).unwrap();
        let mut load = LoadPlan::new(listener.local_addr().unwrap(), Route::get("/"));
        load.connections = CONNECTIONS;
        load.warmup = Duration::from_millis(100);
        load.stop = Stop { duration: Some(Duration::from_millis(100)), requests: None };
        let run = std::thread::spawn(move || run_on(engine, &load));

        let first = accept(&listener);
        let is_hasty = is_readable(&first, &WATCHED);
        assert!(!is_hasty, "a request came when one or two of {CONNECTIONS} connections were up");
        listen(&listener, 128).unwrap();
        let rest = (1..CONNECTIONS).map(|_| accept(&listener));
        let servers: Vec<_> = [first].into_iter().chain(rest).map(answering).collect();
        let report = run.join().unwrap();
        servers.into_iter().for_each(|server| server.join().unwrap());

        assert_eq!(report.connections.established, CONNECTIONS as u64);
        assert!(report.total.ok > 0 && report.total.settlement().is_clean(), "{report:#?}");
    }
}

fn answering(stream: TcpStream) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || serve(stream, &|_| ok(b"")))
}
