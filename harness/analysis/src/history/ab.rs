//! The A/B run that an alarm asks for.

use httpdyno_record::Role;

use super::reading::{Place, Reading};
use crate::legible::one_line;
use crate::provenance::{command, quoted};

/// The commands that measure both revisions anew, on this machine and in one sitting, and compare
/// them. Where the repository did not change between the records, what is left is to repeat the
/// later one.
pub(super) fn commands(before: &Reading, after: &Reading, place: &Place) -> Vec<String> {
    let revision = |reading: &Reading| {
        let revision = reading.run.git_revision.as_deref()?;
        Some(one_line(revision.strip_suffix("-dirty").unwrap_or(revision)))
    };
    match (revision(before), revision(after)) {
        (Some(old), Some(new)) if old != new => vec![
            format!("git worktree add ../ab/before {old}"),
            format!("git worktree add ../ab/after {new}"),
            bench(after, place, &["--root", "../ab/before", "--results", "../ab/results-before"]),
            bench(after, place, &["--root", "../ab/after", "--results", "../ab/results-after"]),
            // The shell finds the one record in each.
            "httpdyno compare --base ../ab/results-before/*/ --candidate ../ab/results-after/*/"
                .to_owned(),
        ],
        _ => {
            let record = one_line(&quoted(&before.record));
            vec![
                bench(after, place, &["--results", "../ab/results-again"]),
                format!("httpdyno compare --base {record} --candidate ../ab/results-again/*/"),
            ]
        }
    }
}

/// A bench of this entry alone, as the trials of `reading` were made.
fn bench(reading: &Reading, place: &Place, more: &[&str]) -> String {
    let profile = &reading.run.profile;
    let mut arguments = vec!["httpdyno".to_owned(), "bench".to_owned(), "--impl".to_owned()];
    arguments.push(place.entry.clone());
    if reading.reference.role == Role::Entry {
        let reference = &reading.reference.entry;
        arguments.extend([reference.clone(), "--baseline".to_owned(), reference.clone()]);
    }
    let is_contained =
        reading.entry(&place.entry).is_some_and(|entry| entry.image_digest.is_some());
    if is_contained {
        arguments.extend(["--isolation", "container"].map(str::to_owned));
    }
    let (connections, blocks) = (place.connections.to_string(), profile.blocks.to_string());
    let (id, warmup) = (profile.id.to_string(), profile.warmup.to_string());
    let measure = profile.measure.to_string();
    let how = [
        ["--profile", &id],
        ["--workload", &place.workload],
        ["--connections", &connections],
        ["--rates", "none"],
        ["--warmup", &warmup],
        ["--measure", &measure],
        ["--blocks", &blocks],
    ];
    arguments.extend(how.iter().flatten().chain(more).map(|&argument| argument.to_owned()));
    command(&arguments)
}
