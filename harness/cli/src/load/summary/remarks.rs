//! What a reader of the figures must know.

use httpdyno_loadgen::{Churn, LoadPlan, LoadReport, Pacing};
use httpdyno_report::quantity::{count, percent};

/// The generator is taken to be busy from this share of its cores on, in millionths.
const BUSY_PPM: u64 = 950_000;

/// Little's law should hold to this, in millionths.
const RESIDUAL_PPM: i64 = 20_000;

/// Requests under way at the edges of the window are at most as many as places for them; below so
/// many responses for each place they alone may exceed [`RESIDUAL_PPM`].
const RESPONSES_PER_PLACE: u64 = 50;

/// Causes of errors that are the end of a connection of which the server said nothing before.
const UNANNOUNCED: [&str; 2] = ["closed-before-response", "reset-before-response"];

pub(super) fn warnings(plan: &LoadPlan, report: &LoadReport) -> Vec<String> {
    let mut warnings = Vec::new();
    let connections = &report.connections;
    if connections.established < connections.wanted {
        let causes = connections.establish_errors.iter();
        let causes: Vec<String> =
            causes.map(|(cause, number)| format!("{cause}: {}", count(*number))).collect();
        warnings.push(format!(
            "only {} of {} connections were up when the load began{}{}",
            count(connections.established),
            count(connections.wanted),
            if causes.is_empty() { "" } else { "; failed attempts: " },
            causes.join(", "),
        ));
    }
    let spins = matches!(plan.pacing, Pacing::Open { spin, .. } if !spin.is_zero());
    if report.generator.cpu_share_ppm >= BUSY_PPM && !spins {
        warnings.push(
            "the generator used all of its cores and may be what was measured; give it more \
             threads with -t"
                .into(),
        );
    }
    if plan.realtime && report.generator.threads.iter().any(|thread| !thread.realtime) {
        warnings
            .push("the system refused the real-time class: --realtime needs CAP_SYS_NICE".into());
    }
    warnings.extend(littles_law(plan, report));
    warnings.extend(unannounced_closes(plan, report));
    if let Some(open) = &report.open_loop
        && open.completed_in_window * 1000 < open.offered * 995
    {
        warnings.push("less than 99.5 % of the offered load was answered in time".into());
    }
    if report.interrupted && report.elapsed_ns == 0 {
        warnings.push("stopped before the measurement began: nothing was measured".into());
    }
    warnings
}

fn littles_law(plan: &LoadPlan, report: &LoadReport) -> Option<String> {
    let residual = report.littles_law_residual_ppm?;
    let places = (plan.connections * plan.pipeline) as u64;
    let enough = report.total.latency.count() >= places * RESPONSES_PER_PLACE;
    (enough && residual.abs() > RESIDUAL_PPM).then(|| {
        format!(
            "Little's law is off by {}: rate times mean latency is not the number of connections",
            percent(residual.unsigned_abs())
        )
    })
}

/// The server ended connections that it had not said to end. Whether a request is lost by that is a
/// matter of chance: one that is under way fails, and an idle connection is made anew.
fn unannounced_closes(plan: &LoadPlan, report: &LoadReport) -> Option<String> {
    let total = &report.total;
    let lost: u64 = UNANNOUNCED.iter().filter_map(|cause| total.errors.get(*cause)).sum();
    let idle = report.connections.closed_while_idle;
    if lost + idle == 0 {
        return None;
    }
    let each = match total.responses / (lost + idle) {
        0 => String::new(),
        each => format!(", one per {} responses", count(each)),
    };
    let under_way = match lost {
        0 => "none of these had a request under way".to_owned(),
        _ => format!("{} of these had a request under way, which is lost", count(lost)),
    };
    let connections = &report.connections;
    let is_gone = report.ended_by_silence_ns.is_some()
        || ["refused", "no-such-socket"]
            .iter()
            .any(|it| connections.connect_errors.contains_key(*it));
    let hint = match plan.churn {
        _ if is_gone => ". It could not be reached after that: it seems to have ended",
        Churn::Never => {
            ". Its limits on a connection's requests or idle time do so: raise them, or renew \
             connections before that with --reconnect-after N"
        }
        // There is no less than one request a connection.
        Churn::After(1) => "",
        Churn::After(_) => ". --reconnect-after may be lower still",
    };
    Some(format!(
        "the server closed {} connection{} without `Connection: close` before{each}; \
         {under_way}{hint}",
        count(lost + idle),
        if lost + idle == 1 { "" } else { "s" },
    ))
}
