//! Builds as a source of variance of their own: how often a verdict is false, and what is found, of made-up
//! trials with effects of builds, blocks and starts.

use httpdyno_stats::builds::{Nested, NestedError, Shares};
use httpdyno_stats::normal;
use httpdyno_stats::verdict::{Rule, Sign, Verdict, judge};
use httpdyno_stats::{Better, Effect, LogDifferences, PairedBlock, Probability, Ratio, Seeded};

/// Made-up trials: standard deviations of logarithms, and what is true.
#[derive(Clone, Copy)]
struct World {
    builds: usize,
    blocks: usize,
    of_build: f64,
    of_start: f64,
    of_block: f64,
    /// Of a block for one side alone.
    of_side_in_block: f64,
    /// The logarithm of candidate to base.
    difference: f64,
}

const USUAL: World = World {
    builds: 3,
    blocks: 12,
    of_build: 0.02,
    of_start: 0.01,
    of_block: 0.03,
    of_side_in_block: 0.0,
    difference: 0.0,
};

fn normal(random: &mut Seeded, deviation: f64) -> f64 {
    // Never 0, which has no quantile.
    normal::quantile(random.uniform().clamp(1e-12, 1.0 - 1e-12)) * deviation
}

/// Candidate and base: builds, each with a number for each block.
fn trials(world: &World, seed: u64) -> [Vec<Vec<u64>>; 2] {
    let mut random = Seeded::new(seed);
    let blocks: Vec<f64> = (0..world.blocks).map(|_| normal(&mut random, world.of_block)).collect();
    [world.difference, 0.0].map(|side| {
        let own: Vec<f64> = blocks
            .iter()
            .map(|block| block + normal(&mut random, world.of_side_in_block))
            .collect();
        let mut build = |_| {
            let build = side + normal(&mut random, world.of_build);
            let mut trial = |block: &f64| {
                (1e6 * (build + block + normal(&mut random, world.of_start)).exp()) as u64
            };
            own.iter().map(&mut trial).collect()
        };
        (0..world.builds).map(&mut build).collect()
    })
}

/// How often of 200 comparisons each verdict came, and the sign was certain.
#[derive(Debug, Default)]
struct Tally {
    faster: usize,
    slower: usize,
    equivalent: usize,
    signed: usize,
}

const COMPARISONS: u64 = 200;
/// At most this many of 200 is to be expected at a rate of 5 %: 10, and three standard deviations.
const MOST_FALSE: usize = 19;

fn tally(world: &World, margin: u16) -> Tally {
    let rule = Rule { margin: Effect::from_percent(margin), ..Rule::new(Better::Higher) };
    let mut tally = Tally::default();
    for seed in 0..COMPARISONS {
        let [candidate, base] = trials(world, 1 + seed * 7919);
        let nested = Nested::of(&candidate, &base).expect("builds and blocks");
        let judged = judge(&nested.estimate(), &rule);
        tally.signed += usize::from(judged.sign != Sign::Unclear);
        match judged.verdict {
            Verdict::Faster => tally.faster += 1,
            Verdict::Slower => tally.slower += 1,
            Verdict::Equivalent => tally.equivalent += 1,
            Verdict::Unresolved => {}
        }
    }
    tally
}

/// The same revision twice, or a change that only moves code: each is as fast as the other but for its
/// builds.
#[test]
fn of_200_comparisons_of_one_with_itself_few_find_a_difference() {
    for (name, world) in [
        ("builds", USUAL),
        ("starts alone", World { of_build: 0.0, ..USUAL }),
        ("sides in blocks", World { of_build: 0.001, of_side_in_block: 0.02, ..USUAL }),
        ("both", World { of_side_in_block: 0.03, of_build: 0.01, ..USUAL }),
        ("two builds", World { builds: 2, ..USUAL }),
        ("five builds", World { builds: 5, blocks: 4, ..USUAL }),
        ("few blocks", World { blocks: 2, ..USUAL }),
    ] {
        let tally = tally(&world, 1);
        assert!(tally.signed <= MOST_FALSE, "{name}: {tally:?}");
        assert!(tally.faster + tally.slower <= MOST_FALSE, "{name}: {tally:?}");
    }
    // At the margin that is usual, there is hardly any.
    let usual = tally(&USUAL, 2);
    assert!(usual.faster + usual.slower <= 10, "{usual:?}");
}

/// What it is for: by blocks alone, the builds' difference is taken for the change's.
#[test]
fn one_build_each_would_be_taken_for_the_change() {
    let found = (0..COMPARISONS).filter(|seed| {
        let [candidate, base] = trials(&World { builds: 1, ..USUAL }, 1 + seed * 7919);
        let pairs = candidate[0].iter().zip(&base[0]);
        let pairs: Vec<PairedBlock> =
            pairs.map(|(a, b)| PairedBlock { a: vec![*a], b: vec![*b] }).collect();
        let estimate = LogDifferences::from_blocks(&pairs).expect("blocks").estimate();
        let rule = Rule { margin: Effect::from_percent(1), ..Rule::new(Better::Higher) };
        !matches!(judge(&estimate, &rule).verdict, Verdict::Equivalent | Verdict::Unresolved)
    });
    assert!(found.count() > 80);
}

