//! A workload with a database has two ceilings, the null server and pgbench, and a ratio to the
//! latter: in the terminal and in Markdown.

mod made_up;

use anstream::adapter::strip_str;
use httpdyno_record::{Record, TrialOutcome};
use httpdyno_report::{Comparison, Provenance, bench_text, markdown};
use made_up::{Made, record};

/// Wide enough for lines that are not broken.
const WIDE: usize = 400;

/// `a` reaches four fifths of the reference and a fifth of the null server, at one point with the
/// database; the same at another without.
fn measured(blocks: u32, with_pgbench: bool) -> Record {
    let entries: &[&str] = if with_pgbench { &["a", "null", "pgbench"] } else { &["a", "null"] };
    record(entries, blocks, |_| {
        let of = |entry, workload, rate| Made {
            entry,
            workload,
            responses_per_s: rate,
            ..Made::default()
        };
        let statements_per_response = Some(3);
        let mut made = vec![
            Made { statements_per_response, ..of("a", "db", 40_000) },
            of("null", "db", 200_000),
            of("a", "json", 100_000),
            of("null", "json", 200_000),
        ];
        if with_pgbench {
            made.push(of("pgbench", "db", 50_000));
        }
        made
    })
}

fn texts(record: &Record) -> [String; 2] {
    let comparison = Comparison::of(record).expect("histograms");
    let command = String::new;
    let provenance = Provenance { run: command(), report: command() };
    let terminal = strip_str(&bench_text::render(record, &comparison, WIDE)).to_string();
    [terminal, markdown::render(record, &comparison, &provenance)]
}

/// The line with the ceilings of a point.
fn ceilings<'a>(text: &'a str, point: &str) -> &'a str {
    let (_, below) = text.split_once(point).expect(point);
    below.lines().find(|line| line.contains("ceiling ")).expect("a line of ceilings")
}

/// The cells of the table of server and database apart.
fn apart(text: &str) -> Vec<&str> {
    let (_, below) = text.split_once("statements/s").expect("the table");
    let row = below.lines().skip(2).find(|line| line.contains('a')).expect("a row");
    row.split([' ', '|', '`']).filter(|part| !part.is_empty()).collect()
}

#[test]
fn both_ceilings_stand_below_the_table_of_a_workload_with_a_database() {
    for text in texts(&measured(6, true)) {
        let line = ceilings(&text, "db, 16 connections,");
        let http = "ceiling of HTTP without the database (null server) 200 ";
        let database = "; ceiling of the database without HTTP (pgbench) 50 ";
        assert!(line.contains(http) && line.contains(database), "{line}");
        let reached = line.split(" req/s, a reaches ").skip(1);
        let reached: Vec<&str> = reached.filter_map(|rest| rest.split(' ').next()).collect();
        assert_eq!(reached.len(), 2, "{line}");
        for (reached, near) in reached.iter().zip([20.0, 80.0]) {
            let reached: f64 = reached.parse().expect("a share");
            assert!((reached - near).abs() < 1.0, "{line}");
        }
    }
}

#[test]
fn a_workload_without_a_database_has_the_ceiling_of_the_null_server_alone() {
    for text in texts(&measured(6, true)) {
        let line = ceilings(&text, "json, 16 connections,");
        assert!(line.contains("ceiling (null server) "), "{line}");
        assert!(!line.contains("pgbench") && !line.contains("database"), "{line}");
    }
}

#[test]
fn without_pgbench_there_is_one_ceiling_and_no_ratio() {
    for text in texts(&measured(6, false)) {
        let line = ceilings(&text, "db, 16 connections,");
        assert!(line.contains("(null server)") && !line.contains("pgbench"), "{line}");
        let cells = apart(&text);
        assert_eq!(cells[cells.len() - 2..], ["-", "-"], "{cells:?}");
    }
}

#[test]
fn the_ratio_to_pgbench_stands_with_its_interval() {
    for text in texts(&measured(6, true)) {
        let cells = apart(&text);
        let [ratio, "of", "pgbench", low, "..", high] = cells[cells.len() - 6..] else {
            panic!("{cells:?}")
        };
        let [low, ratio, high] = [low, ratio, high].map(|one| one.parse::<f64>().expect("a ratio"));
        assert!((0.79..0.81).contains(&ratio) && low < ratio && ratio < high, "{cells:?}");
    }
    for text in texts(&measured(1, true)) {
        let cells = apart(&text);
        assert_eq!(cells[cells.len() - 5..][..2], ["of", "pgbench"], "{cells:?}");
        assert_eq!(cells[cells.len() - 3..], ["too", "few", "blocks"], "{cells:?}");
    }
}

#[test]
fn what_pgbench_does_not_tell_is_no_zero() {
    let mut record = measured(6, true);
    for trial in record.trials.iter_mut().filter(|trial| trial.entry == "pgbench") {
        let TrialOutcome::Measured(measurement) = &mut trial.outcome else { panic!("{trial:?}") };
        (measurement.server_cpu_ns, measurement.server_peak_rss_bytes) = (0, 0);
    }
    for text in texts(&record) {
        let is_row = |line: &&str| line.trim_start_matches(['|', ' ', '`']).starts_with("pgbench");
        let row = text.lines().find(is_row).unwrap_or_else(|| panic!("no row of pgbench: {text}"));
        let cells: Vec<&str> = row.split([' ', '|', '`']).collect();
        assert!(cells.contains(&"-") && !cells.contains(&"0") && !cells.contains(&"0.00"), "{row}");
    }
}
