//! The follow-up request: shows whether a connection is open and in step.

use std::time::Duration;

use tokio::time::Instant;

use super::connection::{Connection, Wait};
use super::observation::End;

/// How long a server may take to answer the follow-up request.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a server that ignores our FIN is watched for a response nobody asked for.
const QUIET: Duration = Duration::from_millis(250);

/// Sends `GET /plaintext` and says what became of the connection.
pub(crate) async fn follow_up(
    connection: &mut Connection,
    authority: &str,
    deadline: Duration,
) -> End {
    let until = Instant::now() + PATIENCE.min(deadline.max(Duration::from_secs(1)));
    if !connection.can_send() {
        // Our sending half is closed already: only an end can still be seen.
        return end_of(connection, until).await;
    }
    let request = format!("GET /plaintext HTTP/1.1\r\nHost: {authority}\r\n\r\n");
    let before = connection.answers.len();
    connection.write(request.as_bytes(), until).await;
    match connection.read_until(until, |c| c.answers.len() > before).await {
        Wait::TimedOut => return End::Silent,
        Wait::Over => return end_after_probe(connection),
        Wait::Met => {}
    }
    let answer = &connection.answers[before];
    if answer.status != 200 || answer.body != b"Hello, World!" {
        let (status, length) = (answer.status, answer.body.len());
        return End::OutOfStep(format!(
            "the follow-up `GET /plaintext` got {status} and {length} bytes of content, expected \
             200 and `Hello, World!`"
        ));
    }
    // A response too many may look like the answer to the follow-up: then one more comes. Our FIN
    // makes the server end the connection, so that this need not be waited for.
    connection.half_close().await;
    connection.read_until(Instant::now() + QUIET, |_| false).await;
    match connection.answers.len() > before + 1 || connection.has_unfinished_bytes() {
        true => End::OutOfStep("more than one response answers the follow-up request".into()),
        false => End::Open,
    }
}

async fn end_of(connection: &mut Connection, until: Instant) -> End {
    match connection.read_until(until, |_| false).await {
        Wait::TimedOut | Wait::Met => End::Silent,
        Wait::Over => end_after_probe(connection),
    }
}

/// The server has ended the connection after we sent to it, so that a reset may be our doing.
fn end_after_probe(connection: &Connection) -> End {
    match connection.malformation() {
        Some((_, what)) => End::OutOfStep(what),
        None => End::Closed,
    }
}
