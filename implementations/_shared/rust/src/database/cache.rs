//! The cache of `/cached-queries`.

use std::time::Duration;

use moka::sync::Cache;

use super::WORLDS;
use crate::payload::World;

/// How long a row may be answered from memory.
const FRESH: Duration = Duration::from_secs(60);

/// Rows of `world` by id, filled by whoever missed one. It is bounded by their number, and a row
/// leaves it 60 s after it was read, so that a change in the table is seen by then.
#[derive(Debug, Clone)]
pub struct WorldCache {
    rows: Cache<i32, World>,
}

impl WorldCache {
    /// An empty cache.
    #[must_use]
    pub fn new() -> Self {
        Self::keeping(FRESH)
    }

    fn keeping(fresh: Duration) -> Self {
        let rows = Cache::builder().max_capacity(u64::from(WORLDS.unsigned_abs()));
        Self { rows: rows.time_to_live(fresh).build() }
    }

    /// The row with this id, if it was read not long ago.
    #[must_use]
    pub fn get(&self, id: i32) -> Option<World> {
        self.rows.get(&id)
    }

    /// Keeps a row that was just read.
    pub fn insert(&self, world: World) {
        self.rows.insert(world.id, world);
    }
}

impl Default for WorldCache {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORLD: World = World { id: 3, random_number: 4 };

    #[test]
    fn a_row_is_there_once_it_was_read() {
        let cache = WorldCache::new();
        assert_eq!(cache.get(3), None);
        cache.insert(WORLD);
        assert_eq!((cache.get(3), cache.get(4)), (Some(WORLD), None));
        let newer = World { random_number: 5, ..WORLD };
        cache.insert(newer);
        assert_eq!(cache.get(3), Some(newer));
    }

    #[test]
    fn a_row_does_not_stay_for_ever() {
        let cache = WorldCache::keeping(Duration::from_nanos(1));
        cache.insert(WORLD);
        while cache.get(3).is_some() {
            std::thread::yield_now();
        }
    }

    #[test]
    fn there_is_room_for_every_row_and_not_for_more() {
        let cache = WorldCache::new();
        for id in 1..=3 * WORLDS {
            cache.insert(World { id, random_number: 1 });
        }
        cache.rows.run_pending_tasks();
        let kept = (1..=3 * WORLDS).filter(|id| cache.get(*id).is_some()).count();
        assert!(0 < kept && kept <= WORLDS as usize, "{kept}");
    }
}
