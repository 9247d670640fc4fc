//! A comparison as a table for a terminal.

mod apart;
mod point_table;
mod trust;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use httpdyno_record::{Ending, EntryRecord, Record};

use crate::comparison::{Comparison, Invalid};
use crate::composite::Composite;
use crate::legible::one_line;
use crate::oddities::oddities;
use crate::quantity::ratio;
use crate::stalls;
use crate::style::{Palette, styled};
use crate::text_table::wrapped;
use crate::unranked;
use crate::validity::obstacles;

/// The whole text in lines of at most `width` letters where that can be: why nothing could be ranked
/// first, where that is so, then warnings, then for each point a table with the line that says how far to trust it, then what did not count.
#[must_use]
pub fn render(record: &Record, comparison: &Comparison, width: usize) -> String {
    let mut text = String::new();
    if let Some(sentence) = unranked::sentence(record, comparison) {
        let _ = writeln!(text, "{}", styled(Palette::WARNING, &wrapped(&sentence, width)));
    }
    text.push_str(&header(record, width));
    let mut left_out = BTreeSet::new();
    for point in &comparison.points {
        let heading = format!("{}, by {}", point.name(), point.ranked_by.name());
        let _ = writeln!(text, "{}", styled(Palette::HEADING, &heading));
        let (table, without) = point_table::table(record, comparison, point, width);
        left_out.extend(without);
        let _ = writeln!(text, "{table}");
        let _ = writeln!(text, "{}\n", wrapped(&trust::line(point), width));
        for apart in [apart::database(point), apart::routes(point)].into_iter().flatten() {
            let _ = writeln!(text, "{}\n", apart.trim_fmt());
        }
    }
    for composite in &comparison.composites {
        let _ = writeln!(text, "{}", composite_text(composite, comparison, width));
    }
    text.push_str(&notes(record, comparison, width));
    if !left_out.is_empty() {
        let names: Vec<&str> = left_out.into_iter().collect();
        let note = format!("no room at {width} letters for: {}", names.join(", "));
        let _ = writeln!(text, "{}", styled(Palette::DIM, &note));
    }
    text
}

fn header(record: &Record, width: usize) -> String {
    let run = &record.run;
    let how = format!(
        "profile {}, seed {}, {} blocks of {} each after {} warm-up; server on cores {:?}, \
         generator on cores {:?}",
        run.profile.id,
        run.seed,
        run.profile.blocks,
        run.profile.measure,
        run.profile.warmup,
        run.cores.server,
        run.cores.generator,
    );
    let machine = format!(
        "{}, {} cores, {} ({})",
        run.host.cpu_model, run.host.cores, run.host.kernel, run.host.fingerprint,
    );
    let mut text = format!("{}\n{}\n", wrapped(&how, width), wrapped(&one_line(&machine), width));
    let mut warn = |warning: &str| {
        let warning = wrapped(&format!("warning: {}", one_line(warning)), width);
        let _ = writeln!(text, "{}", styled(Palette::WARNING, &warning));
    };
    if !run.profile.publishable {
        warn("this profile is for a first look; its figures are not for publication");
    } else if let [first, ..] = &obstacles(record)[..] {
        warn(&format!("these figures are not for publication: {first}"));
    }
    run.warnings.iter().for_each(|warning| warn(warning));
    stalls::texts(record).iter().for_each(|stall| warn(stall));
    match run.ending {
        Ending::Complete => {}
        Ending::Interrupted => warn("the run was interrupted; some trials are missing"),
        Ending::Unfinished => warn("the run did not come to its end; some trials are missing"),
    }
    for note in oddities(record) {
        warn(&note);
    }
    text.push('\n');
    text
}

/// One figure over several points, with what it is over and who is not in all of them.
fn composite_text(composite: &Composite, comparison: &Comparison, width: usize) -> String {
    let heading = format!(
        "geometric mean of {} over {} of {} points, against {} (above 1 is better)",
        composite.quantity.name(),
        composite.points.len(),
        composite.of,
        comparison.baseline.as_deref().unwrap_or("nothing")
    );
    let mut text = format!("{}\n", styled(Palette::HEADING, &wrapped(&heading, width)));
    for score in &composite.scores {
        let _ = writeln!(
            text,
            "  {}  {} .. {}  {}, has {} of {} points",
            ratio(score.ratio_ppm),
            ratio(score.low_ppm),
            ratio(score.high_ppm),
            one_line(&score.entry),
            score.covered,
            composite.of
        );
    }
    text
}

/// Conformance, and everything that is not a number.
fn notes(record: &Record, comparison: &Comparison, width: usize) -> String {
    let mut text = String::new();
    for entry in &record.run.entries {
        text.push_str(&conformance_lines(entry, width));
    }
    for (cause, of) in invalid_trials(comparison) {
        let trials: u32 = of.entries.iter().map(|(_, trials)| trials).sum();
        let named = of.entries.iter().map(|(entry, trials)| format!("{trials} of {entry}"));
        let named: Vec<String> = named.collect();
        let note = format!(
            "not a number: {trials} {}, {cause}: {} ({})",
            if trials == 1 { "trial" } else { "trials" },
            of.message,
            named.join(", ")
        );
        let _ = writeln!(text, "{}", styled(Palette::WARNING, &wrapped(&one_line(&note), width)));
    }
    text
}

/// The trials that a cause made no numbers.
struct Void<'a> {
    /// What happened in the first of them.
    message: &'a str,
    /// By entry, in order of appearance.
    entries: Vec<(&'a str, u32)>,
}

/// Each cause once, in order of appearance.
fn invalid_trials(comparison: &Comparison) -> Vec<(&str, Void<'_>)> {
    let mut found: Vec<(&str, Void<'_>)> = Vec::new();
    for row in comparison.points.iter().flat_map(|point| &point.rows) {
        for Invalid { cause, message, .. } in &row.invalid {
            let place = found.iter().position(|(known, _)| known == cause);
            let place = place.unwrap_or_else(|| {
                found.push((cause, Void { message, entries: Vec::new() }));
                found.len() - 1
            });
            let entries = &mut found[place].1.entries;
            match entries.iter_mut().find(|(known, _)| *known == row.entry) {
                Some((_, trials)) => *trials += 1,
                None => entries.push((&row.entry, 1)),
            }
        }
    }
    found
}

fn conformance_lines(entry: &EntryRecord, width: usize) -> String {
    let version = entry.version.as_deref().unwrap_or("version unknown");
    let conformance = match &entry.conformance {
        Some(counts) => format!("conformance {counts}"),
        None => "conformance not checked".to_owned(),
    };
    let line = one_line(&format!("{} ({version}): {conformance}", entry.entry));
    let mut text = wrapped(&line, width) + "\n";
    if let Some(reason) = &entry.excluded {
        let note = wrapped(&one_line(&format!("not measured: {reason}")), width - 2);
        let _ = writeln!(text, "  {}", styled(Palette::WARNING, &note));
    }
    text
}
