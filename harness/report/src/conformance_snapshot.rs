//! What the cases found of one implementation, one line for each case: the text of its
//! `conformance.snap`, in which a change of behaviour is a readable difference.

use std::fmt::Write as _;

use httpdyno_record::{CaseRecord, CaseStatus};

use crate::conformance_json::by_entry;

/// The name of the file in the implementation's folder.
pub const FILE: &str = "conformance.snap";

/// As insta writes it, so that the test of all snapshots takes what the command line wrote.
const HEADER: &str = "---\nsource: harness/cli/tests/snapshots.rs\n---\n";

/// One line for each case; where the variants differ, one for each variant below it. `cases` are
/// those of all variants of one implementation.
#[must_use]
pub fn render(cases: &[CaseRecord]) -> String {
    let of_variants = by_entry(cases);
    let Some((_, first)) = of_variants.first() else { return String::new() };
    let width = first.iter().map(|case| case.case.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (index, case) in first.iter().enumerate() {
        let lines: Vec<String> = of_variants.iter().map(|(_, cases)| line(cases[index])).collect();
        if lines.iter().all(|line| *line == lines[0]) {
            let _ = writeln!(text, "{:width$}  {}", case.case, lines[0].trim_end());
            continue;
        }
        let _ = writeln!(text, "{:width$}  the variants differ:", case.case);
        for ((variant, _), line) in of_variants.iter().zip(&lines) {
            let _ = writeln!(text, "{:width$}    {variant}: {}", "", line.trim_end());
        }
    }
    text
}

/// How a known deviation shows itself is left out: what an engine does where it is at a loss often
/// depends on how its reads fall.
fn line(case: &CaseRecord) -> String {
    match case.status {
        CaseStatus::KnownDeviation => case.status.to_string(),
        _ => format!("{:15} {}", case.status.to_string(), case.observed),
    }
}

/// A snapshot as the content of its file.
#[must_use]
pub fn to_file(snapshot: &str) -> String {
    format!("{HEADER}{}\n", snapshot.trim_end())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{FILE, HEADER, to_file};

    /// What insta wrote for the entries that are there is what would be written for a new one.
    #[test]
    fn the_file_is_the_one_that_insta_writes() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("root");
        let path = root.join("implementations/rust-hyper").join(FILE);
        let written = std::fs::read_to_string(path).expect("a snapshot");
        let snapshot = written.strip_prefix(HEADER).expect("insta's header");
        assert_eq!(to_file(&format!("{snapshot}\n")), written);
    }
}
