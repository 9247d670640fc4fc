//! The endpoints with a database: rows from there, JSON or HTML from here.

use entry_shared::payload::append_json;
use entry_shared::{arguments, fortunes};
use serde::Serialize;

use super::JSON;
use crate::database::{Database, Unavailable};

/// Which rows an endpoint answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    Db,
    Queries,
    Updates,
    CachedQueries,
    Fortunes,
}

/// Rows that are to be had from a database.
pub(crate) struct RowsPlan<'app> {
    database: &'app Database,
    rows: Rows,
    count: usize,
}

impl<'app> RowsPlan<'app> {
    pub(super) fn new(database: &'app Database, rows: Rows, query: &str) -> Self {
        Self { database, rows, count: arguments::queries(query) }
    }

    /// Waits for the rows, makes the body in `answer` and tells its media type.
    pub(crate) fn carry_out(self, answer: &mut Vec<u8>) -> Result<&'static str, Unavailable> {
        let Self { database, rows, count } = self;
        match rows {
            Rows::Db => json(answer, &database.world()?),
            Rows::Queries => json(answer, &database.worlds(count)?),
            Rows::Updates => json(answer, &database.updates(count)?.worlds()),
            Rows::CachedQueries => json(answer, &database.cached(count)?),
            Rows::Fortunes => {
                answer.extend_from_slice(database.fortunes()?.as_bytes());
                Ok(fortunes::CONTENT_TYPE)
            }
        }
    }
}

fn json(answer: &mut Vec<u8>, payload: &impl Serialize) -> Result<&'static str, Unavailable> {
    append_json(answer, payload);
    Ok(JSON)
}
