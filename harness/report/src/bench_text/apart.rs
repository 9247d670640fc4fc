//! The tables below a point's own: the database's part, and the routes of a mixed workload.

use comfy_table::Table;

use crate::comparison::{Point, RouteFigures};
use crate::database_part;
use crate::quantity::{count, duration};
use crate::text_table::plain_table;

/// Server and database apart; none where no database was used.
pub(super) fn database(point: &Point) -> Option<Table> {
    let rows = database_part::rows(point);
    (!rows.is_empty()).then(|| plain_table(database_part::HEAD, rows.into_iter().map(Vec::from), 1))
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
    let percentiles = [Some(latency.p50_ns), latency.p99_ns, latency.p999_ns, latency.max_ns];
    cells.extend(percentiles.map(|latency| latency.map_or_else(|| "-".to_owned(), duration)));
    cells
}
