//! Every trial as one row of a table (RFC 4180), for notebooks and spreadsheets.
//!
//! A column carries the commands: RFC 4180 knows no comments, and a line that is none of the table
//! makes most readers fail.

use std::collections::HashMap;

use httpdyno_record::lack::weak_kinds;
use httpdyno_record::{EntryRecord, Figure, Record, TrialOutcome, TrialRecord};

use crate::columns::{COLUMNS, OfTrial};
use crate::legible::one_line;
use crate::provenance::Provenance;
use crate::series::COST;

/// A column: its heading, and the cell of a trial.
type Column = (&'static str, fn(&Context<'_>) -> String);

struct Context<'a> {
    record: &'a Record,
    trial: &'a TrialRecord,
    entry: Option<&'a EntryRecord>,
    provenance: &'a Provenance,
}

const TEXTS: [Column; 28] = [
    ("record", |it| text(&it.record.folder.file_name().unwrap_or_default().to_string_lossy())),
    ("profile", |it| it.record.run.profile.id.to_string()),
    ("host", |it| text(&it.record.run.host.fingerprint)),
    ("trial", |it| it.trial.trial.to_string()),
    ("block", |it| it.trial.block.to_string()),
    ("entry", |it| text(&it.trial.entry)),
    ("language", |it| it.entry.map(|entry| text(&entry.language)).unwrap_or_default()),
    ("version", |it| text(it.entry.and_then(|entry| entry.version.as_deref()).unwrap_or_default())),
    ("workload", |it| text(&it.trial.workload)),
    ("connections", |it| it.trial.connections.to_string()),
    ("purpose", |it| it.trial.purpose.to_string()),
    ("offered_per_s", |it| number(it.trial.offered_per_s)),
    ("server_cores", |it| number(it.trial.enforced.cores.as_ref().map(|cores| cores.len() as u64))),
    ("started_at", |it| it.trial.started_at.to_string()),
    ("outcome", |it| match &it.trial.outcome {
        TrialOutcome::Measured(_) => "measured".to_owned(),
        TrialOutcome::Failed { stage, .. } => format!("failed at {stage}"),
    }),
    ("throughput_is_valid", |it| it.trial.valid_for(Figure::Throughput).is_some().to_string()),
    ("latency_is_valid", |it| it.trial.valid_for(Figure::Latency).is_some().to_string()),
    ("tail_is_valid", |it| it.trial.valid_for(Figure::Tail).is_some().to_string()),
    ("cost_is_valid", |it| it.trial.valid_for(Figure::Cost).is_some().to_string()),
    ("weak_figures", |it| {
        let weak = weak_kinds(&it.record.run, it.trial).into_iter();
        text(&weak.map(|figure| figure.to_string()).collect::<Vec<_>>().join(";"))
    }),
    ("cost_is", |_| text(COST)),
    ("failed_gates", |it| {
        let gates = it.trial.measurement().map(|it| it.failed_gates.as_slice()).unwrap_or_default();
        text(&gates.iter().map(|gate| gate.gate.as_str()).collect::<Vec<_>>().join(";"))
    }),
    ("reason", |it| match &it.trial.outcome {
        TrialOutcome::Measured(measured) => {
            text(measured.failed_gates.first().map_or("", |failed| &failed.message))
        }
        TrialOutcome::Failed { reason, .. } => text(reason),
    }),
    ("not_measured", |it| {
        let reasons = it.trial.measurement().map(|it| &it.server.not_measured);
        let reason = |(figure, why): (&String, &String)| format!("{figure}: {why}");
        text(&reasons.into_iter().flatten().map(reason).collect::<Vec<_>>().join("; "))
    }),
    ("engine", |it| it.trial.measurement().map(|it| text(&it.engine)).unwrap_or_default()),
    ("seed", |it| it.record.run.seed.to_string()),
    ("run_by", |it| text(&it.provenance.run)),
    ("generated_by", |it| text(&it.provenance.report)),
];

