//! Whether the server answered, and rightly.

use httpdyno_record::GateFailure;

use super::{ALL, Seen, failure, ppm};
use crate::verify::Judged;

/// A server that answers otherwise under load than when it is checked is not the one that was checked.
pub(crate) fn audit(judged: &Judged) -> Option<GateFailure> {
    let first = judged.first.as_ref()?;
    let message = format!(
        "of {} responses under load that were judged by the full rule of the spec, {} were wrong; \
         the first: {first}",
        judged.count, judged.wrong
    );
    failure("audit", ALL, message)
}

/// A wrong or missing answer is cheaper than a right one, so none of the figures stands.
pub(super) fn errors(seen: &Seen<'_>) -> Option<GateFailure> {
    let measurement = seen.measurement;
    let errors: u64 = measurement.errors.values().sum();
    let all = measurement.responses + errors;
    let causes: Vec<String> = measurement
        .errors
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(cause, count)| format!("{count} {cause}"))
        .collect();
    if ppm(errors, all) <= u64::from(seen.gates.errors_ppm) {
        return None;
    }
    failure(
        "errors",
        ALL,
        format!(
            "{errors} of {all} responses were errors or wrong ({}), allowed are {} ppm; an error \
             is never throughput: mend the server, or lower the load",
            causes.join(", "),
            seen.gates.errors_ppm
        ),
    )
}

pub(super) fn responses(seen: &Seen<'_>) -> Option<GateFailure> {
    if seen.measurement.responses > 0 {
        return None;
    }
    let message = "no response came in the measured window; measure longer, or look at the server";
    failure("responses", ALL, message.to_owned())
}

pub(super) fn established(seen: &Seen<'_>) -> Option<GateFailure> {
    let established = seen.measurement.established;
    if established == seen.connections {
        return None;
    }
    failure(
        "established",
        ALL,
        format!(
            "{established} of {} connections were established; look at the server's listen \
             backlog and its limit of open files",
            seen.connections
        ),
    )
}
