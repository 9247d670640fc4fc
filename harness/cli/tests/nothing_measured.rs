//! Runs in which nothing could be measured, or ranked: they say so first, leave no record, and blame no
//! server for what this machine lacks.

#[path = "support/results.rs"]
mod results;
#[path = "support/tree.rs"]
mod tree;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use httpdyno_record::Record;
use httpdyno_testkit::Server;

struct Ran {
    code: Option<i32>,
    text: String,
    progress: String,
    record: Option<Record>,
}

impl Ran {
    fn of(output: &Output, results: &Path) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            code: output.status.code(),
            text: text(&output.stdout),
            progress: text(&output.stderr),
            record: results::record_in(results).map(|it| Record::read(&it).expect("a record")),
        }
    }

    /// The first line that is not empty.
    fn first_line(&self) -> &str {
        self.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default()
    }
}

/// The smallest of everything.
const SMALL: [&str; 6] = ["--connections", "2", "--measure", "100ms", "--workload", "json"];

/// Runs a verb on `root`; of `limit`, with so many files that it may have open.
fn run(root: &Path, arguments: &[&str], limit: Option<u32>) -> Ran {
    let results = tempfile::tempdir().expect("folder");
    let mut command = match limit {
        None => Command::new(env!("CARGO_BIN_EXE_httpdyno")),
        Some(limit) => {
            let mut command = Command::new("sh");
            let script = format!("ulimit -n {limit}; exec \"$0\" \"$@\"");
            command.args(["-c", &script, env!("CARGO_BIN_EXE_httpdyno")]);
            command
        }
    };
    command.args(arguments).arg("--root").arg(root).arg("--results").arg(results.path());
    let output = command.stdin(Stdio::null()).output().expect("it runs");
    Ran::of(&output, results.path())
}

fn root_with(id: &str, program: &Path) -> tempfile::TempDir {
    let root = tree::empty();
    tree::add_implementation(root.path(), id, program, "");
    root
}

#[test]
fn a_run_without_a_trial_says_why_first_and_leaves_no_record() {
    let root = root_with("missing", Path::new("/nonexistent/server"));
    for verb in ["bench", "scale", "capacity"] {
        let entry: &[&str] = if verb == "bench" { &["--impl", "missing"] } else { &["missing"] };
        let ran = run(root.path(), &[&[verb], entry, &SMALL[..]].concat(), None);
        assert_eq!(ran.code, Some(1), "{verb}: {}{}", ran.text, ran.progress);
        assert!(ran.record.is_none(), "{verb}: {}", ran.progress);
        assert!(
            ran.progress.contains("nothing was measured, so no record is left"),
            "{}",
            ran.progress
        );
        assert!(!ran.progress.contains("record: "), "{}", ran.progress);
        assert!(ran.progress.contains("/nonexistent/server"), "{}", ran.progress);
        if verb == "bench" {
            let line = ran.first_line();
            assert!(
                line.starts_with("nothing could be ranked: the entry was not measured"),
                "{line}"
            );
            assert!(ran.text.contains("mend what is named"), "{}", ran.text);
        }
    }
}

#[test]
fn one_block_is_explained_before_the_run_and_in_the_first_line_after_it() {
    let root = root_with("honest", &tree::server("rust-std"));
    let asked = [&["bench", "--impl", "honest", "--blocks", "1"], &SMALL[..]].concat();
    let ran = run(root.path(), &asked, None);
    assert!(matches!(ran.code, Some(0 | 3)), "{}{}", ran.text, ran.progress);
    let line = ran.first_line();
    assert!(
        line.starts_with("nothing could be ranked: one block says nothing of chance"),
        "{line}"
    );
    assert!(ran.text.contains("--blocks 3"), "{}", ran.text);
    let (said, checked) =
        (ran.progress.find("one block says nothing"), ran.progress.find("honest"));
    assert!(said < checked && said.is_some(), "at once: {}", ran.progress);
    assert!(!ran.record.expect("it measured").trials.is_empty());
}

/// Of so few files some are the harness's own: not all connections of the load can be opened, or not all
/// of the cases before it.
#[test]
fn files_that_this_machine_has_not_are_no_failure_of_a_server() {
    let root = root_with("honest", &tree::server("rust-std"));
    let server = Server::perfect();
    let url = format!("http://{}", server.address());
    let few = ["--connections", "96", "--measure", "100ms", "--workload", "json"];
    let of_bench = [&["bench", "--impl", "honest", "--blocks", "2"], &few[..]].concat();
    let of_scale = [&["scale", "honest", "--blocks", "2"], &few[..]].concat();
    let of_capacity = [&["capacity", "--url", &url], &few[..]].concat();
    for (asked, limit) in [(of_bench, 64), (of_scale, 64), (of_capacity, 48)] {
        let ran = run(root.path(), &asked, Some(limit));
        let said = format!("{asked:?}: {}{}", ran.text, ran.progress);
        assert_eq!(ran.code, Some(2), "{said}");
        assert!(ran.progress.contains("ulimit -n"), "{said}");
        assert!(!ran.progress.contains("does not conform"), "{said}");
        // Nobody has a trial that failed for it.
        let trials = ran.record.map(|record| record.trials).unwrap_or_default();
        assert!(trials.iter().all(|trial| trial.measurement().is_some()), "{said}");
    }
}
