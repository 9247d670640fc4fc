//! PostgreSQL through tokio-postgres and a pool of deadpool, for the entries that use both: how the
//! pool is set up and kept full, and what each endpoint asks of it. How many pools there are, and
//! which threads drive their connections, is the entry's own.

use std::time::Duration;

use deadpool_postgres::{
    BuildError, Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod,
};
use futures_util::future::{join_all, try_join_all};
use tokio::time::{sleep, timeout};
use tokio_postgres::{Config, NoTls, Row};

use super::{
    CONNECT_LIMIT, Changes, GENERIC_PLANS, REQUEST_LIMIT, SELECT_FORTUNES, SELECT_WORLD,
    UPDATE_WORLDS, WorldCache, draw_id, draw_ids,
};
use crate::fortunes::{self, Fortune};
use crate::payload::World;
use crate::settings::DatabaseSettings;

/// How often lost connections are looked for.
const LOOK: Duration = Duration::from_millis(250);

/// Why there is no pool.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// The URL is not shown: it may hold a password.
    #[error("environment variable DATABASE_URL is no PostgreSQL URL: {0}")]
    Url(#[from] tokio_postgres::Error),
    /// deadpool refuses to make it.
    #[error("can not make a pool of connections: {0}")]
    Build(#[from] BuildError),
}

/// The rows did not come in time, or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unavailable;

/// How each connection is made.
///
/// # Errors
/// When the URL can not be understood.
pub fn config(settings: &DatabaseSettings) -> Result<Config, PoolError> {
    let mut config: Config = settings.url.parse()?;
    let options = config.get_options().map(|given| format!("{given} {GENERIC_PLANS}"));
    config.options(options.as_deref().unwrap_or(GENERIC_PLANS)).connect_timeout(CONNECT_LIMIT);
    Ok(config)
}

/// A pool of `size` connections, on each of which all statements are prepared. It opens none yet:
/// see [`keep_open`].
///
/// # Errors
/// When deadpool makes no pool.
pub fn pool(config: &Config, size: usize) -> Result<Pool, PoolError> {
    // Whether a connection lives is seen from its socket; asking costs a round trip each time.
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let prepare = Hook::async_fn(|client, _| {
        Box::pin(async move {
            for statement in [SELECT_WORLD, UPDATE_WORLDS, SELECT_FORTUNES] {
                client.prepare_cached(statement).await.map_err(HookError::Backend)?;
            }
            Ok(())
        })
    });
    let manager = Manager::from_config(config.clone(), NoTls, recycling);
    Ok(Pool::builder(manager).max_size(size).post_create(prepare).build()?)
}

/// The endpoints with a database answer from this.
#[derive(Clone)]
pub struct Database {
    pool: Pool,
    cache: WorldCache,
}

impl Database {
    /// Answers from the connections of this pool, and from this cache where an endpoint may.
    #[must_use]
    pub fn new(pool: Pool, cache: WorldCache) -> Self {
        Self { pool, cache }
    }

    /// A random row.
    ///
    /// # Errors
    /// [`Unavailable`] after [`REQUEST_LIMIT`], or where the database fails.
    pub async fn world(&self) -> Result<World, Unavailable> {
        self.with_client(async |client| world(&client, draw_id()).await).await
    }

    /// Random rows, each read by a statement of its own.
    ///
    /// # Errors
    /// As [`Database::world`].
    pub async fn worlds(&self, count: usize) -> Result<Vec<World>, Unavailable> {
        self.worlds_of(draw_ids(count).collect()).await
    }

    async fn worlds_of(&self, ids: Vec<i32>) -> Result<Vec<World>, Unavailable> {
        self.with_client(async |client| worlds(&client, ids).await).await
    }

    /// Random rows that get new numbers.
    ///
    /// # Errors
    /// As [`Database::world`].
    pub async fn updates(&self, count: usize) -> Result<Changes, Unavailable> {
        let ids = draw_ids(count).collect();
        let update = async |client: Object| {
            let changes = Changes::of(worlds(&client, ids).await?);
            let (ids, numbers) = changes.parameters();
            let statement = client.prepare_cached(UPDATE_WORLDS).await?;
            client.execute(&statement, &[&ids, &numbers]).await?;
            Ok(changes)
        };
        self.with_client(update).await
    }

    /// Random rows from the cache; what it misses is read and kept.
    ///
    /// # Errors
    /// As [`Database::world`].
    pub async fn cached(&self, count: usize) -> Result<Vec<World>, Unavailable> {
        let mut rows = Vec::with_capacity(count);
        let mut missing = Vec::new();
        for id in draw_ids(count) {
            match self.cache.get(id) {
                Some(world) => rows.push(world),
                None => missing.push(id),
            }
        }
        if !missing.is_empty() {
            let read = self.worlds_of(missing).await?;
            read.iter().for_each(|world| self.cache.insert(*world));
            rows.extend(read);
        }
        Ok(rows)
    }

    /// The page of all fortunes.
    ///
    /// # Errors
    /// As [`Database::world`].
    pub async fn fortunes(&self) -> Result<String, Unavailable> {
        let read = async |client: Object| {
            let statement = client.prepare_cached(SELECT_FORTUNES).await?;
            client.query(&statement, &[]).await
        };
        let rows = self.with_client(read).await?;
        let fortunes: Result<Vec<_>, _> = rows.iter().map(fortune).collect();
        Ok(fortunes::page(fortunes.map_err(|_| Unavailable)?))
    }

    /// Does something with a connection of the pool, within the time that a request has. Where it
    /// is given up, the connection goes back: it answers in order, and what comes late is thrown
    /// away by the client.
    async fn with_client<T>(
        &self,
        work: impl AsyncFnOnce(Object) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Unavailable> {
        let answer = async {
            let client = self.pool.get().await.map_err(|_| Unavailable)?;
            work(client).await.map_err(|_| Unavailable)
        };
        timeout(REQUEST_LIMIT, answer).await.unwrap_or(Err(Unavailable))
    }
}

/// Opens all connections of a pool and keeps them open; it never ends, and whoever drives it drives
/// what it opens. The pool itself opens a connection when a request finds none, and that request
/// may be given up meanwhile: then there would be one more for a while.
pub async fn keep_open(pool: Pool) {
    loop {
        pool.retain(|client, _| !client.is_closed());
        let status = pool.status();
        if status.size < status.max_size {
            // All at once: one that is put back would be taken again.
            join_all((0..status.max_size).map(|_| pool.get())).await;
        }
        sleep(LOOK).await;
    }
}

async fn world(client: &Object, id: i32) -> Result<World, tokio_postgres::Error> {
    let statement = client.prepare_cached(SELECT_WORLD).await?;
    let row = client.query_one(&statement, &[&id]).await?;
    Ok(World { id: row.try_get(0)?, random_number: row.try_get(1)? })
}

/// All statements are on their way before the first answer.
async fn worlds(client: &Object, ids: Vec<i32>) -> Result<Vec<World>, tokio_postgres::Error> {
    try_join_all(ids.into_iter().map(|id| world(client, id))).await
}

fn fortune(row: &Row) -> Result<Fortune<'_>, tokio_postgres::Error> {
    let message: &str = row.try_get(1)?;
    Ok(Fortune { id: row.try_get(0)?, message: message.into() })
}
