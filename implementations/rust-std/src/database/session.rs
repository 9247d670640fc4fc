//! One connection to the database, used by one thread, one statement after the other.

use std::time::Duration;

use entry_shared::database::{Changes, SELECT_FORTUNES, SELECT_WORLD, UPDATE_WORLDS};
use entry_shared::payload::World;
use postgres::error::Severity;
use postgres::fallible_iterator::FallibleIterator;
use postgres::{Client, Error, NoTls, Row, Statement};

use super::Config;
use super::orders::{Answer, Question};

/// How long to listen for the end of an idle connection. Any time that makes the client look at
/// its socket does.
const LISTEN: Duration = Duration::from_millis(1);

/// An open connection with its prepared statements.
pub(super) struct Session {
    client: Client,
    select_world: Statement,
    update_worlds: Statement,
    select_fortunes: Statement,
}

impl Session {
    pub(super) fn open(config: &Config) -> Result<Self, Error> {
        let mut client = config.get().connect(NoTls)?;
        let select_world = client.prepare(SELECT_WORLD)?;
        let update_worlds = client.prepare(UPDATE_WORLDS)?;
        let select_fortunes = client.prepare(SELECT_FORTUNES)?;
        Ok(Self { client, select_world, update_worlds, select_fortunes })
    }

    pub(super) fn answer(&mut self, question: &Question) -> Result<Answer, Error> {
        match question {
            Question::Worlds(ids) => self.worlds(ids).map(Answer::Worlds),
            Question::Changes(ids) => {
                let changes = Changes::of(self.worlds(ids)?);
                let (ids, numbers) = changes.parameters();
                self.client.execute(&self.update_worlds, &[&ids, &numbers])?;
                Ok(Answer::Changes(changes))
            }
            Question::Fortunes => self.fortunes().map(Answer::Fortunes),
        }
    }

    /// Reads rows, each by a statement of its own.
    fn worlds(&mut self, ids: &[i32]) -> Result<Vec<World>, Error> {
        let world = |id: &i32| {
            let row = self.client.query_one(&self.select_world, &[id])?;
            Ok(World { id: row.try_get(0)?, random_number: row.try_get(1)? })
        };
        ids.iter().map(world).collect()
    }

    fn fortunes(&mut self) -> Result<Vec<Row>, Error> {
        self.client.query(&self.select_fortunes, &[])
    }

    /// Looks whether the other side has closed the connection while nobody used it.
    pub(super) fn is_closed(&mut self) -> bool {
        self.client.notifications().timeout_iter(LISTEN).next().is_err() || self.client.is_closed()
    }
}

/// Whether an error ends the connection, and not just its statement.
pub(super) fn ends_session(error: &Error) -> bool {
    match error.as_db_error() {
        Some(error) => matches!(error.parsed_severity(), Some(Severity::Fatal | Severity::Panic)),
        None => true,
    }
}
