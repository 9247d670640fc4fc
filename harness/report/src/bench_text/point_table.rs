//! One point as a table.

use httpdyno_record::{Record, Role};

use crate::columns::{COLUMNS, terminal_cell};
use crate::comparison::{Comparison, Point, Row};
use crate::line::Line;
use crate::text_table::{Column, fitting};

/// The table in at most `width` letters, and the columns that it has no room for.
pub(super) fn table(
    record: &Record,
    comparison: &Comparison,
    point: &Point,
    width: usize,
) -> (String, Vec<&'static str>) {
    let is_null = |role| matches!(role, Role::NullServer | Role::NullProcess);
    let rows: Vec<&Row> = point.rows.iter().filter(|row| !is_null(row.role)).collect();
    let lines: Vec<Line> = rows.iter().map(|row| Line::of(comparison, point, row)).collect();
    let columns = COLUMNS.iter().filter_map(|column| {
        let (heading, expendable) = column.in_terminal()?;
        let cells = lines.iter().map(|line| terminal_cell(column, line, record)).collect();
        Some(Column { heading, expendable, cells })
    });
    fitting(columns.collect(), width)
}
