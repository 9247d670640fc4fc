//! `conform --known`: what somebody's own server is known to fail. Red is what is new, and what passes now.

use std::fmt::Write as _;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use clap::Args;
use httpdyno_record::files::write_whole;
use httpdyno_record::{CaseRecord, CaseStatus};
use httpdyno_report::conformance_json::is_of_contract;
use httpdyno_runner::case_ids;
use httpdyno_spec::SpecTree;
use httpdyno_spec::known::{KnownFailure, KnownFailures, KnownFile};
use httpdyno_spec::suite::Suite;

use crate::exit::Failure;

#[derive(Args)]
pub(crate) struct KnownOption {
    /// With --url or a suite: cases that the server is known to fail, with the reasons. What is new
    /// fails, and what passes now [default: httpdyno/known.yaml of the suite, where there is one]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["entries", "faults"])]
    pub(super) known: Option<PathBuf>,
    /// Ask three times, and write what fails into this file, or into that of --known: reasons that are
    /// there are kept, what passes is taken out
    #[arg(long, value_name = "FILE", conflicts_with_all = ["entries", "faults", "write_snapshot"])]
    pub(super) write_known: Option<Option<PathBuf>>,
    /// With --write-known: why the cases fail that are new in the file
    #[arg(long, value_name = "TEXT", requires = "write_known")]
    reason: Option<String>,
}

/// What stands in the place of a reason that nobody gave.
const NO_REASON: &str = "no reason is given yet";

/// So many items that are to be deleted are named.
const MOST_NAMED: usize = 40;

/// The files that the option names, read.
pub(super) struct Known {
    /// None: there is no file yet.
    read: Option<KnownFailures>,
    /// Where it is to be written, if it is.
    to: Option<PathBuf>,
    reason: String,
}

impl Known {
    /// Before anything is asked: a wrong file is said at once.
    pub(super) fn read(
        options: &KnownOption,
        tree: &SpecTree,
        suite: Option<&Suite>,
    ) -> Result<Self, Failure> {
        let of_suite = suite.map(|suite| suite.folder.join(Suite::KNOWN));
        let named = options.write_known.as_ref().and_then(Option::as_ref);
        let to = options.write_known.as_ref().map(|_| named.or(options.known.as_ref()));
        let to = match (to, &of_suite) {
            (Some(None), None) => {
                return Err(Failure::new(
                    "--write-known: name the file that is to be written, as `--write-known \
                     known.yaml`, or with --known",
                ));
            }
            (to, of_suite) => to.and_then(|to| to.or(of_suite.as_ref()).cloned()),
        };
        let there = |path: &&PathBuf| path.exists();
        let from = match &options.known {
            Some(path) if !path.exists() && to.as_ref() != Some(path) => {
                return Err(Failure::new(format!(
                    "--known: there is no file {}; `--write-known` in its place writes it",
                    path.display()
                )));
            }
            named => named.as_ref().or(to.as_ref()).or(of_suite.as_ref()).filter(there),
        };
        let read = from.map(|path| KnownFailures::read(path, &case_ids(tree))).transpose()?;
        let reason = options.reason.clone().unwrap_or_default();
        if options.reason.is_some() && reason.trim().is_empty() {
            return Err(Failure::new("--reason is empty; say why the server fails what it fails"));
        }
        Ok(Self { read, to, reason })
    }

    pub(super) fn is_to_be_written(&self) -> bool {
        self.to.is_some()
    }

    /// What the verdicts are weighed with. Before a file is written, everything is found as it is.
    pub(super) fn failures(&self) -> Vec<KnownFailure> {
        let of_file = |read: &KnownFailures| read.file.known_failures.clone();
        self.read.as_ref().filter(|_| self.to.is_none()).map_or(Vec::new(), of_file)
    }

    /// Says in each verdict on what passes now which lines are to be deleted.
    pub(super) fn explain(&self, cases: &mut [CaseRecord]) {
        let Some(read) = &self.read else { return };
        for case in cases.iter_mut().filter(|case| case.status == CaseStatus::UnexpectedPass) {
            let Some((known, lines)) = read.find(&case.case) else { continue };
            case.reason = format!(
                "it is known to fail ({}) and passes now: delete its item, {} of {}",
                known.reason,
                named(&lines),
                read.path.display()
            );
        }
    }

