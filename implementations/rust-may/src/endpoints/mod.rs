//! One function per endpoint.

mod body;
mod database;
mod static_file;

use std::time::{Duration, Instant};

use entry_shared::payload::{self, Delayed, Message, SearchAnswer, User};
use may::coroutine;

use crate::reply::{Reply, Status};

pub(crate) use body::{discard, echo, upload};
pub(crate) use database::{Database, Rows, rows};
pub(crate) use static_file::static_file;

pub(crate) fn plaintext(reply: &mut Reply<'_, '_>) {
    reply.text(Status::Ok, payload::PLAINTEXT);
}

pub(crate) fn json(reply: &mut Reply<'_, '_>) {
    reply.json(&Message::hello());
}

pub(crate) fn user(reply: &mut Reply<'_, '_>, id: Option<u64>) {
    match id {
        Some(id) => reply.json(&User::new(id)),
        None => reply.text(Status::BadRequest, "id is not 1 to 9007199254740991"),
    }
}

pub(crate) fn search(reply: &mut Reply<'_, '_>, answer: Option<SearchAnswer<'_>>) {
    match answer {
        Some(answer) => reply.json(&answer),
        None => reply.text(Status::BadRequest, "q is missing, empty or not UTF-8"),
    }
}

/// Parks the coroutine, never a thread.
pub(crate) fn delay(reply: &mut Reply<'_, '_>, ms: Option<u32>) {
    let Some(delayed_ms) = ms else {
        return reply.text(Status::BadRequest, "delay is not 0 to 10000 ms");
    };
    let (since, delay) = (Instant::now(), Duration::from_millis(delayed_ms.into()));
    // The engine's timer may be early by less than its resolution.
    while let Some(left) = delay.checked_sub(since.elapsed()).filter(|left| !left.is_zero()) {
        coroutine::sleep(left);
    }
    reply.json(&Delayed { delayed_ms });
}
