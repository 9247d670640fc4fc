//! The endpoints of the contract, without I/O: from a head to a plan. Only `rows`
//! waits, for a database.

mod route;
mod rows;

use std::str;

use entry_shared::payload::{Message, PLAINTEXT, User, append_json};
use entry_shared::{Catalogue, Conditions, StaticDecision, StaticMethod, arguments, decide};

use crate::database::Database;
use crate::http::{Head, Method};
use route::Route;

pub(crate) use rows::{Rows, RowsPlan};

pub(crate) const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

/// The request fields that static files look at.
const CONDITIONS: [&str; 7] = [
    "accept-encoding",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "range",
];

/// What the endpoints answer from.
pub(crate) struct App {
    files: Catalogue,
    /// `None` when no database is offered.
    database: Option<Database>,
}

/// How a request is to be answered.
pub(crate) enum Plan<'app> {
    /// 200 with the body that was made; this is its media type.
    Made(&'static str),
    File(StaticDecision<'app>),
    /// A status and the methods that are allowed: 204 to OPTIONS, else 405.
    Allow(u16, &'static str),
    /// A status and a sentence.
    Error(u16, &'static str),
    /// After so many milliseconds.
    Delay(u32),
    /// With rows of the database.
    Rows(RowsPlan<'app>),
    Echo,
    Upload,
}

impl App {
    pub(crate) fn new(files: Catalogue, database: Option<Database>) -> Self {
        Self { files, database }
    }

    /// Decides, and makes the body in `answer` if it needs no more than the head.
    /// `octets` are those that `head` was parsed from.
    pub(crate) fn plan(&self, head: &Head, octets: &[u8], answer: &mut Vec<u8>) -> Plan<'_> {
        const NOT_FOUND: Plan<'_> = Plan::Error(404, "there is nothing here");
        // The parser has checked that it is visible ASCII.
        let target = str::from_utf8(&octets[head.target.clone()]).unwrap_or_default();
        let (path, query) = arguments::split_target(target);
        let Some(route) = Route::of(path).filter(|route| self.offers(*route)) else {
            return NOT_FOUND;
        };
        if !route.takes(head.method) {
            let status = if head.method == Method::Options { 204 } else { 405 };
            return Plan::Allow(status, route.methods());
        }
        answer.clear();
        match route {
            Route::Plaintext => {
                answer.extend_from_slice(PLAINTEXT.as_bytes());
                Plan::Made(TEXT)
            }
            Route::Json => {
                #[cfg(feature = "planted")]
                httpdyno_nullserver::planted::spend();
                append_json(answer, &Message::hello());
                Plan::Made(JSON)
            }
            Route::User(id) => {
                let Some(id) = arguments::user_id(id) else {
                    return Plan::Error(400, "the id is not a number from 1 to 9007199254740991");
                };
                append_json(answer, &User::new(id));
                Plan::Made(JSON)
            }
            Route::Search => {
                let Some(found) = arguments::search(query) else {
                    return Plan::Error(400, "the parameter q is missing, empty or not UTF-8");
                };
                append_json(answer, &found);
                Plan::Made(JSON)
            }
            Route::File(name) => self.file(head, octets, name).unwrap_or(NOT_FOUND),
            Route::Delay(ms) => match arguments::delay_ms(ms) {
                Some(ms) => Plan::Delay(ms),
                None => Plan::Error(400, "the delay is not a number from 0 to 10000"),
            },
            Route::Rows(rows) => match &self.database {
                Some(database) => Plan::Rows(RowsPlan::new(database, rows, query)),
                None => NOT_FOUND,
            },
            Route::Echo => Plan::Echo,
            Route::Upload => Plan::Upload,
            // `OPTIONS *` was answered above.
            Route::Server => NOT_FOUND,
        }
    }

    fn offers(&self, route: Route<'_>) -> bool {
        self.database.is_some() || !matches!(route, Route::Rows(_))
    }

    fn file(&self, head: &Head, octets: &[u8], name: &str) -> Option<Plan<'_>> {
        let file = self.files.find(name)?;
        let mut conditions = Conditions::default();
        for name in CONDITIONS {
            for value in head.values(octets, name.as_bytes()) {
                conditions.take(name, value);
            }
        }
        let method = match head.method {
            Method::Head => StaticMethod::Head,
            _ => StaticMethod::Get,
        };
        Some(Plan::File(decide(file, method, &conditions)))
    }
}
