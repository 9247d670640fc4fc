//! Where nothing could be ranked, the first line says so, why, and what to do.

mod made_up;

use anstream::adapter::strip_str;
use httpdyno_record::{Ending, Figure, Purpose, Record};
use httpdyno_report::validity::findings;
use httpdyno_report::{Comparison, bench_text};

use made_up::{Made, record};

const ALL: &[Figure] = &[Figure::Throughput, Figure::Latency, Figure::Tail, Figure::Cost];

/// The first line of the text, which stands among what a page says first, too, where it is about ranks.
fn first_line(record: &Record) -> String {
    let comparison = Comparison::to_be_read(record, None).expect("a comparison");
    let text = strip_str(&bench_text::render(record, &comparison, 1000)).to_string();
    let first = text.lines().next().expect("a line").to_owned();
    let found = findings(record, &comparison);
    let on_page = found.iter().find(|finding| finding.subject == "Ranking");
    let is_told = first.starts_with("nothing could be ranked: ");
    assert_eq!(on_page.map(|finding| finding.text.as_str()), is_told.then_some(first.as_str()));
    first
}

fn two(blocks: u32, made: Made) -> Record {
    record(&["a", "b"], blocks, move |_| {
        vec![made.clone(), Made { entry: "b", responses_per_s: 50_000, ..made.clone() }]
    })
}

#[test]
fn where_somebody_is_ranked_it_is_not_said() {
    assert!(first_line(&two(6, Made::default())).starts_with("profile vm-2core"));
    // One of two at one of two points is enough.
    let in_part = record(&["a", "b"], 6, |_| {
        let failed = Some(("headroom", &[Figure::Throughput][..]));
        vec![
            Made::default(),
            Made { entry: "b", failed, ..Made::default() },
            Made { connections: 64, failed, ..Made::default() },
            Made { connections: 64, entry: "b", failed, ..Made::default() },
        ]
    });
    assert!(first_line(&in_part).starts_with("profile "));
}

#[test]
fn a_record_that_compares_nothing_lacks_no_ranks() {
    for purpose in [Purpose::Scale, Purpose::Curve, Purpose::Probe] {
        let of_verb = two(2, Made { purpose, workers: Some(1), ..Made::default() });
        assert!(first_line(&of_verb).starts_with("profile "), "{purpose:?}");
    }
    // The null server against itself has no entry.
    assert!(first_line(&record(&["null"], 1, |_| vec![])).starts_with("profile "));
}

#[test]
fn one_block_is_the_reason_and_more_of_them_the_remedy() {
    let mut one = two(1, Made::default());
    one.run.profile.blocks = 1;
    let line = first_line(&one);
    assert!(
        line.contains("one block says nothing of chance; ask for more with --blocks 3"),
        "{line}"
    );
}

#[test]
fn the_gate_that_took_most_is_the_reason_and_has_its_remedy() {
    for (gate, remedy) in [
        ("headroom", "generator more cores"),
        ("steal", "doctor"),
        ("unfit", "profile"),
        ("nobody-busy", "--connections"),
        ("warm-up", "--warmup"),
    ] {
        let void = two(6, Made { failed: Some((gate, ALL)), ..Made::default() });
        let line = first_line(&void);
        let why =
            format!("nothing could be ranked: gate {gate} took 12 of 12 trials ({gate} failed); ");
        assert!(line.starts_with(&why) && line.contains(remedy), "{line}");
    }
    let crashed = two(6, Made { crashed: true, ..Made::default() });
    let line = first_line(&crashed);
    assert!(line.contains("failed at load took 12 of 12 trials (the server ended)"), "{line}");
    assert!(line.contains("httpdyno conform --impl"), "{line}");
}

#[test]
fn without_a_trial_the_reasons_of_those_left_out_are_told() {
    let mut none = two(0, Made::default());
    let line = first_line(&none);
    assert!(
        line.contains("no entry serves what is asked for") && line.contains("--workload"),
        "{line}"
    );
    none.run.entries[0].excluded = Some("cannot run `cargo`: not found\nmore".to_owned());
    let line = first_line(&none);
    assert!(line.contains("was not measured (a: cannot run `cargo`: not found); mend"), "{line}");
    none.run.entries[1].excluded = Some("it does not conform".to_owned());
    let line = first_line(&none);
    assert!(
        line.contains("no entry was measured (a: cannot run") && line.contains("1 more"),
        "{line}"
    );
    none.run.ending = Ending::Interrupted;
    let line = first_line(&none);
    assert!(line.contains("ended before its first trial"), "{line}");
}
