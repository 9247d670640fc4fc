//! What is concluded from records whose truth is known.

mod made_up;

use anstream::adapter::strip_str;
use httpdyno_record::{Design, Figure, Purpose, Record};
use httpdyno_report::comparison::{Point, Row};
use httpdyno_report::drift::Steadiness;
use httpdyno_report::series::Quantity;
use httpdyno_report::text_table::WIDTH;
use httpdyno_report::{Comparison, ComparisonError, bench_text, compare};

use made_up::{Made, noise, record};

fn row<'a>(point: &'a Point, entry: &str) -> &'a Row {
    point.rows.iter().find(|row| row.entry == entry).expect("a row")
}

/// Two that are alike, one 20 % behind, the null server above all, in six blocks.
fn three_and_null() -> Record {
    record(&["a", "b", "slow", "null"], 6, |block| {
        // The whole block is up to 5 % slower or faster: that must not show in ratios.
        let mood = |rate: u64| rate * noise(100 + block, 50) / 1000;
        vec![
            Made { entry: "a", responses_per_s: mood(100_000), ..Made::default() },
            Made { entry: "b", responses_per_s: mood(100_000), ..Made::default() },
            Made {
                entry: "slow",
                responses_per_s: mood(80_000),
                cpu_ns_per_response: 10_000,
                ..Made::default()
            },
            Made { entry: "null", responses_per_s: mood(200_000), ..Made::default() },
        ]
    })
}

#[test]
fn those_alike_share_a_group_and_a_rank_and_the_slow_one_is_last() {
    let comparison = Comparison::of(&three_and_null()).expect("histograms");
    let point = &comparison.points[0];
    assert_eq!(point.ranked_by, Quantity::Throughput);
    let rank = |entry| row(point, entry).rank.clone().expect("ranked");
    for alike in ["a", "b"] {
        assert_eq!((rank(alike).best, rank(alike).worst), (1, 2), "{alike}");
        assert_eq!(rank(alike).groups, "a", "{alike}");
    }
    assert_eq!((rank("slow").best, rank("slow").worst), (3, 3));
    assert_eq!(rank("slow").groups, "b");
    assert_eq!(row(point, "null").rank, None, "the null server is never ranked");
    let versus = row(point, "slow").versus_baseline.clone().expect("pairs");
    assert_eq!((versus.verdict.as_str(), versus.sign.as_str()), ("slower", "worse"));
    assert!((798_000..802_000).contains(&versus.ratio_ppm), "{versus:?}");
    let [low, high] = versus.bootstrap_ppm.expect("six blocks");
    assert!(low < versus.ratio_ppm && versus.ratio_ppm < high);
    let cost = row(point, "slow").cpu_versus_baseline.clone().expect("pairs");
    assert_eq!(cost.verdict, "slower");
    assert!((1_248_000..1_252_000).contains(&cost.ratio_ppm), "{cost:?}");
    let alike = row(point, "b").versus_baseline.clone().expect("pairs");
    assert_eq!(alike.verdict, "equivalent");
}

#[test]
fn the_table_can_be_read_in_ten_seconds() {
    let record = three_and_null();
    let comparison = Comparison::of(&record).expect("histograms");
    insta::assert_snapshot!(strip_str(&bench_text::render(&record, &comparison, WIDTH)));
}

#[test]
fn another_baseline_turns_the_ratios_and_an_unknown_one_is_refused() {
    let record = three_and_null();
    let comparison = Comparison::against(&record, "slow").expect("an entry");
    let versus = row(&comparison.points[0], "a").versus_baseline.clone().expect("pairs");
    assert_eq!(versus.verdict, "faster");
    assert!((1_247_000..1_253_000).contains(&versus.ratio_ppm), "{versus:?}");
    let error = Comparison::against(&record, "sluw").expect_err("unknown");
    assert!(matches!(&error, ComparisonError::UnknownEntry { .. }));
    assert!(error.to_string().contains("it has a, b, slow, null"), "{error}");
}