    /// For people: what is to be deleted, and what has no reason.
    pub(super) fn text(&self, cases: &[CaseRecord]) -> String {
        let Some(read) = &self.read else { return String::new() };
        let (path, mut text) = (read.path.display(), String::new());
        let passes = |case: &&CaseRecord| case.status == CaseStatus::UnexpectedPass;
        let passing: Vec<&CaseRecord> = cases.iter().filter(passes).collect();
        if !passing.is_empty() {
            let _ = writeln!(
                text,
                "{path}: of what is known to fail, {} now; delete (or write the file anew with \
                 --write-known):",
                counted(passing.len(), "case passes", "cases pass")
            );
        }
        for case in passing.iter().take(MOST_NAMED) {
            if let Some((_, lines)) = read.find(&case.case) {
                let _ = writeln!(text, "  {}: {}", named(&lines), case.case);
            }
        }
        if passing.len() > MOST_NAMED {
            let _ = writeln!(text, "  ... and {} more", passing.len() - MOST_NAMED);
        }
        let all = read.file.known_failures.iter();
        let unsaid = all.filter(|known| known.reason.starts_with(NO_REASON)).count();
        if unsaid > 0 {
            let items = counted(unsaid, "known failure has", "known failures have");
            let _ = writeln!(text, "{path}: {items} no reason yet; say why in `reason`");
        }
        text
    }

    /// Writes the file by what several runs found, and weighs the first of them with it. Gives what is to
    /// be said of it.
    pub(super) fn write(
        &self,
        runs: &mut [Vec<CaseRecord>],
        counts: impl Fn(&CaseRecord) -> bool,
    ) -> Result<String, Failure> {
        let Some(path) = &self.to else { return Ok(String::new()) };
        let before = self.read.as_ref().map_or_else(KnownFile::empty, |read| read.file.clone());
        let file = anew(&before, runs, counts, &self.reason)?;
        write_whole(path, file.to_yaml())
            .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))?;
        if let Some(first) = runs.first_mut() {
            weigh(first, &file);
        }
        Ok(said(path, &before, &file))
    }
}

/// What a file holds after `before`: what still fails or was not asked, with its reason, then what is new.
fn anew(
    before: &KnownFile,
    runs: &[Vec<CaseRecord>],
    counts: impl Fn(&CaseRecord) -> bool,
    reason: &str,
) -> Result<KnownFile, Failure> {
    let statuses = |id: &str| -> Vec<CaseStatus> {
        let found = runs.iter().filter_map(|run| run.iter().find(|case| case.case == id));
        found.map(|case| case.status).collect()
    };
    let passes = |status: &CaseStatus| *status == CaseStatus::Pass;
    let mut file = KnownFile::empty();
    for known in &before.known_failures {
        let found = statuses(known.case.as_str());
        let (some, all) = (found.iter().any(passes), found.iter().all(passes));
        if !(some && all) || known.varies {
            file.known_failures
                .push(KnownFailure { varies: known.varies || some, ..known.clone() });
        }
    }
    for case in runs.iter().flatten().filter(|case| case.status.fails_entry() && counts(case)) {
        if file.known_failures.iter().any(|known| known.case.as_str() == case.case) {
            continue;
        }
        let reason = match reason {
            "" => format!("{NO_REASON} (observed: {})", case.observed),
            given => given.to_owned(),
        };
        let varies = statuses(&case.case).iter().any(passes);
        file.known_failures.push(KnownFailure { case: case.case.parse()?, reason, varies });
    }
    Ok(file)
}

/// The verdicts as they are with this file.
fn weigh(cases: &mut [CaseRecord], file: &KnownFile) {
    for known in &file.known_failures {
        let of_it = |case: &&mut CaseRecord| case.case == known.case.as_str();
        let Some(case) = cases.iter_mut().find(of_it) else { continue };
        if case.status != CaseStatus::NotApplicable {
            case.status = CaseStatus::KnownDeviation;
            case.reason.clone_from(&known.reason);
        }
    }
}

