//! How many connections servers may have, in force for all of them.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use postgres::Client;

use super::error::{DatabaseError, failed};

/// How long sessions may take to end.
const END_LIMIT: Duration = Duration::from_secs(30);

/// Lets `role` have `most` connections (none: as many as it likes), and ends those that began
/// before that. When this returns, each session of `role` is one that the limit has let in.
///
/// # Errors
/// When a statement fails, or sessions do not end.
pub(super) fn limit(
    client: &mut Client,
    role: &str,
    most: Option<u32>,
) -> Result<(), DatabaseError> {
    let most = most.map_or("-1".to_owned(), |most| most.to_string());
    // A statement of its own: what ends sessions before this is committed lets them come back
    // under the limit there was.
    client
        .batch_execute(&format!("ALTER ROLE {role} CONNECTION LIMIT {most}"))
        .map_err(failed("limit the connections"))?;
    let deadline = Instant::now() + END_LIMIT;
    let mut before = Sessions::now(client)?.of(role);
    loop {
        client
            .execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE usename = $1::text AND pid = ANY($2)",
                &[&role, &before],
            )
            .map_err(failed("end sessions"))?;
        let left = Sessions::now(client)?.of(role);
        before.retain(|session| left.contains(session));
        if before.is_empty() {
            return Ok(());
        }
        if Instant::now() >= deadline {
            let waited_s = END_LIMIT.as_secs();
            return Err(DatabaseError::NotEnded { sessions: before.len(), waited_s });
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The processes that have a session, or soon will.
struct Sessions {
    /// Those in a transaction. One that starts is in its first from before it reads its role's
    /// limit until it is seen as active (PostgreSQL's `InitPostgres`).
    in_transaction: Vec<i32>,
    /// Those that have started, with the role of each that has one.
    started: HashMap<i32, Option<String>>,
}

impl Sessions {
    fn now(client: &mut Client) -> Result<Self, DatabaseError> {
        let looking = failed("read the sessions");
        // In this order: the other way round, one that starts in between is in neither.
        let in_transaction = client
            .query("SELECT pid FROM pg_locks WHERE locktype = 'virtualxid'", &[])
            .map_err(&looking)?;
        let started = client
            .query("SELECT pid, usename::text FROM pg_stat_activity", &[])
            .map_err(&looking)?;
        Ok(Self {
            in_transaction: in_transaction.iter().map(|row| row.get(0)).collect(),
            started: started.iter().map(|row| (row.get(0), row.get(1))).collect(),
        })
    }

    /// Those of `role`, and those that may turn out to be.
    fn of(&self, role: &str) -> Vec<i32> {
        let starting = self.in_transaction.iter().filter(|pid| !self.started.contains_key(pid));
        let its = self.started.iter().filter(|(_, its)| its.as_deref() == Some(role));
        starting.chain(its.map(|(pid, _)| pid)).copied().collect()
    }
}
