//! Whether the server was where it was put, and all that it used was seen.

use httpdyno_record::{Figure, Gate, GateFailure, Measurement};

use super::{ALL, failure};

/// A server that leaves its cores or its control group, takes a higher scheduling class, or is helped
/// from outside, has more of the machine than those that it is compared with: none of its figures
/// stands.
pub(crate) fn confinement(escapes: &[String]) -> Option<GateFailure> {
    if escapes.is_empty() {
        return None;
    }
    let what = escapes.join("; ");
    let message = format!(
        "the server is not where it was put: {what}; start everything from its first process, and \
         leave cores, control group and scheduling as they are"
    );
    failure(Gate::Confinement, ALL, message)
}

/// Beyond this share of what its cores can give: the reading of the counters is not of one moment.
const READING_PPM: u64 = 20_000;

/// What ran on so many cores for so long used no more CPU time than they have: more was had elsewhere,
/// wherever its threads were when they were asked.
pub(crate) fn within_cores(measurement: &Measurement, cores: usize) -> Option<GateFailure> {
    let has = u128::from(measurement.elapsed_ns) * cores as u128;
    let used = u128::from(measurement.server_cpu_ns);
    if cores == 0 || used * 1_000_000 <= has * u128::from(1_000_000 + READING_PPM) {
        return None;
    }
    let message = format!(
        "the server used {} ms of CPU time in a window in which its cores have {} ms: it ran on \
         others too; leave them as they are given",
        used / 1_000_000,
        has / 1_000_000
    );
    failure(Gate::Confinement, ALL, message)
}

/// Nobody answers with less than a fixed response costs: of a cheaper server, something was not seen.
pub(crate) fn cost_floor(
    measurement: &Measurement,
    null_cost_ns: Option<u64>,
) -> Option<GateFailure> {
    let cost = measurement.server_cpu_ns.checked_div(measurement.responses)?;
    let floor = null_cost_ns?;
    // What is not known (of a server that somebody else runs) is 0.
    if cost >= floor || measurement.server_cpu_ns == 0 {
        return None;
    }
    let message = format!(
        "the server used {cost} ns of CPU time per response, less than the null server's {floor} ns \
         at the same point of the same block: not all that works for it is accounted for"
    );
    failure(Gate::CostFloor, &[Figure::Cost], message)
}

#[cfg(test)]
mod tests {
    use super::{confinement, cost_floor, within_cores};
    use httpdyno_record::{Figure, Measurement};

    #[test]
    fn an_escape_voids_everything() {
        assert_eq!(confinement(&[]), None);
        let failed = confinement(&["affinity: elsewhere".to_owned()]).expect("void");
        assert!(failed.voids.is_empty() && failed.message.contains("affinity: elsewhere"));
    }

    #[test]
    fn more_cpu_time_than_its_cores_have_was_had_elsewhere() {
        let of = |elapsed_ns, server_cpu_ns| Measurement {
            elapsed_ns,
            server_cpu_ns,
            ..Measurement::default()
        };
        let failed = within_cores(&of(2_000_000_000, 2_316_000_000), 1).expect("one core has 2 s");
        assert!(failed.voids.is_empty() && failed.message.contains("2316 ms"), "{failed:?}");
        assert_eq!(within_cores(&of(2_000_000_000, 2_316_000_000), 2), None);
        assert_eq!(within_cores(&of(2_000_000_000, 2_039_000_000), 1), None);
        // Where it runs is not known.
        assert_eq!(within_cores(&of(1, 2), 0), None);
    }

    #[test]
    fn a_cost_below_the_null_servers_is_void_and_an_unknown_one_is_not() {
        let of = |server_cpu_ns, responses| Measurement {
            server_cpu_ns,
            responses,
            ..Measurement::default()
        };
        let failed = cost_floor(&of(999, 10), Some(100)).expect("99 ns are too few");
        assert_eq!(failed.voids, [Figure::Cost]);
        assert_eq!(cost_floor(&of(1_000, 10), Some(100)), None);
        assert_eq!(cost_floor(&of(0, 10), Some(100)), None);
        assert_eq!(cost_floor(&of(999, 10), None), None);
        assert_eq!(cost_floor(&of(999, 0), Some(100)), None);
    }
}
