//! The series of a folder for a terminal.

use std::fmt::Write as _;

use httpdyno_analysis::compare::place_name;

use super::{Change, History, Segment, Series};
use crate::legible::one_line;
use crate::quantity::{percent, ratio};
use crate::style::{Palette, styled};
use crate::text_table::plain_table;

/// What an alarm is, for every form.
pub(super) const NO_VERDICT: &str = "A change is an alarm and no verdict: what there is to it, only \
    the A/B run can say.";

/// How the series were made and searched.
pub(super) fn method(history: &History) -> String {
    format!(
        "{} records, each entry as a ratio to the reference of the same blocks. E-divisive: in a \
         segment without a change, any alarm has a probability of {} at most; {} segments were \
         searched, and changes below {} are left out.",
        history.records,
        percent(history.level_ppm.into()),
        history.searched(),
        percent(history.least_change_ppm.into())
    )
}

/// Every series with what was found, and what each alarm asks for.
#[must_use]
pub fn render(history: &History) -> String {
    let mut text = format!("{}\n\n", method(history));
    let header = ["series", "quantity", "segment", "apart by", "records", "first", "last", "found"];
    let rows = history.series.iter().flat_map(|series| {
        let numbered = series.segments.iter().enumerate();
        numbered.map(|(index, segment)| cells(series, index, segment).to_vec())
    });
    let _ = writeln!(text, "{}", plain_table(header, rows, 4));
    for (series, change) in alarms(history) {
        let heading = format!("{}: {}", name(series), words(series, change));
        let _ = writeln!(text, "\n{}", styled(Palette::WARNING, &heading));
        let _ =
            writeln!(text, "between {} and {}", one_line(&change.before), one_line(&change.after));
        for command in &change.ab_run {
            let _ = writeln!(text, "  {command}");
        }
    }
    if alarms(history).next().is_some() {
        let _ = writeln!(text, "\n{NO_VERDICT}");
    }
    for left_out in &history.left_out {
        let line =
            format!("left out {}: {}", one_line(&left_out.record), one_line(&left_out.reason));
        let _ = writeln!(text, "{}", styled(Palette::DIM, &line));
    }
    text
}

/// Every alarm with its series.
pub(super) fn alarms(history: &History) -> impl Iterator<Item = (&Series, &Change)> {
    history.series.iter().flat_map(|series| series.changes().map(move |change| (series, change)))
}

/// The entry and its point.
pub(super) fn name(series: &Series) -> String {
    let place = place_name(&(series.workload.clone(), series.connections, None));
    one_line(&format!("{}: {place}", series.entry))
}

/// The size of a change with its interval.
pub(super) fn words(series: &Series, change: &Change) -> String {
    format!(
        "{} changed to {} of what it was ({} .. {}, 95 %)",
        series.quantity.name(),
        ratio(change.change_ppm),
        ratio(change.low_ppm),
        ratio(change.high_ppm)
    )
}

/// What was found in a segment.
pub(super) fn found(segment: &Segment) -> String {
    match (&segment.not_searched, segment.changes.len()) {
        (Some(reason), _) => reason.clone(),
        (None, 0) => "no change".to_owned(),
        (None, 1) => "1 change".to_owned(),
        (None, several) => format!("{several} changes"),
    }
}

/// A row of a table, in any form.
pub(super) fn cells(series: &Series, index: usize, segment: &Segment) -> [String; 8] {
    let shown = |value: Option<&super::Value>| value.map(|it| ratio(it.ratio_ppm));
    [
        name(series),
        series.quantity.name().to_owned(),
        format!("{} of {}", index + 1, series.segments.len()),
        segment.apart_by.join(", "),
        segment.values.len().to_string(),
        shown(segment.values.first()).unwrap_or_default(),
        shown(segment.values.last()).unwrap_or_default(),
        found(segment),
    ]
}
