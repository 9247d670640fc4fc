//! Published claims, judged: by their own figures, by records whose truth is known, and by
//! simulated runs.

mod made_up;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use httpdyno_record::{ClaimRecord, Figure, Record};
use httpdyno_report::claims::{
    CellBlocks, Judged, Verdict, json, judge, judge_by, markdown, render, summary,
};
use httpdyno_spec::claim::Claim;
use httpdyno_spec::{Loaded, read_file, read_str};
use httpdyno_stats::{PairedBlock, Seeded};

use made_up::{Made, record};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/claims")
}

fn claim(id: &str) -> Claim {
    let file = folder().join(format!("{id}.yaml"));
    read_file(&file).unwrap_or_else(|errors| panic!("{errors}")).value
}

#[test]
fn what_needs_no_run_is_decided_and_shows_its_sum() {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in fs::read_dir(folder()).expect("claims") {
        let file = file.expect("a file").path();
        let claim: Loaded<Claim> = read_file(&file).unwrap_or_else(|errors| panic!("{errors}"));
        let judged = judge(&claim, None);
        let verdict = judged.verdict.as_ref().map_or("run it".to_owned(), ToString::to_string);
        assert!(!judged.decided_by.is_empty());
        assert_eq!(
            judged.on_paper.iter().all(|sum| sum.holds),
            judged.verdict != Some(Verdict::Inconsistent),
            "{}",
            claim.id
        );
        found.entry(verdict).or_default().push(claim.id.to_string());
    }
    found.values_mut().for_each(|ids| ids.sort());
    let of = |ids: &str| -> Vec<String> { ids.split(' ').map(str::to_owned).collect() };
    let expected = [
        ("inconsistent as published", of("f1 f2 f5 h4 r4 t1 t2")),
        ("run it", of("f6 h1 h2 h3 r1 r2 r5 r6 s1 s2 s3")),
        ("untestable here", of("f3 f4 r3 t3 t4 t5")),
    ];
    assert_eq!(found, expected.map(|(verdict, ids)| (verdict.to_owned(), ids)).into());
}

#[test]
fn littles_law_contradicts_a_percentile_and_the_sum_is_shown() {
    let judged = judge(&claim("h4"), None);
    assert_eq!(judged.verdict, Some(Verdict::Inconsistent));
    assert_eq!(
        judged.decided_by,
        "26 430 requests/s x at most 3ms = at most 79.29 connections in use, of 500 held; with all of \
         them in use the mean latency is 18.9 ms"
    );
    let missing = judge(&claim("f4"), None).decided_by;
    assert!(missing.contains("eight cores for the server"), "{missing}");
}

/// The pool with its two queues: a planted advantage where connections are closed, none where they
/// are kept.
fn pools(close_permille: u64, keep_permille: u64, failed: Option<&'static str>) -> Record {
    let entries = ["rust-std@lock-free-queue", "rust-std@mutex-queue"];
    let failed = failed.map(|gate| (gate, &[Figure::Throughput][..]));
    record(&entries, 8, |_| {
        let mut trials = Vec::new();
        for (workload, connections, permille) in [
            ("plaintext-close", 500, close_permille),
            ("plaintext-close", 200, close_permille),
            ("plaintext-close", 50, close_permille),
            ("plaintext", 500, keep_permille),
        ] {
            for (entry, permille) in [(entries[0], permille), (entries[1], 1000)] {
                let responses_per_s = 50 * permille;
                let failed = failed.filter(|_| entry == entries[0]);
                trials.push(Made {
                    entry,
                    workload,
                    connections,
                    responses_per_s,
                    failed,
                    ..Made::default()
                });
            }
        }
        trials
    })
}

