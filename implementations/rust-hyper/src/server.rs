//! Accepting connections, and draining them at the end.

use std::io;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::App;
use crate::connection;

/// How long requests in flight may take after SIGTERM; the contract asks for an
/// exit within 5 s.
const DRAIN_LIMIT: Duration = Duration::from_secs(4);
/// How long to wait when the system has no resources for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// Serves `listener` until `stopped` turns true and its connections are done.
pub(crate) async fn run(
    listener: std::net::TcpListener,
    app: &'static App,
    mut stopped: watch::Receiver<bool>,
) {
    let listener = TcpListener::from_std(listener).expect("a non-blocking listener registers");
    let http = connection::http();
    // Each connection holds a receiver: it hears of the end, and its dropping
    // tells that it is done.
    let (drain, connections) = watch::channel(());
    loop {
        tokio::select! {
            biased;
            accepted = accept(&listener) => {
                let serving = connection::serve(http.clone(), accepted, app, connections.clone());
                tokio::spawn(serving);
            }
            _ = stopped.wait_for(|stopped| *stopped) => break,
        }
    }
    drop((listener, connections));
    drain.send_replace(());
    // Past the limit the rest is cut off: that is what the contract asks for.
    let _ = timeout(DRAIN_LIMIT, drain.closed()).await;
}

/// The next connection with TCP_NODELAY; failures of single connections are
/// theirs, and a lack of resources passes.
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) if stream.set_nodelay(true).is_ok() => return stream,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}
