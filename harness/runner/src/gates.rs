//! Gates: what makes a trial invalid. One that fails turns the trial into no number at all.

use httpdyno_record::{GateFailure, Measurement};
use httpdyno_spec::profile::Gates;

/// The gates that `measurement`, taken with `connections` on `cores` cores, does not pass.
pub(crate) fn failed_gates(
    measurement: &Measurement,
    gates: &Gates,
    connections: u32,
    cores: usize,
) -> Vec<GateFailure> {
    [
        errors(measurement, gates),
        no_responses(measurement),
        established(measurement, connections),
        littles_law(measurement, gates),
        steal(measurement, gates, cores),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn failure(gate: &str, message: String) -> Option<GateFailure> {
    Some(GateFailure { gate: gate.to_owned(), message, voids: Vec::new() })
}

fn errors(measurement: &Measurement, gates: &Gates) -> Option<GateFailure> {
    let errors: u64 = measurement.errors.values().sum();
    let share = ppm(errors, measurement.responses + errors);
    let causes: Vec<String> = measurement
        .errors
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(cause, count)| format!("{count} {cause}"))
        .collect();
    if share <= u64::from(gates.errors_ppm) {
        return None;
    }
    failure(
        "errors",
        format!(
            "{errors} of {} responses were errors or wrong ({}), allowed are {} ppm; \
             an error is never throughput: mend the server, or lower the load",
            measurement.responses + errors,
            causes.join(", "),
            gates.errors_ppm
        ),
    )
}

fn no_responses(measurement: &Measurement) -> Option<GateFailure> {
    if measurement.responses > 0 {
        return None;
    }
    failure(
        "responses",
        "no response came in the measured window; measure longer, or look at the server".to_owned(),
    )
}

fn established(measurement: &Measurement, connections: u32) -> Option<GateFailure> {
    if measurement.established == connections {
        return None;
    }
    failure(
        "established",
        format!(
            "{} of {connections} connections were established; \
             look at the server's listen backlog and its limit of open files",
            measurement.established
        ),
    )
}

fn littles_law(measurement: &Measurement, gates: &Gates) -> Option<GateFailure> {
    let residual = measurement.littles_law_ppm?;
    if residual <= u64::from(gates.littles_law_ppm) {
        return None;
    }
    failure(
        "littles-law",
        format!(
            "throughput x latency differs from the number of connections by {residual} ppm, \
             allowed are {}; latencies or counts are wrong, or the window is too short",
            gates.littles_law_ppm
        ),
    )
}

/// The kernel counts steal in ticks of 10 ms: one tick more or less is no finding.
const STEAL_RESOLUTION_NS: u64 = 10_000_000;

fn steal(measurement: &Measurement, gates: &Gates, cores: usize) -> Option<GateFailure> {
    let available = measurement.elapsed_ns.saturating_mul(cores.max(1) as u64);
    let certain = measurement.steal_ns.saturating_sub(STEAL_RESOLUTION_NS);
    let share = ppm(certain, available);
    if share <= u64::from(gates.steal_ppm) {
        return None;
    }
    failure(
        "steal",
        format!(
            "the hypervisor took {share} ppm of the measured cores' time, allowed are {}; \
             measure when the host is quieter, or on hardware of your own",
            gates.steal_ppm
        ),
    )
}

fn ppm(part: u64, whole: u64) -> u64 {
    let share = (u128::from(part) * 1_000_000).checked_div(u128::from(whole)).unwrap_or(0);
    u64::try_from(share).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::failed_gates;
    use httpdyno_record::{LatencySummary, Measurement};
    use httpdyno_spec::profile::Gates;

    fn good() -> Measurement {
        Measurement {
            elapsed_ns: 1_000_000_000,
            responses: 1_000,
            received_bytes: 1,
            errors: BTreeMap::from([("timeout".to_owned(), 0)]),
            latency: LatencySummary::default(),
            latency_hdr: String::new(),
            established: 16,
            littles_law_ppm: Some(20_000),
            server_cpu_ns: 1,
            generator_cpu_ns: 1,
            server_peak_rss_bytes: 1,
            start_to_ready_ns: 1,
            steal_ns: 30_000_000,
            engine: "epoll".to_owned(),
            failed_gates: vec![],
            ..Measurement::default()
        }
    }

    fn names(measurement: &Measurement) -> Vec<String> {
        let failures = failed_gates(measurement, &Gates::default(), 16, 2);
        failures.into_iter().map(|failure| failure.gate).collect()
    }

    #[test]
    fn a_measurement_at_every_threshold_passes() {
        assert_eq!(names(&good()), Vec::<String>::new());
    }

    #[test]
    fn each_gate_trips_on_its_own_cause() {
        let errors = BTreeMap::from([("timeout".to_owned(), 1)]);
        assert_eq!(names(&Measurement { errors, ..good() }), ["errors"]);
        assert_eq!(names(&Measurement { responses: 0, ..good() }), ["responses"]);
        assert_eq!(names(&Measurement { established: 15, ..good() }), ["established"]);
        let littles_law_ppm = Some(20_001);
        assert_eq!(names(&Measurement { littles_law_ppm, ..good() }), ["littles-law"]);
        assert_eq!(names(&Measurement { steal_ns: 30_004_000, ..good() }), ["steal"]);
    }

    #[test]
    fn an_open_loop_has_no_littles_law_gate() {
        assert_eq!(names(&Measurement { littles_law_ppm: None, ..good() }), Vec::<String>::new());
    }
}
