//! Ctrl-C in `bench`, `capacity` and `scale` at many moments: they end at once with 130, and nothing
//! that they have started or written is left but a record of trials.

#[path = "support/interrupting.rs"]
mod interrupting;
#[path = "support/leftovers.rs"]
mod leftovers;
#[path = "support/results.rs"]
mod results;
#[path = "support/tree.rs"]
mod tree;

use std::cell::RefCell;
use std::fs;

use httpdyno_record::{Ending, Record};
use interrupting::{Run, ends_at_once, root_with};

/// A verb that measures, with a folder of results for each time that it is tried.
struct Measuring<'a> {
    verb: &'a str,
    arguments: Vec<&'a str>,
    results: RefCell<tempfile::TempDir>,
}

impl<'a> Measuring<'a> {
    fn new(verb: &'a str, arguments: &[&'a str]) -> Self {
        let results = RefCell::new(tempfile::tempdir().expect("folder"));
        Self { verb, arguments: arguments.to_vec(), results }
    }

    fn start(&self) -> Run {
        self.results.replace(tempfile::tempdir().expect("folder"));
        let results = self.results.borrow();
        let folder = results.path().to_str().expect("UTF-8");
        Run::of(self.verb, &[&self.arguments[..], &["--results", folder]].concat())
    }

    /// The lines of its trials.
    fn trials(&self) -> usize {
        let record = results::record_in(self.results.borrow().path());
        let text = record.map(|it| fs::read_to_string(it.join("trials.jsonl")));
        text.and_then(Result::ok).map_or(0, |text| text.lines().count())
    }

    /// At each of these moments, by the number of its trials until then and a word in the command line
    /// of what runs: what there is of the record is whole, and without a trial there is none.
    fn ends_at_once_after(&self, moments: &[(usize, &str)]) {
        for &(trials, word) in moments {
            let moment = |run: &Run| self.trials() >= trials && run.runs(word);
            let what = format!("{} after {trials} trials", self.verb);
            ends_at_once(&what, || self.start(), moment);
            match results::record_in(self.results.borrow().path()) {
                None => assert_eq!(trials, 0, "{what}: no record"),
                Some(folder) => {
                    let record = Record::read(&folder).expect("a record");
                    assert!(
                        record.trials.len() >= trials.max(1),
                        "{what}: {}",
                        record.trials.len()
                    );
                    assert_eq!(record.run.ending, Ending::Interrupted, "{what}");
                }
            }
        }
    }
}

/// Many short trials, so that a moment falls into any part of one.
const SHORT: [&str; 4] = ["--measure", "300ms", "--workload", "json"];

#[test]
fn while_a_bench_measures() {
    let root = root_with(&tree::server("rust-std"), "", None);
    let folder = root.path().to_str().expect("UTF-8");
    let arguments = [&["--root", folder, "--impl", "some", "--blocks", "50"], &SHORT[..]].concat();
    let bench = Measuring::new("bench", &arguments);
    bench.ends_at_once_after(&[(0, "--queue mutex"), (1, "--queue mutex"), (4, "null-server")]);
}

#[test]
fn while_a_capacity_is_searched() {
    let root = root_with(&tree::server("rust-std"), "", None);
    let folder = root.path().to_str().expect("UTF-8");
    // An objective that is met at any rate: the search goes on, and its curve is long.
    let asked = ["--root", folder, "some", "--slo", "p50=30s", "--goodput", "0", "--soak", "20s"];
    let capacity = Measuring::new("capacity", &[&asked[..], &SHORT].concat());
    let server = "--queue mutex";
    capacity.ends_at_once_after(&[(0, server), (1, server), (3, server)]);
}

#[test]
fn while_it_is_measured_how_an_entry_scales() {
    let root = root_with(&tree::server("rust-std"), "", None);
    let folder = root.path().to_str().expect("UTF-8");
    let arguments = [&["--root", folder, "some", "--blocks", "50"], &SHORT[..]].concat();
    let scale = Measuring::new("scale", &arguments);
    let server = "--queue mutex";
    scale.ends_at_once_after(&[(0, server), (1, server), (3, server)]);
}

#[test]
fn while_a_verb_that_measures_builds() {
    let script = "trap '' INT; sleep 3600 & wait";
    let build = format!("  build: [sh, -c, \"{script}\"]\n");
    let root = root_with("/nonexistent".as_ref(), &build, None);
    let folder = root.path().to_str().expect("UTF-8");
    let of_bench: &[&str] = &["--root", folder, "--impl", "some"];
    let of_others: &[&str] = &["--root", folder, "some"];
    for (verb, arguments) in [("bench", of_bench), ("capacity", of_others), ("scale", of_others)] {
        Measuring::new(verb, arguments).ends_at_once_after(&[(0, "sleep 3600")]);
    }
}
