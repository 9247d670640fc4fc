//! What explains that a server failed: its database, its end, its own words.

use std::time::{Duration, Instant};

use httpdyno_conformance::words::{bounded, may_explain};

use crate::database::RunDatabase;
use crate::served::Served;

/// `what`, and what explains it: a database that has failed, a server that has ended.
pub(crate) fn with_causes(
    server: &mut Served,
    database: Option<&RunDatabase>,
    mut what: String,
) -> String {
    if let Some(fault) = database.and_then(RunDatabase::fault) {
        what = format!("{what}; the database does not answer either: {fault}");
    }
    if let Some(status) = server.has_ended() {
        return format!("{what}; the server has ended ({status}): {}", server.last_words());
    }
    // It was started for this trial, so that all of its words are of this moment.
    let words = if may_explain(&what, "") { words_when_there(server) } else { None };
    match words {
        Some(words) => format!("{what}; the server wrote:\n{words}"),
        None => what,
    }
}

/// How long what the server writes of an error may come after its answer.
const AFTERMATH: Duration = Duration::from_millis(100);

fn words_when_there(server: &Served) -> Option<String> {
    let until = Instant::now() + AFTERMATH;
    loop {
        let words = bounded(&server.last_words());
        if words.is_some() || Instant::now() >= until {
            return words;
        }
        std::thread::sleep(AFTERMATH / 20);
    }
}
