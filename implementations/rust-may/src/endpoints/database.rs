//! The endpoints with a database. Each execution is a message of its own; those of one request
//! go out together and none waits for another.

use std::time::Instant;

use entry_shared::database::{
    Changes, GENERIC_PLANS, REQUEST_LIMIT, SELECT_FORTUNES, SELECT_WORLD, UNAVAILABLE,
    UPDATE_WORLDS, WorldCache, draw_id, draw_ids,
};
use entry_shared::fortunes::{self, Fortune};
use entry_shared::payload::World;
use entry_shared::{DatabaseSettings, arguments};

use crate::postgres::{
    Address, AddressError, Answer, Batch, Error, Pool, Sessions, Statement, Value, int, text,
};
use crate::reply::{Reply, Status};

/// Which rows a request wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    Db,
    Queries,
    Updates,
    CachedQueries,
    Fortunes,
}

const WORLD: Statement = Statement { name: "world", text: SELECT_WORLD };
const FORTUNES: Statement = Statement { name: "fortunes", text: SELECT_FORTUNES };
const UPDATES: Statement = Statement { name: "updates", text: UPDATE_WORLDS };

const SESSIONS: Sessions =
    Sessions { statements: &[WORLD, FORTUNES, UPDATES], options: GENERIC_PLANS };

/// The connections, and what is kept of the table in memory.
pub(crate) struct Database {
    pool: Pool,
    cache: WorldCache,
}

impl Database {
    /// Opens the connections in the background.
    pub(crate) fn start(settings: &DatabaseSettings) -> Result<Self, AddressError> {
        let address = Address::parse(&settings.url)?;
        let pool = Pool::start(address, settings.pool.get(), SESSIONS);
        Ok(Self { pool, cache: WorldCache::new() })
    }

    /// Reads a row for each id, one by one.
    fn worlds(&self, ids: &[i32], due: Instant) -> Result<Vec<World>, Error> {
        let mut batch = Batch::default();
        for id in ids {
            batch.push(&WORLD, &[Value::Int(*id)])?;
        }
        worlds(&self.pool.ask(batch, due)?, ids)
    }

    /// Reads rows, gives them new numbers, and writes these at once.
    fn update(&self, ids: &[i32], due: Instant) -> Result<Changes, Error> {
        let changes = Changes::of(self.worlds(ids, due)?);
        let (ids, numbers) = changes.parameters();
        let batch = Batch::of(&UPDATES, &[Value::Ints(&ids), Value::Ints(&numbers)])?;
        let written = self.pool.ask(batch, due)?.affected;
        if written == ids.len() as u64 {
            Ok(changes)
        } else {
            Err(Error::Unexpected("another number of rows written"))
        }
    }

    /// Reads from the table only what is not in memory.
    fn cached(&self, ids: &[i32], due: Instant) -> Result<Vec<World>, Error> {
        let mut missing: Vec<i32> =
            ids.iter().copied().filter(|id| self.cache.get(*id).is_none()).collect();
        missing.sort_unstable();
        missing.dedup();
        let read = self.worlds(&missing, due)?;
        for world in &read {
            self.cache.insert(*world);
        }
        let find = |id: &i32| match read.binary_search_by_key(id, |world| world.id) {
            Ok(at) => Some(read[at]),
            Err(_) => self.cache.get(*id),
        };
        // What was in memory a moment ago may be too old by now.
        let again = |id: &i32| find(id).map_or_else(|| self.world(*id, due), Ok);
        ids.iter().map(again).collect()
    }

    fn world(&self, id: i32, due: Instant) -> Result<World, Error> {
        let answer = self.pool.ask(Batch::of(&WORLD, &[Value::Int(id)])?, due)?;
        match worlds(&answer, &[id])?[..] {
            [world] => Ok(world),
            _ => Err(NOT_THE_ROWS),
        }
    }

    fn fortunes(&self, due: Instant) -> Result<String, Error> {
        let answer = self.pool.ask(Batch::of(&FORTUNES, &[])?, due)?;
        let rows = answer.rows.iter().map(|row| {
            let [id, message] = row.columns()?;
            Ok(Fortune { id: int(id)?, message: text(message)?.into() })
        });
        Ok(fortunes::page(rows.collect::<Result<Vec<_>, Error>>()?))
    }
}

const NOT_THE_ROWS: Error = Error::Unexpected("other rows than asked for");

/// The rows with just these ids.
fn worlds(answer: &Answer, ids: &[i32]) -> Result<Vec<World>, Error> {
    if answer.rows.len() != ids.len() {
        return Err(NOT_THE_ROWS);
    }
    let asked = answer.rows.iter().zip(ids);
    let rows = asked.map(|(row, asked)| {
        let [id, number] = row.columns()?;
        let world = World { id: int(id)?, random_number: int(number)? };
        if world.id == *asked { Ok(world) } else { Err(NOT_THE_ROWS) }
    });
    rows.collect()
}

/// Answers, with 503 where the rows do not come.
pub(crate) fn rows(database: &Database, reply: &mut Reply<'_, '_>, rows: Rows, query: &str) {
    let due = Instant::now() + REQUEST_LIMIT;
    let ids = || draw_ids(arguments::queries(query)).collect::<Vec<_>>();
    let done = match rows {
        Rows::Db => database.world(draw_id(), due).map(|world| reply.json(&world)),
        Rows::Queries => database.worlds(&ids(), due).map(|worlds| reply.json(&worlds)),
        Rows::Updates => database.update(&ids(), due).map(|done| reply.json(&done.worlds())),
        Rows::CachedQueries => database.cached(&ids(), due).map(|worlds| reply.json(&worlds)),
        Rows::Fortunes => database.fortunes(due).map(|page| reply.html(&page)),
    };
    if done.is_err() {
        reply.text(Status::ServiceUnavailable, UNAVAILABLE);
    }
}
