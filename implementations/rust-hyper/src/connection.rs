//! One connection: hyper's HTTP/1.1 and how it ends.

use std::pin::pin;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::App;
use crate::lingering::Lingering;
use crate::router;

/// How long a request head may take, and a connection may idle.
const HEAD_LIMIT: Duration = Duration::from_secs(10);

/// How HTTP/1.1 is spoken on every connection.
pub(crate) fn http() -> http1::Builder {
    let mut http = http1::Builder::new();
    // Not `pipeline_flush`: with unread input in its buffer, as after a broken or a
    // too long request, hyper 1.12 closes without having written the response.
    // A client may close its side when it has sent all it wants, and is still answered.
    http.half_close(true).timer(TokioTimer::new()).header_read_timeout(HEAD_LIMIT);
    http
}

/// Serves one connection until it ends, or its request in flight is answered
/// after `drain` changes.
pub(crate) async fn serve(
    http: http1::Builder,
    stream: TcpStream,
    app: &'static App,
    mut drain: watch::Receiver<()>,
) {
    let io = TokioIo::new(Lingering::new(stream));
    let service = service_fn(move |request| router::answer(app, request));
    let mut connection = pin!(http.serve_connection(io, service));
    // What fails here is the client's doing and ends its connection only.
    tokio::select! {
        biased;
        _ = connection.as_mut() => {}
        _ = drain.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}