#[test]
fn a_true_difference_of_the_margin_is_seldom_called_equivalent() {
    for world in [
        World { of_build: 0.004, difference: 0.02_f64.ln_1p(), ..USUAL },
        World { of_build: 0.0, of_start: 0.003, difference: -(0.02_f64.ln_1p()), ..USUAL },
    ] {
        let tally = tally(&world, 2);
        assert!(tally.equivalent <= MOST_FALSE, "{tally:?}");
    }
}

#[test]
fn a_planted_difference_is_found_in_more_than_8_of_10() {
    let quiet = World { of_build: 0.002, of_start: 0.006, blocks: 20, ..USUAL };
    let slower = World { difference: 0.97_f64.ln(), ..quiet };
    let faster = World { difference: 1.03_f64.ln(), ..quiet };
    assert!(tally(&slower, 2).slower >= 160, "{:?}", tally(&slower, 2));
    assert!(tally(&faster, 2).faster >= 160, "{:?}", tally(&faster, 2));
    let same = tally(&quiet, 2);
    assert!(same.equivalent >= 190 && same.faster + same.slower == 0, "{same:?}");
}

#[test]
fn the_shares_are_those_of_the_world() {
    let mean = |world: World| {
        let all = (0..60).map(|seed| {
            let [candidate, base] = trials(&World { builds: 6, blocks: 20, ..world }, 5 + seed);
            Nested::of(&candidate, &base).expect("builds and blocks").shares()
        });
        let all: Vec<Shares> = all.collect();
        let of = |part: fn(&Shares) -> u32| {
            all.iter().map(|it| f64::from(part(it))).sum::<f64>() / all.len() as f64 / 1e6
        };
        assert!(all.iter().all(|it| it.build_ppm + it.block_ppm + it.start_ppm == 1_000_000));
        [of(|it| it.build_ppm), of(|it| it.block_ppm), of(|it| it.start_ppm)]
    };
    let near = |found: [f64; 3], wanted: [f64; 3]| {
        assert!(
            found.iter().zip(wanted).all(|(one, other)| (one - other).abs() < 0.08),
            "{found:?}"
        );
    };
    let world = World { of_build: 0.02, of_block: 0.02, of_start: 0.02, ..USUAL };
    near(mean(world), [1.0 / 3.0; 3]);
    near(mean(World { of_build: 0.0, of_block: 0.0, ..world }), [0.0, 0.0, 1.0]);
    near(mean(World { of_start: 0.001, of_block: 0.0, ..world }), [1.0, 0.0, 0.0]);
    near(mean(World { of_start: 0.001, of_build: 0.0, ..world }), [0.0, 1.0, 0.0]);
}

/// By hand: logarithms 0, 1 | 2, 3 of the candidate's builds, 0, 1 | 0, 1 of the base's, in units of a
/// hundredth. Means of builds 0.5, 2.5 | 0.5, 0.5; nothing is left between build and block, and each
/// block differs by 1. So A is (2 + 0)/2 x (1/2 + 1/2) = 1, B and C are 0.
#[test]
fn mean_squares_are_put_together_as_they_are_by_hand() {
    let number = |hundredths: f64| (1e9 * (hundredths / 100.0).exp()).round() as u64;
    let build = |first: f64| vec![number(first), number(first + 1.0)];
    let nested = Nested::of(&[build(0.0), build(2.0)], &[build(0.0), build(0.0)]).expect("builds");
    let estimate = nested.estimate();
    assert!((estimate.ratio().ln() - 0.01).abs() < 1e-8);
    assert_eq!((estimate.blocks(), estimate.degrees()), (2, 2));
    // The standard error is the root of A, a hundredth; t of 2 degrees is 4.302653.
    let interval = estimate.interval(Probability::P95);
    assert!((interval.high.ln() - (0.01 + 0.043_026_53)).abs() < 1e-6, "{interval}");
}

#[test]
fn swapping_the_sides_mirrors_all() {
    for seed in 0..20 {
        let [a, b] = trials(&USUAL, seed);
        let forth = Nested::of(&a, &b).expect("builds");
        let back = Nested::of(&b, &a).expect("builds");
        assert_eq!(forth.shares(), back.shares());
        let (one, other) = (forth.estimate(), back.estimate());
        assert!((one.ratio().ln() + other.ratio().ln()).abs() < 1e-12);
        assert!((one.spread() - other.spread()).abs() < 1e-12);
    }
}

#[test]
fn what_gives_no_ratio_says_why() {
    let two = [vec![10, 11], vec![12, 13]];
    let why = |a: &[Vec<u64>], b: &[Vec<u64>]| Nested::of(a, b).expect_err("no ratio");
    assert_eq!(why(&two[..1], &two), NestedError::TooFewBuilds { found: 1 });
    assert_eq!(why(&two, &[]), NestedError::TooFewBuilds { found: 0 });
    let short = [vec![10, 11], vec![12]];
    assert_eq!(why(&two, &short), NestedError::Unequal { found: 1, others: 2 });
    assert!(matches!(why(&two, &[vec![1, 0], vec![1, 1]]), NestedError::Numbers(_)));
    assert!(matches!(why(&[vec![1], vec![1]], &[vec![1], vec![1]]), NestedError::Numbers(_)));
    // Numbers that are all the same are known to their last digit and no better.
    let same = [vec![100, 100], vec![100, 100]];
    let nested = Nested::of(&same, &same).expect("builds");
    assert!(nested.estimate().spread() > 0.0);
    assert!(nested.estimate().interval(Probability::P95).contains(Ratio::from_ppm(1_000_000)));
}
