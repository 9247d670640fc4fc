//! One connection to the database. Requests share it: each sends its statements behind those
//! that are under way already (pipelining), and gets the rows of its own.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use entry_shared::database::{Changes, SELECT_FORTUNES, SELECT_WORLD, UPDATE_WORLDS};
use entry_shared::payload::World;
use futures_util::future::try_join_all;
use tokio_postgres::{Client, Error, NoTls, Row, Statement};

use super::Config;

/// An open connection with its prepared statements.
pub(super) struct Connection {
    client: Client,
    select_world: Statement,
    update_worlds: Statement,
    select_fortunes: Statement,
    /// Requests that are using it.
    users: AtomicUsize,
    /// Requests that took it since it was last written to.
    gathered: Arc<AtomicUsize>,
}

/// How many requests wait for each other to go out in one write.
const MOST_GATHERED: usize = 8;

impl Connection {
    /// Opens a connection, prepares the statements and gives it to `ready`. Returns when the
    /// connection is gone, with the reason if it never was of use.
    pub(super) async fn keep(config: &Config, ready: impl FnOnce(Self)) -> Result<(), Error> {
        let (client, mut driver) = config.get().connect(NoTls).await?;
        let gathered = Arc::new(AtomicUsize::new(0));
        let sent = Arc::clone(&gathered);
        // Reads and writes the socket; ends with the connection, or when the client is dropped.
        let driver = tokio::spawn(poll_fn(move |context| {
            // Whenever it runs, it writes all that has gathered.
            sent.store(0, Ordering::Relaxed);
            Pin::new(&mut driver).poll(context)
        }));
        // No limit here: a backend that waits for a lock does not notice that its client has
        // gone, so that giving up would make one connection more than is allowed.
        ready(Self::prepare(client, gathered).await?);
        // Why it ended is told by what the next attempt meets.
        let _ = driver.await;
        Ok(())
    }

    async fn prepare(client: Client, gathered: Arc<AtomicUsize>) -> Result<Self, Error> {
        let (select_world, update_worlds, select_fortunes) = tokio::try_join!(
            client.prepare(SELECT_WORLD),
            client.prepare(UPDATE_WORLDS),
            client.prepare(SELECT_FORTUNES),
        )?;
        let users = AtomicUsize::new(0);
        Ok(Self { client, select_world, update_worlds, select_fortunes, users, gathered })
    }

    /// Reads one row.
    pub(super) async fn world(&self, id: i32) -> Result<World, Error> {
        let row = self.client.query_one(&self.select_world, &[&id]).await?;
        Ok(World { id: row.try_get(0)?, random_number: row.try_get(1)? })
    }

    /// Reads rows, each by a statement of its own; all are on their way before the first answer.
    pub(super) fn worlds(
        &self,
        ids: impl IntoIterator<Item = i32>,
    ) -> impl Future<Output = Result<Vec<World>, Error>> {
        try_join_all(ids.into_iter().map(|id| self.world(id)))
    }

    /// Writes new numbers, in one statement.
    pub(super) async fn change(&self, changes: &Changes) -> Result<(), Error> {
        let (ids, numbers) = changes.parameters();
        self.client.execute(&self.update_worlds, &[&ids, &numbers]).await?;
        Ok(())
    }

    /// Reads all fortunes.
    pub(super) async fn fortunes(&self) -> Result<Vec<Row>, Error> {
        self.client.query(&self.select_fortunes, &[]).await
    }

    /// Waits until all that was sent before is answered.
    pub(super) async fn drained(&self) -> Result<(), Error> {
        self.client.check_connection().await
    }

    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// A request begins to use it.
    pub(super) fn take(&self) {
        self.users.fetch_add(1, Ordering::Relaxed);
        self.gathered.fetch_add(1, Ordering::Relaxed);
    }

    /// A request uses it no longer.
    pub(super) fn leave(&self) {
        self.users.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether it is about to be written to, and not with too much.
    pub(super) fn is_gathering(&self) -> bool {
        (1..MOST_GATHERED).contains(&self.gathered.load(Ordering::Relaxed))
    }

    /// How many requests are using it, for choosing among connections.
    pub(super) fn load(&self) -> usize {
        self.users.load(Ordering::Relaxed)
    }
}
