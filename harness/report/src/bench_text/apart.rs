//! The tables below a point's own: the database's part, and the routes of a mixed workload.

use comfy_table::Table;
use httpdyno_record::Figure;

use crate::comparison::{Point, RouteFigures, Row};
use crate::database_part;
use crate::figures::ONE_START;
use crate::quantity::{count, duration, durations};
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
        .flat_map(|row| row.routes.iter().map(|route| route_cells(row, route)))
        .collect();
    let header = ["entry", "route", "responses", "p50", "p99, 95 %", "p99.9, 95 %", "max, 95 %"];
    (!rows.is_empty()).then(|| plain_table(header, rows, 1))
}

fn route_cells(row: &Row, route: &RouteFigures) -> Vec<String> {
    let latency = &route.latency;
    let mut cells = vec![row.entry.clone(), route.route.clone(), count(route.responses)];
    cells.push(format!("{}{}", row.mark(Figure::Latency), duration(latency.p50_ns)));
    let tail = [latency.p99_interval_ns, latency.p999_interval_ns, latency.max_interval_ns];
    cells.extend(tail.map(|interval| match interval {
        Some([low, high]) => format!("{}{}", row.mark(Figure::Tail), durations(low, high)),
        None => ONE_START.to_owned(),
    }));
    cells
}
