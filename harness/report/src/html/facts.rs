//! What stands in plain tables: the machine, the profile, the run, the entries.

use httpdyno_record::{EntryRecord, Record};

use crate::legible::one_line;
use crate::quantity::{bytes, duration, percent};

/// A table of names and values.
pub(super) struct Table {
    pub(super) heading: &'static str,
    pub(super) rows: Vec<(String, String)>,
}

/// All of them.
pub(super) fn tables(record: &Record) -> Vec<Table> {
    let mut tables = vec![
        Table { heading: "Machine", rows: machine(record) },
        Table { heading: "Profile", rows: profile(record) },
        Table { heading: "Run", rows: run(record) },
    ];
    if let Some(database) = &record.run.database {
        let mut rows = vec![
            row("Server", &database.server_version),
            row("Source", &database.source),
            row("Connections in all", database.pool),
            row("Rows (SHA-256)", &database.rows_sha256),
        ];
        rows.extend(database.settings.iter().map(|(name, value)| row(name, value)));
        let departed = database.departures.iter();
        rows.extend(departed.map(|(name, value)| row(&format!("{name} was asked as"), value)));
        tables.insert(2, Table { heading: "Database", rows });
    }
    tables
}

fn row(name: &str, value: impl ToString) -> (String, String) {
    (one_line(name), one_line(&value.to_string()))
}

fn machine(record: &Record) -> Vec<(String, String)> {
    let host = &record.run.host;
    vec![
        row("Processor", &host.cpu_model),
        row("Cores online", host.cores),
        row("Memory", bytes(host.memory_bytes)),
        row("Kernel", &host.kernel),
        row("Architecture", &host.architecture),
        row("Virtual machine", if host.virtualised { "yes" } else { "no" }),
        row("Fingerprint", &host.fingerprint),
    ]
}

fn profile(record: &Record) -> Vec<(String, String)> {
    let (profile, cores) = (&record.run.profile, &record.run.cores);
    let memory = profile.server_memory.map_or("not limited".to_owned(), |size| size.to_string());
    vec![
        row("Name", &profile.id),
        row("Summary", &profile.summary),
        row("Server on cores", format!("{:?}", cores.server)),
        row("Generator on cores", format!("{:?}", cores.generator)),
        row("Database on cores", format!("{:?}", cores.database)),
        row("Idle guard", if profile.idle_guard { "on" } else { "off" }),
        row("Warm-up of each trial", profile.warmup),
        row("Measured in each trial", profile.measure),
        row("Blocks", profile.blocks),
        row("Memory of the server", memory),
        row("Gate: errors", format!("at most {}", percent(profile.gates.errors_ppm.into()))),
        row(
            "Gate: Little's law",
            format!("within {}", percent(profile.gates.littles_law_ppm.into())),
        ),
        row("Gate: steal", format!("at most {}", percent(profile.gates.steal_ppm.into()))),
    ]
}

fn run(record: &Record) -> Vec<(String, String)> {
    let run = &record.run;
    let finished = run.finished_at.map_or("it did not".to_owned(), |time| time.to_string());
    let mut rows = vec![
        row("Began", run.started_at),
        row("Ended", finished),
        row("Seed", run.seed),
        row("httpdyno", &run.httpdyno_version),
        row("Revision", run.git_revision.as_deref().unwrap_or("unknown")),
        row("spec/ (SHA-256)", &run.spec_digest),
    ];
    if let Some(design) = &run.design {
        let given = design.budget_ns.map_or("not given".to_owned(), duration);
        rows.push(row("Time budget", given));
        rows.push(row("Blocks as planned", design.blocks));
        if let Some(ppm) = design.detectable_ppm {
            rows.push(row("Difference to be found", percent(ppm)));
        }
    }
    rows
}

/// An entry in the table of entries.
pub(super) struct Entry {
    pub(super) entry: String,
    pub(super) name: String,
    pub(super) language: String,
    pub(super) version: String,
    pub(super) conformance: String,
    /// The first digits of the program's digest, or of the container's image.
    pub(super) digest: String,
    pub(super) excluded: String,
}

/// All entries.
pub(super) fn entries(record: &Record) -> Vec<Entry> {
    record.run.entries.iter().map(entry).collect()
}

fn entry(entry: &EntryRecord) -> Entry {
    let digest = entry.image_digest.as_ref().or(entry.program_digest.as_ref());
    let conformance = entry.conformance.as_ref();
    Entry {
        entry: one_line(&entry.entry),
        name: one_line(&entry.name),
        language: one_line(&entry.language),
        version: one_line(entry.version.as_deref().unwrap_or("unknown")),
        conformance: conformance.map_or("not checked".to_owned(), ToString::to_string),
        digest: digest.map(|digest| digest.chars().take(19).collect()).unwrap_or_default(),
        excluded: one_line(entry.excluded.as_deref().unwrap_or_default()),
    }
}
