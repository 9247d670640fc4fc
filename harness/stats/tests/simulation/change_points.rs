//! E-divisive keeps its level without a change, and finds changes where they are.

use httpdyno_stats::Probability;
use httpdyno_stats::change_points::{Rule, change_points};

use crate::allowance::{assert_at_least, assert_at_most};
use crate::machine::{Noise, Shape};

const SERIES: u32 = 1_000;
const RECORDS: usize = 30;

/// Places of the changes that are found where the truth (a logarithm) of each record is `truth`.
fn found(truth: impl Fn(usize) -> f64, shape: Shape, rule: &Rule, noise: &mut Noise) -> Vec<usize> {
    let record = |index| (1e8 * (truth(index) + 0.01 * noise.of_record(shape)).exp()).round();
    let series: Vec<u64> = (0..RECORDS).map(record).map(|value| value as u64).collect();
    let found = change_points(&series, rule).expect("long enough");
    found.iter().map(|change| change.at).collect()
}

/// In how many of the simulated series `is` holds for the places found.
fn count(
    truth: impl Fn(usize) -> f64,
    shape: Shape,
    seed: u64,
    is: impl Fn(&[usize]) -> bool,
) -> u32 {
    let mut noise = Noise::new(seed);
    let mut one = || {
        let rule = Rule { permutations: 199, ..Rule::new(noise.seed()) };
        u32::from(is(&found(&truth, shape, &rule, &mut noise)))
    };
    (0..SERIES).map(|_| one()).sum()
}

#[test]
fn without_a_change_alarms_are_no_more_than_the_level() {
    for (seed, shape) in (90..).zip([Shape::Normal, Shape::StudentThree, Shape::Lognormal]) {
        let mut noise = Noise::new(seed);
        // Any change counts, however small: the least effect hides most false ones.
        let none = httpdyno_stats::Effect::NONE;
        let level = Probability::from_ppm(50_000).unwrap();
        let alarms = (0..SERIES).filter(|_| {
            let rule = Rule { permutations: 199, level, least: none, ..Rule::new(noise.seed()) };
            !found(|_| 0.0, shape, &rule, &mut noise).is_empty()
        });
        let what = format!("alarms without a change, {shape:?}");
        assert_at_most(&what, alarms.count() as u32, SERIES, level);
    }
}

#[test]
fn a_step_of_five_percent_in_noise_of_one_percent_is_found_where_it_is() {
    let step = |index| if index < 18 { 0.0 } else { -0.05 };
    let right =
        count(step, Shape::Normal, 93, |places| places.len() == 1 && places[0].abs_diff(18) <= 1);
    assert_at_least("a step of 5 %, within one record", right, SERIES, Probability::P95);
}

#[test]
fn two_steps_are_found_both() {
    let steps = |index| match index {
        0..10 => 0.0,
        10..20 => -0.05,
        _ => 0.02,
    };
    let right = count(steps, Shape::Normal, 94, |places| {
        let near = |place: usize| places.iter().any(|found| found.abs_diff(place) <= 1);
        places.len() == 2 && near(10) && near(20)
    });
    assert_at_least("two steps, each within one record", right, SERIES, Probability::P90);
}