#[test]
fn an_implementation_names_its_entry_where_one_variant_was_measured() {
    let names = ["a@one", "b@one", "b@two"];
    let record = record(&names, 3, |_| {
        names.map(|entry| Made { entry, ..Made::default() }).into_iter().collect()
    });
    let comparison = Comparison::against(&record, "a").expect("one variant");
    assert_eq!(comparison.baseline.as_deref(), Some("a@one"));
    assert_eq!(
        compare::entries(&record, "a", "b@two", compare::MARGIN).expect("both").candidate,
        "a@one"
    );
    let error = Comparison::against(&record, "b").expect_err("two variants");
    assert!(error.to_string().contains("it has a@one, b@one, b@two"), "{error}");
}

/// On few cores generator and server saturate together: the rate is void, the cost is not.
#[test]
fn a_gate_that_voids_throughput_leaves_the_cost() {
    let saturated = Some(("headroom", &[Figure::Throughput, Figure::Latency][..]));
    let record = record(&["a", "b"], 6, |_| {
        let b = Made { entry: "b", cpu_ns_per_response: 6_000, ..Made::default() };
        vec![Made { failed: saturated, ..Made::default() }, Made { failed: saturated, ..b }]
    });
    let comparison = Comparison::of(&record).expect("histograms");
    let b = row(&comparison.points[0], "b");
    let figures = b.figures.expect("the cost is valid");
    assert_eq!((figures.throughput_per_s, figures.latency), (None, None));
    assert_eq!(figures.server_cpu_ns.expect("valid").trials, 6);
    assert_eq!((b.versus_baseline.clone(), b.rank.clone()), (None, None));
    assert!(b.not_ranked.is_some());
    assert_eq!(b.cpu_versus_baseline.clone().expect("pairs").verdict, "faster");
}

#[test]
fn a_gate_that_voids_the_tail_leaves_the_median() {
    let late = Some(("send-lag", &[Figure::Tail][..]));
    let record = record(&["a"], 2, |_| vec![Made { failed: late, ..Made::default() }]);
    let comparison = Comparison::of(&record).expect("histograms");
    let latency = row(&comparison.points[0], "a").figures.expect("valid").latency.expect("valid");
    assert!(latency.p50_ns > 0);
    assert_eq!((latency.p99_ns, latency.p999_ns, latency.max_ns), (None, None, None));
    assert_eq!(Quantity::LatencyP99.figure(), Figure::Tail);
}

#[test]
fn at_a_given_rate_entries_are_ranked_by_what_they_cost() {
    let record = record(&["a", "b"], 6, |_| {
        let at_rate =
            Made { purpose: Purpose::FixedRate, offered_per_s: Some(20_000), ..Made::default() };
        let b = Made { entry: "b", cpu_ns_per_response: 6_000, ..at_rate.clone() };
        vec![at_rate, b]
    });
    let comparison = Comparison::of(&record).expect("histograms");
    let point = &comparison.points[0];
    assert_eq!((point.offered_per_s, point.ranked_by), (Some(20_000), Quantity::CpuPerRequest));
    assert_eq!(point.rows[0].entry, "b");
    assert_eq!(row(point, "b").rank.clone().expect("ranked").groups, "a");
    assert_eq!(row(point, "b").versus_baseline, None, "everybody has the rate that was offered");
}

#[test]
fn holes_are_not_ranked_and_never_zero() {
    let record = record(&["a", "b", "flaky"], 6, |block| {
        let flaky = Made { entry: "flaky", crashed: block < 3, ..Made::default() };
        vec![Made::default(), Made { entry: "b", ..Made::default() }, flaky]
    });
    let comparison = Comparison::of(&record).expect("histograms");
    let flaky = row(&comparison.points[0], "flaky");
    assert_eq!(flaky.rank, None);
    let why = flaky.not_ranked.clone().expect("a reason");
    assert_eq!(why, "no throughput: valid in 3 of 6 blocks, failed at load took others");
    assert!(row(&comparison.points[0], "a").rank.is_some());
}