#[test]
fn a_record_with_a_planted_truth_is_judged_by_it() {
    let claim = claim("h3");
    let verdict = |close, keep| judge_by(&claim, "", Some(&pools(close, keep, None))).verdict;
    assert_eq!(verdict(1580, 1580), Some(Verdict::Reproduced));
    assert_eq!(verdict(1200, 1200), Some(Verdict::DirectionOnly));
    assert_eq!(verdict(1000, 1000), Some(Verdict::NotReproduced));
    let depends = Some(Verdict::DependsOn(vec!["connection".to_owned()]));
    assert_eq!(verdict(1580, 1000), depends);
    assert_eq!(verdict(1000, 1580), depends, "true at a level that is not the author's");
    let judged = judge_by(&claim, "", Some(&pools(1580, 1000, None)));
    for part in ["close: 1.58 [", "keep-alive: 1.00 [", "reproduced", "not reproduced"] {
        assert!(judged.decided_by.contains(part), "{part}: {}", judged.decided_by);
    }
}

#[test]
fn without_numbers_nothing_is_decided_and_the_reason_is_told() {
    let claim = claim("h3");
    let judged = judge_by(&claim, "", Some(&pools(1580, 1580, Some("headroom"))));
    assert_eq!(judged.verdict, Some(Verdict::Unresolved));
    assert!(judged.decided_by.contains("0 of 8 trials"), "{}", judged.decided_by);
    assert!(judged.decided_by.contains("(headroom)"), "{}", judged.decided_by);
    // Where an entry could not be built, the test can not be made here.
    let mut record = pools(1580, 1580, None);
    record.trials.clear();
    record.run.entries[0].excluded = Some("cargo is not installed".to_owned());
    let judged = judge_by(&claim, "", Some(&record));
    assert_eq!(judged.verdict, Some(Verdict::Untestable));
    assert!(judged.decided_by.contains("cargo is not installed"), "{}", judged.decided_by);
}

#[test]
fn a_claim_that_was_changed_after_its_record_is_shown_as_such() {
    let claim = claim("h3");
    let mut record = pools(1580, 1580, None);
    let notes =
        |record: &Record, sha256: &str| judge_by(&claim, sha256, Some(record)).notes.join("; ");
    assert!(notes(&record, "aa").contains("not made for this claim"));
    record.run.claims.push(ClaimRecord {
        id: "h3".to_owned(),
        file: "spec/claims/h3.yaml".to_owned(),
        sha256: "aa".to_owned(),
        git_revision: Some("0123".to_owned()),
    });
    assert_eq!(notes(&record, "aa"), "");
    let changed = notes(&record, "bb");
    assert!(
        changed.starts_with(
            "spec/claims/h3.yaml was changed after this record: it was aa (revision 0123)"
        ),
        "{changed}"
    );
}

#[test]
fn each_form_says_what_was_published_found_and_decided() {
    let (h3, h4) = (claim("h3"), claim("h4"));
    let judged = || {
        let of_h3 = judge_by(&h3, "", Some(&pools(1580, 1000, None)));
        [(&h3, of_h3), (&h4, judge(&h4, None))]
    };
    let forms = [render(&judged()), markdown(&judged()), json(&judged()).to_string()];
    for form in &forms {
        for part in ["16,681, 26,430, +58%", "depends on connection", "inconsistent as published"] {
            assert!(form.contains(part), "{part} is not in {form}");
        }
    }
    for form in &forms[..2] {
        for part in ["Replicability", "unresolved: none of these", "79.29 connections"] {
            assert!(
                form.contains(part) || form.contains("*unresolved*"),
                "{part} is not in {form}"
            );
        }
    }
    let value = json(&judged());
    let level = &value["claims"][0]["levels"][0];
    assert_eq!(level["outcome"], "reproduced");
    assert!(
        level["found"]["ratio_ppm"]
            .as_u64()
            .is_some_and(|ppm| (1_550_000..1_610_000).contains(&ppm))
    );
    // A table that others paste somewhere keeps its columns.
    let columns = |row: &str| row.replace("\\|", "").matches('|').count();
    let table = summary(&judged());
    assert!(table.lines().all(|row| columns(row) == 5), "{table}");
}

