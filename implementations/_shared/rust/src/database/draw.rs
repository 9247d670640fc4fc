//! The rows that a request draws, and the numbers it gives them.

use crate::payload::World;

/// How many rows `world` has; their ids are 1 to this number. Random numbers have the same range.
pub const WORLDS: i32 = 10_000;

/// The id of a row, each equally likely.
#[must_use]
pub fn draw_id() -> i32 {
    fastrand::i32(1..=WORLDS)
}

/// The ids of `count` rows, independent of each other: one may occur more than once.
pub fn draw_ids(count: usize) -> impl ExactSizeIterator<Item = i32> {
    (0..count).map(|_| draw_id())
}

/// What one request of `/updates` changes: rows by ascending id, each with its new number.
///
/// A row that was drawn more than once is read as often, but gets one number, so that what is
/// answered is what is in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    worlds: Vec<World>,
}

impl Changes {
    /// Gives the rows that were read new numbers.
    #[must_use]
    pub fn of(mut worlds: Vec<World>) -> Self {
        worlds.sort_unstable_by_key(|world| world.id);
        let mut last: Option<World> = None;
        for world in &mut worlds {
            world.random_number = match last {
                Some(last) if last.id == world.id => last.random_number,
                _ => fastrand::i32(1..=WORLDS),
            };
            last = Some(*world);
        }
        Self { worlds }
    }

    /// The parameters of [`super::UPDATE_WORLDS`]: ids, ascending and each once, and their numbers.
    #[must_use]
    pub fn parameters(&self) -> (Vec<i32>, Vec<i32>) {
        let firsts = self.worlds.chunk_by(|one, next| one.id == next.id).map(|same| same[0]);
        firsts.map(|world| (world.id, world.random_number)).unzip()
    }

    /// The answer: as many rows as were read, with their new numbers.
    #[must_use]
    pub fn worlds(&self) -> &[World] {
        &self.worlds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_from_the_whole_range_and_nowhere_else() {
        let mut seen = vec![false; WORLDS as usize];
        // The chance that one of 10,000 ids is missed by 400,000 draws is about 4e-14.
        for id in draw_ids(400_000) {
            seen[usize::try_from(id - 1).unwrap()] = true;
        }
        assert!(seen.iter().all(|seen| *seen));
        assert_eq!(draw_ids(500).len(), 500);
    }

    #[test]
    fn a_row_that_was_drawn_twice_gets_one_number() {
        let ids = [9, 3, 9, 1, 3, 9];
        let read = ids.map(|id| World { id, random_number: 0 });
        let changes = Changes::of(read.to_vec());
        let (ids, numbers) = changes.parameters();
        assert_eq!(ids, [1, 3, 9]);
        assert!(numbers.iter().all(|number| (1..=WORLDS).contains(number)));
        assert_eq!(changes.worlds().len(), read.len());
        for world in changes.worlds() {
            let at = ids.iter().position(|id| *id == world.id).unwrap();
            assert_eq!(world.random_number, numbers[at]);
        }
    }

    #[test]
    fn numbers_are_new_draws() {
        let world = World { id: 1, random_number: 77 };
        let numbers = (0..64).map(|_| Changes::of(vec![world]).worlds()[0].random_number);
        assert!(numbers.into_iter().any(|number| number != 77));
    }
}
