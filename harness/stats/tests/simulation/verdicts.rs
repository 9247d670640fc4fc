//! False verdicts stay below their stated rate, and a true difference is found.
//!
//! The whole protocol each time: a pilot of 6 blocks, Stein's second stage, the verdict.

use httpdyno_stats::stein::{Goal, plan_after_pilot};
use httpdyno_stats::verdict::{Judgement, Rule, Sign, Verdict, judge};
use httpdyno_stats::{Better, Effect, LogDifferences, Probability, Ratio};

use crate::allowance::{assert_at_least, assert_at_most};
use crate::machine::{Machine, Noise, Shape, run_abba};

const PILOT: usize = 6;
const RHO: Effect = Effect::from_percent(2);
const THREE_PERCENT: Effect = Effect::from_percent(3);

/// One comparison with its number of blocks.
struct Comparison {
    judgement: Judgement,
    blocks: u32,
    covers_by_all_blocks: bool,
}

/// Compares A and B, where A is truly exp(`truth`) times as fast.
fn compare(machine: &Machine, truth: f64, goal: &Goal, noise: &mut Noise) -> Comparison {
    let rule = Rule { margin: goal.margin, ..Rule::new(Better::Higher) };
    let mut blocks = run_abba(machine, truth, PILOT, noise);
    let pilot = LogDifferences::from_blocks(&blocks).expect("positive").estimate();
    let plan = plan_after_pilot(&pilot, goal, None).expect("the effect exceeds the margin");
    let rest = usize::try_from(plan.blocks).expect("fits") - PILOT;
    blocks.extend(run_abba(machine, truth, rest, noise));
    let differences = LogDifferences::from_blocks(&blocks).expect("positive");
    let estimate = differences.estimate_after_pilot(PILOT).expect("six blocks or more");
    let of_all = differences.estimate().interval(rule.confidence);
    Comparison {
        judgement: judge(&estimate, &rule),
        blocks: plan.blocks,
        covers_by_all_blocks: of_all.contains(Ratio::from_ln(truth)),
    }
}

fn simulate(machine: Machine, truth: f64, goal: Goal, times: u32, seed: u64) -> Vec<Comparison> {
    let mut noise = Noise::new(seed);
    let comparisons: Vec<Comparison> =
        (0..times).map(|_| compare(&machine, truth, &goal, &mut noise)).collect();
    let blocks: u32 = comparisons.iter().map(|comparison| comparison.blocks).sum();
    println!(
        "{machine:?}, truth {truth:.4}: {:.1} blocks each",
        f64::from(blocks) / f64::from(times)
    );
    comparisons
}

fn count(comparisons: &[Comparison], is: impl Fn(&Judgement) -> bool) -> u32 {
    let found = comparisons.iter().filter(|comparison| is(&comparison.judgement)).count();
    u32::try_from(found).expect("as many as were simulated")
}

fn probability(ppm: u32) -> Probability {
    Probability::from_ppm(ppm).expect("strictly between 0 and 1")
}

/// A/A: no difference, and no margin to hide behind. The stated rate is 5 %.
#[test]
fn equal_servers_get_a_sign_in_no_more_than_one_of_twenty() {
    let goal = Goal::detect(THREE_PERCENT, Effect::NONE);
    let machines = [
        Machine::with(Shape::Normal),
        Machine::with(Shape::StudentThree),
        Machine::with(Shape::Contaminated),
        Machine::with(Shape::Lognormal),
        Machine::drifting(Shape::Normal),
    ];
    for (seed, machine) in (20..).zip(machines) {
        let comparisons = simulate(machine, 0.0, goal, 1_000, seed);
        let is_false =
            |judgement: &Judgement| matches!(judgement.verdict, Verdict::Faster | Verdict::Slower);
        let what = format!("A/A without margin, {:?}", machine.shape);
        assert_at_most(&what, count(&comparisons, is_false), 1_000, probability(50_000));
    }
}

