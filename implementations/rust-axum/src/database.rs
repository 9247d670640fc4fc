//! PostgreSQL: tokio-postgres, with one pool of deadpool for all threads.

use entry_shared::DatabaseSettings;
use entry_shared::database::WorldCache;
use entry_shared::database::pooled::{Database, PoolError, config, keep_open, pool};

/// Makes the pool, and lets it open its connections in the background.
pub(crate) fn open(settings: &DatabaseSettings) -> Result<Database, PoolError> {
    let pool = pool(&config(settings)?, settings.pool.get())?;
    tokio::spawn(keep_open(pool.clone()));
    Ok(Database::new(pool, WorldCache::new()))
}
