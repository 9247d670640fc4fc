//! Tables and paragraphs that fit a terminal.

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

/// The width of a text that is not for a terminal, or for one of unknown width.
pub const WIDTH: usize = 120;

/// Nothing but a line below the header.
const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// The least that is left of a name.
const SHORTEST_NAME: usize = 14;

/// A column that may be left out.
pub(crate) struct Column {
    pub(crate) heading: &'static str,
    /// Where there is no room, the column with the highest number goes first; 0 stays.
    pub(crate) expendable: u8,
    pub(crate) cells: Vec<String>,
}

/// A table of texts, the first `left` columns to the left and the others to the right.
pub(crate) fn plain_table<S: Into<String>>(
    header: impl IntoIterator<Item = S>,
    rows: impl IntoIterator<Item = Vec<String>>,
    left: usize,
) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.into_iter().map(Into::into).collect::<Vec<String>>());
    table.add_rows(rows);
    for (index, column) in table.column_iter_mut().enumerate() {
        // One more letter stands between any two columns.
        column.set_padding((0, 1));
        if index >= left {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// As many of `columns` as fit into `width`, as a table, and the headings of those that do not.
/// The first column holds names, which are shortened where even that does not help.
pub(crate) fn fitting(mut columns: Vec<Column>, width: usize) -> (String, Vec<&'static str>) {
    let width_of = |columns: &[Column], gap: usize| -> usize {
        columns.iter().map(|column| widest(column) + gap).sum()
    };
    let mut left_out = Vec::new();
    while width_of(&columns, 1) > width {
        let most = columns.iter().map(|column| column.expendable).max().unwrap_or(0);
        if most == 0 {
            break;
        }
        columns.retain(|column| {
            let goes = column.expendable == most;
            left_out.extend(goes.then_some(column.heading));
            !goes
        });
    }
    let excess = width_of(&columns, 1).saturating_sub(width);
    if let (Some(names), true) = (columns.first_mut(), excess > 0) {
        let room = widest(names).saturating_sub(excess).max(SHORTEST_NAME);
        names.cells.iter_mut().for_each(|name| *name = shortened(name, room));
    }
    let gap = if width_of(&columns, 2) > width { 1 } else { 2 };
    let rows = columns.iter().map(|column| column.cells.len()).max().unwrap_or(0);
    let row = |row: usize| columns.iter().map(|column| column.cells[row].clone()).collect();
    let headings = columns.iter().map(|column| column.heading);
    let mut table = plain_table(headings, (0..rows).map(row), 1);
    table.column_iter_mut().for_each(|column| {
        column.set_padding((0, gap - 1));
    });
    (table.trim_fmt(), left_out)
}

fn widest(column: &Column) -> usize {
    let cells = column.cells.iter().map(|cell| cell.chars().count());
    cells.chain([column.heading.chars().count()]).max().unwrap_or(0)
}

/// A long name with its middle left out, so that its beginning and its variant stay readable.
pub(crate) fn shortened(name: &str, most: usize) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= most {
        return name.to_owned();
    }
    let head = most * 3 / 5;
    let tail = &letters[letters.len() - most.saturating_sub(head + 1)..];
    letters[..head].iter().chain(&['…']).chain(tail).collect()
}

/// `text` in lines of at most `width` letters, broken between words; lines after the first are
/// indented.
pub(crate) fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    for word in text.split(' ') {
        let letters = word.chars().count();
        if used > 0 && used + 1 + letters > width {
            out.push_str("\n  ");
            used = 2;
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += letters;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Column, fitting, shortened, wrapped};

    fn columns() -> Vec<Column> {
        let column = |heading, expendable, cell: &str| Column {
            heading,
            expendable,
            cells: vec![cell.to_owned()],
        };
        vec![
            column("entry", 0, "a-server-with-a-rather-long-name"),
            column("rate", 0, "123 456"),
            column("p50", 2, "1.00 ms"),
            column("p99", 1, "2.00 ms"),
        ]
    }

    #[test]
    fn what_does_not_fit_is_left_out_and_named() {
        let (wide, left_out) = fitting(columns(), 80);
        assert!(left_out.is_empty() && wide.contains("p50"), "{wide}");
        let (narrow, left_out) = fitting(columns(), 50);
        assert_eq!(left_out, ["p50"]);
        assert!(narrow.contains("p99") && !narrow.contains("p50"), "{narrow}");
        let (narrowest, left_out) = fitting(columns(), 30);
        assert_eq!(left_out, ["p50", "p99"]);
        for (text, width) in [(wide, 80), (narrow, 50), (narrowest, 30)] {
            assert!(text.lines().all(|line| line.chars().count() <= width), "{width}: {text}");
        }
    }

    #[test]
    fn a_shortened_name_keeps_its_beginning_and_its_end() {
        assert_eq!(shortened("rust-hyper@work-stealing", 14), "rust-hyp…aling");
        assert_eq!(shortened("rust", 14), "rust");
    }

    #[test]
    fn a_paragraph_is_broken_between_words() {
        assert_eq!(wrapped("one two three", 8), "one two\n  three");
        assert_eq!(wrapped("incompressible", 4), "incompressible");
    }
}
