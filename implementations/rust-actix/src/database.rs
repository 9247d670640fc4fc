//! PostgreSQL: tokio-postgres, with a pool of deadpool for each worker, so that a request and its
//! rows stay on one core.

use actix_web::rt;
use deadpool_postgres::Pool;
use entry_shared::DatabaseSettings;
use entry_shared::database::WorldCache;
use entry_shared::database::pooled::{Database, PoolError, config, keep_open, pool};

/// The connections of all workers.
#[derive(Clone)]
pub(crate) struct Pools(Vec<Pool>);

impl Pools {
    /// Deals the connections out, as evenly as can be; with more workers than connections, some
    /// workers share a pool.
    pub(crate) fn new(settings: &DatabaseSettings, workers: usize) -> Result<Self, PoolError> {
        let connections = settings.pool.get();
        let pools = workers.min(connections);
        let size = |at: usize| connections / pools + usize::from(at < connections % pools);
        let config = config(settings)?;
        (0..pools).map(|at| pool(&config, size(at))).collect::<Result<_, _>>().map(Self)
    }

    /// What a worker answers from; asked on the worker, which opens and drives the connections.
    pub(crate) fn database(&self, worker: usize, cache: WorldCache) -> Database {
        let pool = self.0[worker % self.0.len()].clone();
        if worker < self.0.len() {
            rt::spawn(keep_open(pool.clone()));
        }
        Database::new(pool, cache)
    }
}
