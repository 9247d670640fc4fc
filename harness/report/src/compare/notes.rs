//! What a reader of a comparison must know of the records themselves.

use httpdyno_record::lack::weakens_a_comparison;
use httpdyno_record::rows::{RowKey, VoidFigure};
use httpdyno_record::{Ending, Record};

use super::Place;

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
    if record.truncated {
        note("the last line of a file is incomplete and was left out".to_owned());
    }
    if record.duplicates() > 0 {
        note(duplicates(record.duplicates()));
    }
    notes
}

/// That trials stood in a record twice.
pub(crate) fn duplicates(trials: u32) -> String {
    let trials = if trials == 1 { "1 trial".to_owned() } else { format!("{trials} trials") };
    format!(
        "{trials} stood in the record twice, by the same number or the same moment, and the later \
         ones were left out; it was edited or put together"
    )
}

/// The figures that `entry` does not have at `place`.
pub(super) fn void<'a>(record: &'a Record, entry: &str, place: &Place) -> &'a [VoidFigure] {
    let (workload, connections, offered_per_s) = place.clone();
    let key = RowKey { workload, connections, offered_per_s, cores: None, entry: entry.to_owned() };
    let decisions = record.decisions.as_ref();
    decisions.and_then(|it| it.void.get(&key)).map_or(&[], Vec::as_slice)
}
