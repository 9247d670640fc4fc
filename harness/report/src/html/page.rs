//! The report of one record.

use askama::Template;
use httpdyno_record::{CapacityRecord, Record, Role};
use httpdyno_stats::histogram::HistogramError;

use crate::comparison::Comparison;
use crate::html::assets::{LIBRARIES, STYLE, policy, script};
use crate::html::data::Data;
use crate::html::embed::packed;
use crate::html::facts::{Entry, Table, entries, tables};
use crate::html::matrix::Matrix;
use crate::legible::one_line;
use crate::provenance::Provenance;
use crate::validity::{Finding, findings};

/// Why no page can be made.
#[derive(Debug, thiserror::Error)]
pub enum HtmlError {
    /// The record is damaged.
    #[error("a histogram in the record cannot be decoded: {0}")]
    Histogram(#[from] HistogramError),
    /// The template cannot be filled.
    #[error("the page cannot be made: {0}")]
    Template(#[from] askama::Error),
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    title: String,
    lead: String,
    policy: String,
    style: &'static str,
    libraries: [&'static str; 2],
    script: String,
    data: String,
    conformance: String,
    findings: Vec<Finding>,
    tables: Vec<Table>,
    entries: Vec<Entry>,
    provenance: &'a Provenance,
    version: &'static str,
}

/// The page of `record`; `capacity` is what its search for capacities came to, where it was one.
///
/// # Errors
/// When a histogram in the record cannot be decoded.
pub fn render(
    record: &Record,
    comparison: &Comparison,
    capacity: Option<&CapacityRecord>,
    provenance: &Provenance,
) -> Result<String, HtmlError> {
    let run = &record.run;
    let script = script();
    let [d3, plot] = LIBRARIES;
    let page = Page {
        title: title(record),
        lead: format!(
            "{} entries, {} trials, on {} ({}), begun {}",
            run.entries.iter().filter(|entry| entry.role == Role::Entry).count(),
            record.trials.len(),
            one_line(&run.host.cpu_model),
            one_line(&run.host.fingerprint),
            run.started_at
        ),
        policy: policy(&[d3, plot, &script], STYLE),
        style: STYLE,
        libraries: LIBRARIES,
        script,
        data: packed(&Data::of(record, comparison, capacity)),
        conformance: packed(&Matrix::of(record)),
        findings: findings(record, comparison),
        tables: tables(record),
        entries: entries(record),
        provenance,
        version: env!("CARGO_PKG_VERSION"),
    };
    Ok(page.render()?)
}

/// The name of the record: that of its folder.
fn title(record: &Record) -> String {
    let folder = record.folder.file_name().map(|name| name.to_string_lossy().into_owned());
    one_line(&folder.unwrap_or_else(|| record.run.profile.id.to_string()))
}
