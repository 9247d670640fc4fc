//! What a run could not have is told once, and the figures that are weaker for it are marked in every
//! form.

mod made_up;

use anstream::adapter::strip_str;
use httpdyno_record::lack::warning;
use httpdyno_record::{Enforced, Lack, Privilege, Record, TrialOutcome};
use httpdyno_report::comparison::Comparison;
use httpdyno_report::provenance::Provenance;
use httpdyno_report::{bench_text, compare, csv, html, json, markdown, validity};
use serde_json::Value;

use made_up::{Made, record};

/// Two entries in six blocks. The processes of `forks` come and go, so that where there is no
/// control group its cost is told by what parents heard of ended children.
fn lacking(privileges: &[Privilege]) -> Record {
    let mut record = record(&["forks", "steady"], 6, |_| {
        ["forks", "steady"].map(|entry| Made { entry, ..Made::default() }).into_iter().collect()
    });
    for trial in &mut record.trials {
        trial.enforced = Enforced::default();
        let TrialOutcome::Measured(measured) = &mut trial.outcome else { panic!("made up") };
        let source = match trial.entry.as_str() {
            "forks" => "process-clocks-and-reaped-children",
            _ => "process-clocks",
        };
        measured.server.cpu_source = Some(source.to_owned());
    }
    let lack = |&privilege| Lack { privilege, reason: "it was refused".to_owned() };
    record.run.lacks = privileges.iter().map(lack).collect();
    record.run.warnings.extend(warning(&record.run.lacks, 1000));
    record
}

fn provenance() -> Provenance {
    Provenance { run: "httpdyno bench".to_owned(), report: "httpdyno report".to_owned() }
}

/// The line of a table that begins with `entry`.
fn line<'a>(text: &'a str, entry: &str) -> &'a str {
    text.lines().find(|line| line.trim_start_matches("| `").starts_with(entry)).expect("a line")
}

#[test]
fn only_the_weaker_cost_is_marked_in_the_terminal_and_in_markdown() {
    let record = lacking(&[Privilege::ControlGroup]);
    let comparison = Comparison::of(&record).expect("histograms");
    let texts = [
        strip_str(&bench_text::render(&record, &comparison, 200)).to_string(),
        markdown::render(&record, &comparison, &provenance()),
    ];
    for text in texts {
        // CPU time and memory; neither rate nor latency.
        assert_eq!(line(&text, "forks").matches('~').count(), 2, "{text}");
        assert_eq!(line(&text, "steady").matches('~').count(), 0, "{text}");
        assert!(text.contains("~ weaker than it should be"), "{text}");
        let told = text.matches("this run, as user 1000 and not as root").count();
        assert_eq!(told, 1, "{text}");
    }
    let whole = lacking(&[]);
    let comparison = Comparison::of(&whole).expect("histograms");
    let text = strip_str(&bench_text::render(&whole, &comparison, 200)).to_string();
    assert!(!text.contains('~'), "{text}");
}

#[test]
fn files_for_programs_name_the_weaker_kinds() {
    let record = lacking(&[Privilege::ControlGroup, Privilege::NoDeepSleep]);
    let comparison = Comparison::of(&record).expect("histograms");
    let table = csv::render(&record, &provenance());
    let mut lines = table.lines();
    let place = lines.next().expect("a heading").split(',').position(|it| it == "weak_figures");
    let place = place.expect("a column");
    for line in lines {
        let weak = line.split(',').nth(place).expect("a cell");
        let cost = if line.contains(",forks,") { ";cost" } else { "" };
        assert_eq!(weak, format!("latency;tail latency{cost}"), "{line}");
    }
    let document = json::render(&comparison, &provenance()).expect("JSON");
    let document: Value = serde_json::from_str(&document).expect("JSON");
    let rows = document["points"][0]["rows"].as_array().expect("rows");
    let weak = |entry: &str| {
        let row = rows.iter().find(|row| row["entry"] == entry).expect("a row");
        row["weak"].as_array().expect("weak ones").clone()
    };
    assert_eq!(weak("steady").len(), 2);
    let cost = weak("forks").into_iter().find(|one| one["figure"] == "cost").expect("the cost");
    assert_eq!(cost["without"][0], "control-group");
}

#[test]
fn the_page_tells_it_and_such_figures_are_not_for_publication() {
    let record = lacking(&[Privilege::GeneratorNiceness]);
    let comparison = Comparison::of(&record).expect("histograms");
    let page = html::render(&record, &comparison, None, &provenance()).expect("a page");
    assert!(page.contains("this run, as user 1000 and not as root"));
    let why = validity::obstacles(&record).join("; ");
    assert!(why.contains("no lower niceness for the generator"), "{why}");
    let compared = compare::entries(&record, "forks", "steady", compare::MARGIN).expect("entries");
    assert!(compared.notes.iter().any(|note| note.contains("no lower niceness")), "{compared:?}");
    // What is not measured at all weakens nothing.
    assert_eq!(validity::obstacles(&lacking(&[Privilege::SystemCalls])), Vec::<String>::new());
}
