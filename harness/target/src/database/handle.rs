//! A running, seeded database.

use std::path::Path;

use postgres::types::ToSql;

use super::error::{DatabaseError, StartDatabaseError, StopDatabaseError, failed};
use super::facts::{DatabaseFacts, collect};
use super::host::Host;
use super::own::OwnDatabase;
use super::rows::{Fortune, WORLDS, World};
use super::seed;
use super::session::Session;
use super::source::DatabaseSource;
use super::statements::{self, StatementCount, StatementCounts};
use crate::accounting::{Reading, Usage, usage_of_processes};
use crate::contract::DatabaseOffer;

/// A running database that holds the seeded rows. Dropping it leaves nothing behind.
///
/// The methods that read and change rows do so behind the back of the server under test.
pub struct Database {
    // The order is that of dropping: our session, our database, the server.
    pub(super) control: Session,
    pub(super) own: OwnDatabase,
    pub(super) host: Host,
    pub(super) facts: DatabaseFacts,
}

impl Database {
    /// Starts or reaches what `source` names, makes a database of our own there and seeds it. A
    /// private cluster is confined to `cores` (none: the kernel chooses).
    ///
    /// Call it from a thread that lives as long as the database: the kernel ends a private
    /// cluster when that thread dies.
    ///
    /// # Errors
    /// When there is no PostgreSQL, it does not start, or cannot be used as declared.
    pub fn start(source: &DatabaseSource, cores: &[u32]) -> Result<Self, StartDatabaseError> {
        let (host, access) = Host::start(source, cores)?;
        let (own, mut control) = OwnDatabase::create(access)?;
        seed::create(&mut control, own.server_role())?;
        let mut facts = collect(&mut control, source)?;
        facts.image_id = host.image_id().map(str::to_owned);
        Ok(Self { control: control.into(), own, host, facts })
    }

    /// What a record says about it.
    #[must_use]
    pub fn facts(&self) -> &DatabaseFacts {
        &self.facts
    }

    /// `DATABASE_URL` for servers under test.
    #[must_use]
    pub fn url(&self) -> String {
        self.own.server_url()
    }

    /// What the contract offers to a server that may have `pool` connections in total.
    #[must_use]
    pub fn offer(&self, pool: u32) -> DatabaseOffer {
        DatabaseOffer { url: self.url(), pool }
    }

    /// The ids of the processes of a server of our own at this moment, its first one's first; none of
    /// another's server.
    #[must_use]
    pub fn processes(&self) -> Vec<u32> {
        self.host.processes()
    }

    /// What the living processes of a server of our own have used until now; nothing of another's
    /// server. The use of a session is gone with the session, so read this while the server under
    /// test still runs. Memory that sessions share counts in each.
    #[must_use]
    pub fn usage(&self) -> Usage {
        usage_of_processes(&self.processes())
    }

    /// The counters of the living processes of a server of our own at this moment, and of those
    /// of its children that have ended; none of another's server.
    #[must_use]
    pub fn reading(&self) -> Option<Reading> {
        let processes = self.processes();
        (!processes.is_empty()).then(|| Reading::take(&processes, &[], None))
    }

