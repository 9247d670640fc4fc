//! Whether the server answered, and rightly.

use std::collections::BTreeMap;

use httpdyno_record::{Gate, GateFailure};

use super::{ALL, Seen, exceeds, failure};
use crate::verify::Judged;

/// A server that answers otherwise under load than when it is checked is not the one that was checked.
pub(crate) fn audit(judged: &Judged) -> Option<GateFailure> {
    let first = judged.first.as_ref()?;
    let message = format!(
        "of {} responses under load that were judged by the full rule of the spec, {} were wrong; \
         the first: {first}",
        judged.count, judged.wrong
    );
    failure(Gate::Audit, ALL, message)
}

/// A wrong or missing answer is cheaper than a right one, so none of the figures stands. One in the
/// warm-up shows the same server as one in the window.
pub(super) fn errors(seen: &Seen<'_>) -> Option<GateFailure> {
    let measurement = seen.measurement;
    let in_window: u64 = measurement.errors.values().sum();
    let in_warmup: u64 = measurement.warmup_errors.values().sum();
    let errors = in_window + in_warmup;
    let all = measurement.responses + errors;
    if !exceeds(errors, all, seen.gates.errors_ppm) {
        return None;
    }
    let of_window = causes(&measurement.errors, "");
    let of_warmup = causes(&measurement.warmup_errors, " in the warm-up");
    let causes: Vec<String> = of_window.chain(of_warmup).collect();
    failure(
        Gate::Errors,
        ALL,
        format!(
            "{errors} of {all} responses were errors or wrong ({}), allowed are {} ppm; an error \
             is never throughput: mend the server, or lower the load",
            causes.join(", "),
            seen.gates.errors_ppm
        ),
    )
}

fn causes<'a>(
    errors: &'a BTreeMap<String, u64>,
    when: &'a str,
) -> impl Iterator<Item = String> + 'a {
    let some = errors.iter().filter(|(_, count)| **count > 0);
    some.map(move |(cause, count)| format!("{count} {cause}{when}"))
}

pub(super) fn responses(seen: &Seen<'_>) -> Option<GateFailure> {
    if seen.measurement.responses > 0 {
        return None;
    }
    let message = "no response came in the measured window; measure longer, or look at the server";
    failure(Gate::Responses, ALL, message.to_owned())
}

pub(super) fn established(seen: &Seen<'_>) -> Option<GateFailure> {
    let established = seen.measurement.established;
    if established == seen.connections {
        return None;
    }
    failure(
        Gate::Established,
        ALL,
        format!(
            "{established} of {} connections were established; look at the server's listen \
             backlog and its limit of open files",
            seen.connections
        ),
    )
}
