//! Many contrasts at once: Holm's adjustment, and groups of entries that cannot be told apart.

/// p-values adjusted so that the chance of even one false difference among all stays at the level
/// they are compared with.
///
/// S. Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of
/// Statistics 6 (1979), 65-70. It holds whatever the dependence between the contrasts.
///
/// ```
/// let adjusted = httpdyno_stats::ties::holm(&[0.01, 0.04, 0.03]);
/// assert_eq!(adjusted, [0.03, 0.06, 0.06]);
/// ```
#[must_use]
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut by_size: Vec<usize> = (0..p_values.len()).collect();
    by_size.sort_by(|&one, &other| p_values[one].total_cmp(&p_values[other]));
    let mut adjusted = vec![0.0; p_values.len()];
    let mut largest = 0.0_f64;
    for (rejected, &index) in by_size.iter().enumerate() {
        let remaining = (p_values.len() - rejected) as f64;
        largest = largest.max((p_values[index] * remaining).min(1.0));
        adjusted[index] = largest;
    }
    adjusted
}

/// Groups of the entries 0 to `entries` - 1 such that two entries share a group if and only if
/// they are not in `distinct`. An entry may be in several groups: "not told apart" is not
/// transitive.
///
/// The groups stand in the order of their first members. Insert-and-absorb: H.-P. Piepho, An
/// Algorithm for a Letter-Based Representation of All-Pairwise Comparisons, Journal of
/// Computational and Graphical Statistics 13 (2004), 456-466.
///
/// ```
/// // 0 differs from 2; 1 lies between them and is told from neither.
/// assert_eq!(httpdyno_stats::ties::groups(3, &[(0, 2)]), [vec![0, 1], vec![1, 2]]);
/// ```
#[must_use]
pub fn groups(entries: usize, distinct: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = vec![(0..entries).collect()];
    groups.retain(|group| !group.is_empty());
    for &(one, other) in distinct {
        let (apart, untouched): (Vec<_>, Vec<_>) =
            groups.into_iter().partition(|group| group.contains(&one) && group.contains(&other));
        groups = untouched;
        for group in apart {
            groups.push(group.iter().copied().filter(|&entry| entry != one).collect());
            groups.push(group.iter().copied().filter(|&entry| entry != other).collect());
        }
        absorb(&mut groups);
    }
    groups.sort();
    groups
}

/// Drops every group that lies within another.
fn absorb(groups: &mut Vec<Vec<usize>>) {
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    let mut kept: Vec<Vec<usize>> = Vec::with_capacity(groups.len());
    for group in groups.drain(..) {
        let within = |larger: &Vec<usize>| group.iter().all(|entry| larger.contains(entry));
        if !kept.iter().any(within) {
            kept.push(group);
        }
    }
    *groups = kept;
}

#[cfg(test)]
mod tests {
    use super::{groups, holm};
    use proptest::prelude::{Just, Strategy, any, prop, proptest};

    #[test]
    fn holms_adjustment_steps_down_and_stays_monotone_and_below_one() {
        assert_eq!(holm(&[]), Vec::<f64>::new());
        assert_eq!(holm(&[0.2]), [0.2]);
        let adjusted = holm(&[0.005, 0.011, 0.02, 0.04, 0.13, 0.9]);
        let expected = [0.03, 0.055, 0.08, 0.12, 0.26, 0.9];
        for (found, expected) in adjusted.into_iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found}, {expected}");
        }
        assert_eq!(holm(&[0.6, 0.7]), [1.0, 1.0]);
    }

    #[test]
    fn all_alike_are_one_group_and_all_distinct_are_singles() {
        assert_eq!(groups(3, &[]), [vec![0, 1, 2]]);
        assert_eq!(groups(3, &[(0, 1), (0, 2), (1, 2)]), [[0], [1], [2]]);
        assert!(groups(0, &[]).is_empty());
    }

    fn some_pairs() -> impl Strategy<Value = (usize, Vec<(usize, usize)>)> {
        (1_usize..8).prop_flat_map(|entries| {
            let pairs: Vec<(usize, usize)> = (0..entries)
                .flat_map(|one| (one + 1..entries).map(move |other| (one, other)))
                .collect();
            let chosen = prop::collection::vec(any::<bool>(), pairs.len());
            (Just(entries), Just(pairs), chosen).prop_map(|(entries, pairs, chosen)| {
                let distinct = pairs.into_iter().zip(chosen).filter(|(_, is)| *is);
                (entries, distinct.map(|(pair, _)| pair).collect())
            })
        })
    }

    proptest! {
        #[test]
        fn two_share_a_group_if_and_only_if_they_are_not_distinct(
            (entries, distinct) in some_pairs()
        ) {
            let groups = groups(entries, &distinct);
            for one in 0..entries {
                assert!(groups.iter().any(|group| group.contains(&one)));
                for other in one + 1..entries {
                    let together = groups
                        .iter()
                        .any(|group| group.contains(&one) && group.contains(&other));
                    assert_eq!(together, !distinct.contains(&(one, other)), "{one}, {other}");
                }
            }
        }
    }
}
