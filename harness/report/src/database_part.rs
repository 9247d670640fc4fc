//! What the database did for each entry of a point, as cells of a table.

use httpdyno_record::Figure;

use crate::comparison::{Point, Reference, Row};
use crate::legible::one_line;
use crate::quantity::{count, duration, ratio as three_decimals};

/// The headings of the cells.
pub(crate) const HEAD: [&str; 6] =
    ["entry", "statements/s", "server CPU/req", "database CPU/req", "of reference", "95 %"];

/// The cells of each entry; none where no database was used.
pub(crate) fn rows(point: &Point) -> Vec<[String; 6]> {
    point.rows.iter().filter_map(cells).collect()
}

fn cells(row: &Row) -> Option<[String; 6]> {
    let (figures, database) = (row.figures.as_ref()?, row.database.as_ref()?);
    let unless_absent = |text: Option<String>| text.unwrap_or_else(|| "not measured".to_owned());
    let [ratio, interval] = match &database.versus_reference {
        Some(reference) => of_reference(reference),
        None => ["-", "-"].map(str::to_owned),
    };
    let weak_rate = |text: String| format!("{}{text}", row.mark(Figure::Throughput));
    let weak_cost = |text: String| format!("{}{text}", row.mark(Figure::Cost));
    Some([
        one_line(&row.entry),
        unless_absent(database.statements_per_s.map(|spread| weak_rate(count(spread.median)))),
        unless_absent(figures.server_cpu_ns.map(|spread| weak_cost(duration(spread.median)))),
        unless_absent(database.cpu_ns.map(|spread| weak_cost(duration(spread.median)))),
        ratio,
        interval,
    ])
}

fn of_reference(reference: &Reference) -> [String; 2] {
    let ratio = |ppm| format!("{} of {}", three_decimals(ppm), reference.name);
    match &reference.paired {
        Some(paired) => {
            let (low, high) = (three_decimals(paired.low_ppm), three_decimals(paired.high_ppm));
            [ratio(paired.ratio_ppm), format!("{low} .. {high}")]
        }
        None => [ratio(reference.ratio_ppm), "too few blocks".to_owned()],
    }
}
