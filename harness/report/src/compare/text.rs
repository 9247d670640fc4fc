//! A comparison of two records or entries for a terminal.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

use super::forms::method;
use super::{Compared, ComparedPoint, ComparedRatio, ComparedVoid, place_name, plain};
use crate::legible::one_line;
use crate::quantity::{percent, ratio};
use crate::style::{Palette, styled};
use crate::text_table::{WIDTH, wrapped};

/// Nothing but a line below the header.
const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// The candidate against the base at each point, and what they do not have in common.
#[must_use]
pub fn render(compared: &Compared) -> String {
    let heading = format!("candidate: {}\nbase: {}", compared.candidate, compared.base);
    let mut text = format!("{}\n", styled(Palette::HEADING, &heading));
    for difference in &compared.differences {
        let line = format!("warning: across {difference}: the ratio is of that too");
        let _ = writeln!(text, "{}", styled(Palette::WARNING, &line));
    }
    for note in &compared.notes {
        let line = format!("warning: {}", one_line(note));
        let _ = writeln!(text, "{}", styled(Palette::WARNING, &line));
    }
    let _ = writeln!(text, "{}\n", wrapped(&method(compared), WIDTH));
    for line in plain::lines(compared) {
        let _ = writeln!(text, "{}", wrapped(&line, WIDTH));
    }
    text.push('\n');
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header([
        "point",
        "quantity",
        "ratio",
        "95 % interval",
        "verdict",
        "would have found",
        "blocks",
    ]);
    for point in &compared.points {
        for ratio in &point.ratios {
            table.add_row(cells(compared.paired, point, ratio));
        }
        for ComparedVoid { quantity, reason, .. } in &point.void {
            let mut cells = ["-"; 7].map(str::to_owned);
            cells[..4].clone_from_slice(&[
                place_cell(compared.paired, point),
                quantity.name().to_owned(),
                "void".to_owned(),
                one_line(reason),
            ]);
            table.add_row(cells);
        }
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let _ = writeln!(text, "{table}");
    for (side, only) in compared.only() {
        for name in only {
            let _ = writeln!(text, "only in the {side}: {name}");
        }
    }
    text
}

fn place_cell(paired: bool, point: &ComparedPoint) -> String {
    let place = place_name(&(point.workload.clone(), point.connections, point.offered_per_s));
    if paired { place } else { format!("{}: {place}", point.entry) }
}

fn cells(paired: bool, point: &ComparedPoint, found: &ComparedRatio) -> [String; 7] {
    let versus = &found.versus;
    [
        place_cell(paired, point),
        found.quantity.name().to_owned(),
        ratio(versus.ratio_ppm),
        format!("{} .. {}", ratio(versus.low_ppm), ratio(versus.high_ppm)),
        versus.verdict.clone(),
        percent(versus.detectable_ppm.into()),
        versus.blocks.to_string(),
    ]
}
