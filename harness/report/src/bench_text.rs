//! A comparison as a table for a terminal.

mod apart;
mod point_table;

use std::fmt::Write as _;

use httpdyno_record::{Ending, EntryRecord, Record};

use crate::comparison::{Comparison, Invalid};
use crate::composite::Composite;
use crate::quantity::ratio;
use crate::style::{Palette, styled};

/// The whole text: the validity line first, then a table for each point, then what did not count.
#[must_use]
pub fn render(record: &Record, comparison: &Comparison) -> String {
    let mut text = header(record);
    for point in &comparison.points {
        let heading = format!("{}, by {}", point.name(), point.ranked_by.name());
        let _ = writeln!(text, "{}", styled(Palette::HEADING, &heading));
        let table = point_table::table(record, point, comparison.baseline.as_deref());
        let _ = writeln!(text, "{table}");
        let _ = writeln!(text, "{}\n", point_table::validity(point));
        for apart in [apart::database(point), apart::routes(point)].into_iter().flatten() {
            let _ = writeln!(text, "{apart}\n");
        }
    }
    for composite in &comparison.composites {
        let _ = writeln!(text, "{}", composite_text(composite, comparison.baseline.as_deref()));
    }
    text.push_str(&notes(record, comparison));
    text
}

fn header(record: &Record) -> String {
    let run = &record.run;
    let mut text = format!(
        "profile {}, seed {}, {} blocks of {} each after {} warm-up; server on cores {:?}, \
         generator on cores {:?}\n{}, {} cores, {} ({})\n",
        run.profile.id,
        run.seed,
        run.profile.blocks,
        run.profile.measure,
        run.profile.warmup,
        run.cores.server,
        run.cores.generator,
        run.host.cpu_model,
        run.host.cores,
        run.host.kernel,
        run.host.fingerprint,
    );
    let mut warn = |warning: &str| {
        let _ = writeln!(text, "{}", styled(Palette::WARNING, &format!("warning: {warning}")));
    };
    if !run.profile.publishable {
        warn("this profile is for a first look; its figures are not for publication");
    }
    run.warnings.iter().for_each(|warning| warn(warning));
    match run.ending {
        Ending::Complete => {}
        Ending::Interrupted => warn("the run was interrupted; some trials are missing"),
        Ending::Unfinished => warn("the run did not come to its end; some trials are missing"),
    }
    text.push('\n');
    text
}

/// One figure over several points, with what it is over and who is not in all of them.
fn composite_text(composite: &Composite, baseline: Option<&str>) -> String {
    let heading = format!(
        "geometric mean of {} over {} of {} points, against {} (above 1 is better)",
        composite.quantity.name(),
        composite.points.len(),
        composite.of,
        baseline.unwrap_or("nothing")
    );
    let mut text = format!("{}\n", styled(Palette::HEADING, &heading));
    for score in &composite.scores {
        let _ = writeln!(
            text,
            "  {}  {} .. {}  {}, has {} of {} points",
            ratio(score.ratio_ppm),
            ratio(score.low_ppm),
            ratio(score.high_ppm),
            score.entry,
            score.covered,
            composite.of
        );
    }
    text
}

/// Conformance, and everything that is not a number.
fn notes(record: &Record, comparison: &Comparison) -> String {
    let mut text = String::new();
    for entry in &record.run.entries {
        let _ = writeln!(text, "{}", conformance_line(entry));
    }
    for (entry, cause, trials, message) in invalid_trials(comparison) {
        let _ = writeln!(
            text,
            "{} {trials} of {entry}, {cause}: {message}",
            styled(Palette::WARNING, "not a number:"),
        );
    }
    text
}

/// Each entry and cause once, in order of appearance, with the trials it hit and the first message.
fn invalid_trials(comparison: &Comparison) -> Vec<(&str, &str, String, &str)> {
    let mut found: Vec<(&str, &str, u32, &str)> = Vec::new();
    for row in comparison.points.iter().flat_map(|point| &point.rows) {
        for Invalid { cause, message, .. } in &row.invalid {
            let same = |(entry, known, ..): &&mut (&str, &str, u32, &str)| {
                *entry == row.entry && known == cause
            };
            match found.iter_mut().find(same) {
                Some((_, _, trials, _)) => *trials += 1,
                None => found.push((&row.entry, cause, 1, message)),
            }
        }
    }
    let in_words = |trials| match trials {
        1 => "1 trial".to_owned(),
        _ => format!("{trials} trials"),
    };
    let shown = |(entry, cause, trials, message)| (entry, cause, in_words(trials), message);
    found.into_iter().map(shown).collect()
}

fn conformance_line(entry: &EntryRecord) -> String {
    let version = entry.version.as_deref().unwrap_or("version unknown");
    let conformance = match &entry.conformance {
        Some(counts) => format!("conformance {counts}"),
        None => "conformance not checked".to_owned(),
    };
    let line = format!("{} ({version}): {conformance}", entry.entry);
    match &entry.excluded {
        Some(reason) => {
            format!("{line}\n{} {reason}", styled(Palette::WARNING, "  not measured:"))
        }
        None => line,
    }
}
