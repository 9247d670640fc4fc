//! What counts: blocks and not trials, rows and not single trials, and one inference for a table.

mod made_up;

use anstream::adapter::strip_str;
use httpdyno_record::{DatabaseRecord, Ending, Figure, Record, TrialOutcome};
use httpdyno_report::compare::{self, Allowed, MARGIN};
use httpdyno_report::comparison::Point;
use httpdyno_report::series::Quantity;
use httpdyno_report::{Comparison, Provenance, bench_text, json, markdown};
use httpdyno_stats::Seeded;

use made_up::{Made, record};

/// Wide enough for all columns.
const WIDE: usize = 400;

/// A standard normal number, nearly: the sum of twelve uniform ones.
fn normal(random: &mut Seeded) -> f64 {
    (0..12).map(|_| random.uniform()).sum::<f64>() - 6.0
}

/// The record with the rates that `ln` gives for each block and trial, on the logarithmic scale.
fn with_rates(mut record: Record, mut ln: impl FnMut(&str, u32) -> f64) -> Record {
    for trial in &mut record.trials {
        let rate = (1e8 * ln(&trial.entry, trial.block).exp()) as u64;
        if let TrialOutcome::Measured(measured) = &mut trial.outcome {
            measured.responses = rate;
        }
    }
    record
}

/// Ten blocks of a duel, in which an entry is started twice in each: the trials of a block have its
/// mood in common, and are no repetitions of it.
#[test]
fn intervals_of_two_records_hold_the_truth_as_often_as_they_say() {
    const RUNS: u32 = 400;
    let duel = record(&["a"], 10, |_| vec![Made::default(), Made::default()]);
    let mut random = Seeded::new(159);
    let mut one = || {
        let moods: Vec<f64> = (0..10).map(|_| 0.05 * normal(&mut random)).collect();
        with_rates(duel.clone(), |_, block| moods[block as usize] + 0.01 * normal(&mut random))
    };
    let held = (0..RUNS).filter(|_| {
        let compared = compare::records(&one(), &one(), Allowed::default(), MARGIN).expect("alike");
        let ratios = &compared.points[0].ratios;
        let of = ratios.iter().find(|ratio| ratio.quantity == Quantity::Throughput);
        let versus = &of.expect("a ratio").versus;
        assert_eq!(versus.blocks, 10, "one number for each block");
        (versus.low_ppm..=versus.high_ppm).contains(&1_000_000)
    });
    let held = held.count();
    println!("{held} of {RUNS} intervals of 95 % hold the truth");
    // Fewer than 366 of 400 would refute 95 % at 1 in 1,000.
    assert!(held >= 366, "{held} of {RUNS}");
}

fn letters_in_common(point: &Point, one: &str, other: &str) -> bool {
    let groups = |entry: &str| {
        let row = point.rows.iter().find(|row| row.entry == entry).expect("a row");
        row.rank.as_ref().expect("a rank").groups.clone()
    };
    let others = groups(other);
    groups(one).chars().any(|letter| others.contains(letter))
}

#[test]
fn verdict_rank_and_ties_never_contradict_each_other() {
    let truth = |entry: &str| match entry {
        "a" => 0.0,
        "b" => 0.01,
        "c" => 0.03,
        _ => 0.06,
    };
    let template = record(&["a", "b", "c", "d"], 7, |_| {
        ["a", "b", "c", "d"].map(|entry| Made { entry, ..Made::default() }).to_vec()
    });
    let mut random = Seeded::new(16);
    let (mut told, mut not_told) = (0, 0);
    for _ in 0..60 {
        let noise = [0.003, 0.008, 0.015][random.below(3)];
        let record =
            with_rates(template.clone(), |entry, _| truth(entry) + noise * normal(&mut random));
        let comparison = Comparison::of(&record).expect("histograms");
        let point = &comparison.points[0];
        let of_a = point.rows.iter().find(|row| row.entry == "a").expect("a row");
        let of_a = of_a.rank.as_ref().expect("a rank");
        for row in point.rows.iter().filter(|row| row.entry != "a") {
            let versus = row.versus_baseline.as_ref().expect("seven pairs");
            let rank = row.rank.as_ref().expect("a rank");
            let is_apart = matches!(versus.verdict.as_str(), "faster" | "slower");
            assert_eq!(is_apart, !letters_in_common(point, "a", &row.entry), "{row:?}");
            match versus.verdict.as_str() {
                "faster" => assert!(rank.rank < of_a.rank && of_a.best > 1, "{row:?}"),
                "slower" => assert!(rank.rank > of_a.rank && rank.best > 1, "{row:?}"),
                _ => assert!(rank.best <= of_a.worst && of_a.best <= rank.worst, "{row:?}"),
            }
            if is_apart { told += 1 } else { not_told += 1 }
        }
    }
    assert!(told > 20 && not_told > 20, "{told} told apart, {not_told} not: nothing was tried");
}

/// `a` and `b` in six blocks; three of a's trials came too near the ceiling.
fn near_the_ceiling() -> Record {
    record(&["b", "a"], 6, |block| {
        let failed = (block < 3).then_some(("headroom", &[Figure::Throughput][..]));
        vec![
            Made { entry: "a", responses_per_s: 123_456, failed, ..Made::default() },
            Made { entry: "b", ..Made::default() },
        ]
    })
}

