//! PostgreSQL: tokio-postgres, with the pool of deadpool.

use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use entry_shared::DatabaseSettings;
use entry_shared::database::{
    CONNECT_LIMIT, Changes, GENERIC_PLANS, REQUEST_LIMIT, SELECT_FORTUNES, SELECT_WORLD,
    UPDATE_WORLDS, WorldCache, draw_id, draw_ids,
};
use entry_shared::fortunes::{self, Fortune};
use entry_shared::payload::World;
use futures_util::future::{join_all, try_join_all};
use tokio::time::{sleep, timeout};
use tokio_postgres::{NoTls, Row};

use crate::failure::Failure;

/// How often lost connections are looked for.
const LOOK: Duration = Duration::from_millis(250);

/// The rows did not come in time, or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unavailable;

/// The endpoints with a database answer from this.
#[derive(Clone)]
pub(crate) struct Database {
    pool: Pool,
    cache: WorldCache,
}

impl Database {
    /// Makes the pool, and lets it open its connections in the background.
    pub(crate) fn open(settings: &DatabaseSettings) -> Result<Self, Failure> {
        let mut config: tokio_postgres::Config = settings.url.parse()?;
        let options = config.get_options().map(|given| format!("{given} {GENERIC_PLANS}"));
        config.options(options.as_deref().unwrap_or(GENERIC_PLANS)).connect_timeout(CONNECT_LIMIT);
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
        let pool = Pool::builder(Manager::from_config(config, NoTls, recycling))
            .max_size(settings.pool.get())
            .post_create(prepare)
            .build()?;
        tokio::spawn(keep_open(pool.clone()));
        Ok(Self { pool, cache: WorldCache::new() })
    }

    /// A random row.
    pub(crate) async fn world(&self) -> Result<World, Unavailable> {
        self.with_client(async |client| world(&client, draw_id()).await).await
    }

    /// Random rows, each read by a statement of its own.
    pub(crate) async fn worlds(&self, count: usize) -> Result<Vec<World>, Unavailable> {
        self.worlds_of(draw_ids(count).collect()).await
    }

    async fn worlds_of(&self, ids: Vec<i32>) -> Result<Vec<World>, Unavailable> {
        self.with_client(async |client| worlds(&client, ids).await).await
    }

    /// Random rows that get new numbers.
    pub(crate) async fn updates(&self, count: usize) -> Result<Changes, Unavailable> {
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
    pub(crate) async fn cached(&self, count: usize) -> Result<Vec<World>, Unavailable> {
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
    pub(crate) async fn fortunes(&self) -> Result<String, Unavailable> {
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

/// Keeps all connections open. The pool itself opens one when a request finds none, and that
/// request may be given up meanwhile: then there would be one more for a while.
async fn keep_open(pool: Pool) {
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