const SIMULATED: &str = include_str!("../../spec/tests/claims/good.yaml");

/// Twice the rate is claimed, give or take 10 %, with three factors.
fn simulated() -> Claim {
    let file = Path::new("good.yaml");
    read_str(file, SIMULATED).unwrap_or_else(|errors| panic!("{errors}")).value
}

/// One run of each cell in `blocks` blocks: what a block has in common is large, a trial's noise is
/// `noise`, and the truth of a cell is `truth`.
fn run(
    claim: &Claim,
    seed: u64,
    blocks: u32,
    noise: f64,
    truth: impl Fn(Option<&str>) -> f64,
) -> Judged {
    let mut random = Seeded::new(seed);
    let mut normal = move || {
        let radius = (-2.0 * random.uniform().max(1e-12).ln()).sqrt();
        radius * (2.0 * std::f64::consts::PI * random.uniform()).cos()
    };
    let measured: Vec<CellBlocks> = claim
        .cells()
        .iter()
        .map(|cell| {
            let ratio = truth(cell.changed.map(|(factor, _)| factor.id.as_str()));
            let mut cells = CellBlocks::default();
            for block in 0..blocks {
                let mood = 0.1 * normal();
                let mut rate =
                    |ratio: f64| (1e8 * ratio * (mood + noise * normal()).exp()).round() as u64;
                let (a, b) = (vec![rate(ratio), rate(ratio)], vec![rate(1.0), rate(1.0)]);
                cells.blocks.insert(block, PairedBlock { a, b });
            }
            cells
        })
        .collect();
    judge(claim, Some(&measured))
}

/// Runs of a planted truth that are judged rightly, of 200.
fn right(expected: &Verdict, truth: impl Fn(Option<&str>) -> f64) -> u32 {
    let claim = simulated();
    (0..200)
        .map(|seed| {
            let judged = run(&claim, 1_000 + seed, 10, 0.03, &truth);
            u32::from(judged.verdict.as_ref() == Some(expected))
        })
        .sum()
}

#[test]
fn planted_truths_are_judged_rightly_in_95_of_100_simulated_runs() {
    let depends = |factor: &str| Verdict::DependsOn(vec![factor.to_owned()]);
    let counts = [
        ("true", right(&Verdict::Reproduced, |_| 2.0)),
        ("true, not in the middle", right(&Verdict::Reproduced, |_| 1.9)),
        ("false", right(&Verdict::NotReproduced, |_| 1.0)),
        ("false, the other way", right(&Verdict::NotReproduced, |_| 0.5)),
        ("false but for its direction", right(&Verdict::DirectionOnly, |_| 1.5)),
        (
            "true at the author's level alone",
            right(&depends("variant"), |factor| if factor == Some("variant") { 1.0 } else { 2.0 }),
        ),
        (
            "true at another level alone",
            right(&depends("variant"), |factor| if factor == Some("variant") { 2.0 } else { 1.0 }),
        ),
    ];
    for (truth, count) in counts {
        assert!(count >= 190, "{truth}: {count} of 200");
    }
}

#[test]
fn where_the_noise_is_large_a_true_claim_is_unresolved_and_seldom_wrong() {
    let claim = simulated();
    let (mut wrong, mut unresolved) = (0, 0);
    for seed in 0..200 {
        let judged = run(&claim, 5_000 + seed, 4, 0.25, |_| 2.0);
        match judged.verdict {
            Some(Verdict::Unresolved) => unresolved += 1,
            Some(Verdict::Reproduced) => {}
            _ => wrong += 1,
        }
        if judged.verdict == Some(Verdict::Unresolved) {
            assert!(judged.decided_by.contains("find differences from"), "{}", judged.decided_by);
        }
    }
    assert!(wrong <= 10, "{wrong} of 200 wrong");
    assert!(unresolved >= 150, "{unresolved} of 200 unresolved");
}
