//! The order of trials: randomised complete blocks from a seed.
//!
//! Every block holds each entry at each point once, so that slow drift of the machine meets all
//! entries alike (randomised complete block design; R. A. Fisher, The Design of Experiments).
//! Within a block, the entries of one point stand side by side, since they are what is compared,
//! in the order of a Williams Latin square: over a balanced number of blocks, each stands at each
//! place, and behind each other one, equally often.

use httpdyno_spec::id::WorkloadId;
use httpdyno_stats::{Seeded, williams};

/// What is measured of every entry: one workload at one number of connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The workload.
    pub workload: WorkloadId,
    /// Connections held.
    pub connections: u32,
}

/// One trial to come; entry and point as positions in the lists given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// The block, counted from 0.
    pub block: u32,
    /// Position in the list of points.
    pub point: usize,
    /// Position in the list of entries.
    pub entry: usize,
}

/// All trials in the order of execution. `applies` says whether an entry serves what a point asks.
#[must_use]
pub fn schedule(
    points: usize,
    entries: usize,
    blocks: u32,
    seed: u64,
    applies: impl Fn(usize, usize) -> bool,
) -> Vec<Slot> {
    let mut random = Seeded::new(seed);
    let at_point = |point: usize| -> Vec<usize> {
        (0..entries).filter(|&entry| applies(entry, point)).collect()
    };
    let entries_at: Vec<Vec<usize>> = (0..points).map(at_point).collect();
    let orders_at: Vec<Vec<Vec<usize>>> = entries_at
        .iter()
        .zip(1..)
        .map(|(here, number)| williams::orders(here.len(), blocks as usize, seed ^ (number << 32)))
        .collect();
    let mut point_order: Vec<usize> = (0..points).collect();
    let mut slots = Vec::with_capacity(points * entries * blocks as usize);
    for block in 0..blocks {
        random.shuffle(&mut point_order);
        for &point in &point_order {
            let order = &orders_at[point][block as usize];
            let entry = |&place: &usize| entries_at[point][place];
            slots.extend(order.iter().map(|place| Slot { block, point, entry: entry(place) }));
        }
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::{Slot, schedule};

    #[test]
    fn every_block_holds_each_entry_at_each_point_once() {
        let slots = schedule(3, 4, 5, 1, |_, _| true);
        for block in 0..5 {
            let mut of_block: Vec<Slot> =
                slots.iter().copied().filter(|slot| slot.block == block).collect();
            of_block.sort_unstable();
            let all: Vec<Slot> = (0..3)
                .flat_map(|point| (0..4).map(move |entry| Slot { block, point, entry }))
                .collect();
            assert_eq!(of_block, all);
        }
    }

    #[test]
    fn the_entries_of_one_point_stand_side_by_side() {
        for chunk in schedule(3, 4, 2, 9, |_, _| true).chunks(4) {
            assert!(chunk.iter().all(|slot| slot.point == chunk[0].point), "{chunk:?}");
        }
    }

    #[test]
    fn the_seed_decides_the_order() {
        let order = |seed| schedule(3, 4, 2, seed, |_, _| true);
        assert_eq!(order(1), order(1));
        assert_ne!(order(1), order(2));
    }

    #[test]
    fn what_an_entry_does_not_serve_is_left_out() {
        let slots = schedule(2, 2, 1, 1, |entry, point| !(entry == 1 && point == 0));
        assert_eq!(slots.len(), 3);
        assert!(!slots.iter().any(|slot| slot.entry == 1 && slot.point == 0));
    }
}
