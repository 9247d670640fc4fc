//! How far a count may lie from its stated rate by chance.

use httpdyno_stats::{Probability, binomial};

/// How unlikely a count must be before the stated rate is refuted.
const REFUTED_AT: f64 = 0.001;

/// The most successes that a true rate of `rate` may show in `trials`.
fn most(trials: u32, rate: Probability) -> u32 {
    (0..=trials)
        .find(|&count| binomial::at_least(count + 1, trials, rate) < REFUTED_AT)
        .expect("no count exceeds the trials")
}

fn complement(rate: Probability) -> Probability {
    Probability::from_ppm(1_000_000 - rate.ppm()).expect("strictly between 0 and 1")
}

fn percent(count: u32, trials: u32) -> f64 {
    100.0 * f64::from(count) / f64::from(trials)
}

/// Asserts that `count` of `trials` do not refute "the rate is at most `rate`".
pub(crate) fn assert_at_most(what: &str, count: u32, trials: u32, rate: Probability) {
    let most = most(trials, rate);
    let (found, stated) = (percent(count, trials), f64::from(rate.ppm()) / 10_000.0);
    println!("{what}: {found:.2} % of {trials}, stated at most {stated} % (allowed: {most})");
    assert!(count <= most, "{what}: {count} of {trials}, expected at most {most} for {rate:?}");
}

/// Asserts that `count` of `trials` do not refute "the rate is at least `rate`".
pub(crate) fn assert_at_least(what: &str, count: u32, trials: u32, rate: Probability) {
    let least = trials - most(trials, complement(rate));
    let (found, stated) = (percent(count, trials), f64::from(rate.ppm()) / 10_000.0);
    println!("{what}: {found:.2} % of {trials}, stated at least {stated} % (allowed: {least})");
    assert!(count >= least, "{what}: {count} of {trials}, expected at least {least} for {rate:?}");
}

#[test]
fn the_allowance_lets_chance_pass_and_little_else() {
    let five = Probability::from_ppm(50_000).unwrap();
    let most_of_a_thousand = most(1_000, five);
    // Normal approximation: 50 + 3.09 * 6.89 = 71.3.
    assert!((70..=74).contains(&most_of_a_thousand), "{most_of_a_thousand}");
    assert_eq!(complement(five), Probability::P95);
}
