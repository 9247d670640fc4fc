//! Scaling and capacity, from records whose truth is known.

mod made_up;

use anstream::adapter::strip_str;
use httpdyno_record::{
    CapacityRecord, CapacitySearch, CapacityStep, Figure, Objective, Purpose, Recovery,
};
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
            steps: vec![
                step(1, 40_000, false, "met"),
                step(2, 42_000, false, "missed"),
                step(3, 38_000, true, "met"),
            ],
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

/// Searches as an older program wrote them, with an estimate whatever had been answered.
#[test]
fn no_rate_stands_where_no_trial_met_it_and_no_figure_where_a_gate_failed() {
    const ALL: &[Figure] = &[Figure::Throughput, Figure::Latency, Figure::Tail, Figure::Cost];
    let record = record(&["void", "slow", "fast"], 1, |_| {
        let failed = Some(("steal", ALL));
        let of = |entry, purpose| Made { entry, purpose, failed, ..Made::default() };
        let at = Some(30_000);
        vec![
            of("void", Purpose::Pilot),
            Made { offered_per_s: at, responses_per_s: 29_123, ..of("fast", Purpose::Curve) },
        ]
    });
    let search = |entry: &str, answers: &[(u64, &str)]| CapacitySearch {
        entry: entry.to_owned(),
        workload: "json".to_owned(),
        connections: 64,
        closed_loop_per_s: 50_000,
        ending: "too-many-voids".to_owned(),
        rate_per_s: 8_642,
        low_per_s: 1_085,
        high_per_s: 71_234,
        steps: answers
            .iter()
            .map(|&(offered_per_s, answer)| CapacityStep {
                offered_per_s,
                answer: answer.to_owned(),
                ..CapacityStep::default()
            })
            .collect(),
        recovery: None,
    };
    let objective =
        Objective { percentile_milli: 99_000, latency_ns: 1, errors_ppm: 0, goodput_ppm: 0 };
    let found = CapacityRecord {
        objective,
        searches: vec![
            search("void", &[(40_000, "void"), (40_000, "void")]),
            search("slow", &[(40_000, "missed"), (24_000, "missed"), (14_400, "void")]),
            search("fast", &[(40_000, "met"), (46_000, "met"), (52_900, "void")]),
        ],
    };
    let text = strip_str(&capacity::render(&record, &found)).to_string();
    let row = |entry: &str| {
        let line = text.lines().find(|line| line.starts_with(&format!("{entry}  ")));
        line.expect("a row").split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(row("void"), "void json, 64 connections - - - too-many-voids 0 -");
    assert_eq!(row("slow"), "slow json, 64 connections below 24 000 - - too-many-voids 2 -");
    assert_eq!(row("fast"), "fast json, 64 connections at least 46 000 - - too-many-voids 2 -");
    for none in ["8 642", "1 085", "71 234", "29 123"] {
        assert!(!text.contains(none), "{none} is of no valid trial: {text}");
    }
}
