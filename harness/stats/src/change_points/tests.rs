use proptest::prelude::*;

use super::{LEAST_SIDE, Rule, SeriesError, Split, change_points, energy, widest_split};
use crate::units::{Effect, Probability};

/// The formula as it stands in the paper, sum by sum.
fn by_the_formula(values: &[f64]) -> Option<Split> {
    let mean_of_pairs = |values: &[f64]| {
        let pairs = (0..values.len()).flat_map(|j| (0..j).map(move |i| (i, j)));
        let sum: f64 = pairs.clone().map(|(i, j)| (values[i] - values[j]).abs()).sum();
        sum / pairs.count() as f64
    };
    let ends = (0..=values.len()).flat_map(|end| (0..end).map(move |at| (at, end)));
    let long_enough = ends.filter(|(at, end)| *at >= LEAST_SIDE && end - at >= LEAST_SIDE);
    let splits = long_enough.map(|(at, end)| {
        let (x, y) = (&values[..at], &values[at..end]);
        let (n, m) = (x.len() as f64, y.len() as f64);
        let cross = x.iter().flat_map(|x| y.iter().map(move |y| (x - y).abs())).sum::<f64>();
        let e = 2.0 / (n * m) * cross - mean_of_pairs(x) - mean_of_pairs(y);
        Split { q: n * m / (n + m) * e, at }
    });
    splits.max_by(|a, b| a.q.total_cmp(&b.q))
}

proptest! {
    #[test]
    fn the_carried_sums_are_the_formula(values in prop::collection::vec(-1.0..1.0, 0..24)) {
        let (ours, plain) = (widest_split(&values), by_the_formula(&values));
        prop_assert_eq!(ours.is_some(), plain.is_some());
        if let (Some(ours), Some(plain)) = (ours, plain) {
            prop_assert!((ours.q - plain.q).abs() < 1e-9, "{:?} {:?}", ours, plain);
        }
    }

    #[test]
    fn the_unit_of_a_series_does_not_matter(
        values in prop::collection::vec(900_000_u64..1_100_000, 10..20), seed in 0_u64..1000
    ) {
        let places = |series: &[u64]| -> Vec<usize> {
            let rule = Rule { permutations: 99, level: Probability::P80, ..Rule::new(seed) };
            let found = change_points(series, &rule).expect("long enough");
            found.iter().map(|one| one.at).collect()
        };
        let in_thousandths: Vec<u64> = values.iter().map(|value| value * 1000).collect();
        prop_assert_eq!(places(&values), places(&in_thousandths));
    }
}

/// By hand: X = 0, 0, 0 and Y = 1, 1, 1 are 2 * 9/9 - 0 - 0 = 2 apart, and 9/6 of that is 3.
#[test]
fn two_constant_stretches_are_as_far_apart_as_by_hand() {
    assert_eq!(energy(3, 3, 9.0, 0.0, 0.0), 3.0);
    let found = widest_split(&[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]).expect("six values");
    assert_eq!((found.at, found.q), (3, 3.0));
}

#[test]
fn a_constant_series_gives_no_alarm() {
    // However small a change may be: not the least effect is what keeps it quiet.
    let rule = Rule { least: Effect::NONE, ..Rule::new(1) };
    assert_eq!(change_points(&[123_456; 40], &rule), Ok(vec![]));
}

#[test]
fn a_change_below_the_least_effect_is_no_alarm() {
    let step = |after: u64| -> Vec<u64> {
        let value = |index: u64| if index < 12 { 1_000_000 } else { after } + index % 3;
        (0..24).map(value).collect()
    };
    let rule = Rule::new(1);
    assert_eq!(change_points(&step(985_000), &rule), Ok(vec![]));
    let found = change_points(&step(975_000), &rule).expect("long enough");
    assert_eq!(found.iter().map(|one| one.at).collect::<Vec<_>>(), [12]);
    let smaller = Rule { least: Effect::from_percent(1), ..rule };
    assert_eq!(change_points(&step(985_000), &smaller).expect("long enough").len(), 1);
}

#[test]
fn what_cannot_be_searched_is_named() {
    let rule = Rule::new(1);
    // 2 / C(9, 4) = 1.6 % and 2 / C(10, 5) = 0.8 %.
    assert_eq!(rule.least_values(), 10);
    let too_short = Err(SeriesError::TooShort { found: 9, least: 10 });
    assert_eq!(change_points(&[5; 9], &rule), too_short);
    assert_eq!(change_points(&[5, 0, 5], &rule), Err(SeriesError::NotPositive { at: 1 }));
}

#[test]
fn the_shortest_series_shows_the_plainest_step() {
    let series = [100_000, 100_100, 100_200, 100_300, 100_400];
    let lower = series.map(|value| value * 9 / 10);
    let found = change_points(&[series, lower].concat(), &Rule::new(3)).expect("ten values");
    assert_eq!(found.iter().map(|one| one.at).collect::<Vec<_>>(), [5]);
}