fn said(path: &Path, before: &KnownFile, after: &KnownFile) -> String {
    let missing = |from: &KnownFile, other: &KnownFile| {
        let is_in = |known: &&KnownFailure| {
            other.known_failures.iter().any(|other| other.case == known.case)
        };
        from.known_failures.iter().filter(|known| !is_in(known)).count()
    };
    let unsaid = after.known_failures.iter().filter(|known| known.reason.starts_with(NO_REASON));
    let remedy = if unsaid.count() > 0 { "; say why in `reason`" } else { "" };
    format!(
        "{}: {}, {} of them new; {} taken out{remedy}\n",
        path.display(),
        counted(after.known_failures.len(), "known failure", "known failures"),
        missing(after, before),
        missing(before, after)
    )
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn named(lines: &RangeInclusive<usize>) -> String {
    match lines.start() == lines.end() {
        true => format!("line {}", lines.start()),
        false => format!("lines {} to {}", lines.start(), lines.end()),
    }
}

/// What decides the exit code of a check of somebody's own server.
pub(super) fn decides(case: &CaseRecord, contract: bool) -> bool {
    contract || !is_of_contract(case)
}

#[cfg(test)]
mod tests {
    use httpdyno_spec::exchange::Level;

    use super::*;

    fn run(statuses: &[(&str, CaseStatus)]) -> Vec<CaseRecord> {
        let case = |(id, status): &(&str, CaseStatus)| CaseRecord {
            entry: "server".into(),
            case: (*id).into(),
            title: String::new(),
            level: Level::Must,
            source: String::new(),
            requires: String::new(),
            status: *status,
            observed: "200, open".into(),
            reason: String::new(),
            expected: String::new(),
            sent: String::new(),
            received: String::new(),
            duration_ns: 0,
        };
        statuses.iter().map(case).collect()
    }

    fn known(case: &str, reason: &str, varies: bool) -> KnownFailure {
        KnownFailure { case: case.parse().expect("an id"), reason: reason.to_owned(), varies }
    }

    /// What was known before.
    fn before() -> KnownFile {
        KnownFile {
            version: 1,
            known_failures: vec![
                known("h1/a/still", "proxy: \"old\"\nticket 17", false),
                known("h1/a/mended", "gone", false),
                known("h1/a/once", "gone, at times", false),
                known("h1/a/varies", "a race", true),
                known("h1/a/not-asked", "kept", false),
                known("h1/a/not-here", "kept", false),
                known("h1/a/weak", "a SHOULD", false),
            ],
        }
    }

    #[test]
    fn a_file_that_is_written_again_keeps_reasons_and_loses_what_passes() {
        use CaseStatus::{Fail, NotApplicable, Pass, Warn};
        let before = before();
        let of = |first: CaseStatus, second: CaseStatus| {
            [
                run(&[
                    ("h1/a/still", Fail),
                    ("h1/a/mended", Pass),
                    ("h1/a/once", first),
                    ("h1/a/varies", Pass),
                    ("h1/a/not-here", NotApplicable),
                    ("h1/a/weak", Warn),
                    ("h1/b/new", Fail),
                    ("h1/b/new-warning", Warn),
                    ("app/json/body", Fail),
                ]),
                run(&[
                    ("h1/a/still", Fail),
                    ("h1/a/mended", Pass),
                    ("h1/a/once", second),
                    ("h1/b/new", Pass),
                    ("h1/b/late", Fail),
                ]),
            ]
        };
        let runs = of(Fail, Pass);
        let file = anew(&before, &runs, |case| decides(case, false), "").expect("a file");
        let ids: Vec<(&str, bool)> =
            file.known_failures.iter().map(|it| (it.case.as_str(), it.varies)).collect();
        assert_eq!(
            ids,
            [
                ("h1/a/still", false),
                ("h1/a/once", true),
                ("h1/a/varies", true),
                ("h1/a/not-asked", false),
                ("h1/a/not-here", false),
                ("h1/a/weak", false),
                ("h1/b/new", true),
                ("h1/b/late", false)
            ]
        );
        assert_eq!(file.known_failures[0].reason, "proxy: \"old\"\nticket 17");
        assert_eq!(file.known_failures[7].reason, "no reason is given yet (observed: 200, open)");
        let text = said(Path::new("k.yaml"), &before, &file);
        assert_eq!(
            text,
            "k.yaml: 8 known failures, 2 of them new; 1 taken out; say why in `reason`\n"
        );
        let file = anew(&before, &runs, |case| decides(case, true), "why").expect("a file");
        let last = file.known_failures.last().expect("one");
        let of_app = file.known_failures.iter().find(|it| it.case.as_str() == "app/json/body");
        assert_eq!(of_app.map(|it| it.reason.as_str()), Some("why"));
        assert_eq!(last.reason, "why");

        let mut cases = runs[0].clone();
        weigh(&mut cases, &file);
        let failing: Vec<&str> = cases
            .iter()
            .filter(|case| case.status.fails_entry())
            .map(|case| case.case.as_str())
            .collect();
        assert_eq!(failing, [""; 0]);
        assert_eq!(cases[4].status, NotApplicable);
    }
}
