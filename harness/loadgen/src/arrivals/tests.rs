//! Due times against the schedule they come from.

use std::time::Duration;

use super::*;
use crate::plan::Step;

const SECOND: u64 = 1_000_000_000;

fn times(schedule: &Schedule, spacing: Arrivals, workers: usize, until: u64) -> Vec<u64> {
    let mut all: Vec<u64> = (0..workers)
        .flat_map(|worker| {
            ArrivalTimes::new(schedule, spacing, 7, worker, workers).take_while(|t| *t < until)
        })
        .collect();
    all.sort_unstable();
    all
}

#[test]
fn constant_rate_is_evenly_spaced_over_any_number_of_workers() {
    for workers in [1, 3] {
        let all = times(&Schedule::Rate(1000.0), Arrivals::Constant, workers, SECOND);
        assert_eq!(all.len(), 1000);
        for (n, time) in all.iter().enumerate() {
            assert!(time.abs_diff(n as u64 * 1_000_000) <= 1, "{n} {time}");
        }
    }
}

#[test]
fn a_ramp_integrates_its_rate() {
    let schedule = Schedule::Ramp { from: 100.0, to: 300.0, over: Duration::from_secs(2) };
    let all = times(&schedule, Arrivals::Constant, 1, 3 * SECOND);
    // 100 t + 50 t^2: 150 in the first second, 400 in two; then 300 a second.
    assert_eq!(all.iter().filter(|t| **t < SECOND).count(), 150);
    assert_eq!(all.iter().filter(|t| **t < 2 * SECOND).count(), 400);
    assert_eq!(all.len(), 700);
    let rising = Schedule::Ramp { from: 0.0, to: 200.0, over: Duration::from_secs(1) };
    assert_eq!(times(&rising, Arrivals::Constant, 1, SECOND).len(), 100);
    let falling = Schedule::Ramp { from: 200.0, to: 0.0, over: Duration::from_secs(1) };
    assert_eq!(times(&falling, Arrivals::Constant, 1, 9 * SECOND).len(), 100);
}

#[test]
fn steps_with_a_pause() {
    let step = |rate, seconds| Step { rate, lasts: Duration::from_secs(seconds) };
    let schedule = Schedule::Steps(vec![step(100.0, 1), step(0.0, 1), step(50.0, 1)]);
    let all = times(&schedule, Arrivals::Constant, 1, 4 * SECOND);
    let in_second = |s: u64| all.iter().filter(|t| **t / SECOND == s).count();
    assert_eq!([in_second(0), in_second(1), in_second(2), in_second(3)], [100, 0, 50, 50]);
}

#[test]
fn poisson_has_the_rate_and_the_dispersion_of_poisson() {
    let all = times(&Schedule::Rate(10_000.0), Arrivals::Poisson, 2, 10 * SECOND);
    let mut counts = vec![0f64; 1000];
    all.iter().for_each(|t| counts[(t / (SECOND / 100)) as usize] += 1.0);
    let mean = counts.iter().sum::<f64>() / 1000.0;
    let variance = counts.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / 999.0;
    // Mean 100 per bin: four standard errors are 4 * 10 / sqrt(1000) = 1.3; the index of
    // dispersion is 1 with a standard error of sqrt(2/999) = 0.045.
    assert!((mean - 100.0).abs() < 1.3, "{mean}");
    assert!((variance / mean - 1.0).abs() < 0.18, "{}", variance / mean);
}

#[test]
fn poisson_is_repeatable_and_depends_on_the_seed() {
    let take = |seed| {
        let times = ArrivalTimes::new(&Schedule::Rate(1e3), Arrivals::Poisson, seed, 0, 1);
        times.take(5).collect::<Vec<_>>()
    };
    assert_eq!(take(1), take(1));
    assert_ne!(take(1), take(2));
}
