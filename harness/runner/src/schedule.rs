//! The order of trials: randomised complete blocks from a seed.
//!
//! Every block holds each entry at each point once (twice where there are two entries), so that
//! slow drift of the machine meets all entries alike (randomised complete block design; R. A.
//! Fisher, The Design of Experiments). Within a block, the entries of one point stand side by
//! side, since they are what is compared: two as ABBA or BAAB, so that a drift within the block
//! cancels; more in the order of a Williams Latin square, so that over a balanced number of blocks
//! each stands at each place, and behind each other one, equally often. The null server comes
//! first, since its rate is what the others are measured by.

use httpdyno_spec::id::WorkloadId;
use httpdyno_stats::abba::{self, Arm};
use httpdyno_stats::{Seeded, williams};

/// What is measured of every entry: one workload at one number of connections, and at a pace of
/// its own or at a rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The workload.
    pub workload: WorkloadId,
    /// Connections held.
    pub connections: u32,
    /// Requests per second that all entries are offered; absent: the workload's own pace.
    pub rate_per_s: Option<u64>,
}

/// Who is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// The harness's own ceiling, isolated as the entries are.
    NullServer,
    /// The same as a process, beside entries in containers.
    NullProcess,
    /// The entry at this position in the list of entries.
    Entry(usize),
}

/// One trial to come; entry and point as positions in the lists given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// The block, counted from 0.
    pub block: u32,
    /// Position in the list of points.
    pub point: usize,
    /// Whose trial it is.
    pub who: Who,
}

/// What is to be put in order.
#[derive(Clone, Copy, Debug)]
pub struct Design {
    /// Number of points.
    pub points: usize,
    /// Number of entries.
    pub entries: usize,
    /// The number of the first block.
    pub first_block: u32,
    /// Blocks.
    pub blocks: u32,
    /// Whether the null server runs at each point of each block.
    pub null_server: bool,
    /// Whether it runs as a process too.
    pub null_process: bool,
    /// Where every random choice comes from.
    pub seed: u64,
}

/// All trials in the order of execution. `applies` says whether an entry serves what a point asks.
#[must_use]
pub fn schedule(design: Design, applies: impl Fn(usize, usize) -> bool) -> Vec<Slot> {
    let Design { points, entries, first_block, blocks, seed, .. } = design;
    // Each stage of an experiment has an order of its own.
    let seed = seed ^ (u64::from(first_block) << 16);
    let mut random = Seeded::new(seed);
    let entries_at: Vec<Vec<usize>> = (0..points)
        .map(|point| (0..entries).filter(|&entry| applies(entry, point)).collect())
        .collect();
    let orders_at: Vec<Vec<Vec<usize>>> = entries_at
        .iter()
        .zip(1..)
        .map(|(here, number)| orders(here.len(), blocks as usize, seed ^ (number << 32)))
        .collect();
    let mut point_order: Vec<usize> = (0..points).collect();
    let mut slots = Vec::new();
    for block in 0..blocks {
        random.shuffle(&mut point_order);
        for &point in &point_order {
            let slot = |who| Slot { block: first_block + block, point, who };
            if !entries_at[point].is_empty() {
                slots.extend(null_servers(design, block).into_iter().map(slot));
            }
            let order = &orders_at[point][block as usize];
            slots.extend(order.iter().map(|&place| slot(Who::Entry(entries_at[point][place]))));
        }
    }
    slots
}

/// Who sets the scale of a point. Two of them take turns in being the first, so that a drift within
/// blocks favours neither.
fn null_servers(design: Design, block: u32) -> Vec<Who> {
    let mut both = match (design.null_server, design.null_process) {
        (false, _) => vec![],
        (true, false) => vec![Who::NullServer],
        (true, true) => vec![Who::NullServer, Who::NullProcess],
    };
    if (u64::from(block) + design.seed) % 2 == 1 {
        both.reverse();
    }
    both
}

