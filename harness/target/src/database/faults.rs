//! What can happen to a database while a server uses it, on purpose.

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
    /// When a statement fails.
    pub fn limit_connections(&mut self, most: Option<u32>) -> Result<(), DatabaseError> {
        let Some(role) = self.own.server_role() else { return Ok(()) };
        let most = most.map_or("-1".to_owned(), |most| most.to_string());
        self.control
            .batch_execute(&format!(
                "ALTER ROLE {role} CONNECTION LIMIT {most};
                 SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'"
            ))
            .map_err(failed("limit the connections"))
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
