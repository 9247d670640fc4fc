//! The ceilings of a point: how far generator and machine reach without a server's work, and the
//! database without HTTP.

use httpdyno_record::Role;

use crate::comparison::Point;
use crate::legible::one_line;
use crate::quantity::{count, percent};

/// What was measured without the servers' own work, and how much of it the fastest entry reaches.
pub(crate) fn text(point: &Point) -> String {
    let best = point.fastest(Role::Entry);
    let of = |what: &str, role: Role| match (point.fastest(role), best) {
        (Some((ceiling, _)), Some((rate, name))) if ceiling > 0 => {
            let share = u128::from(rate) * 1_000_000 / u128::from(ceiling);
            let share = percent(u64::try_from(share).unwrap_or(u64::MAX));
            Some(format!(
                "{what} {} req/s, {} reaches {share} of it",
                count(ceiling),
                one_line(name)
            ))
        }
        (Some((ceiling, _)), _) => Some(format!("{what} {} req/s", count(ceiling))),
        (None, _) => None,
    };
    // The null server asks no database, and pgbench speaks no HTTP: each is half of the way.
    let with_database = point.rows.iter().any(|row| row.database.is_some());
    let what = match with_database {
        true => "ceiling of HTTP without the database (null server)",
        false => "ceiling (null server)",
    };
    let not_measured = || "ceiling not measured".to_owned();
    let mut found = of(what, Role::NullServer).unwrap_or_else(not_measured);
    if let Some(database) = of("of the database without HTTP (pgbench)", Role::Reference) {
        found.push_str("; ceiling ");
        found.push_str(&database);
    }
    found
}
