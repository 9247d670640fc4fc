//! The columns of a point's table: one list for the terminal, Markdown, the page and CSV, so that a
//! new column is one entry of it.

use httpdyno_record::{Figure, Measurement, Record};
use serde::Serialize;

use crate::figures::ONE_START;
use crate::line::Line;

mod writing;

pub(crate) use writing::{
    Form, PageColumn, markdown_head, page_cells, page_columns, terminal_cell, written,
};

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum Value {
    Text(String),
    Number(u64),
    /// Lower end, estimate, upper end.
    Interval([u64; 3]),
}

/// What its numbers are of, which decides how they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Unit {
    /// None: it is the entry's name.
    Name,
    /// None: it is a text.
    Text,
    /// Things.
    Count,
    /// Nanoseconds.
    Time,
    Bytes,
    /// Parts per million.
    Ratio,
    /// Those of which the ends of the interval alone are written.
    RatioEnds,
    /// Ranks from the best to the worst.
    Places,
}

/// The kind of figure that a cell is of: what is weak is marked, and what is void says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Of(Figure),
    /// The kind that the point is ranked by.
    Ranked,
}

/// A trial's number; nothing of one that has none.
pub(crate) type OfTrial = fn(&Measurement) -> Option<u64>;

/// A column, and the forms that show it.
#[derive(Clone, Copy)]
pub(crate) struct Column {
    pub(crate) id: &'static str,
    unit: Unit,
    /// Whether it stands to the left, as words do, and not to the right, as numbers do.
    words: bool,
    cell: fn(&Line, &Record) -> Option<Value>,
    weak: Option<Kind>,
    void: Option<Kind>,
    /// What stands in the cell of a row that has none, though nothing took it.
    otherwise: fn(&Line, Form) -> Option<&'static str>,
    /// In a terminal, in the order of the list: its heading, and how expendable it is where there is
    /// no room.
    terminal: Option<(&'static str, u8)>,
    /// Whether the terminal's heading has the unit.
    unit_in_heading: bool,
    /// In Markdown, its heading and its place.
    markdown: Option<(u8, &'static str)>,
    /// In the page, likewise.
    page: Option<(u8, &'static str)>,
    /// In CSV, which has a row for each trial: its heading, and a trial's number.
    pub(crate) csv: Option<(&'static str, OfTrial)>,
}

pub(crate) static COLUMNS: [Column; 14] = [
    column("entry", Unit::Name, |it, _| text(&it.entry))
        .words()
        .terminal("entry", 0)
        .markdown(0, "entry")
        .page(0, "Entry"),
    column("rank", Unit::Places, |it, _| {
        let [best, worst] = it.ranks?.map(u64::from);
        Some(Value::Interval([best, best, worst]))
    })
    .terminal("rank", 6)
    .page(4, "Rank"),
    column("ties", Unit::Text, |it, _| text(&it.groups).filter(|_| !it.groups.is_empty()))
        .words()
        .terminal("ties", 0)
        .markdown(4, "tie")
        .page(3, "Ties"),
    column("ratio", Unit::Ratio, |it, _| it.ratio.map(Value::Interval))
        .of(Kind::Ranked)
        .or(baseline)
        .terminal("ratio", 0)
        .markdown(1, "ratio")
        .page(1, "Ratio, 95\u{a0}%"),
    column("interval", Unit::RatioEnds, |it, _| it.ratio.map(Value::Interval))
        .terminal("95 %", 0)
        .markdown(2, "95 % interval"),
    column("verdict", Unit::Text, |it, _| text(it.verdict.as_ref()?))
        .or(no_verdict)
        .words()
        .terminal("verdict", 2)
        .markdown(3, "verdict")
        .page(2, "Verdict"),
    column("rate", Unit::Count, |it, _| Some(Value::Number(it.rate?[1])))
        .of(Kind::Of(Figure::Throughput))
        .terminal("req/s", 0)
        .markdown(5, "req/s")
        .page(5, "Responses per s")
        .csv("responses_per_s", |it| Some(it.responses_per_s())),
    column("cpu", Unit::Time, |it, _| Some(Value::Number(it.cpu?[1])))
        .of(Kind::Of(Figure::Cost))
        .terminal("CPU us", 0)
        .with_unit_in_heading()
        .markdown(6, "CPU/req")
        .page(6, "CPU per request")
        .csv("server_cpu_ns_per_response", |it| Some(it.server_cpu_ns_per_response())),
    column("rss", Unit::Bytes, |it, _| it.rss.map(Value::Number))
        .marked(Kind::Of(Figure::Cost))
        .terminal("MiB", 3)
        .with_unit_in_heading()
        .markdown(10, "peak RSS")
        .page(10, "Peak RSS")
        .csv("server_peak_rss_bytes", |it| Some(it.server_peak_rss_bytes)),
    column("p50", Unit::Time, |it, _| Some(Value::Number(it.latency?.p50_ns)))
        .of(Kind::Of(Figure::Latency))
        .terminal("p50", 4)
        .markdown(7, "p50")
        .page(7, "p50")
        .csv("latency_p50_ns", |it| Some(it.latency.p50_ns)),
    column("p99", Unit::Time, |it, _| {
        let latency = it.latency?;
        tail(latency.p99_ns, latency.p99_interval_ns)
    })
    .of(Kind::Of(Figure::Tail))
    .or(one_start)
    .terminal("p99, 95 %", 1)
    .markdown(8, "p99, 95 %")
    .page(8, "p99, 95\u{a0}%")
    .csv("latency_p99_ns", |it| Some(it.latency.p99_ns)),
    column("p999", Unit::Time, |it, _| {
        let latency = it.latency?;
        tail(latency.p999_ns, latency.p999_interval_ns)
    })
    .of(Kind::Of(Figure::Tail))
    .or(one_start)
    .terminal("p99.9, 95 %", 7)
    .markdown(9, "p99.9, 95 %")
    .page(9, "p99.9, 95\u{a0}%")
    .csv("latency_p999_ns", |it| Some(it.latency.p999_ns)),
    column("cases", Unit::Text, cases).terminal("cases", 5),
    column("trials", Unit::Text, |it, _| text(&format!("{} of {}", it.valid, it.trials)))
        .terminal("trials", 8)
        .markdown(11, "valid")
        .page(11, "Valid trials"),
];

fn text(text: &str) -> Option<Value> {
    Some(Value::Text(text.to_owned()))
}

fn tail(estimate: Option<u64>, interval: Option<[u64; 2]>) -> Option<Value> {
    let [low, high] = interval?;
    Some(Value::Interval([low, estimate?, high]))
}

fn cases(line: &Line, record: &Record) -> Option<Value> {
    let entry = record.run.entries.iter().find(|entry| entry.entry == line.id)?;
    let counts = entry.conformance.as_ref()?;
    text(&format!("{}/{}", counts.passed, counts.applicable()))
}

/// The baseline is 1 to itself.
fn baseline(line: &Line, form: Form) -> Option<&'static str> {
    line.is_baseline.then_some(match form {
        Form::Terminal => "1",
        Form::Markdown => "baseline",
        Form::Page => "1 (baseline)",
    })
}

/// Why there is no verdict, in a word; there is room for it in the terminal.
fn no_verdict(line: &Line, form: Form) -> Option<&'static str> {
    (form == Form::Terminal).then_some(match (line.is_baseline, line.is_compared) {
        _ if line.why_no_ratio().is_some() => "void",
        (true, _) => "baseline",
        (_, false) => "reference",
        _ => "no pairs",
    })
}

/// One start says nothing of another one's tail.
fn one_start(line: &Line, form: Form) -> Option<&'static str> {
    (form != Form::Page && line.latency.is_some()).then_some(ONE_START)
}

const fn column(id: &'static str, unit: Unit, cell: fn(&Line, &Record) -> Option<Value>) -> Column {
    Column {
        id,
        unit,
        words: false,
        cell,
        weak: None,
        void: None,
        otherwise: |_, _| None,
        terminal: None,
        unit_in_heading: false,
        markdown: None,
        page: None,
        csv: None,
    }
}

impl Column {
    const fn of(self, kind: Kind) -> Self {
        Self { weak: Some(kind), void: Some(kind), ..self }
    }

    /// Weaker where that kind is, but not void with it.
    const fn marked(self, kind: Kind) -> Self {
        Self { weak: Some(kind), ..self }
    }

    const fn or(self, otherwise: fn(&Line, Form) -> Option<&'static str>) -> Self {
        Self { otherwise, ..self }
    }

    const fn words(self) -> Self {
        Self { words: true, ..self }
    }

    const fn terminal(self, heading: &'static str, expendable: u8) -> Self {
        Self { terminal: Some((heading, expendable)), ..self }
    }

    const fn with_unit_in_heading(self) -> Self {
        Self { unit_in_heading: true, ..self }
    }

    const fn markdown(self, place: u8, heading: &'static str) -> Self {
        Self { markdown: Some((place, heading)), ..self }
    }

    const fn page(self, place: u8, heading: &'static str) -> Self {
        Self { page: Some((place, heading)), ..self }
    }

    const fn csv(self, heading: &'static str, of: OfTrial) -> Self {
        Self { csv: Some((heading, of)), ..self }
    }
}