/// A column of integers: its heading, and its number; nothing where the other forms show it too, and
/// [`COLUMNS`] has it.
type Figures = (&'static str, Option<OfTrial>);

const FIGURES: [Figures; 46] = [
    ("elapsed_ns", Some(|it| Some(it.elapsed_ns))),
    ("responses", Some(|it| Some(it.responses))),
    ("responses_per_s", None),
    ("received_bytes", Some(|it| Some(it.received_bytes))),
    ("errors", Some(|it| Some(it.errors.values().sum()))),
    ("latency_mean_ns", Some(|it| Some(it.latency.mean_ns))),
    ("latency_p50_ns", None),
    ("latency_p90_ns", Some(|it| Some(it.latency.p90_ns))),
    ("latency_p99_ns", None),
    ("latency_p999_ns", None),
    ("latency_max_ns", Some(|it| Some(it.latency.max_ns))),
    ("longest_silence_ns", Some(|it| it.longest_silence_ns)),
    ("service_p50_ns", Some(|it| Some(it.generator.service.p50_ns))),
    ("send_lag_p99_ns", Some(|it| Some(it.generator.send_lag.p99_ns))),
    ("littles_law_ppm", Some(|it| it.littles_law_ppm)),
    ("server_cpu_ns", Some(|it| Some(it.server_cpu_ns))),
    ("server_cpu_ns_per_response", None),
    ("server_user_ns", Some(|it| it.server.user_ns)),
    ("server_system_ns", Some(|it| it.server.system_ns)),
    ("server_peak_rss_bytes", None),
    ("server_idle_rss_bytes", Some(|it| it.server.idle_rss_bytes)),
    ("server_steady_rss_bytes", Some(|it| it.server.steady_rss_bytes)),
    ("server_steady_pss_bytes", Some(|it| it.server.steady_pss_bytes)),
    ("server_idle_pss_bytes", Some(|it| it.server.idle_pss_bytes)),
    ("server_idle_cpu_ns_per_s", Some(|it| it.server.idle_cpu_ns_per_s)),
    ("server_syscalls", Some(|it| it.server.syscalls)),
    ("server_syscalls_responses", Some(|it| it.server.syscalls_responses)),
    ("server_syscalls_window_ns", Some(|it| it.server.syscalls_window_ns)),
    ("server_syscalls_per_response_milli", Some(|it| it.server.syscalls_per_response_milli())),
    ("package_energy_uj", Some(|it| it.server.package_energy_uj)),
    ("idle_package_power_uw", Some(|it| it.server.idle_package_power_uw)),
    (
        "package_energy_above_idle_uj",
        Some(|it| it.server.package_energy_above_idle_uj(it.elapsed_ns)),
    ),
    ("server_threads", Some(|it| it.server.threads.map(u64::from))),
    ("server_voluntary_switches", Some(|it| it.server.voluntary_switches)),
    ("server_involuntary_switches", Some(|it| it.server.involuntary_switches)),
    ("start_to_ready_ns", Some(|it| Some(it.start_to_ready_ns))),
    ("generator_cpu_ns", Some(|it| Some(it.generator_cpu_ns))),
    ("generator_cpu_share_ppm", Some(|it| Some(it.generator.cpu_share_ppm))),
    ("generator_run_delay_ns", Some(|it| it.generator.run_delay_ns)),
    ("reconnects", Some(|it| it.generator.reconnects)),
    ("resets", Some(|it| it.generator.resets)),
    ("database_cpu_ns", Some(|it| it.database.as_ref().and_then(|database| database.cpu_ns))),
    ("steal_ns", Some(|it| Some(it.steal_ns))),
    ("server_waited_for_others_ns", Some(|it| it.server.waited_for_others_ns)),
    ("foreign_on_server_cores_ns", Some(|it| it.foreign.as_ref()?.server_ns)),
    ("foreign_on_generator_cores_ns", Some(|it| it.foreign.as_ref()?.generator_ns)),
];

/// The table of all trials of `record`, whatever they are for and whatever came of them.
#[must_use]
pub fn render(record: &Record, provenance: &Provenance) -> String {
    let headings = TEXTS.iter().map(|(name, _)| (*name).to_owned());
    let figures = figures();
    let mut table = line(headings.chain(figures.iter().map(|(name, _)| (*name).to_owned())));
    let entries = record.run.entries.iter().map(|entry| (entry.entry.as_str(), entry));
    let entries: HashMap<&str, &EntryRecord> = entries.collect();
    for (row, trial) in record.trials.iter().enumerate() {
        if row == 1 {
            // Rows are of like length. To double the room instead would take up to twice of it.
            table.reserve_exact(table.len() * record.trials.len());
        }
        let entry = entries.get(trial.entry.as_str()).copied();
        let context = Context { record, trial, entry, provenance };
        let texts = TEXTS.iter().map(|(_, cell)| cell(&context));
        let figure = |(_, figure): &(&str, OfTrial)| number(trial.measurement().and_then(figure));
        table.push_str(&line(texts.chain(figures.iter().map(figure))));
    }
    table
}

/// All columns of integers: those that CSV has always had at their places, others behind them.
fn figures() -> Vec<(&'static str, OfTrial)> {
    let of_rows = || COLUMNS.iter().filter_map(|column| column.csv);
    let own = FIGURES.iter().filter_map(|&(name, of)| {
        Some((name, of.or_else(|| Some(of_rows().find(|(heading, _)| *heading == name)?.1))?))
    });
    let is_new = |(heading, _): &(&str, OfTrial)| FIGURES.iter().all(|(name, _)| name != heading);
    own.chain(of_rows().filter(is_new)).collect()
}

fn number(value: Option<u64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A text of others. One that a spreadsheet would take for a formula gets an apostrophe in front.
pub(crate) fn text(text: &str) -> String {
    let text = one_line(text);
    match text.starts_with(['=', '+', '-', '@']) {
        true => format!("'{text}"),
        false => text,
    }
}

pub(crate) fn line(cells: impl Iterator<Item = String>) -> String {
    let quoted = cells.map(|cell| match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell,
    });
    quoted.collect::<Vec<_>>().join(",") + "\r\n"
}
