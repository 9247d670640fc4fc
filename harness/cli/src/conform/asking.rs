//! Builds entries and asks them, each built once however often it is asked.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use httpdyno_record::CaseRecord;
use httpdyno_runner::{
    ConformError, ConformOptions, Entry, check_faults, conform_entry, count_cases_of_entry,
};
use httpdyno_spec::SpecTree;
use httpdyno_spec::id::EntryId;
use httpdyno_target::{BuildError, Database};

use super::progress::Progress;
use crate::exit::Failure;

/// What entries are asked for.
#[derive(Clone, Copy)]
pub(crate) enum What<'a> {
    Cases(&'a ConformOptions),
    Faults,
}

/// What came of all entries.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) cases: Vec<CaseRecord>,
    /// Those that could not be checked, each with the reason.
    pub(crate) skipped: Vec<String>,
    /// Those whose checks ended by something that is not theirs, each with the reason; the next ones
    /// had their turn.
    pub(crate) broken: Vec<String>,
}

impl Found {
    /// What came of one entry. Where something that is not the server's went wrong, what its cases had
    /// found until then may be of that, and is no verdict.
    fn add(&mut self, entry: &EntryId, came: Result<Vec<CaseRecord>, ConformError>) {
        match came {
            Ok(cases) => self.cases.extend(cases),
            Err(ConformError::Start(error)) if !error.is_ours() => {
                self.skipped.push(format!("{entry}: cannot check it: {error}"));
            }
            Err(error) => self.broken.push(format!("{entry}: {error}")),
        }
    }

    /// Whether there is a verdict at all.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn has_some(&self) -> Result<(), Failure> {
        if !self.cases.is_empty() {
            return Ok(());
        }
        let reasons = self.skipped.iter().chain(&self.broken).map(String::as_str);
        let reasons: Vec<&str> = reasons.collect();
        Err(match reasons.as_slice() {
            [] => {
                Failure::new("no entry with a database could be put to the faults; see --database")
            }
            _ => Failure::new(format!("no entry could be checked:\n{}", reasons.join("\n"))),
        })
    }

    /// Who is missing in the verdicts and why; the sum last.
    pub(crate) fn tell_of_the_rest(&self, of: usize) {
        for entry in &self.skipped {
            crate::output::remark!("skipped: {entry}");
        }
        for trouble in &self.broken {
            crate::output::remark!("no verdicts: {trouble}");
        }
        let missing = self.skipped.len() + self.broken.len();
        if missing > 0 {
            crate::output::remark!(
                "{missing} of {of} entries have no verdicts, for the reasons above"
            );
        }
    }
}

/// What it takes to ask.
pub(crate) struct Asking<'a> {
    pub(crate) tree: &'a SpecTree,
    pub(crate) stop: &'a AtomicBool,
    pub(crate) database: Option<Database>,
    /// By implementation, what became of its build.
    builds: BTreeMap<String, Result<(), String>>,
}

impl<'a> Asking<'a> {
    pub(crate) fn new(
        tree: &'a SpecTree,
        stop: &'a AtomicBool,
        database: Option<Database>,
    ) -> Self {
        Self { tree, stop, database, builds: BTreeMap::new() }
    }

    /// Asks `chosen`; those that cannot be built or started are skipped.
    pub(crate) fn ask(&mut self, chosen: &[Entry], what: What<'_>) -> Found {
        let mut found = Found::default();
        let progress = Progress::new(match what {
            What::Cases(options) => chosen.len() * count_cases_of_entry(self.tree, options),
            What::Faults => chosen.len(),
        });
        for entry in chosen {
            if self.stop.load(Ordering::SeqCst) {
                break;
            }
            if let Err(reason) = self.build(entry, &progress) {
                found.skipped.push(format!("{}: {reason}", entry.id));
                continue;
            }
            progress.now(&format!("checking {}", entry.id));
            let on_case = |case: CaseRecord| progress.case(&case);
            let (tree, database) = (self.tree, self.database.as_mut());
            let of_entry = match (what, database) {
                (What::Cases(options), database) => {
                    conform_entry(tree, entry, options, database, on_case)
                }
                (What::Faults, Some(database)) if entry.uses_database(tree) => {
                    check_faults(tree, entry, database, None, |_| ())
                }
                (What::Faults, _) => continue,
            };
            found.add(&entry.id, of_entry);
        }
        found
    }

    fn build(&mut self, entry: &Entry, progress: &Progress) -> Result<(), String> {
        let stop = self.stop;
        let built = self.builds.entry(entry.manifest.id.to_string()).or_insert_with(|| {
            progress.now(&format!("building {}", entry.manifest.id));
            let built = entry.isolation.build(&entry.manifest, &entry.context, stop);
            built.map_err(|error| match error {
                BuildError::CannotBeHad { .. } => error.to_string(),
                _ => format!("cannot build it: {error}"),
            })
        });
        built.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use httpdyno_runner::ConformError;
    use httpdyno_target::StartError;

    use super::Found;

    #[test]
    fn the_trouble_of_one_entry_is_named_and_takes_nothing_from_the_others() {
        let mut found = Found::default();
        let id = |name: &str| name.parse().expect("an id");
        let start = |number| {
            let source = io::Error::from_raw_os_error(number);
            ConformError::Start(StartError::NotRunnable { command: "x".to_owned(), source })
        };
        found.add(&id("fine"), Ok(Vec::new()));
        found.add(&id("missing"), Err(start(2)));
        let run = ConformError::Run(io::Error::other("this machine cannot open a connection"));
        found.add(&id("hindered"), Err(run));
        found.add(&id("no-files"), Err(start(24)));
        found.add(&id("unowned"), Err(ConformError::NoFaults));
        let names = |all: &[String]| -> Vec<String> {
            all.iter().map(|text| text.split(':').next().unwrap_or_default().to_owned()).collect()
        };
        assert_eq!(names(&found.skipped), ["missing"]);
        assert_eq!(names(&found.broken), ["hindered", "no-files", "unowned"]);
        assert!(found.broken[0].contains("cannot open a connection"), "{:?}", found.broken);
    }
}
