//! Series of records whose truth is known.

mod made_up;

use std::path::PathBuf;

use anstream::adapter::strip_str;
use httpdyno_record::{Ending, Figure, Purpose, Record};
use httpdyno_report::history::{self, Asked, Change, History, Reading, Series, Unusable, forms};
use httpdyno_report::series::Quantity;
use jiff::{SignedDuration, Timestamp};

use made_up::{Made, noise, record};

/// A record of day `day`, in which `a` has `rate` and the null server 200 000 responses per second
/// before what the day does to both.
fn of_day(day: u32, rate: u64) -> Record {
    let mut made = record(&["a", "null"], 4, |block| {
        let mood = noise(day * 10 + block, 100);
        let null = Made { entry: "null", responses_per_s: 200 * mood, ..Made::default() };
        let own = noise(day, 3);
        vec![Made { responses_per_s: rate * mood / 1000 * own / 1000, ..Made::default() }, null]
    });
    made.folder = PathBuf::from(format!("results/day-{day:02}"));
    made.run.started_at = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * i64::from(day));
    made.run.git_revision = Some(format!("{day:040x}"));
    made.run.entries[1].program_digest = Some("1".to_owned());
    made
}

/// Records of the days from 0 on, which lie in no order.
fn days(rate: impl Fn(u32) -> u64, days: u32) -> Vec<Record> {
    let mut records: Vec<Record> = (0..days).map(|day| of_day(day, rate(day))).collect();
    records.reverse();
    records
}

fn read(records: &[Record], asked: &Asked) -> History {
    let readings: Vec<Reading> =
        records.iter().map(|record| Reading::of(record, asked).expect("usable")).collect();
    History::of(&readings, vec![], 1)
}

fn throughput(history: &History) -> &Series {
    let mut series = history.series.iter();
    series.find(|series| series.quantity == Quantity::Throughput).expect("a series")
}

fn changes(history: &History) -> Vec<&Change> {
    let all = history.series.iter().flat_map(|series| &series.segments);
    all.flat_map(|segment| &segment.changes).collect()
}

#[test]
fn a_step_is_named_by_the_records_around_it_and_what_days_have_in_common_cancels() {
    let history = read(&days(|day| if day < 8 { 100_000 } else { 95_000 }, 14), &Asked::default());
    let found = changes(&history);
    assert_eq!(found.len(), 1, "{found:?}");
    let change = found[0];
    let around = (change.before.as_str(), change.after.as_str());
    assert_eq!(around, ("results/day-07", "results/day-08"));
    assert!((945_000..955_000).contains(&change.change_ppm), "{change:?}");
    assert!(change.low_ppm < change.change_ppm && change.change_ppm < change.high_ppm);
    assert!(change.high_ppm - change.low_ppm < 10_000, "{change:?}");
    let values = &throughput(&history).segments[0].values;
    assert!((470_000..530_000).contains(&values[0].ratio_ppm), "{:?}", values[0]);
    assert!(values[0].low_ppm < values[0].ratio_ppm && values[0].ratio_ppm < values[0].high_ppm);
}

#[test]
fn an_alarm_asks_for_a_bench_of_both_revisions() {
    let history = read(&days(|day| if day < 8 { 100_000 } else { 95_000 }, 14), &Asked::default());
    let commands = &changes(&history)[0].ab_run;
    let how = "--profile vm-2core --workload json --connections 16 --rates none --warmup 100ms \
               --measure 1s --blocks 6";
    let expected = [
        format!("git worktree add ../ab/before {:040x}", 7),
        format!("git worktree add ../ab/after {:040x}", 8),
        format!("httpdyno bench --impl a {how} --root ../ab/before --results ../ab/results-before"),
        format!("httpdyno bench --impl a {how} --root ../ab/after --results ../ab/results-after"),
        "httpdyno compare --base ../ab/results-before/*/ --candidate ../ab/results-after/*/"
            .to_owned(),
    ];
    assert_eq!(commands[..], expected);
    let text = strip_str(&history::render(&history)).to_string();
    assert!(expected.iter().all(|command| text.contains(command)), "{text}");
    assert!(text.contains("an alarm and no verdict"), "{text}");
    let markdown = forms::markdown(&history, "httpdyno history");
    assert!(expected.iter().all(|command| markdown.contains(command)), "{markdown}");
    assert!(markdown.contains("between `results/day-07` and `results/day-08`"), "{markdown}");
}

