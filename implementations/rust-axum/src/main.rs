//! axum, as its documentation sets it up, under the contract of `spec/contract.md`.
//!
//! `main` reads what was asked and serves, `routes` says which handler answers what, `handlers`
//! and `static_file` answer, with rows of the `database`.
#![forbid(unsafe_code)]

mod database;
mod handlers;
mod routes;
mod rows;
mod static_file;

use std::future::IntoFuture;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use axum::serve::ListenerExt;
use entry_shared::program::{self, Failure};
use entry_shared::{Catalogue, Settings};
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::sleep;

/// How long requests in flight may take after SIGTERM; the contract asks for an exit within 5 s.
const DRAIN_LIMIT: Duration = Duration::from_secs(4);
/// `TcpListener::bind` listens with 128, and a full backlog loses connections; the system may lower
/// this one.
const BACKLOG: u32 = 4096;

fn main() -> ExitCode {
    program::run("rust-axum", concat!("axum ", env!("ENGINE_VERSION")), start)
}

/// The runtime of `#[tokio::main]`, with as many workers as the contract says.
fn start() -> Result<(), Failure> {
    let settings = Settings::from_environment()?;
    let workers = settings.workers.get();
    let runtime = Builder::new_multi_thread().worker_threads(workers).enable_all().build();
    let runtime = runtime.map_err(Failure::Runtime)?;
    // On a worker, not on this thread: so that exactly as many threads work as were asked for.
    let serving = runtime.spawn(serve(settings));
    let served = runtime.block_on(serving).map_err(|_| Failure::Panic)?;
    // What is still in flight is cut off.
    runtime.shutdown_background();
    served
}

async fn serve(settings: Settings) -> Result<(), Failure> {
    // Lives as long as the process, so that static files are sent without a copy.
    let catalogue: &'static Catalogue =
        Box::leak(Box::new(Catalogue::load(settings.static_dir.as_deref())?));
    let database = settings.database.as_ref().map(database::open).transpose()?;
    // Before the port answers, so that no SIGTERM finds the default action.
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::Signals)?;

    let address = settings.address;
    let listening = |source| Failure::Listen { address, source };
    let listener = listen(address).map_err(listening)?;
    eprintln!("listening on {}", listener.local_addr().map_err(listening)?);
    // axum leaves Nagle's algorithm on unless told otherwise.
    let listener = listener.tap_io(|stream| {
        // A connection that is gone already shows itself soon enough.
        let _ = stream.set_nodelay(true);
    });

    let (stop, mut stopped) = watch::channel(false);
    let mut draining = stopped.clone();
    let server = axum::serve(listener, routes::router(catalogue, database))
        .with_graceful_shutdown(async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        })
        .into_future();
    let signals = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stop.send_replace(true);
        // The server waits for it.
        std::future::pending::<()>().await;
    };
    let limit = async {
        let _ = draining.wait_for(|stop| *stop).await;
        sleep(DRAIN_LIMIT).await;
    };
    tokio::select! {
        served = server => served.map_err(Failure::Serve),
        () = signals => Ok(()),
        () = limit => Ok(()),
    }
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A restart must not wait for connections in TIME_WAIT.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