    /// The folder of a private cluster.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match &self.host {
            Host::Private(cluster) => Some(cluster.folder()),
            Host::Container(_) | Host::Foreign => None,
        }
    }

    /// Puts the seeded rows back, as they are between two trials.
    ///
    /// # Errors
    /// When a statement fails, e.g. because a hanging server holds a lock on the rows, or the
    /// rows are not the declared ones afterwards.
    pub fn reset(&mut self) -> Result<(), DatabaseError> {
        seed::reset(&mut self.control)
    }

    /// Checks that the rows are the seeded ones.
    ///
    /// # Errors
    /// [`DatabaseError::Digest`] when they are not.
    pub fn verify(&mut self) -> Result<(), DatabaseError> {
        seed::verify(&mut *self.control)
    }

    /// All rows of `world`, by id.
    ///
    /// # Errors
    /// When the statement fails.
    pub fn worlds(&mut self) -> Result<Vec<World>, DatabaseError> {
        seed::read_worlds(&mut *self.control)
    }

    /// All rows of `fortune`, by id.
    ///
    /// # Errors
    /// When the statement fails.
    pub fn fortunes(&mut self) -> Result<Vec<Fortune>, DatabaseError> {
        seed::read_fortunes(&mut *self.control)
    }

    /// One row of `world`.
    ///
    /// # Errors
    /// When the statement fails or there is no such row.
    pub fn world_row(&mut self, id: i32) -> Result<World, DatabaseError> {
        let row = self
            .control
            .query_opt("SELECT randomnumber FROM world WHERE id = $1", &[&id])
            .map_err(failed("read a world"))?
            .ok_or(DatabaseError::NoRow { table: "world", id, last: WORLDS })?;
        Ok(World { id, random_number: row.get(0) })
    }

    /// Gives a row of `world` another number.
    ///
    /// # Errors
    /// When the statement fails or there is no such row.
    pub fn set_world(&mut self, id: i32, random_number: i32) -> Result<(), DatabaseError> {
        self.change_one(
            ("world", id, WORLDS),
            "UPDATE world SET randomnumber = $2 WHERE id = $1",
            &[&id, &random_number],
        )
    }

    /// Gives every row of `world` another number.
    ///
    /// # Errors
    /// When the statement fails.
    pub fn renumber_worlds(&mut self) -> Result<(), DatabaseError> {
        let changing = failed("change all rows");
        let mut transaction = self.control.transaction().map_err(&changing)?;
        // A server may still write what nobody waits for any more: row by row, each could have what
        // the other waits for.
        let statements = "LOCK TABLE world IN EXCLUSIVE MODE;
             UPDATE world SET randomnumber = randomnumber % 10000 + 1";
        transaction.batch_execute(statements).map_err(&changing)?;
        transaction.commit().map_err(&changing)
    }

    /// Gives a fortune another message.
    ///
    /// # Errors
    /// When the statement fails or there is no such row.
    pub fn rename_fortune(&mut self, id: i32, message: &str) -> Result<(), DatabaseError> {
        let last = self.fortunes()?.last().map_or(0, |fortune| fortune.id);
        self.change_one(
            ("fortune", id, last),
            "UPDATE fortune SET message = $2 WHERE id = $1",
            &[&id, &message],
        )
    }

    /// Adds a fortune with the next free id, and returns it. [`Database::reset`] takes it away.
    ///
    /// # Errors
    /// When the statement fails.
    pub fn insert_fortune(&mut self, message: &str) -> Result<Fortune, DatabaseError> {
        let row = self
            .control
            .query_one(
                "INSERT INTO fortune SELECT max(id) + 1, $1 FROM fortune RETURNING id, message",
                &[&message],
            )
            .map_err(failed("insert a fortune"))?;
        Ok(Fortune { id: row.get(0), message: row.get(1) })
    }

    /// Sessions of others in this database: the connections of the servers under test.
    ///
    /// # Errors
    /// When the statement fails.
    pub fn server_connections(&mut self) -> Result<u64, DatabaseError> {
        let sessions: i64 = self
            .control
            .query_one(
                "SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()
                   AND backend_type = 'client backend'",
                &[],
            )
            .map_err(failed("count the sessions"))?
            .get(0);
        Ok(u64::try_from(sessions).unwrap_or(0))
    }

    /// The statements that servers under test have executed until now. The difference of two
    /// readings ([`StatementCounts::since`]) is what happened in between.
    ///
    /// Where servers connect as the harness's own user (a URL), its own statements count too.
    ///
    /// # Errors
    /// When statements are not counted or do not come to an end.
    pub fn statement_counts(&mut self) -> Result<StatementCounts, DatabaseError> {
        if !self.facts.pg_stat_statements {
            return Err(DatabaseError::NotCounting);
        }
        statements::read(&mut self.control, self.own.server_role())
    }

    /// All statements that servers under test have executed until now, in the middle of their
    /// work: unlike [`Database::statement_counts`] it does not wait for those under way. None
    /// where statements are not counted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn running_count(&mut self) -> Result<Option<StatementCount>, DatabaseError> {
        if !self.facts.pg_stat_statements {
            return Ok(None);
        }
        statements::read_running(&mut self.control, self.own.server_role()).map(Some)
    }

    /// Does `work`, and tells which statements servers under test have executed meanwhile.
    ///
    /// # Errors
    /// As [`Database::statement_counts`].
    pub fn statements_around<T>(
        &mut self,
        work: impl FnOnce() -> T,
    ) -> Result<(T, StatementCounts), DatabaseError> {
        let before = self.statement_counts()?;
        let value = work();
        Ok((value, self.statement_counts()?.since(&before)))
    }

    /// Ends it, and tells what could not be removed.
    ///
    /// # Errors
    /// When a process, a folder or a database is left.
    pub fn stop(self) -> Result<(), StopDatabaseError> {
        let Self { control, mut own, host, .. } = self;
        drop(control);
        let removed = own.remove();
        host.stop().and(removed)
    }

    fn change_one(
        &mut self,
        (table, id, last): (&'static str, i32, i32),
        statement: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<(), DatabaseError> {
        match self.control.execute(statement, values).map_err(failed("change a row"))? {
            1 => Ok(()),
            _ => Err(DatabaseError::NoRow { table, id, last }),
        }
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database")
            .field("url", &self.facts.source)
            .field("host", &self.host)
            .finish()
    }
}
