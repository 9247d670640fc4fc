//! The endpoints that need the database: rightly answered, but for one cheat.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::cheat::DatabaseCheat;
use super::draw::Draw;
use super::page::{self, Fortune};
use super::pool::Pool;
use super::rows;
use crate::response::Response;

/// The paths.
const PATHS: [&str; 5] = ["/db", "/queries", "/updates", "/cached-queries", "/fortunes"];

/// What answering from the database takes.
pub(crate) struct Application {
    pub(super) pool: Pool,
    pub(super) draw: Draw,
    /// Numbers by id, as they were at the start.
    pub(super) cache: Mutex<BTreeMap<i32, i32>>,
    fortunes: Vec<Fortune>,
    cheat: Option<DatabaseCheat>,
}

/// The database did not do what it was asked.
pub(super) struct Unavailable;

impl From<postgres::Error> for Unavailable {
    fn from(_: postgres::Error) -> Self {
        Self
    }
}

impl Application {
    /// With `connections` connections to the database at `url`, and the rows it remembers.
    ///
    /// # Panics
    /// When the database cannot be used: nothing can be tested then.
    pub(crate) fn open(url: &str, connections: u32, cheat: Option<DatabaseCheat>) -> Self {
        let twice = cheat == Some(DatabaseCheat::TwiceThePool);
        let pool = Pool::open(url, if twice { 2 * connections } else { connections });
        let (cache, fortunes) = pool.with(|connection| {
            let worlds = connection.client.query("SELECT id, randomnumber FROM world", &[]);
            let fortunes = connection.client.query(&connection.fortunes, &[]);
            let (worlds, fortunes) = (worlds.expect("rows"), fortunes.expect("rows"));
            let numbers = worlds.iter().map(|row| (row.get(0), row.get(1))).collect();
            let messages = fortunes.iter().map(|row| (row.get(0), row.get(1))).collect();
            (numbers, messages)
        });
        Self { pool, draw: Draw::new(), cache: Mutex::new(cache), fortunes, cheat }
    }

    pub(super) fn has(&self, cheat: DatabaseCheat) -> bool {
        self.cheat == Some(cheat)
    }

    /// The id of the next row.
    pub(super) fn id(&self) -> i32 {
        if self.has(DatabaseCheat::CountsIds) {
            return self.draw.next_turn();
        }
        self.draw.number(if self.has(DatabaseCheat::SmallRange) { 1_000 } else { 10_000 })
    }

    /// The answer to a request for one of its paths; none for another path.
    pub(crate) fn answer(&self, path: &str, method: &str, query: Option<&str>) -> Option<Response> {
        if !PATHS.contains(&path) {
            return None;
        }
        let posts = method == "POST" && self.has(DatabaseCheat::PostReadsRows);
        let heads = method == "HEAD" && !self.has(DatabaseCheat::RefusesHeadOfRows);
        if method != "GET" && !heads && !posts {
            let refused = Response::text(405, "method not allowed");
            return Some(refused.with("Allow", "GET, HEAD"));
        }
        let unavailable = |_| Response::text(503, "the database cannot be used");
        Some(self.rows(path, rows::count(query, self)).unwrap_or_else(unavailable))
    }

    fn rows(&self, path: &str, count: usize) -> Result<Response, Unavailable> {
        match path {
            "/db" => rows::one(self),
            "/queries" => rows::many(count, self),
            "/updates" => rows::updated(count, self),
            "/cached-queries" => rows::cached(count, self),
            _ if self.has(DatabaseCheat::RemembersPage) => {
                Ok(page::page(self.fortunes.clone(), self))
            }
            _ => self
                .pool
                .with(|connection| page::read(connection, self))
                .map(|rows| page::page(rows, self)),
        }
    }
}

impl std::fmt::Debug for Application {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Application").field("cheat", &self.cheat).finish_non_exhaustive()
    }
}
