//! Two records, and two entries of one, in every form.

use std::fs;

use httpdyno_record::{Figure, Purpose, Record, TrialOutcome};
use httpdyno_report::compare::plain::FailOn;
use httpdyno_report::compare::{self, Allowed, Compared, MARGIN, forms, histograms};

use crate::browser::READY;
use crate::chromium::{self, Page};
use crate::forms::{intervals, rows, small};
use crate::legible::{assert_labels_can_be_read, charts_fit};
use crate::synthetic::{self, MIXED, Shape};
use crate::texts::HOSTILE;

const COMMAND: &str = "httpdyno compare a b";

/// A record that is half as fast as another, with a text of a server's in a name.
fn compared() -> (Compared, Record, Record) {
    let (_folder, mut record, ..) = small();
    record.run.entries[1].entry = HOSTILE.to_owned();
    record.trials.iter_mut().filter(|trial| trial.entry == "rust-may").for_each(|trial| {
        trial.entry = HOSTILE.to_owned();
    });
    record.folder = "results/one".into();
    let mut slower = record.clone();
    for trial in &mut slower.trials {
        if let TrialOutcome::Measured(measured) = &mut trial.outcome {
            measured.responses /= 2;
        }
    }
    let compared = compare::records(&slower, &record, Allowed::default(), MARGIN).expect("alike");
    (compared, slower, record)
}

#[test]
fn two_records_are_compared_in_every_form() {
    let (compared, a, b) = compared();
    let table = rows(&forms::csv(&compared, COMMAND));
    let ratios: usize = compared.points.iter().map(|point| point.ratios.len()).sum();
    assert!(table.len() == 1 + ratios && table.iter().all(|row| row.len() == table[0].len()));
    assert!(table[1..].iter().all(|row| row.last().is_some_and(|it| it == COMMAND)));
    let json: serde_json::Value =
        serde_json::from_str(&forms::json(&compared, COMMAND).expect("JSON")).expect("JSON");
    assert_eq!(json["generated_by"], COMMAND);
    let junit = forms::junit(&compared, [&a, &b], COMMAND, FailOn::Slower).expect("XML");
    assert!(
        junit.contains("<failure message=\"candidate to base: 0.5")
            && junit.contains("json, 16 connections")
    );
    let markdown = forms::markdown(&compared, COMMAND);
    assert!(markdown.contains("| `rust-hyper` | `json, 16 connections` | throughput | 0.500 |"));
    let page = compare::render_page(&compared, COMMAND).expect("a page");
    let files = histograms::files(&compared, [&a, &b], COMMAND).expect("files");
    assert!(page.contains(COMMAND) && !files.is_empty());
    let texts = [junit, markdown.replace('`', "")];
    for form in texts.into_iter().chain(files.into_iter().map(|file| file.contents)) {
        assert!(form.contains(COMMAND) && !form.contains('\u{202e}'), "{form}");
    }
}

/// The names of the suites that are about verdicts.
fn verdicts(junit: &str) -> Vec<&str> {
    let names = junit.split("<testsuite name=\"").skip(1).filter_map(|it| it.split('"').next());
    names
        .filter(|name| ["candidate: ", "base: "].iter().any(|side| name.starts_with(side)))
        .collect()
}

#[test]
fn the_conformance_of_both_is_among_the_tests() {
    let (compared, mut a, b) = compared();
    a.cases.retain(|case| case.entry == "rust-hyper");
    a.cases[0].observed = "what only one was seen to do".to_owned();
    a.cases[0].status = httpdyno_record::CaseStatus::Fail;
    let junit = forms::junit(&compared, [&a, &b], COMMAND, FailOn::Slower).expect("XML");
    let entries: std::collections::BTreeSet<&str> =
        b.cases.iter().map(|case| case.entry.as_str()).collect();
    let suites = verdicts(&junit);
    assert_eq!(suites[0], "candidate: rust-hyper");
    assert_eq!(suites.len(), 1 + entries.len(), "{suites:?}");
    assert!(suites[1..].iter().all(|name| name.starts_with("base: ")), "{suites:?}");
    let ratios: usize = compared.points.iter().map(|point| point.ratios.len()).sum();
    let tests = junit.matches("<testcase ").count();
    assert_eq!(tests, ratios + a.cases.len() + b.cases.len());
    assert_eq!(junit.matches("what only one was seen to do\"").count(), 1);
}