#[test]
fn within_one_revision_the_later_record_is_to_be_repeated() {
    let mut records = days(|day| if day < 8 { 100_000 } else { 95_000 }, 14);
    // Changed files have no revision of their own.
    for (index, record) in records.iter_mut().enumerate() {
        let dirty = if index % 2 == 0 { "-dirty" } else { "" };
        record.run.git_revision = Some(format!("abc{dirty}"));
    }
    let history = read(&records, &Asked::default());
    let commands = &changes(&history)[0].ab_run;
    assert_eq!(commands.len(), 2, "{commands:?}");
    assert!(commands[0].ends_with("--blocks 6 --results ../ab/results-again"), "{commands:?}");
    assert_eq!(
        commands[1],
        "httpdyno compare --base results/day-07 --candidate ../ab/results-again/*/"
    );
}

#[test]
fn a_steady_series_has_no_alarm_and_a_short_one_says_so() {
    let steady = read(&days(|_| 100_000, 14), &Asked::default());
    assert_eq!(changes(&steady).len(), 0);
    assert_eq!(steady.searched(), 2);
    let text = strip_str(&history::render(&steady)).to_string();
    assert!(text.contains("no change") && !text.contains("verdict"), "{text}");
    let short = read(&days(|day| if day < 5 { 100_000 } else { 90_000 }, 9), &Asked::default());
    assert_eq!((changes(&short).len(), short.searched()), (0, 0));
    let text = strip_str(&history::render(&short)).to_string();
    assert!(text.contains("too short: 9 values, and a change shows in 10 or more"), "{text}");
}

#[test]
fn nothing_is_compared_across_what_makes_figures_incomparable() {
    type Change = fn(&mut Record);
    let apart: [(&str, Change); 6] = [
        ("machine", |it| it.run.host.fingerprint = "deadbeef".to_owned()),
        ("profile", |it| it.run.profile.measure = "2s".parse().expect("span")),
        ("spec", |it| it.run.spec_digest = "11".to_owned()),
        ("version", |it| it.run.entries[0].version = Some("engine 2".to_owned())),
        ("isolation", |it| it.run.entries[0].image_digest = Some("sha256:1".to_owned())),
        ("reference", |it| it.run.entries[1].program_digest = Some("2".to_owned())),
    ];
    for (name, change) in apart {
        // The step falls together with the change, so that there is nothing to find on either side.
        let mut records = days(|day| if day < 10 { 100_000 } else { 80_000 }, 20);
        records[..10].iter_mut().for_each(change);
        let history = read(&records, &Asked::default());
        let segments = &throughput(&history).segments;
        let seen: Vec<_> =
            segments.iter().map(|it| (it.values.len(), it.apart_by.clone())).collect();
        assert_eq!(seen, [(10, vec![]), (10, vec![name.to_owned()])], "{name}");
        assert_eq!((changes(&history).len(), history.searched()), (0, 4), "{name}");
    }
}

#[test]
fn records_of_two_machines_in_turn_are_two_series() {
    let mut records = days(|day| if day % 2 == 0 { 100_000 } else { 60_000 }, 24);
    // They lie the last day first.
    for record in records.iter_mut().step_by(2) {
        record.run.host.fingerprint = "deadbeef".to_owned();
    }
    let history = read(&records, &Asked::default());
    let lengths: Vec<usize> =
        throughput(&history).segments.iter().map(|segment| segment.values.len()).collect();
    assert_eq!(lengths, [12, 12]);
    assert_eq!(changes(&history).len(), 0);
}

