//! One function per endpoint; those with a database have one together.

mod body;
mod database;
mod static_file;

use std::time::Duration;

use entry_shared::payload::{self, Delayed, Message, SearchAnswer, User};
use hyper::StatusCode;

use crate::reply::{Answer, Reply};

pub(crate) use body::{broken_body, echo, upload};
pub(crate) use database::{Rows, rows};
pub(crate) use static_file::static_file;

pub(crate) fn plaintext(reply: Reply) -> Answer {
    reply.text(payload::PLAINTEXT)
}

pub(crate) fn json(reply: Reply) -> Answer {
    #[cfg(feature = "planted")]
    httpdyno_nullserver::planted::spend();
    reply.json(&Message::hello())
}

pub(crate) fn user(reply: Reply, id: Option<u64>) -> Answer {
    match id {
        Some(id) => reply.json(&User::new(id)),
        None => reply.status_text(StatusCode::BAD_REQUEST, "id is not 1 to 9007199254740991"),
    }
}

pub(crate) fn search(reply: Reply, answer: Option<SearchAnswer<'_>>) -> Answer {
    match answer {
        Some(answer) => reply.json(&answer),
        None => reply.status_text(StatusCode::BAD_REQUEST, "q is missing, empty or not UTF-8"),
    }
}

pub(crate) async fn delay(reply: Reply, ms: Option<u32>) -> Answer {
    let Some(delayed_ms) = ms else {
        return reply.status_text(StatusCode::BAD_REQUEST, "delay is not 0 to 10000 ms");
    };
    if delayed_ms > 0 {
        tokio::time::sleep(Duration::from_millis(delayed_ms.into())).await;
    }
    reply.json(&Delayed { delayed_ms })
}
