//! Planted costs in made-up trials.

use super::super::planted::{Arm, Arms};
use super::{Coverage, Found, PlantedCost, PlantedSummary, planted_costs};
use crate::made_up;
use httpdyno_record::{Measurement, Purpose, ServerResources, TrialRecord};
use std::path::Path;

const BLOCKS: u32 = 8;

/// A trial in which a response takes `user` and `system` nanoseconds.
fn trial(entry: &str, block: u32, rate: Option<u64>, user: u64, system: u64) -> TrialRecord {
    // The same noise for both arms of a block, and a little of its own for each.
    let noise = u64::from(block % 4) * 50 + u64::from(block % 3) * entry.len() as u64 / 4;
    let responses = 1_000;
    let measurement = Measurement {
        elapsed_ns: 1_000_000_000 * (user + system + noise) / 10_000,
        responses,
        server_cpu_ns: (user + system + noise) * responses,
        server: ServerResources {
            user_ns: Some((user + noise / 2) * responses),
            ..ServerResources::default()
        },
        ..Measurement::default()
    };
    TrialRecord {
        block,
        entry: entry.to_owned(),
        purpose: if rate.is_some() { Purpose::FixedRate } else { Purpose::Compare },
        offered_per_s: rate,
        ..made_up::trial(measurement)
    }
}

/// What is found where an entry of 4,000 ns in user mode and 6,000 ns in the kernel spends so many
/// nanoseconds more, and at a fixed rate so many less in the kernel.
fn found(extra: u64, spends: u64, kernel_less: u64) -> Vec<PlantedCost> {
    let mut trials = Vec::new();
    for block in 0..BLOCKS {
        for rate in [None, Some(5_000)] {
            let less = if rate.is_some() { kernel_less } else { 0 };
            trials.push(trial("x-as-it-is", block, rate, 4_000, 6_000));
            trials.push(trial("x-plus-1ppm", block, rate, 4_000 + spends, 6_000 - less));
        }
    }
    let mut pilot = trial("x-plus-1ppm", 0, None, 90_000, 0);
    pilot.purpose = Purpose::Pilot;
    trials.push(pilot);
    let arms = Arms(vec![Arm { cost_ppm: 1, extra_cpu_ns: extra }]);
    let entry = "x".parse().expect("an id");
    planted_costs((Path::new("runs/one"), &trials), &entry, &arms, 10_000)
}

fn summary(planted_costs: Vec<PlantedCost>) -> PlantedSummary {
    PlantedSummary {
        format_version: 1,
        blocks: BLOCKS,
        warmup_ms: 1,
        measure_ms: 1,
        margin_ppm: 10_000,
        seed: 1,
        host_fingerprint: String::new(),
        git_revision: None,
        planted_costs,
    }
}

fn cpu(of: &PlantedCost) -> &Found {
    of.cpu.as_ref().expect("measured")
}

#[test]
fn a_point_without_valid_trials_has_no_figure_and_proves_nothing() {
    let mut trials = vec![trial("x-as-it-is", 0, None, 4_000, 6_000)];
    trials.push(trial("x-plus-1ppm", 0, None, 4_000, 6_000));
    let arms = Arms(vec![Arm { cost_ppm: 1, extra_cpu_ns: 1 }]);
    let entry = "x".parse().expect("an id");
    let found = planted_costs((Path::new("runs/one"), &trials), &entry, &arms, 10_000);
    assert_eq!((found.len(), &found[0].cpu, &found[0].rate), (1, &None, &None), "one block");
    assert!(!summary(found).holds());
}

#[test]
fn a_cost_is_found_in_the_closed_loop_and_hidden_by_the_kernel_at_a_rate() {
    let both = found(500, 500, 400);
    let [closed, at_rate] = both.as_slice() else { panic!("two points: {both:?}") };
    assert_eq!((&*closed.record, closed.offered_per_s, cpu(closed).blocks), ("one", None, BLOCKS));
    assert_eq!(cpu(closed).holds(), Some(true), "{closed:?}");
    assert!(cpu(closed).truth_ppm.is_some_and(|ppm| (1_049_000..1_050_000).contains(&ppm)));
    assert_eq!(cpu(closed).verdict, "slower");
    let rate = closed.rate.as_ref().expect("a closed loop has a rate");
    assert_eq!((&*rate.verdict, rate.truth_ppm, rate.holds()), ("slower", None, None));

    assert_eq!(at_rate.offered_per_s, Some(5_000));
    assert_eq!(cpu(at_rate).holds(), Some(false), "{at_rate:?}");
    let user = at_rate.user.as_ref().expect("measured");
    assert_eq!((user.holds(), &*user.verdict), (Some(true), "slower"), "{at_rate:?}");
    assert_eq!(at_rate.rate, None);

    let summary = summary(both);
    assert!(summary.holds(), "nothing is stated of the cost at a rate");
    assert_eq!(summary.cpu_at_rates(), Coverage { held: 0, all: 1 });
    assert_eq!(summary.user(), Coverage { held: 2, all: 2 });
}

#[test]
fn what_is_lost_or_made_up_does_not_hold() {
    // Of 500 ns, 200 are found, at two points: one miss of one may be chance.
    let lost = || found(500, 200, 0);
    assert!(!summary([lost(), lost()].concat()).holds());
    // Of none, 500.
    let made_up = summary(found(0, 500, 0));
    assert_eq!(made_up.false_verdicts(), 3, "CPU time twice, and the rate");
    assert!(!made_up.holds());
    assert!(!summary(Vec::new()).holds(), "nothing was looked for");
    let alike = summary(found(0, 0, 0));
    assert_eq!(alike.false_verdicts(), 0);
    assert!(alike.holds(), "{alike:?}");
}

#[test]
fn one_miss_of_twenty_is_as_stated_and_four_are_not() {
    assert!(Coverage { held: 19, all: 20 }.is_as_stated());
    assert!(!Coverage { held: 15, all: 20 }.is_as_stated());
}
