//! What the endpoints ask the database.

use std::borrow::Cow;

use entry_shared::database::{Changes, WorldCache, draw_id, draw_ids};
use entry_shared::fortunes::{self, Fortune};
use entry_shared::payload::World;
use tokio_postgres::{Error, Row};

use super::pool::Unavailable;
use super::shares::Share;

impl Share {
    /// A random row.
    pub(crate) async fn world(&self) -> Result<World, Unavailable> {
        let lease = self.lease().await?;
        lease.within(lease.connection().world(draw_id())).await
    }

    /// Random rows.
    pub(crate) async fn worlds(&self, count: usize) -> Result<Vec<World>, Unavailable> {
        self.worlds_of(draw_ids(count)).await
    }

    async fn worlds_of(
        &self,
        ids: impl IntoIterator<Item = i32>,
    ) -> Result<Vec<World>, Unavailable> {
        let lease = self.lease().await?;
        lease.within(lease.connection().worlds(ids)).await
    }

    /// Random rows that get new numbers.
    pub(crate) async fn updates(&self, count: usize) -> Result<Changes, Unavailable> {
        let lease = self.lease().await?;
        let connection = lease.connection();
        let changing = async {
            let changes = Changes::of(connection.worlds(draw_ids(count)).await?);
            connection.change(&changes).await?;
            Ok(changes)
        };
        lease.within(changing).await
    }

    /// Random rows from the cache; what it misses is read and kept.
    pub(crate) async fn cached(
        &self,
        cache: &WorldCache,
        count: usize,
    ) -> Result<Vec<World>, Unavailable> {
        let mut worlds = Vec::with_capacity(count);
        let mut missing = Vec::new();
        for id in draw_ids(count) {
            match cache.get(id) {
                Some(world) => worlds.push(world),
                None => missing.push(id),
            }
        }
        if !missing.is_empty() {
            let read = self.worlds_of(missing).await?;
            read.iter().for_each(|world| cache.insert(*world));
            worlds.extend(read);
        }
        Ok(worlds)
    }

    /// The page of all fortunes.
    pub(crate) async fn fortunes(&self) -> Result<String, Unavailable> {
        let lease = self.lease().await?;
        let rows = lease.within(lease.connection().fortunes()).await?;
        let fortunes: Result<Vec<_>, _> = rows.iter().map(fortune).collect();
        Ok(fortunes::page(fortunes.map_err(|_| Unavailable)?))
    }
}

fn fortune(row: &Row) -> Result<Fortune<'_>, Error> {
    Ok(Fortune { id: row.try_get(0)?, message: Cow::Borrowed(row.try_get(1)?) })
}
