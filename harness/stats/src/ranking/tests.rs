//! Tests of the ranking on tables whose answer is plain.

use super::{Options, Ranks, rank};
use crate::table::{Table, TableError};
use crate::units::Better;

fn table(rows: &[&[u64]]) -> Table {
    Table::new(rows.iter().map(|row| row.iter().copied().map(Some).collect()).collect()).unwrap()
}

/// Six blocks in which the machine's speed varies fivefold; 2 is 10 % ahead of 0, which is 10 %
/// ahead of 1, each within a thousandth.
fn far_apart() -> Table {
    table(&[
        &[100_000, 50_050, 20_000, 99_900, 80_000, 100_000],
        &[90_000, 45_000, 18_018, 90_000, 72_000, 89_910],
        &[110_000, 55_000, 22_000, 110_110, 87_912, 110_000],
    ])
}

#[test]
fn entries_far_apart_have_certain_ranks_and_no_ties() {
    let ranking = rank(&far_apart(), &Options::new(Better::Higher, 1)).unwrap();
    let entries: Vec<usize> = ranking.ranked.iter().map(|entry| entry.entry).collect();
    assert_eq!(entries, [2, 0, 1]);
    for (place, entry) in ranking.ranked.iter().enumerate() {
        let certain = Ranks { best: place + 1, worst: place + 1 };
        assert_eq!(entry.rank, place + 1);
        assert_eq!((entry.bootstrap_ranks, entry.confident_ranks), (certain, certain));
    }
    assert_eq!(ranking.groups, [[2], [0], [1]]);
    assert_eq!(ranking.contrasts.len(), 3);
    assert!(ranking.contrasts.iter().all(|contrast| contrast.is_distinct));
    assert_eq!((ranking.contrasts[1].better, ranking.contrasts[1].worse), (2, 1));
}

#[test]
fn where_less_is_better_the_order_turns_and_the_ratio_does_not() {
    let higher = rank(&far_apart(), &Options::new(Better::Higher, 1)).unwrap();
    let lower = rank(&far_apart(), &Options::new(Better::Lower, 1)).unwrap();
    let entries: Vec<usize> = lower.ranked.iter().map(|entry| entry.entry).collect();
    assert_eq!(entries, [1, 0, 2]);
    assert_eq!(lower.ranked[0].to_mean, higher.ranked[2].to_mean);
    assert!(lower.ranked[0].to_mean.value() < 1.0);
    assert_eq!(lower.ranked[0].bootstrap_ranks, Ranks { best: 1, worst: 1 });
    let product: f64 = lower.ranked.iter().map(|entry| entry.to_mean.value()).product();
    assert!((product - 1.0).abs() < 1e-12);
}

#[test]
fn entries_that_change_places_are_a_tie() {
    let tied = table(&[
        &[1_000, 1_010, 1_000, 1_010, 1_000, 1_011],
        &[1_010, 1_000, 1_010, 1_000, 1_010, 1_000],
        &[500, 500, 501, 502, 500, 499],
    ]);
    let ranking = rank(&tied, &Options::new(Better::Higher, 1)).unwrap();
    assert_eq!(ranking.groups, [vec![0, 1], vec![2]]);
    let first_two = Ranks { best: 1, worst: 2 };
    for entry in &ranking.ranked[..2] {
        assert_eq!((entry.bootstrap_ranks, entry.confident_ranks), (first_two, first_two));
        assert_eq!(entry.groups, [0]);
    }
    assert_eq!(ranking.ranked[2].confident_ranks, Ranks { best: 3, worst: 3 });
}

#[test]
fn identical_rows_share_all_their_ranks() {
    let row: &[u64] = &[1_000, 1_010, 990, 1_020];
    let ranking = rank(&table(&[row, row, row]), &Options::new(Better::Lower, 1)).unwrap();
    for entry in &ranking.ranked {
        assert_eq!(entry.bootstrap_ranks, Ranks { best: 1, worst: 3 });
        assert_eq!(entry.confident_ranks, Ranks { best: 1, worst: 3 });
    }
    assert_eq!(ranking.groups, [[0, 1, 2]]);
}

#[test]
fn who_fails_too_often_is_not_ranked_and_a_single_hole_costs_its_block() {
    let mut rows = vec![vec![Some(1_000), Some(1_001), Some(999), Some(1_002), Some(1_000)]; 4];
    rows[1][3] = None;
    rows[2] = vec![None, Some(9_999), None, Some(9_999), Some(9_999)];
    rows[3] = vec![None; 5];
    let table = Table::new(rows).unwrap();
    let ranking = rank(&table, &Options::new(Better::Higher, 1)).unwrap();
    assert_eq!(ranking.not_ranked, [2, 3]);
    assert_eq!(ranking.blocks, [0, 1, 2, 4]);
    assert_eq!(ranking.ranked.len(), 2);
}

#[test]
fn the_seed_makes_it_repeatable() {
    let tied = table(&[&[100, 103, 101, 99], &[101, 100, 102, 101], &[99, 102, 100, 103]]);
    let with = |seed| rank(&tied, &Options::new(Better::Higher, seed)).unwrap();
    assert_eq!(with(1), with(1));
}

#[test]
fn one_block_is_no_ranking() {
    let error = rank(&table(&[&[1], &[2]]), &Options::new(Better::Higher, 1)).unwrap_err();
    assert!(matches!(error, TableError::TooFewBlocks { .. }), "{error}");
}