/// `c` lacks one point: the mean is over the two that all have, and says so.
#[test]
fn the_composite_is_over_the_complete_intersection() {
    let record = record(&["a", "b", "c"], 6, |_| {
        let at = |entry, workload, rate| Made {
            entry,
            workload,
            responses_per_s: rate,
            ..Made::default()
        };
        vec![
            at("a", "json", 100_000),
            at("b", "json", 200_000),
            at("c", "json", 100_000),
            at("a", "plaintext", 100_000),
            at("b", "plaintext", 50_000),
            at("c", "plaintext", 100_000),
            at("a", "upload", 1_000),
            at("b", "upload", 90_000),
        ]
    });
    let comparison = Comparison::of(&record).expect("histograms");
    let composite = &comparison.composites[0];
    assert_eq!(composite.quantity, Quantity::Throughput);
    assert_eq!(composite.points, ["json, 16 connections", "plaintext, 16 connections"]);
    assert_eq!((composite.of, composite.blocks), (3, 6));
    let score = |name| composite.scores.iter().find(|one| one.entry == name).expect("a score");
    // Twice as fast at one, half as fast at the other; what it does at the third counts nothing.
    assert!((996_000..1_004_000).contains(&score("b").ratio_ppm), "{composite:?}");
    assert_eq!((score("b").covered, score("c").covered), (3, 2));
    assert_eq!(comparison.points[2].not_served, ["c"]);
}

#[test]
fn searches_curves_and_pilots_are_no_part_of_the_comparison() {
    let record = record(&["a", "b"], 4, |_| {
        let pilot = Made { purpose: Purpose::Pilot, responses_per_s: 7, ..Made::default() };
        let probe = Made { purpose: Purpose::Probe, offered_per_s: Some(9), ..Made::default() };
        vec![Made::default(), Made { entry: "b", ..Made::default() }, pilot, probe]
    });
    let comparison = Comparison::of(&record).expect("histograms");
    assert_eq!(comparison.points.len(), 1);
    assert_eq!(row(&comparison.points[0], "a").trials, 4);
}

#[test]
fn a_machine_that_slows_down_is_told() {
    let slowing = |block: u32| 100_000 - u64::from(block) * 2_000;
    let drifting = record(&["a", "b"], 6, |block| {
        let a = Made { responses_per_s: slowing(block), ..Made::default() };
        vec![a.clone(), Made { entry: "b", ..a }]
    });
    let comparison = Comparison::of(&drifting).expect("histograms");
    let drift = comparison.points[0].drift.clone().expect("six blocks");
    assert_eq!(drift.steadiness, Steadiness::Drifted, "{drift:?}");
    assert!(drift.observed_ppm < 920_000, "{drift:?}");
    let text = bench_text::render(&drifting, &comparison, 2 * WIDTH);
    assert!(text.contains("the machine drifted by more than"), "{text}");
    let steady = Comparison::of(&record(&["a"], 6, |_| vec![Made::default()])).expect("histograms");
    let steady = steady.points[0].drift.clone().expect("six blocks");
    assert_eq!(steady.steadiness, Steadiness::Steady, "{steady:?}");
}

/// Where a pilot decided the number of blocks, its spread makes the interval (Stein).
#[test]
fn after_a_pilot_the_interval_has_the_pilots_spread() {
    let mut record = record(&["a", "b"], 8, |block| {
        let wild = if block < 3 { 1 } else { 40 };
        let rate = 100_000 * noise(block + 50, wild) / 1000;
        vec![Made::default(), Made { entry: "b", responses_per_s: rate, ..Made::default() }]
    });
    let width = |record: &Record| {
        let comparison = Comparison::of(record).expect("histograms");
        let versus = row(&comparison.points[0], "b").versus_baseline.clone().expect("pairs");
        versus.high_ppm - versus.low_ppm
    };
    let plain = width(&record);
    record.run.design = Some(Design { pilot_blocks: 3, blocks: 8, ..Design::default() });
    assert!(width(&record) < plain / 2, "{} against {plain}", width(&record));
}
