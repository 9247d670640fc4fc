//! Servers that pass every case and cheat under load, through the whole of `bench`: none of them gets a
//! figure or a rank, and the record says why. (One trial of each, and what it says: the runner's tests.)

#[path = "support/results.rs"]
mod results;
#[path = "support/tree.rs"]
mod tree;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};

use httpdyno_record::{Gate, Record, TrialRecord};
use httpdyno_testkit::built_example;
use serde_json::Value;

/// Those that are judged by what they answer.
const ANSWERS: [&str; 13] = [
    "changes-content-type",
    "dates-ahead",
    "dates-oddly",
    "drops-content-type",
    "drops-date-of-every-other",
    "drops-server",
    "matches-end",
    "matches-length",
    "matches-method",
    "matches-prefix",
    "prerenders-without-date",
    "repeats-content-type",
    "replays",
];

/// And by a `Date` that stands still, which is told from a cached one after two seconds.
const DATES: [&str; 2] = ["freezes-date", "prerenders-all"];

/// And by what they take of the machine, where there is more than they were given.
const CORES: [&str; 1] = ["leaves-cores-under-load"];
const ROOTS: [&str; 1] = ["is-nice-under-load"];

/// The gates that are for cheats.
const GATES: [Gate; 3] = [Gate::Audit, Gate::Confinement, Gate::Errors];

/// Makes an entry of each, which leaves a file of its name in `begun` once it has begun to cheat.
fn add_entries(root: &Path, program: &Path, begun: &Path, cheats: &[&str]) {
    for cheat in cheats {
        let folder = root.join("implementations").join(cheat);
        fs::create_dir_all(&folder).expect("folder");
        let (program, begun) = (program.display(), begun.join(cheat));
        let manifest = format!(
            "id: {cheat}\nname: {cheat}\nlanguage: rust\nframework: {{ name: std, url: \
             \"https://doc.rust-lang.org\" }}\nconcurrency: a thread per connection\n\
             protocols: [http/1.1]\nprocess:\n  run: [\"{program}\", {cheat}, \"{}\"]\n  \
             version: [\"{program}\", --version]\nendpoints: [plaintext, echo]\n",
            begun.display()
        );
        fs::write(folder.join("implementation.yaml"), manifest).expect("manifest");
    }
}

struct Ran {
    /// The rows of the report, by entry.
    rows: BTreeMap<String, Value>,
    record: Record,
    told: String,
}

fn bench(root: &Path, workload: &str, measure: &str, entries: &[&str]) -> Ran {
    let results = tempfile::tempdir().expect("folder");
    let program = env!("CARGO_BIN_EXE_httpdyno");
    let output = Command::new(program)
        .args(["bench", "--connections", "2", "--blocks", "2", "--workload", workload])
        .args(["--measure", measure, "--root"])
        .arg(root)
        .arg("--results")
        .arg(results.path())
        .arg("--impl")
        .args(entries)
        .stdin(Stdio::null())
        .output()
        .expect("httpdyno runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let told = text(&output.stdout) + &text(&output.stderr);
    let folder = results::record_in(results.path()).unwrap_or_else(|| panic!("no record: {told}"));
    let report = Command::new(program)
        .args(["report", "--format", "json"])
        .arg(&folder)
        .output()
        .expect("httpdyno runs");
    let report: Value = serde_json::from_slice(&report.stdout).expect("JSON");
    let rows = report["points"][0]["rows"].as_array().expect("rows").iter();
    let rows = rows.map(|row| (row["entry"].as_str().expect("a name").to_owned(), row.clone()));
    let rows = rows.collect();
    Ran { rows, record: Record::read(&folder).expect("a record"), told }
}

/// The gates for cheats that failed in the trials of `entry`, with what they said.
fn caught(record: &Record, entry: &str) -> Vec<String> {
    let is_of = |trial: &&TrialRecord| trial.entry.as_str() == entry;
    let measured = record.trials.iter().filter(is_of).filter_map(|trial| trial.measurement());
    let failed = measured.flat_map(|measured| measured.failed_gates.iter());
    let of_cheats = failed.filter(|failed| GATES.into_iter().any(|gate| failed.is(gate)));
    of_cheats.map(|failed| format!("{}: {}", failed.gate, failed.message)).collect()
}

/// Benches the cheats at `workload` beside an honest server until each has had the time to cheat, and
/// looks that whoever has is caught.
fn judge(workload: &str, measures: &[&str], cheats: &[&str]) {
    let (root, begun) = (tree::empty(), tempfile::tempdir().expect("folder"));
    let all = [&["honest"], cheats].concat();
    add_entries(
        root.path(),
        &built_example(&tree::root(), "misbehaving_server"),
        begun.path(),
        &all,
    );
    let mut left: Vec<&str> = cheats.to_vec();
    for measure in measures {
        let ran = bench(root.path(), workload, measure, &[&["honest"][..], &left].concat());
        let Ran { rows, record, told } = &ran;
        assert_eq!(caught(record, "honest"), [""; 0], "{told}");
        let has_begun = |cheat: &str| begun.path().join(cheat).exists();
        let (cheated, idle): (Vec<&str>, Vec<&str>) = left.iter().partition(|it| has_begun(it));
        for cheat in cheated {
            assert_ne!(caught(record, cheat), [""; 0], "{cheat} got through: {told}");
            let row = &rows[cheat];
            assert!(row["rank"].is_null() && !row["not_ranked"].is_null(), "{cheat}: {row}");
            let figures = &row["figures"];
            for figure in ["throughput_per_s", "server_cpu_ns", "latency"] {
                assert!(figures[figure].is_null(), "{cheat}: {figure} stands: {row}");
            }
        }
        left = idle;
        if left.is_empty() {
            return;
        }
    }
    panic!("{left:?} had no time to cheat");
}

#[test]
fn whoever_answers_the_load_otherwise_gets_no_figure() {
    let plaintext: Vec<&str> = ANSWERS.into_iter().filter(|it| *it != "replays").collect();
    judge("plaintext", &["1s", "4s", "16s"], &plaintext);
    judge("echo-small", &["1s", "4s", "16s"], &["replays"]);
}

#[test]
fn whose_date_stands_still_gets_no_figure() {
    judge("plaintext", &["5s", "20s"], &DATES);
}

#[test]
fn whoever_takes_more_of_the_machine_gets_no_figure() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    let of_cores: &[&str] = if cores > 1 { &CORES } else { &[] };
    let of_root: &[&str] = if is_root { &ROOTS } else { &[] };
    let cheats = [of_cores, of_root].concat();
    if !cheats.is_empty() {
        judge("plaintext", &["1s", "4s", "16s"], &cheats);
    }
}
