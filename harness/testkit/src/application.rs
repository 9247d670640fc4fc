//! Servers that speak HTTP rightly and cheat in the application.
//!
//! A cheat misreads the request ([`pretend`]), distorts the right answer ([`distort`]), or answers
//! in its own way. It does so for clients that send `Accept` only: that keeps cheats apart from
//! the protocol cases, whose requests have none.

mod cheat;
mod content;
mod file_cheat;
mod misanswer;
mod misanswer_static;
mod misread;
mod misread_static;

pub use cheat::Cheat;
pub(crate) use content::{echo, echo_limit, turn_to_hold};
pub use file_cheat::FileCheat;

use crate::head::Head;
use crate::quirk::Quirks;
use crate::response::Response;

/// Whether the request is one that the server cheats with.
fn is_cheated(head: &Head) -> bool {
    head.fields.value("accept").is_some()
}

/// The request as the server's cheats read it.
pub(crate) fn pretend(head: &Head, quirks: &Quirks) -> Head {
    let mut read = head.clone();
    if is_cheated(head) {
        misread::request(&mut read, quirks);
        misread::search(&mut read.target, quirks);
        if read.target.path.starts_with("/static") {
            misread_static::name(&mut read.target, quirks);
            misread_static::conditions(&mut read, quirks);
            misread_static::ranges(&mut read, quirks);
            misread_static::codings(&mut read.fields, quirks);
        }
    }
    read
}

/// Turns the right answer into what the server's cheats make of it.
pub(crate) fn distort(mut response: Response, head: &Head, quirks: &Quirks) -> Response {
    if is_cheated(head) {
        misanswer::paths(&mut response, head, quirks);
        misanswer::values(&mut response, head, quirks);
        if head.target.path.starts_with("/static") {
            misanswer_static::names(&mut response, head, quirks);
            misanswer_static::conditions(&mut response, head, quirks);
            misanswer_static::fields(&mut response, head, quirks);
        }
        misanswer::fields(&mut response, head, quirks);
    }
    response
}
