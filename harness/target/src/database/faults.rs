//! What can happen to a database while a server uses it, on purpose.

use std::time::Duration;

use super::connection_limit;
use super::error::{DatabaseError, StartDatabaseError, failed};
use super::facts::can_count;
use super::handle::Database;
use super::host::Host;
use super::session::Session;

/// Nobody can read or change a row until this is dropped.
pub struct LockedTables(#[expect(dead_code, reason = "its end unlocks")] Session);

impl Database {
    /// Kills a private cluster: every process of it at once, as a crash would. Whether it was one
    /// and is gone. Nothing but [`Database::start_again`] can be asked of it then.
    pub fn kill(&mut self) -> bool {
        match &mut self.host {
            Host::Private(cluster) => cluster.kill(),
            _ => false,
        }
    }

    /// Starts a killed cluster again, where it was before.
    ///
    /// # Errors
    /// When it does not start or cannot be reached.
    pub fn start_again(&mut self) -> Result<(), StartDatabaseError> {
        if let Host::Private(cluster) = &mut self.host {
            cluster.start_again()?;
        }
        let mut control = self.own.reconnect().map_err(failed("connect"))?;
        // Commits of the last moments before the kill are lost (synchronous_commit is off), and
        // the view that counts statements may have been one of them.
        if self.facts.pg_stat_statements {
            can_count(&mut control)?;
        }
        self.control = control.into();
        Ok(())
    }

    /// Stops every process of a private cluster where it stands: connections stay open, and nobody
    /// answers.
    pub fn freeze(&self) {
        if let Host::Private(cluster) = &self.host {
            cluster.freeze();
        }
    }

    /// Lets a frozen cluster go on.
    pub fn thaw(&self) {
        if let Host::Private(cluster) = &self.host {
            cluster.thaw();
        }
    }

    /// Ends the sessions of servers, and lets them have `most` from now on (none: as many as they
    /// like). Only where servers have a role of their own.
    ///
    /// # Errors
    /// When a statement fails, or sessions do not end.
    pub fn limit_connections(&mut self, most: Option<u32>) -> Result<(), DatabaseError> {
        let Some(role) = self.own.server_role() else { return Ok(()) };
        connection_limit::limit(&mut self.control, role, most)
    }

    /// Makes each statement of servers that reads a table take `longer` (none: as long as it takes),
    /// one that writes too twice that, and come back right. Only where servers have a role of their own.
    ///
    /// What delays is a policy on rows. Its subquery names no column, so it runs once for each
    /// statement, however many rows that reads; statements that are prepared stay so, and servers
    /// see the same tables. A lock that comes and goes would delay by chance, and a view in the
    /// place of a table would be another thing to update.
    ///
    /// # Errors
    /// When a statement fails, e.g. because a server's transaction does not end.
    pub fn slow_statements(&mut self, longer: Option<Duration>) -> Result<(), DatabaseError> {
        let Some(role) = self.own.server_role() else { return Ok(()) };
        let batch = match longer {
            // The policy for reads holds for writes too: for the rows there are, and for the new ones.
            Some(longer) => format!(
                "CREATE POLICY writing ON world FOR UPDATE TO {role} USING (true);
                 CREATE POLICY slow ON world FOR SELECT TO {role} USING ({sleep});
                 CREATE POLICY slow ON fortune FOR SELECT TO {role} USING ({sleep});
                 ALTER TABLE world ENABLE ROW LEVEL SECURITY;
                 ALTER TABLE fortune ENABLE ROW LEVEL SECURITY",
                sleep = format_args!(
                    "(SELECT pg_sleep_for('{} microseconds') IS NOT NULL)",
                    longer.as_micros()
                )
            ),
            None => "ALTER TABLE world DISABLE ROW LEVEL SECURITY;
                 ALTER TABLE fortune DISABLE ROW LEVEL SECURITY;
                 DROP POLICY writing ON world;
                 DROP POLICY slow ON world;
                 DROP POLICY slow ON fortune"
                .to_owned(),
        };
        let changing = failed("change how long statements take");
        let mut transaction = self.control.transaction().map_err(&changing)?;
        // Else a kill soon afterwards could bring back what was taken away.
        let batch = format!("SET LOCAL synchronous_commit = on; {batch}");
        transaction.batch_execute(&batch).map_err(&changing)?;
        transaction.commit().map_err(&changing)
    }

    /// Locks both tables against everybody.
    ///
    /// # Errors
    /// When a statement fails.
    pub fn lock_tables(&self) -> Result<LockedTables, DatabaseError> {
        let locking = failed("lock the tables");
        let mut client = self.own.reconnect().map_err(&locking)?;
        client
            .batch_execute("BEGIN; LOCK TABLE world, fortune IN ACCESS EXCLUSIVE MODE")
            .map_err(&locking)?;
        Ok(LockedTables(client.into()))
    }
}
