//! What a reader of a comparison must know of the records themselves.

use httpdyno_record::lack::weakens_a_comparison;
use httpdyno_record::rows::{RowKey, VoidFigure};
use httpdyno_record::{Ending, Record};

use crate::legible::one_line;
use crate::oddities::oddities;
use crate::point_key::{PointKey, trials_at};
use crate::series::Quantity;
use crate::validity::unfit;

/// Of one record; `side` is which of two it is.
pub(super) fn of(record: &Record, side: Option<&str>) -> Vec<String> {
    let mut notes = Vec::new();
    let mut note = |text: String| match side {
        Some(side) => notes.push(format!("{side}: {text}")),
        None => notes.push(text),
    };
    match record.run.ending {
        Ending::Complete => {}
        Ending::Interrupted => note("the run was interrupted; some trials are missing".to_owned()),
        Ending::Unfinished => {
            note("the run did not come to its end; some trials are missing".to_owned());
        }
    }
    if weakens_a_comparison(&record.run, &record.trials) {
        let lacks = record.run.lacks.iter().map(|lack| lack.privilege.consequence());
        let lacks: Vec<&str> = lacks.collect();
        note(format!("the run could not have everything: {}", lacks.join("; ")));
    }
    let unfit = unfit(record);
    if !unfit.is_empty() {
        note(format!(
            "its figures are not for publication, since its profile was not kept to: {}",
            one_line(&unfit.join("; "))
        ));
    }
    oddities(record).into_iter().for_each(note);
    notes
}

/// The figures that `entry` does not have at `place`.
pub(super) fn void<'a>(record: &'a Record, entry: &str, place: &PointKey) -> &'a [VoidFigure] {
    let (workload, connections, offered_per_s) = place.clone();
    let key = RowKey { workload, connections, offered_per_s, cores: None, entry: entry.to_owned() };
    let decisions = record.decisions.as_ref();
    decisions.and_then(|it| it.void.get(&key)).map_or(&[], Vec::as_slice)
}

/// Whether the figure is missing since `entry` failed at `place`.
pub(super) fn failed(record: &Record, entry: &str, place: &PointKey, quantity: Quantity) -> bool {
    let of_figure = |it: &&VoidFigure| it.figure == quantity.figure();
    let found = void(record, entry, place).iter().find(of_figure);
    found.is_some_and(|it| it.cause.starts_with(FAILED))
}

/// How the cause of a figure begins that a server's own failure took.
const FAILED: &str = "failed at ";

/// Why nobody could measure the quantity of `entry` at `place`, where its trials say so: of a server
/// that somebody else runs, say, its CPU time.
pub(super) fn not_measured(
    record: &Record,
    entry: &str,
    place: &PointKey,
    quantity: Quantity,
) -> Option<String> {
    let field = match quantity {
        Quantity::CpuPerRequest => "server_cpu_ns",
        Quantity::Memory => "server_peak_rss_bytes",
        Quantity::Throughput | Quantity::LatencyP50 | Quantity::LatencyP99 => return None,
    };
    let trials = trials_at(record, place).into_iter().filter(|trial| trial.entry == entry);
    let mut reasons =
        trials.filter_map(|trial| trial.measurement()?.server.not_measured.get(field));
    reasons.next().map(|reason| format!("{NOT_MEASURED}, {}", one_line(reason)))
}

/// How the reason of a figure begins that could not be had, whatever the server did.
pub const NOT_MEASURED: &str = "not measured";