/// A/A with the margin of 2 %: a false verdict would need twice the bad luck.
#[test]
fn equal_servers_are_never_faster_or_slower_beyond_the_margin() {
    let goal = Goal::detect(THREE_PERCENT, RHO);
    for (seed, shape) in [(30, Shape::Normal), (31, Shape::StudentThree), (32, Shape::Lognormal)] {
        let comparisons = simulate(Machine::with(shape), 0.0, goal, 1_000, seed);
        let of = |verdict| count(&comparisons, |judgement| judgement.verdict == verdict);
        let what = format!("A/A, {shape:?}, faster or slower");
        assert_at_most(&what, of(Verdict::Faster) + of(Verdict::Slower), 1_000, probability(5_000));
        let what = format!("A/A, {shape:?}, equivalent");
        assert_at_least(&what, of(Verdict::Equivalent), 1_000, Probability::P95);
    }
}

/// The hardest place: a true difference of exactly the margin is neither beyond nor within it.
#[test]
fn at_the_margin_itself_both_claims_are_false_at_their_stated_rates() {
    let goal = Goal::detect(THREE_PERCENT, RHO);
    for (seed, shape) in [(40, Shape::Normal), (41, Shape::StudentThree)] {
        let comparisons = simulate(Machine::with(shape), RHO.ln(), goal, 1_000, seed);
        let of = |verdict| count(&comparisons, |judgement| judgement.verdict == verdict);
        assert_at_most("at the margin, faster", of(Verdict::Faster), 1_000, probability(25_000));
        assert_at_most(
            "at the margin, equivalent",
            of(Verdict::Equivalent),
            1_000,
            probability(50_000),
        );
        assert_eq!(of(Verdict::Slower), 0);
    }
}

/// Power: Stein's number of blocks finds a true 3 % with the stated 80 % and the right sign.
#[test]
fn a_true_difference_of_three_percent_is_found_with_the_right_sign() {
    for (seed, margin) in [(50, Effect::NONE), (51, RHO)] {
        for (shift, truth, expected, wrong) in [
            (0, THREE_PERCENT.ln(), Verdict::Faster, Verdict::Slower),
            (100, -THREE_PERCENT.ln(), Verdict::Slower, Verdict::Faster),
        ] {
            let machine = Machine { trial: 0.02, ..Machine::with(Shape::Normal) };
            let goal = Goal::detect(THREE_PERCENT, margin);
            let comparisons = simulate(machine, truth, goal, 500, seed + shift);
            let of = |verdict| count(&comparisons, |judgement| judgement.verdict == verdict);
            let what = format!("true 3 %, margin {margin}, {expected}");
            assert_at_least(&what, of(expected), 500, Probability::P80);
            assert_eq!(of(wrong), 0);
        }
    }
}

/// With the default margin, the sign alone is found nearly always.
#[test]
fn the_sign_of_a_true_difference_of_three_percent_is_found_in_nine_of_ten() {
    let goal = Goal::detect(THREE_PERCENT, RHO);
    for (seed, shape) in [(60, Shape::Normal), (61, Shape::StudentThree), (62, Shape::Lognormal)] {
        let machine = Machine { trial: 0.015, ..Machine::with(shape) };
        let comparisons = simulate(machine, THREE_PERCENT.ln(), goal, 500, seed);
        let right = count(&comparisons, |judgement| judgement.sign == Sign::Better);
        let wrong = count(&comparisons, |judgement| judgement.sign == Sign::Worse);
        assert_at_least(&format!("true 3 %, {shape:?}, sign"), right, 500, Probability::P90);
        assert_eq!(wrong, 0);
    }
}

/// Stein's interval covers as stated although its length was chosen by looking at the data.
#[test]
fn after_a_pilot_the_interval_covers_as_stated() {
    let goal = Goal::half_width(Effect::from_ppm(10_000));
    let machine = Machine::with(Shape::Normal);
    let comparisons = simulate(machine, 0.03, goal, 4_000, 70);
    let covered =
        count(&comparisons, |judgement| judgement.interval.contains(Ratio::from_ln(0.03)));
    assert_at_least("two stages, spread of the pilot", covered, 4_000, Probability::P95);
    assert_at_most("two stages, spread of the pilot", covered, 4_000, Probability::P95);
    let by_all = comparisons.iter().filter(|comparison| comparison.covers_by_all_blocks).count();
    println!("two stages, spread of all blocks: {by_all} of 4000");
}
