//! Runs the steps of a case on one connection and sees what comes of it.

use std::path::Path;
use std::time::Duration;

use httpdyno_spec::case::Case;
use tokio::time::Instant;

use super::connection::{Connection, Ended, Wait};
use super::judge::{Outlook, outlook};
use super::observation::{End, Observation};
use super::probe;
use super::script::Step;
use crate::excerpt::Transcript;
use crate::plan::Target;

/// How long more responses, or a FIN, are waited for once some accepted outcome has all its
/// responses: the server has answered and needs no more time to think.
const GRACE: Duration = Duration::from_secs(1);
/// How many times as long as one response the whole of a sequence may take.
const SEQUENCE: u32 = 4;
/// How many responses beyond the expected ones are taken before the server is cut off.
const SPARE_ANSWERS: usize = 16;

/// What was seen, and the bytes that show it.
pub(crate) struct Performance {
    pub(crate) seen: Observation,
    pub(crate) sent: Transcript,
    pub(crate) received: Transcript,
}

/// Runs the steps and finds out as much about the connection as the accepted outcomes ask for.
pub(crate) async fn perform(
    case: &Case,
    steps: &[Step],
    target: &Target,
    payloads: &Path,
) -> Performance {
    let expected = case.accept.iter().map(expected_answers).max().unwrap_or(0);
    let most_answers = expected + SPARE_ANSWERS;
    let mut connection = match Connection::open(target, &case.methods, most_answers).await {
        Ok(connection) => connection,
        Err(error) => return unreachable(&error),
    };
    let mut out_of_time = false;
    for step in steps {
        out_of_time |= do_step(&mut connection, step, case.deadline.0).await;
    }
    if !out_of_time {
        await_answers(&mut connection, case, target, payloads).await;
    }
    let (answers, end) = find_end(&mut connection, case, target, payloads).await;
    let announced = connection.announced_after(answers);
    let mut kept = std::mem::take(&mut connection.answers);
    kept.truncate(answers);
    Performance {
        seen: Observation {
            answers: kept,
            interim: connection.interim,
            announced,
            out_of_time,
            end,
        },
        sent: connection.sent,
        received: connection.received,
    }
}

fn expected_answers(outcome: &httpdyno_spec::case::Outcome) -> usize {
    outcome.responses.iter().map(|r| r.times as usize).sum()
}

fn unreachable(error: &std::io::Error) -> Performance {
    let end = End::Unreachable(error.to_string());
    Performance {
        seen: Observation {
            answers: Vec::new(),
            interim: 0,
            announced: false,
            out_of_time: false,
            end,
        },
        sent: Transcript::default(),
        received: Transcript::default(),
    }
}

/// Says whether a part of the step was left out for want of time.
async fn do_step(connection: &mut Connection, step: &Step, patience: Duration) -> bool {
    let now = Instant::now();
    match step {
        Step::Write(bytes) => connection.write(bytes, now + patience).await,
        Step::Drip(bytes, every) => drip(connection, bytes, *every, patience).await,
        Step::Sequential(bytes, times) => {
            let enough = now + patience.saturating_mul(SEQUENCE);
            for _ in 0..*times {
                if Instant::now() >= enough {
                    return true;
                }
                let due = connection.answers.len() + 1;
                connection.write(bytes, Instant::now() + patience).await;
                let deadline = Instant::now() + patience;
                let came = connection.read_until(deadline, |c| c.answers.len() >= due).await;
                if came != Wait::Met || connection.close_announced() {
                    break;
                }
            }
        }
        Step::Pause(span) => {
            connection.read_until(now + *span, |_| false).await;
        }
        Step::AwaitResponses(count) => {
            let enough = |c: &Connection| c.answers.len() >= *count || c.close_announced();
            connection.read_until(now + patience, enough).await;
        }
        Step::AwaitInterim(span) => {
            let before = connection.interim;
            connection.read_until(now + *span, |c| c.interim > before).await;
        }
        Step::HalfClose => connection.half_close().await,
        Step::StopReading(span) => connection.stop_reading(now + *span),
    }
    false
}