#[test]
fn a_record_that_cannot_be_used_says_why() {
    let reason = |change: fn(&mut Record), asked: &Asked| {
        let mut record = of_day(0, 100_000);
        change(&mut record);
        Reading::of(&record, asked).map(drop).expect_err("unusable")
    };
    let all = Asked::default();
    assert_eq!(reason(|it| it.run.ending = Ending::Unfinished, &all), Unusable::Incomplete);
    assert_eq!(reason(|it| it.run.ending = Ending::Interrupted, &all), Unusable::Incomplete);
    let probes = |it: &mut Record| it.trials.iter_mut().for_each(|it| it.purpose = Purpose::Probe);
    assert_eq!(reason(probes, &all), Unusable::OtherKind);
    let open = |it: &mut Record| it.trials.iter_mut().for_each(|it| it.offered_per_s = Some(9));
    assert_eq!(reason(open, &all), Unusable::OtherKind);
    let bare = |it: &mut Record| it.run.entries.truncate(1);
    assert!(matches!(reason(bare, &all), Unusable::NoReference(_)));
    let other = Asked { reference: Some("b".to_owned()), ..Asked::default() };
    assert_eq!(reason(|_| (), &other), Unusable::NoReference("entry `b`".to_owned()));
    let elsewhere = Asked { connections: vec![64], ..Asked::default() };
    assert_eq!(reason(|_| (), &elsewhere), Unusable::NotAsked);
    // One block alone has no spread.
    let one_block = |it: &mut Record| it.trials.retain(|trial| trial.block == 0);
    assert_eq!(reason(one_block, &all), Unusable::Void);
}

#[test]
fn a_trial_that_is_no_rate_is_none_here_but_may_be_a_cost() {
    let void: Option<(&str, &[Figure])> = Some(("generator", &[Figure::Throughput]));
    let made = record(&["a", "null"], 4, |_| {
        vec![Made { failed: void, ..Made::default() }, Made { entry: "null", ..Made::default() }]
    });
    let history = read(&[made], &Asked::default());
    let quantities: Vec<Quantity> = history.series.iter().map(|series| series.quantity).collect();
    assert_eq!(quantities, [Quantity::CpuPerRequest]);
}

#[test]
fn the_choice_is_by_entry_workload_and_reference() {
    let made = || {
        record(&["a@x", "a@y", "b", "null"], 3, |_| {
            let of = |entry, workload| Made { entry, workload, ..Made::default() };
            let entries = ["a@x", "a@y", "b", "null"];
            entries.iter().flat_map(|one| [of(one, "json"), of(one, "db")]).collect()
        })
    };
    let entries = |asked: &Asked| -> Vec<String> {
        let history = read(&[made()], asked);
        let rates = history.series.iter().filter(|it| it.quantity == Quantity::Throughput);
        rates.map(|series| format!("{} {}", series.entry, series.workload)).collect()
    };
    let of = |text: &str| vec![text.to_owned()];
    let variants = Asked { entries: of("a"), workloads: of("db"), ..Asked::default() };
    assert_eq!(entries(&variants), ["a@x db", "a@y db"]);
    let against_b =
        Asked { reference: Some("b".to_owned()), workloads: of("db"), ..Asked::default() };
    assert_eq!(entries(&against_b), ["a@x db", "a@y db"]);
    assert_eq!(entries(&Asked::default()).len(), 6);
}

#[test]
fn the_json_is_what_its_schema_says() {
    let history = read(&days(|day| if day < 8 { 100_000 } else { 95_000 }, 14), &Asked::default());
    let text = forms::json(&history, "httpdyno history").expect("JSON");
    let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let schema = forms::schema();
    let keys = |value: &serde_json::Value| -> Vec<String> {
        value.as_object().expect("an object").keys().cloned().collect()
    };
    assert_eq!(keys(&document), keys(&schema["properties"]));
    let change = &document["series"][0]["segments"][0]["changes"][0];
    assert_eq!(keys(change), keys(&schema["$defs"]["Change"]["properties"]));
    assert_eq!(document["generated_by"], "httpdyno history");
}

#[test]
fn without_a_digest_of_the_reference_only_records_of_one_revision_are_compared() {
    let mut records = days(|_| 100_000, 12);
    for record in &mut records {
        record.run.entries[1].program_digest = None;
    }
    let apart = read(&records, &Asked::default());
    assert_eq!(throughput(&apart).segments.len(), 12);
    for record in &mut records {
        record.run.git_revision = Some("abc".to_owned());
    }
    let together = read(&records, &Asked::default());
    assert_eq!(throughput(&together).segments.len(), 1);
}
