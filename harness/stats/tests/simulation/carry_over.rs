//! What a predecessor leaves behind favours nobody in Williams squares.

use httpdyno_stats::williams;

/// Mean cost of each entry when whoever follows entry 0 pays 1, in units of a row's share.
fn costs(orders: &[Vec<usize>], entries: usize) -> Vec<u32> {
    let mut costs = vec![0; entries];
    for order in orders {
        order.windows(2).filter(|pair| pair[0] == 0).for_each(|pair| costs[pair[1]] += 1);
    }
    costs
}

#[test]
fn everyone_pays_the_same_for_a_bad_predecessor() {
    for entries in 2..=9 {
        let blocks = williams::balanced_blocks(entries);
        let costs = costs(&williams::orders(entries, blocks, 5), entries);
        assert!(costs[1..].iter().all(|cost| *cost == costs[1] && *cost > 0), "{costs:?}");
    }
}

#[test]
fn in_a_fixed_order_one_entry_pays_for_all() {
    let fixed = vec![vec![0, 1, 2, 3]; 4];
    assert_eq!(costs(&fixed, 4), [0, 4, 0, 0]);
}
