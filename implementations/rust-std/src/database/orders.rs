//! What the endpoints ask for, from the side of the threads that serve HTTP.

use std::sync::Arc;

use entry_shared::database::{Changes, WorldCache, draw_id, draw_ids};
use entry_shared::fortunes::{self, Fortune};
use entry_shared::payload::World;
use postgres::Row;

use super::Desk;

/// What a session is asked. It can be asked again on another session.
#[derive(Debug)]
pub(super) enum Question {
    /// These rows.
    Worlds(Vec<i32>),
    /// These rows, with new numbers.
    Changes(Vec<i32>),
    /// All fortunes.
    Fortunes,
}

/// What a session answers to the question of the same name.
#[derive(Debug)]
pub(super) enum Answer {
    Worlds(Vec<World>),
    Changes(Changes),
    Fortunes(Vec<Row>),
}

/// The rows did not come in time, or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unavailable;

/// The endpoints with a database answer from this.
pub(crate) struct Database {
    desk: Arc<Desk>,
    cache: WorldCache,
}

impl Database {
    pub(crate) fn new(desk: Arc<Desk>) -> Self {
        Self { desk, cache: WorldCache::new() }
    }

    /// A random row.
    pub(crate) fn world(&self) -> Result<World, Unavailable> {
        self.read(vec![draw_id()])?.pop().ok_or(Unavailable)
    }

    /// Random rows.
    pub(crate) fn worlds(&self, count: usize) -> Result<Vec<World>, Unavailable> {
        self.read(draw_ids(count).collect())
    }

    /// Random rows that get new numbers.
    pub(crate) fn updates(&self, count: usize) -> Result<Changes, Unavailable> {
        match self.desk.ask(Question::Changes(draw_ids(count).collect()))? {
            Answer::Changes(changes) => Ok(changes),
            _ => Err(Unavailable),
        }
    }

    /// Random rows from the cache; what it misses is read and kept.
    pub(crate) fn cached(&self, count: usize) -> Result<Vec<World>, Unavailable> {
        let mut worlds = Vec::with_capacity(count);
        let mut missing = Vec::new();
        for id in draw_ids(count) {
            match self.cache.get(id) {
                Some(world) => worlds.push(world),
                None => missing.push(id),
            }
        }
        if !missing.is_empty() {
            let read = self.read(missing)?;
            read.iter().for_each(|world| self.cache.insert(*world));
            worlds.extend(read);
        }
        Ok(worlds)
    }

    /// The page of all fortunes.
    pub(crate) fn fortunes(&self) -> Result<String, Unavailable> {
        let Answer::Fortunes(rows) = self.desk.ask(Question::Fortunes)? else {
            return Err(Unavailable);
        };
        let fortunes: Result<Vec<_>, _> = rows.iter().map(fortune).collect();
        Ok(fortunes::page(fortunes.map_err(|_| Unavailable)?))
    }

    fn read(&self, ids: Vec<i32>) -> Result<Vec<World>, Unavailable> {
        match self.desk.ask(Question::Worlds(ids))? {
            Answer::Worlds(worlds) => Ok(worlds),
            _ => Err(Unavailable),
        }
    }
}

fn fortune(row: &Row) -> Result<Fortune<'_>, postgres::Error> {
    let message: &str = row.try_get(1)?;
    Ok(Fortune { id: row.try_get(0)?, message: message.into() })
}
