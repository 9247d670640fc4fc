//! Scaling and capacity, from records whose truth is known.

mod made_up;

use anstream::adapter::strip_str;
use httpdyno_record::{CapacityRecord, CapacitySearch, CapacityStep, Objective, Purpose, Recovery};
use httpdyno_report::scale::Scaling;
use httpdyno_report::{capacity, scale};

use made_up::{Made, record};

#[test]
fn efficiency_is_speedup_over_cores() {
    let record = record(&["a"], 5, |_| {
        let on = |cores: u32, rate: u64| Made {
            purpose: Purpose::Scale,
            workers: Some(cores),
            responses_per_s: rate,
            ..Made::default()
        };
        vec![on(1, 50_000), on(2, 95_000), on(4, 160_000)]
    });
    let scalings = Scaling::of(&record);
    let steps = &scalings[0].steps;
    assert_eq!(steps.iter().map(|step| step.cores).collect::<Vec<_>>(), [1, 2, 4]);
    assert_eq!((steps[0].speedup_ppm, steps[0].efficiency_ppm), (None, None));
    let efficiency = |step: usize| steps[step].efficiency_ppm.expect("pairs");
    assert!((947_000..953_000).contains(&efficiency(1)), "{steps:?}");
    assert!((797_000..803_000).contains(&efficiency(2)), "{steps:?}");
    let [estimate, low, high] = steps[2].speedup_ppm.expect("pairs");
    assert!(low < estimate && estimate < high);
    insta::assert_snapshot!(strip_str(&scale::render(&record, &scalings)));
}

#[test]
fn a_record_of_another_verb_says_nothing_of_scaling() {
    assert_eq!(Scaling::of(&record(&["a"], 2, |_| vec![Made::default()])), []);
}

#[test]
fn the_text_of_a_capacity() {
    let record = record(&["a"], 1, |_| {
        let at = |rate: u64, latency_ns: u64| Made {
            purpose: Purpose::Curve,
            offered_per_s: Some(rate),
            latency_ns,
            ..Made::default()
        };
        vec![at(40_000, 200_000), at(4_000, 90_000), at(44_000, 30_000_000)]
    });
    let step = |trial, offered_per_s, soak, answer: &str| CapacityStep {
        trial,
        offered_per_s,
        soak,
        answer: answer.to_owned(),
        why: String::new(),
    };
    let found = CapacityRecord {
        objective: Objective {
            percentile_milli: 99_900,
            latency_ns: 10_000_000,
            errors_ppm: 0,
            goodput_ppm: 995_000,
        },
        searches: vec![CapacitySearch {
            entry: "a".to_owned(),
            workload: "json".to_owned(),
            connections: 64,
            closed_loop_per_s: 50_000,
            ending: "confirmed".to_owned(),
            rate_per_s: 40_000,
            low_per_s: 39_200,
            high_per_s: 40_900,
            steps: vec![step(1, 40_000, false, "met"), step(2, 38_000, true, "met")],
            recovery: Some(Recovery {
                overload_per_s: 60_000,
                overload_ns: 2_000_000_000,
                after_per_s: 20_000,
                recovered_ns: Some(1_000_000_000),
                watched_ns: 8_000_000_000,
            }),
        }],
    };
    insta::assert_snapshot!(strip_str(&capacity::render(&record, &found)));
}