async fn drip(connection: &mut Connection, bytes: &[u8], every: Duration, patience: Duration) {
    for byte in bytes {
        let now = Instant::now();
        connection.write(std::slice::from_ref(byte), now + patience).await;
        if !connection.can_send() {
            return;
        }
        match every {
            Duration::ZERO => tokio::task::yield_now().await,
            every => {
                connection.read_until(now + every, |_| false).await;
            }
        }
    }
}

/// Reads until no accepted outcome that still fits waits for more, or the time is up.
async fn await_answers(connection: &mut Connection, case: &Case, target: &Target, payloads: &Path) {
    let deadline = Instant::now() + case.deadline.0;
    let grace = GRACE.saturating_mul(target.patience);
    loop {
        let outlook = outlook(case, &connection.answers, payloads);
        if !outlook.waiting {
            return;
        }
        let nearly = outlook.complete && !connection.answers.is_empty();
        let until = match nearly || connection.close_announced() {
            true => deadline.min(connection.last_byte_at + grace),
            false => deadline,
        };
        let count = connection.answers.len();
        if connection.read_until(until, |c| c.answers.len() > count).await != Wait::Met {
            return;
        }
    }
}

/// Gives the number of answers that belong to the case (not to the follow-up), and the end.
async fn find_end(
    connection: &mut Connection,
    case: &Case,
    target: &Target,
    payloads: &Path,
) -> (usize, End) {
    let view = |connection: &Connection| outlook(case, &connection.answers, payloads);
    let patience = patience_for_an_end(connection, &view(connection), case.deadline.0);
    if let Some(patience) = patience {
        connection.read_until(Instant::now() + patience, |_| false).await;
    }
    let count = connection.answers.len();
    // The longest beginning that is an accepted outcome's; what came after it nobody asked for.
    let settled = (1..=count)
        .rev()
        .map(|n| (n, outlook(case, &connection.answers[..n], payloads)))
        .find(|(_, outlook)| outlook.complete);
    match settled {
        Some((n, outlook)) if n < count && outlook.indifferent => return (n, End::NotLooked),
        Some((n, _)) if n < count => {
            let extra = count - n;
            return (n, End::OutOfStep(format!("{extra} more came than was asked for")));
        }
        _ => {}
    }
    if connection.answers.is_empty() && connection.speaks_http2() {
        return (count, End::Http2);
    }
    if let Some((name, text)) = connection.malformation() {
        return (count, End::Malformed(name, text));
    }
    if view(connection).indifferent {
        return (count, End::NotLooked);
    }
    let (announced, outlook) = (connection.close_announced(), view(connection));
    let needs_connection = outlook.may_be_open && !outlook.may_be_ended;
    let end = match connection.ended {
        Some(Ended::Fin) => End::Closed,
        Some(Ended::Reset) => End::Reset,
        None => probe::follow_up(connection, target, case.deadline.0).await,
    };
    // What the case wanted to ask on this connection is asked on a new one.
    match announced && needs_connection && end.is_an_end() {
        true => (count, probe::on_a_new_connection(target).await.err().unwrap_or(end)),
        false => (count, end),
    }
}

/// How long to wait for the server to end the connection before a follow-up request is sent to
/// it; `None` when no accepted outcome asks what became of it.
fn patience_for_an_end(
    connection: &Connection,
    outlook: &Outlook,
    deadline: Duration,
) -> Option<Duration> {
    /// Where the server may keep the connection or end it: time for a FIN that is on its way.
    const GLANCE: Duration = Duration::from_millis(30);
    // What fits no accepted outcome is looked at from both sides, for the report.
    let unfit = !outlook.complete;
    let (open, ended) = (outlook.may_be_open || unfit, outlook.may_be_ended || unfit);
    let announced = connection.close_announced();
    if outlook.indifferent {
        return None;
    }
    match (open, ended) {
        (true, false) if announced => Some(GLANCE),
        (true, false) => None,
        (true, true) if !announced => Some(GLANCE),
        _ if connection.answers.is_empty() => Some(deadline),
        _ => Some(GRACE.min(deadline)),
    }
}
