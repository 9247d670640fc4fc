//! Whether what was answered under load can have come from the database, over the connections that
//! were offered.

use std::time::Duration;

use httpdyno_record::{Gate, GateFailure, Measurement};
use httpdyno_spec::exchange::BodyRule;
use httpdyno_spec::workload::{Route, Workload};

/// Of the statements that the responses take, so many must have been executed in the window, in
/// parts per million. Not all: the counters are read a moment beside its edges.
const EXECUTED_PPM: u64 = 900_000;

/// The gate against servers that open more connections once nobody checks them.
pub(super) fn pool_gate(pool: Option<u32>, measurement: &Measurement) -> Option<GateFailure> {
    let (pool, had) = pool.zip(measurement.database.as_ref()?.connections)?;
    if had <= pool.into() {
        return None;
    }
    let message = format!(
        "the server had {had} connections to the database, but DATABASE_POOL is {pool}, the same \
         for every entry; open no more than that in total"
    );
    Some(GateFailure::of(Gate::Pool, &[], message))
}

/// The gate against servers that stop asking the database, or stop writing to it, once nobody checks
/// them: its counters, which no server can write to, must show the statements that the responses take,
/// and the rows that these return and change (statements that do nothing are cheap to send).
pub(super) fn statements_gate(
    workload: &Workload,
    measurement: &Measurement,
) -> Option<GateFailure> {
    let database = measurement.database.as_ref()?;
    let are_there = |found: u64, fewest: u64| {
        u128::from(found) * 1_000_000 >= u128::from(fewest) * u128::from(EXECUTED_PPM)
    };
    let (executed, rows) = (database.statements?, database.rows);
    let fewest = fewest_of(statements_for, workload, measurement);
    let fewest_rows = fewest_of(rows_for, workload, measurement);
    let lacks_rows = rows.filter(|&rows| !are_there(rows, fewest_rows));
    if are_there(executed, fewest) && lacks_rows.is_none() {
        return None;
    }
    let message = match count_delay(measurement) {
        Some(delay) => format!(
            "the database took {delay:?} to say how many statements it had executed, too long a part of \
             the window to tell whether the answers came from it; give it more cores, or lower \
             the load"
        ),
        None if are_there(executed, fewest) => format!(
            "the statements of the window returned and changed {} rows, but the responses take at \
             least {fewest_rows} (each row read, and each row of an update written too); read and \
             write each row",
            lacks_rows.unwrap_or_default()
        ),
        None => format!(
            "the database executed {executed} statements in the window, but the responses take at \
             least {fewest} (one for each row read); read each row from the database"
        ),
    };
    Some(GateFailure::of(Gate::Statements, &[], message))
}

/// How late a count came, where that alone could hide the statements that are missing.
fn count_delay(measurement: &Measurement) -> Option<Duration> {
    let delay_ns = measurement.database.as_ref()?.count_delay_ns?;
    let tolerated = u128::from(measurement.elapsed_ns) * u128::from(1_000_000 - EXECUTED_PPM);
    let is_late = u128::from(delay_ns) * 1_000_000 > tolerated;
    is_late.then(|| Duration::from_nanos(delay_ns))
}

/// The sum over all responses of what one of a route takes at least.
fn fewest_of(of_route: fn(&Route) -> u64, workload: &Workload, measurement: &Measurement) -> u64 {
    let responses = |route: &Route| {
        let mut apart = measurement.routes.iter();
        let own = apart.find(|one| one.route == route.id.as_str());
        // Of a single route the total says everything.
        own.map_or(measurement.responses, |one| one.responses)
    };
    workload.routes.iter().map(|route| of_route(route) * responses(route)).sum()
}

fn is_of(route: &Route, endpoint: &str) -> bool {
    route.endpoint.as_ref().is_some_and(|own| own.as_str() == endpoint)
}

/// One for each row read, since rows may not be read together. A cache takes none.
fn statements_for(route: &Route) -> u64 {
    match &route.expect.body {
        BodyRule::Worlds(_) if is_of(route, "cached-queries") => 0,
        BodyRule::Worlds(count) => u64::from(*count),
        BodyRule::World | BodyRule::Fortunes => 1,
        _ => 0,
    }
}

