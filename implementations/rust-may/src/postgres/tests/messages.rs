//! Whatever a server says, an answer reaches the one it belongs to, or is an error.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::super::answer::{Answer, Waiter, int, place};
use super::super::conversation::Conversation;
use super::super::error::Error;
use super::super::frames::Frames;

/// A message of the server.
fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [&[tag][..], &length.to_be_bytes(), body].concat()
}

fn row(number: i32) -> Vec<u8> {
    message(b'D', &[&[0, 1, 0, 0, 0, 4], &number.to_be_bytes()[..]].concat())
}

fn ready() -> Vec<u8> {
    message(b'Z', b"I")
}

fn failure(severity: &str) -> Vec<u8> {
    let fields = format!("SERROR\0V{severity}\0C57014\0Mcancelled \u{fc}\0\0");
    message(b'E', fields.as_bytes())
}

/// The answer to one execution that reads one row.
fn answer(number: i32) -> Vec<u8> {
    let parts = [message(b'2', b""), row(number), message(b'C', b"SELECT 1\0"), ready()];
    parts.concat()
}

/// Somebody who waits for `executions` answers until `due`.
fn ask(conversation: &mut Conversation, executions: usize, due: Instant) -> Waiter {
    let (ticket, waiter) = place();
    conversation.sent(ticket, due, executions);
    waiter
}

fn later() -> Instant {
    Instant::now() + Duration::from_secs(600)
}

fn take(conversation: &mut Conversation, bytes: &[u8]) -> Result<(), Error> {
    let mut frames = Frames::default();
    frames.add(bytes);
    while let Some(message) = frames.next()? {
        conversation.take(message)?;
    }
    Ok(())
}

fn numbers(answer: Result<Answer, Error>) -> Vec<i32> {
    let rows = answer.unwrap().rows;
    rows.iter().map(|row| int(row.columns::<1>().unwrap()[0]).unwrap()).collect()
}

#[test]
fn answers_are_matched_by_order() {
    let mut conversation = Conversation::default();
    let waiters = [1, 3, 1].map(|executions| ask(&mut conversation, executions, later()));
    let bytes: Vec<u8> = (1..=5).flat_map(answer).collect();
    take(&mut conversation, &bytes).unwrap();
    let read = waiters.map(|waiter| numbers(waiter.wait()));
    assert_eq!(read, [vec![1], vec![2, 3, 4], vec![5]]);
}

#[test]
fn an_error_is_that_of_its_request_alone() {
    let mut conversation = Conversation::default();
    let waiters = [1, 2, 1].map(|executions| ask(&mut conversation, executions, later()));
    let bytes = [answer(1), [failure("ERROR"), ready()].concat(), answer(2), answer(3)].concat();
    take(&mut conversation, &bytes).unwrap();
    let [first, second, third] = waiters;
    assert_eq!(numbers(first.wait()), [1]);
    let error = Error::Server { code: "57014".into(), message: "cancelled \u{fc}".into() };
    assert_eq!(second.wait().unwrap_err(), error);
    assert_eq!(numbers(third.wait()), [3]);
}

#[test]
fn a_late_answer_goes_to_nobody() {
    let mut conversation = Conversation::default();
    let now = Instant::now();
    let late = ask(&mut conversation, 1, now);
    let patient = ask(&mut conversation, 1, later());
    conversation.expire(now + Duration::from_secs(1));
    assert!(conversation.owes_before(now + Duration::from_secs(1)));
    assert_eq!(late.wait().unwrap_err(), Error::Deadline);
    take(&mut conversation, &[answer(1), answer(2)].concat()).unwrap();
    assert_eq!(numbers(patient.wait()), [2]);
    assert!(!conversation.owes_before(now + Duration::from_secs(1)));
}

#[test]
fn a_session_that_ends_tells_everybody() {
    let mut conversation = Conversation::default();
    let waiters = [1, 1].map(|executions| ask(&mut conversation, executions, later()));
    let error = take(&mut conversation, &[answer(1), failure("FATAL")].concat()).unwrap_err();
    conversation.end(&error);
    let [first, second] = waiters;
    assert_eq!(numbers(first.wait()), [1]);
    assert_eq!(second.wait().unwrap_err(), error);
}

#[test]
fn what_nobody_asked_for_ends_the_session() {
    for bytes in [ready(), row(1), failure("ERROR"), message(b'C', b"SELECT 1\0")] {
        assert!(take(&mut Conversation::default(), &bytes).is_err());
    }
    for bytes in [message(b'Z', b"T"), message(b'T', &[0, 0]), message(b'R', &[0; 4])] {
        let mut conversation = Conversation::default();
        let _waiter = ask(&mut conversation, 1, later());
        assert!(take(&mut conversation, &bytes).is_err());
    }
}

#[test]
fn an_answer_without_end_is_given_up() {
    let mut conversation = Conversation::default();
    let _waiter = ask(&mut conversation, 1, later());
    let long = message(b'D', &[&[0, 1, 0, 8, 0, 0], &vec![0; 1 << 19][..]].concat());
    let given_up = (0..64).find_map(|_| take(&mut conversation, &long).err());
    assert_eq!(given_up, Some(Error::Unexpected("an answer of more than 16 MiB")));
}

#[test]
fn rows_that_are_not_as_expected_are_errors() {
    for body in [&[0, 0][..], &[0, 1, 255, 255, 255, 255], &[0, 2, 0, 0, 0, 0, 0, 0, 0, 9], &[0, 1]]
    {
        let mut conversation = Conversation::default();
        let waiter = ask(&mut conversation, 1, later());
        take(&mut conversation, &[message(b'D', body), ready()].concat()).unwrap();
        let answer = waiter.wait().unwrap();
        assert!(answer.rows[0].columns::<1>().is_err(), "{body:?}");
    }
    assert!(int(&[0, 0, 1]).is_err() && super::super::text(&[0xff]).is_err());
}

/// A message with a right or a wrong body, or plain bytes.
fn anything() -> impl Strategy<Value = Vec<u8>> {
    let bytes = || proptest::collection::vec(any::<u8>(), 0..24);
    let tags = prop::sample::select(&b"RKSZ12CDEINTtAGHcds"[..]);
    prop_oneof![
        2 => (tags, bytes()).prop_map(|(tag, body)| message(tag, &body)),
        2 => any::<i32>().prop_map(answer),
        1 => Just(failure("ERROR")),
        1 => Just(ready()),
        1 => bytes(),
    ]
}

proptest! {
    #[test]
    fn nothing_a_server_says_panics_or_leaves_somebody_waiting(
        said in proptest::collection::vec(anything(), 0..12),
        executions in proptest::collection::vec(1_usize..3, 0..5),
    ) {
        let mut conversation = Conversation::default();
        let waiters: Vec<_> =
            executions.into_iter().map(|count| ask(&mut conversation, count, later())).collect();
        let _ = take(&mut conversation, &said.concat());
        conversation.end(&Error::Deadline);
        for waiter in waiters {
            if let Ok(answer) = waiter.wait() {
                for row in &answer.rows {
                    let _ = row.columns::<1>().map(|[column]| int(column));
                }
            }
        }
    }
}
