//! The follow-up request: shows whether a connection is open and in step.

use std::time::Duration;

use tokio::time::Instant;

use super::connection::{Connection, Wait};
use super::observation::End;
use crate::answer::Answer;
use crate::plan::Target;

/// How long a server may take to answer the follow-up request.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a server that has announced the end is watched for an answer all the same.
const PATIENCE_AFTER_THE_END: Duration = Duration::from_secs(1);
/// How long a server that ignores our FIN is watched for a response nobody asked for.
const QUIET: Duration = Duration::from_millis(250);

/// Sends a GET for the target's page and says what became of the connection.
pub(crate) async fn follow_up(
    connection: &mut Connection,
    target: &Target,
    deadline: Duration,
) -> End {
    let (patience, silent) = match connection.close_announced() {
        true => (PATIENCE_AFTER_THE_END, End::Lingering),
        false => {
            let usual = PATIENCE.saturating_mul(target.patience);
            (usual.min(deadline.max(Duration::from_secs(1))), End::Silent)
        }
    };
    let until = Instant::now() + patience;
    if !connection.can_send() {
        // Our sending half is closed already: only an end can still be seen.
        return match connection.read_until(until, |_| false).await {
            Wait::TimedOut | Wait::Met => silent,
            Wait::Over => end_after_probe(connection),
        };
    }
    let before = connection.answers.len();
    connection.write(&request(target), until).await;
    match connection.read_until(until, |c| c.answers.len() > before).await {
        Wait::TimedOut => return silent,
        Wait::Over => return end_after_probe(connection),
        Wait::Met => {}
    }
    if let Err(what) = check(target, &connection.answers[before]) {
        let path = target.page.path();
        return End::OutOfStep(format!("the follow-up `GET {path}` got {what}"));
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

/// Whether the server answers a GET for the target's page on a connection of its own, after it has ended
/// another one.
pub(crate) async fn on_a_new_connection(target: &Target) -> Result<(), End> {
    let unlike = |what: String| {
        let path = target.page.path();
        End::OutOfStep(format!("closed as announced, but on a new one `GET {path}` got {what}"))
    };
    let mut connection = match Connection::open(target, &[], 1).await {
        Ok(connection) => connection,
        Err(error) => return Err(unlike(format!("no connection: {error}"))),
    };
    let until = Instant::now() + PATIENCE;
    connection.write(&request(target), until).await;
    connection.read_until(until, |c| !c.answers.is_empty()).await;
    match connection.answers.first() {
        Some(answer) => check(target, answer).map_err(unlike),
        None => Err(unlike("no response".into())),
    }
}

fn request(target: &Target) -> Vec<u8> {
    let (path, authority) = (target.page.path(), &target.authority);
    format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\n\r\n").into_bytes()
}

fn check(target: &Target, answer: &Answer) -> Result<(), String> {
    if target.page.is(answer.status, &answer.body) {
        return Ok(());
    }
    let (status, length) = (answer.status, answer.body.len());
    let expected = target.page.answer();
    Err(format!("{status} and {length} bytes of content, expected {expected}"))
}

/// The server has ended the connection after we sent to it, so that a reset may be our doing.
fn end_after_probe(connection: &Connection) -> End {
    match connection.malformation() {
        Some((_, what)) => End::OutOfStep(what),
        None => End::Closed,
    }
}