#[test]
fn a_figure_of_too_few_blocks_is_in_no_form_and_its_cell_has_the_reason() {
    let record = near_the_ceiling();
    let comparison = Comparison::of(&record).expect("histograms");
    let row = comparison.points[0].rows.iter().find(|row| row.entry == "a").expect("a row");
    assert!(row.figures.expect("costs").throughput_per_s.is_none());
    assert!(row.figures.expect("costs").server_cpu_ns.is_some(), "the gate voids no cost");
    assert!(row.versus_baseline.is_none() && row.rank.is_none());
    assert!(row.not_ranked.as_ref().expect("why").contains("3 of 6 blocks, headroom"));
    let provenance = Provenance { run: String::new(), report: String::new() };
    let text = strip_str(&bench_text::render(&record, &comparison, WIDE)).to_string();
    let of_a = text.lines().find(|line| line.starts_with(" a") || line.starts_with("a "));
    assert!(of_a.expect("its row").matches("headroom 3/6").count() == 2, "{text}");
    let markdown = markdown::render(&record, &comparison, &provenance);
    let of_a = markdown.lines().find(|line| line.starts_with("| `a`")).expect("its row");
    assert_eq!(of_a.matches("headroom 3/6").count(), 2, "the ratio and the rate: {of_a}");
    let json = json::render(&comparison, &provenance).expect("JSON");
    assert!(json.contains(r#""cause": "headroom""#), "{json}");
    for form in [&text, &markdown, &json] {
        assert!(!form.contains("123,") && !form.contains("123456"), "{form}");
    }
    let compared = compare::entries(&record, "a", "b", MARGIN).expect("both are there");
    assert!(compared.points[0].ratios.iter().all(|one| one.quantity != Quantity::Throughput));
    assert_eq!(compared.points[0].void[0].reason, "candidate: headroom 3/6");
    assert!(strip_str(&compare::render(&compared)).to_string().contains("candidate: headroom 3/6"));
}

#[test]
fn the_maximum_of_a_report_is_that_of_the_record() {
    let mut record = record(&["a"], 6, |_| vec![Made { latency_ns: 5_000_321, ..Made::default() }]);
    let mut highest = 0;
    for trial in &mut record.trials {
        let TrialOutcome::Measured(measured) = &mut trial.outcome else { panic!("measured") };
        highest = highest.max(measured.latency.max_ns);
    }
    let comparison = Comparison::of(&record).expect("histograms");
    let latency = comparison.points[0].rows[0].figures.and_then(|it| it.latency);
    assert_eq!(latency.expect("latencies").max_ns, Some(highest));
    assert!(highest % 1_000 != 0, "{highest} has more than three digits");
}

#[test]
fn a_block_far_away_takes_no_more_than_another() {
    let mut record = near_the_ceiling();
    record.trials[0].block = u32::MAX;
    record.trials[3].block = 4_000_000_000;
    let comparison = Comparison::of(&record).expect("histograms");
    assert_eq!(comparison.points[0].rows.len(), 2);
    compare::entries(&record, "a", "b", MARGIN).expect("both are there");
    compare::records(&record, &record, Allowed::default(), MARGIN).expect("alike");
}

#[test]
fn comparing_odd_records_says_what_is_odd() {
    let (whole, mut odd) = (near_the_ceiling(), near_the_ceiling());
    odd.run.ending = Ending::Interrupted;
    odd.truncated = true;
    odd.trials.push(odd.trials[0].clone());
    let last = odd.trials.iter_mut().max_by_key(|trial| trial.trial).expect("a trial");
    last.trial += 3;
    odd.decisions = None;
    let mut odd = odd.decided();
    assert_eq!(odd.trials.len(), whole.trials.len());
    odd.run.entries[0].version = Some("another 2.0".to_owned());
    odd.run.entries[1].image_digest = Some("sha256:0".to_owned());
    let database = |version: &str, pool| DatabaseRecord {
        server_version: version.to_owned(),
        pool,
        ..DatabaseRecord::default()
    };
    odd.run.database = Some(database("17.2", 16));
    odd.run.git_revision = Some("0123456789abcdef0123456789abcdef01234567-dirty".to_owned());
    odd.run.profile.publishable = true;
    odd.trials[0].enforced.departures = vec!["niceness: asked for -10, in force 0".to_owned()];
    let mut whole = whole;
    whole.run.git_revision = Some("fedcba9876543210fedcba9876543210fedcba98".to_owned());
    whole.run.database = Some(database("16.9", 64));
    let compared =
        compare::records(&whole, &odd, Allowed::default(), MARGIN).expect("told, not refused");
    let text = strip_str(&compare::render(&compared)).to_string();
    for expected in [
        "base: the run was interrupted",
        "base: the last line of a file",
        "base: 1 trial stood in the record twice",
        "pool 64, server 16.9 and pool 16, server 17.2",
        "two kinds of isolation (processes and containers)",
        "another 2.0",
        "base: 3 trials are not in the record although later ones are",
        "base: its figures are not for publication, since its profile was not kept to: niceness",
        "two versions of the harness (",
        " fedcba98765432 and ",
        " 0123456789abcd, changed)",
    ] {
        assert!(text.contains(expected), "no `{expected}` in\n{text}");
        let markdown = compare::forms::markdown(&compared, "x");
        assert!(markdown.contains(expected), "no `{expected}` in\n{markdown}");
    }
}
