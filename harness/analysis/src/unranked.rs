//! Why nothing could be ranked, and what to do: what a reader must be told before anything else.

use std::collections::BTreeMap;

use httpdyno_record::{Ending, Gate, Record, Role, TrialOutcome, TrialRecord};

use crate::comparison::Comparison;
use crate::legible::one_line;

/// In one sentence; nothing where an entry is ranked at some point, or the record is none of a
/// comparison (`capacity`, `scale`, a proof of the null server against itself).
#[must_use]
pub fn sentence(record: &Record, comparison: &Comparison) -> Option<String> {
    let run = &record.run;
    let rows = comparison.points.iter().flat_map(|point| &point.rows);
    let mut rows = rows.filter(|row| row.role == Role::Entry);
    let compares =
        record.trials.is_empty() || record.trials.iter().any(|trial| trial.purpose.is_compared());
    let has_entries = run.entries.iter().any(|entry| entry.role == Role::Entry);
    if !compares || !has_entries || rows.any(|row| row.rank.is_some()) {
        return None;
    }
    let (why, remedy) = if record.trials.is_empty() {
        without_a_trial(record)
    } else if run.design.map_or(run.profile.blocks, |design| design.blocks) == 1 {
        ("one block says nothing of chance".to_owned(), "ask for more with --blocks 3".to_owned())
    } else if run.ending != Ending::Complete && !has_two_blocks(record) {
        ("the run ended before its second block".to_owned(), "let it come to its end".to_owned())
    } else {
        by_cause(record, comparison)
    };
    Some(format!("nothing could be ranked: {why}; {remedy}"))
}

fn has_two_blocks(record: &Record) -> bool {
    record.trials.iter().any(|trial| trial.block > 0)
}

/// Why no trial was made.
fn without_a_trial(record: &Record) -> (String, String) {
    let excluded = record.run.entries.iter().filter_map(|entry| {
        let reason = entry.excluded.as_ref()?;
        Some(one_line(&format!("{}: {}", entry.entry, reason.lines().next().unwrap_or_default())))
    });
    let excluded: Vec<String> = excluded.collect();
    if record.run.ending != Ending::Complete {
        return (
            "the run ended before its first trial".to_owned(),
            "let it come to its end".into(),
        );
    }
    match excluded.as_slice() {
        [] => (
            "no entry serves what is asked for, so no trial was made".to_owned(),
            "choose another workload with --workload, or other entries with --impl".to_owned(),
        ),
        [one] => (
            format!("the entry was not measured ({one})"),
            "mend what is named, or choose others with --impl".to_owned(),
        ),
        [first, others @ ..] => (
            format!("no entry was measured ({first}; and {} more, below)", others.len()),
            "mend what is named, or choose others with --impl".to_owned(),
        ),
    }
}

/// The cause that took the most trials, and what is to be done about it.
fn by_cause(record: &Record, comparison: &Comparison) -> (String, String) {
    let mut causes: BTreeMap<String, (usize, &str)> = BTreeMap::new();
    let is_entry = |trial: &&TrialRecord| {
        let mut all = record.run.entries.iter();
        all.any(|entry| entry.role == Role::Entry && entry.entry == trial.entry)
    };
    let trials: Vec<&TrialRecord> =
        record.trials.iter().filter(|trial| trial.purpose.is_compared()).filter(is_entry).collect();
    for (cause, message) in trials.iter().filter_map(|trial| taken_by(trial, comparison)) {
        causes.entry(cause).or_insert((0, message)).0 += 1;
    }
    // Of causes that took as many, the one that is first by name: the line is the same each time.
    let most = causes.iter().max_by_key(|(cause, (taken, _))| (*taken, std::cmp::Reverse(*cause)));
    match most {
        Some((cause, (taken, message))) => (
            format!(
                "{} took {taken} of {} trials ({})",
                one_line(cause),
                trials.len(),
                one_line(message.lines().next().unwrap_or_default())
            ),
            remedy(cause).to_owned(),
        ),
        None => {
            let mut rows = comparison.points.iter().flat_map(|point| &point.rows);
            let reason = rows.find_map(|row| row.not_ranked.as_deref());
            let reason = one_line(reason.unwrap_or("no entry has figures in two blocks"));
            (reason, "ask for more blocks with --blocks".to_owned())
        }
    }
}

/// What took the figure that a trial's point is ranked by, where it has none.
fn taken_by<'a>(trial: &'a TrialRecord, comparison: &Comparison) -> Option<(String, &'a str)> {
    let at = (&trial.workload, trial.connections, trial.offered_per_s);
    let mut points = comparison.points.iter();
    let point = points.find(|it| (&it.workload, it.connections, it.offered_per_s) == at)?;
    let figure = point.ranked_by.figure();
    match &trial.outcome {
        TrialOutcome::Failed { stage, reason } => Some((format!("failed at {stage}"), reason)),
        TrialOutcome::Measured(measured) => {
            let failed = measured.failed_gates.iter().find(|gate| gate.makes_void(figure))?;
            Some((format!("gate {}", failed.gate), &failed.message))
        }
    }
}

/// What takes a cause away.
fn remedy(cause: &str) -> &'static str {
    let of_gate = cause.strip_prefix("gate ").and_then(|id| Gate::named(id)?.facts().remedy);
    match of_gate {
        Some(remedy) => remedy,
        None if cause.starts_with("failed at") => {
            "see why by `httpdyno conform --impl ENTRY`, and its log"
        }
        None => "see each cause below, and METHODOLOGY.md for what it means",
    }
}