/// The order of `entries` entries in each of `blocks` blocks.
fn orders(entries: usize, blocks: usize, seed: u64) -> Vec<Vec<usize>> {
    if entries != 2 {
        return williams::orders(entries, blocks, seed);
    }
    let place = |arm| usize::from(arm == Arm::B);
    abba::orders(blocks, seed).into_iter().map(|order| order.map(place).to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Design, Slot, Who, schedule};

    fn design(points: usize, entries: usize, blocks: u32, seed: u64) -> Design {
        let (null_server, null_process) = (false, false);
        Design { points, entries, first_block: 0, blocks, null_server, null_process, seed }
    }

    #[test]
    fn every_block_holds_each_entry_at_each_point_once() {
        let slots = schedule(design(3, 4, 5, 1), |_, _| true);
        for block in 0..5 {
            let mut of_block: Vec<Slot> =
                slots.iter().copied().filter(|slot| slot.block == block).collect();
            of_block.sort_unstable();
            let all: Vec<Slot> = (0..3)
                .flat_map(|point| {
                    (0..4).map(move |entry| Slot { block, point, who: Who::Entry(entry) })
                })
                .collect();
            assert_eq!(of_block, all);
        }
    }

    #[test]
    fn two_entries_are_compared_as_abba_or_baab() {
        for four in schedule(design(2, 2, 6, 3), |_, _| true).chunks(4) {
            assert!(
                four.iter().all(|slot| (slot.block, slot.point) == (four[0].block, four[0].point))
            );
            assert_eq!((four[0].who, four[1].who), (four[3].who, four[2].who));
            assert_ne!(four[0].who, four[1].who);
        }
    }

    #[test]
    fn the_null_server_comes_first_at_each_point_of_each_block() {
        let slots = schedule(Design { null_server: true, ..design(3, 4, 2, 9) }, |_, _| true);
        for chunk in slots.chunks(5) {
            assert!(chunk.iter().all(|slot| slot.point == chunk[0].point), "{chunk:?}");
            assert_eq!(chunk[0].who, Who::NullServer);
            assert!(chunk[1..].iter().all(|slot| slot.who != Who::NullServer));
        }
        let nobody = schedule(Design { null_server: true, ..design(1, 2, 1, 9) }, |_, _| false);
        assert!(nobody.is_empty());
    }

    #[test]
    fn a_null_server_that_runs_both_ways_takes_turns() {
        let both = Design { null_server: true, null_process: true, ..design(1, 3, 4, 9) };
        let slots = schedule(both, |_, _| true);
        let first: Vec<Who> = slots.chunks(5).map(|chunk| chunk[0].who).collect();
        assert_eq!(first[..2], [first[2], first[3]]);
        assert!(first.contains(&Who::NullServer) && first.contains(&Who::NullProcess), "{first:?}");
        for chunk in slots.chunks(5) {
            assert!(chunk[2..].iter().all(|slot| matches!(slot.who, Who::Entry(_))), "{chunk:?}");
        }
    }

    #[test]
    fn the_seed_decides_the_order_and_a_second_stage_has_its_own() {
        let order = |seed| schedule(design(3, 4, 2, seed), |_, _| true);
        assert_eq!(order(1), order(1));
        assert_ne!(order(1), order(2));
        let later = schedule(Design { first_block: 2, ..design(3, 4, 2, 1) }, |_, _| true);
        assert_eq!(later.iter().map(|slot| slot.block).min(), Some(2));
        let points =
            |slots: &[Slot]| slots.iter().map(|slot| (slot.point, slot.who)).collect::<Vec<_>>();
        assert_ne!(points(&later), points(&order(1)));
    }

    #[test]
    fn what_an_entry_does_not_serve_is_left_out() {
        let slots = schedule(design(2, 2, 1, 1), |entry, point| !(entry == 1 && point == 0));
        let of_point = |point| slots.iter().filter(|slot| slot.point == point).count();
        assert_eq!((of_point(0), of_point(1)), (1, 4));
        assert!(!slots.iter().any(|slot| slot.who == Who::Entry(1) && slot.point == 0));
    }
}
