//! The tables below a point's own: the database's part, and the routes of a mixed workload.

use comfy_table::Table;

use crate::comparison::{Point, Reference, RouteFigures, Row};
use crate::quantity::{count, duration, ratio as three_decimals};
use crate::text_table::plain_table;

/// Server and database apart; none where no database was used.
pub(super) fn database(point: &Point) -> Option<Table> {
    let rows: Vec<Vec<String>> = point.rows.iter().filter_map(database_cells).collect();
    let header =
        ["entry", "statements/s", "server CPU/req", "database CPU/req", "of reference", "95 %"];
    (!rows.is_empty()).then(|| plain_table(header, rows, 1))
}

fn database_cells(row: &Row) -> Option<Vec<String>> {
    let (figures, database) = (row.figures.as_ref()?, row.database.as_ref()?);
    let unless_absent = |text: Option<String>| text.unwrap_or_else(|| "not measured".to_owned());
    let [ratio, interval] = match &database.versus_reference {
        Some(reference) => of_reference(reference),
        None => ["-", "-"].map(str::to_owned),
    };
    Some(vec![
        row.entry.clone(),
        unless_absent(database.statements_per_s.map(|spread| count(spread.median))),
        unless_absent(figures.server_cpu_ns.map(|spread| duration(spread.median))),
        unless_absent(database.cpu_ns.map(|spread| duration(spread.median))),
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

/// Each route's latency apart; none for workloads with a single route.
pub(super) fn routes(point: &Point) -> Option<Table> {
    let rows: Vec<Vec<String>> = point
        .rows
        .iter()
        .flat_map(|row| row.routes.iter().map(|route| route_cells(&row.entry, route)))
        .collect();
    let header = ["entry", "route", "responses", "p50", "p99", "p99.9", "max"];
    (!rows.is_empty()).then(|| plain_table(header, rows, 1))
}

fn route_cells(entry: &str, route: &RouteFigures) -> Vec<String> {
    let latency = &route.latency;
    let mut cells = vec![entry.to_owned(), route.route.clone(), count(route.responses)];
    let percentiles = [latency.p50_ns, latency.p99_ns, latency.p999_ns, latency.max_ns];
    cells.extend(percentiles.map(duration));
    cells
}
