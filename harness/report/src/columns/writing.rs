//! How each form writes the columns that it shows.

use httpdyno_record::Record;
use serde::Serialize;

use super::{COLUMNS, Column, Kind, Unit, Value};
use crate::line::Line;
use crate::markdown_text::code;
use crate::quantity::{bytes, bytes_in_mib, count, duration, durations, ns_in_us, ratio};

/// What shows rows. CSV shows trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Terminal,
    Markdown,
    Page,
}

impl Column {
    /// In the terminal: its heading, and how expendable it is.
    pub(crate) fn in_terminal(&self) -> Option<(&'static str, u8)> {
        self.terminal
    }

    /// What stands in the cell of a row without the figure: what took it, or what it is else.
    fn instead(&self, line: &Line, form: Form) -> Option<String> {
        let why = self.void.and_then(|kind| match kind {
            Kind::Of(figure) => line.why_void(figure),
            Kind::Ranked => line.why_no_ratio(),
        });
        why.or_else(|| (self.otherwise)(line, form).map(str::to_owned))
    }

    fn text(&self, line: &Line, record: &Record, form: Form) -> String {
        let Some(value) = (self.cell)(line, record) else {
            return self.instead(line, form).unwrap_or_else(|| "-".to_owned());
        };
        let mark = match self.weak {
            Some(Kind::Of(figure)) => line.mark(figure),
            Some(Kind::Ranked) => line.mark_of_ratio(),
            None => "",
        };
        let bare = form == Form::Terminal && self.unit_in_heading;
        let written = match (self.unit, value) {
            (Unit::Name, Value::Text(name)) if form == Form::Markdown => {
                format!("{}{}", code(&name), if line.is_compared { "" } else { " (ceiling)" })
            }
            (_, Value::Text(text)) => text,
            (Unit::Count | Unit::Name | Unit::Text, Value::Number(number)) => count(number),
            (Unit::Count | Unit::Name | Unit::Text, Value::Interval([low, _, high])) => {
                format!("{}..{}", count(low), count(high))
            }
            (Unit::Places, Value::Number(place)) => place.to_string(),
            (Unit::Places, Value::Interval(places)) => from_to(places, "-"),
            (Unit::Time, Value::Number(ns)) if bare => ns_in_us(ns),
            (Unit::Time, Value::Number(ns)) => duration(ns),
            (Unit::Time, Value::Interval([low, _, high])) => durations(low, high),
            (Unit::Bytes, Value::Number(number)) if bare => bytes_in_mib(number),
            (Unit::Bytes, Value::Number(number)) => bytes(number),
            (Unit::Bytes, Value::Interval([low, _, high])) => {
                format!("{}..{}", bytes(low), bytes(high))
            }
            (Unit::Ratio | Unit::RatioEnds, Value::Number(ppm)) => ratio(ppm),
            (Unit::Ratio, Value::Interval([_, middle, _])) => ratio(middle),
            (Unit::RatioEnds, Value::Interval([low, _, high])) => {
                let between = if form == Form::Terminal { ".." } else { " .. " };
                format!("{}{between}{}", ratio(low), ratio(high))
            }
        };
        format!("{mark}{written}")
    }
}

/// One number where both ends are the same.
fn from_to([low, _, high]: [u64; 3], between: &str) -> String {
    if low == high { low.to_string() } else { format!("{low}{between}{high}") }
}

/// The cell of a row in the terminal.
pub(crate) fn terminal_cell(column: &Column, line: &Line, record: &Record) -> String {
    column.text(line, record, Form::Terminal)
}

/// Those that a form shows, at their places there.
fn shown(
    in_form: fn(&Column) -> Option<(u8, &'static str)>,
) -> Vec<(&'static str, &'static Column)> {
    let mut all: Vec<_> = COLUMNS.iter().filter_map(|it| Some((in_form(it)?, it))).collect();
    all.sort_by_key(|((place, _), _)| *place);
    all.into_iter().map(|((_, heading), column)| (heading, column)).collect()
}

/// The first two lines of a point's table in Markdown.
pub(crate) fn markdown_head() -> String {
    let all = shown(|column| column.markdown);
    let headings: Vec<&str> = all.iter().map(|(heading, _)| *heading).collect();
    let lines: Vec<&str> = all.iter().map(|(_, it)| if it.words { "---" } else { "--:" }).collect();
    format!("| {} |\n|{}|\n", headings.join(" | "), lines.join("|"))
}

/// The cells of a row in Markdown.
pub(crate) fn written(line: &Line, record: &Record) -> String {
    let all = shown(|column| column.markdown).into_iter();
    let cells = all.map(|(_, column)| column.text(line, record, Form::Markdown));
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

/// A column as the page's script writes it.
#[derive(Serialize)]
pub(crate) struct PageColumn {
    id: &'static str,
    heading: &'static str,
    unit: Unit,
    words: bool,
    /// The kind of figure that is marked where it is weak; `ranked` is that of the point.
    weak: Option<String>,
}

/// Those of the page.
pub(crate) fn page_columns() -> Vec<PageColumn> {
    let kind = |kind: Kind| match kind {
        Kind::Of(figure) => figure.to_string(),
        Kind::Ranked => "ranked".to_owned(),
    };
    let all = shown(|column| column.page).into_iter();
    let column = |(heading, it): (&'static str, &Column)| {
        let (unit, words, weak) = (it.unit, it.words, it.weak.map(kind));
        PageColumn { id: it.id, heading, unit, words, weak }
    };
    all.map(column).collect()
}

/// The cells of a row there: a value, or the text that stands in its place; nothing where there is
/// nothing to say.
pub(crate) fn page_cells(line: &Line, record: &Record) -> Vec<Option<Value>> {
    let all = shown(|column| column.page).into_iter();
    let cell = |column: &Column| match (column.cell)(line, record) {
        Some(Value::Interval(places)) if column.unit == Unit::Places => {
            Some(Value::Text(from_to(places, "–")))
        }
        Some(value) => Some(value),
        None => column.instead(line, Form::Page).map(Value::Text),
    };
    all.map(|(_, column)| cell(column)).collect()
}