#[test]
fn a_log_of_two_records_tells_candidate_from_base() {
    let (compared, mut a, b) = compared();
    // So that the sides differ in what is read.
    a.trials.retain(|trial| trial.block > 0);
    let files = histograms::files(&compared, [&a, &b], COMMAND).expect("files");
    let named = |name: &str| {
        let file = files.iter().find(|file| file.name == name);
        &file.unwrap_or_else(|| panic!("no {name} in {:?}", files.len())).contents
    };
    let log = intervals(named("compare.json.rust-hyper.16.hlog"));
    for (side, record) in [("candidate", &a), ("base", &b)] {
        let own = record.trials.iter().filter(|trial| trial.entry == "rust-hyper");
        let own = own.filter(|trial| trial.purpose == Purpose::Compare);
        let valid: Vec<_> = own.filter_map(|trial| trial.valid_for(Figure::Latency)).collect();
        let tagged = log.iter().filter(|(tag, _)| tag.as_deref() == Some(side));
        let maxima: Vec<u64> = tagged.map(|(_, histogram)| histogram.max()).collect();
        assert!(valid.len() > 2 && maxima.len() == valid.len(), "{side}: {maxima:?}");
        let distribution = named(&format!("compare.json.rust-hyper.16.{side}.hgrm"));
        let total = format!("Total count    = {:12}]", 2_000 * valid.len());
        assert!(distribution.contains(&total), "{side}: {distribution}");
    }
    assert!(log.iter().all(|(tag, _)| tag.is_some()), "nothing is of neither");
    assert_eq!(files.len() % 3, 0, "a log and two distributions of each");
}

#[test]
fn routes_and_entries_of_one_record_are_tagged_by_their_side() {
    let folder = tempfile::tempdir().expect("folder");
    let shape = Shape { workloads: &[MIXED], connections: &[16], ..Shape::of(6) };
    let record = synthetic::record(folder.path(), shape);
    let compared =
        compare::entries(&record, "rust-hyper", "rust-may", MARGIN).expect("both are there");
    let files = histograms::files(&compared, [&record, &record], COMMAND).expect("files");
    let log = files.iter().find(|file| file.name.ends_with(".hlog")).expect("a log");
    assert!(
        log.contents.contains("[candidate: rust-hyper]")
            && log.contents.contains("[base: rust-may]")
    );
    let intervals = intervals(&log.contents);
    for (side, entry) in [("candidate", "rust-hyper"), ("base", "rust-may")] {
        let own = record.trials.iter().filter(|trial| trial.entry == entry);
        let own = own.filter(|trial| trial.purpose == Purpose::Compare);
        let valid = own.filter(|trial| trial.valid_for(Figure::Latency).is_some()).count();
        for tag in [side.to_owned(), format!("{side}.db"), format!("{side}.fortunes")] {
            let found = intervals.iter().filter(|(it, _)| it.as_deref() == Some(&tag)).count();
            assert!(found > 0 && found == valid, "{tag}: {found} of {valid}");
        }
    }
    let junit = forms::junit(&compared, [&record, &record], COMMAND, FailOn::Slower).expect("XML");
    assert_eq!(verdicts(&junit), ["candidate: rust-hyper", "base: rust-may"]);
}

#[test]
fn the_page_of_a_comparison_is_drawn_by_a_browser() {
    let Some(program) = chromium::find() else { return };
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("compare.html");
    let page = compare::render_page(&compared().0, COMMAND).expect("a page");
    fs::write(&file, page).expect("a file");
    let mut page = Page::open(&program, &file);
    page.until(READY);
    assert_eq!(page.eval("document.querySelectorAll('#charts svg').length"), 5);
    assert_eq!(page.eval("document.querySelectorAll('main :is(script, img)').length"), 0);
    for width in [1280, 700, 390] {
        page.resize(width, 900);
        page.until(&charts_fit(width));
        for scheme in ["light", "dark"] {
            page.prefer(scheme);
            assert_labels_can_be_read(&mut page, &format!("{width} px, {scheme}"));
        }
    }
    page.picture("compare");
    assert_eq!(page.complaints(), Vec::<String>::new());
}
