//! hyper on tokio under spec/contract.md: starts, serves, drains. What is answered is in `answers`.
#![forbid(unsafe_code)]

mod answers;

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{sleep, timeout};

/// Connections that may wait to be accepted; the contract asks for 1024 at least.
const BACKLOG: u32 = 4096;
/// How long the head of a request may take, and a connection may idle.
const HEAD_LIMIT: Duration = Duration::from_secs(10);
/// How long requests in flight have after SIGTERM; the contract asks for an exit within 5 s.
const DRAIN_LIMIT: Duration = Duration::from_secs(4);
/// How long to wait when the system has no resources for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// What `--version` tells is what was linked in.
const LOCKFILE: &str = include_str!("../Cargo.lock");

fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == "--version") {
        let version = LOCKFILE.split("name = \"hyper\"\nversion = \"").nth(1);
        let version = version.and_then(|rest| rest.split('"').next());
        println!("hyper {}", version.unwrap_or("of unknown version"));
        return ExitCode::SUCCESS;
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("new-entry: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let host: IpAddr = setting("HOST", "127.0.0.1")?;
    let address = SocketAddr::new(host, setting("PORT", "8080")?);
    let workers: std::num::NonZeroUsize = setting("WORKERS", "1")?;
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(workers.get()).enable_all().build()?.block_on(serve(address))
}

/// A variable of the environment.
fn setting<T: FromStr<Err: std::fmt::Display>>(name: &str, otherwise: &str) -> Result<T, String> {
    let value = std::env::var(name).unwrap_or_else(|_| otherwise.to_owned());
    value.parse().map_err(|error| format!("{name} is `{value}`: {error}"))
}

async fn serve(address: SocketAddr) -> Result<(), Box<dyn Error>> {
    // Before the port answers, so that no SIGTERM finds the default action.
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let listener =
        listen(address).map_err(|error| format!("cannot listen on {address}: {error}"))?;
    eprintln!("listening on {}", listener.local_addr()?);
    let mut http = http1::Builder::new();
    // A client may close its side when it has sent all it wants, and is still answered.
    http.half_close(true).timer(TokioTimer::new()).header_read_timeout(HEAD_LIMIT);
    let connections = GracefulShutdown::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else {
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                };
                if stream.set_nodelay(true).is_err() {
                    continue; // It is gone already.
                }
                let connection =
                    http.serve_connection(TokioIo::new(stream), service_fn(answers::answer));
                // What fails here is the client's doing and ends its connection only.
                tokio::spawn(connections.watch(connection));
            }
            _ = terminated.recv() => break,
            _ = interrupted.recv() => break,
        }
    }
    drop(listener);
    // Past the limit the rest is cut off.
    let _ = timeout(DRAIN_LIMIT, connections.shutdown()).await;
    Ok(())
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A restart must not wait for connections in TIME_WAIT.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