/// Those that statements return, and those that they change.
fn rows_for(route: &Route) -> u64 {
    match &route.expect.body {
        BodyRule::Worlds(count) if is_of(route, "updates") => 2 * u64::from(*count),
        _ => statements_for(route),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use httpdyno_record::{DatabaseUse, Measurement, RouteMeasurement};
    use httpdyno_spec::SpecTree;

    use super::{pool_gate, statements_gate};

    fn passes(workload: &str, measurement: &Measurement) -> bool {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("root");
        let tree = SpecTree::load(root).expect("the repository's spec");
        statements_gate(&tree.workload(workload).expect("there").value, measurement).is_none()
    }

    fn of(responses: u64, statements: u64) -> Measurement {
        let database = DatabaseUse { statements: Some(statements), ..DatabaseUse::default() };
        Measurement { responses, database: Some(database), ..Measurement::default() }
    }

    #[test]
    fn responses_without_their_statements_are_no_number() {
        assert!(passes("db", &of(1000, 900)) && !passes("db", &of(1000, 899)));
        assert!(passes("queries-20", &of(100, 2000)) && !passes("queries-20", &of(100, 100)));
        assert!(!passes("updates-5", &of(100, 200)), "five reads and a batched write are six");
        assert!(!passes("fortunes", &of(100, 0)));
        assert!(passes("cached-queries", &of(100, 0)) && passes("json", &of(100, 0)));
    }

    #[test]
    fn updates_that_are_not_written_are_no_number() {
        let with_rows = |statements, rows| {
            let mut measurement = of(100, statements);
            measurement.database.as_mut().expect("there").rows = Some(rows);
            measurement
        };
        assert!(passes("updates-5", &with_rows(600, 1000)));
        assert!(!passes("updates-5", &with_rows(600, 500)), "read, and not written");
        assert!(passes("queries-20", &with_rows(2000, 2000)));
        assert!(!passes("queries-20", &with_rows(4000, 1000)), "filled up with what does nothing");
        assert!(passes("cached-queries", &with_rows(0, 0)));
    }

    /// A database that is starved of its core is not the server's fault, and proves nothing either.
    #[test]
    fn a_count_that_came_late_blames_nobody() {
        let message = |count_delay_ns| {
            let mut measurement = of(1000, 0);
            measurement.elapsed_ns = 1_000_000_000;
            measurement.database.as_mut().expect("there").count_delay_ns = count_delay_ns;
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("root");
            let tree = SpecTree::load(root).expect("the repository's spec");
            let workload = &tree.workload("db").expect("there").value;
            statements_gate(workload, &measurement).expect("void all the same").message
        };
        assert!(message(Some(100_000_000)).contains("read each row from the database"));
        assert!(message(None).contains("read each row from the database"));
        assert!(message(Some(100_000_001)).contains("took 100.000001ms to say"));
    }

    #[test]
    fn each_route_of_a_mix_counts_for_itself() {
        let route = |route: &str, responses| RouteMeasurement {
            route: route.to_owned(),
            responses,
            ..RouteMeasurement::default()
        };
        let mut mix = of(0, 0);
        mix.routes = vec![route("read-one", 10), route("read-five", 4), route("static", 90)];
        mix.routes.extend([route("render", 0), route("write", 0), route("echo", 50)]);
        assert!(!passes("mixed-database", &mix));
        mix.database = Some(DatabaseUse { statements: Some(30), ..DatabaseUse::default() });
        assert!(passes("mixed-database", &mix));
    }

    #[test]
    fn more_connections_than_the_pool_are_no_match() {
        let of = |connections| {
            let database = DatabaseUse { connections, ..DatabaseUse::default() };
            Measurement { database: Some(database), ..Measurement::default() }
        };
        assert_eq!(pool_gate(Some(16), &of(Some(16))), None);
        assert_eq!(pool_gate(Some(16), &of(None)), None);
        assert_eq!(pool_gate(None, &of(Some(17))), None);
        let failed = pool_gate(Some(16), &of(Some(17))).expect("one too many");
        assert!(failed.message.starts_with("the server had 17 "), "{}", failed.message);
    }

    #[test]
    fn where_nothing_is_counted_nothing_is_judged() {
        assert!(passes("db", &Measurement { responses: 9, ..Measurement::default() }));
    }
}
