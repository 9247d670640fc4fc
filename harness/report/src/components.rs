//! What benches of parts say of an endpoint, put beside what its served requests cost: how far
//! component figures are from requests.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use httpdyno_record::Role;

use crate::comparison::{Comparison, Row};
use crate::quantity;

/// Times of parts in picoseconds (many are a few nanoseconds), by implementation and name. The
/// names are those of `implementations/_shared/rust/benching`.
pub type Parts = BTreeMap<String, BTreeMap<String, u64>>;

/// A part, and how many of it an endpoint has.
type Ingredient = (&'static str, u64);

/// What requests of a workload are made of beside heads.
const RECIPES: [(&str, &[Ingredient]); 5] = [
    ("plaintext", &[]),
    ("json", &[("json-message", 1)]),
    ("db", &[("row", 1), ("json-world", 1)]),
    ("queries-20", &[("row", 20), ("json-worlds-20", 1)]),
    ("fortunes", &[("fortune-row", 12), ("template", 1)]),
];

/// Where an engine does not let heads be told apart, `exchange` is both.
const HEADS: [&[Ingredient]; 2] =
    [&[("request-head", 1), ("response-head", 1)], &[("exchange", 1)]];

/// One line of the table.
#[derive(Debug, PartialEq, Eq)]
struct Line {
    entry: String,
    point: String,
    /// Each part with its number and the time of all of them.
    parts: Vec<(&'static str, u64, u64)>,
    /// The heads were not measured: its engine lets nobody at them.
    headless: bool,
    served_ns: Option<u64>,
}

impl Line {
    fn sum_ps(&self) -> u64 {
        self.parts.iter().map(|(_, _, time_ps)| time_ps).sum()
    }
}

/// The table; nothing where no entry of the comparison has parts for one of its workloads.
#[must_use]
pub fn render(comparison: &Comparison, parts: &Parts) -> Option<String> {
    let lines = lines(comparison, parts);
    if lines.is_empty() {
        return None;
    }
    let mut text = heading();
    let width = |of: fn(&Line) -> usize| lines.iter().map(of).max().unwrap_or(0);
    let (entries, points) = (width(|line| line.entry.len()), width(|line| line.point.len()));
    let _ = writeln!(
        text,
        "{:entries$}  {:points$}  {:>12}  {:>12}  {:>8}  parts (ns)",
        "entry", "point", "sum (ns)", "served (ns)", "served/sum"
    );
    for line in &lines {
        let (served, factor) = match line.served_ns {
            Some(served) => (quantity::count(served), factor(served, line.sum_ps())),
            None => ("no valid trial".to_owned(), "-".to_owned()),
        };
        let _ = writeln!(
            text,
            "{:entries$}  {:points$}  {:>12}  {served:>12}  {factor:>10}  {}",
            line.entry,
            line.point,
            nanoseconds(line.sum_ps()),
            ingredients(line)
        );
    }
    if lines.iter().any(|line| line.headless) {
        text.push_str(
            "* without heads: its engine reads and writes them where no bench can call it\n",
        );
    }
    Some(text)
}

fn heading() -> String {
    "Parts: median time by Criterion, one thread, in memory. Served: CPU time of the server per \
     response, user and kernel, median of the valid trials.\n\n"
        .to_owned()
}

fn ingredients(line: &Line) -> String {
    let part = |(name, count, time_ps): &(&str, u64, u64)| {
        let times = if *count == 1 { String::new() } else { format!("{count} x ") };
        format!("{times}{name} {}", nanoseconds(*time_ps))
    };
    let parts: Vec<String> = line.parts.iter().map(part).collect();
    let mark = if line.headless { " *" } else { "" };
    format!("{}{mark}", parts.join(" + "))
}

fn lines(comparison: &Comparison, parts: &Parts) -> Vec<Line> {
    let mut lines = Vec::new();
    for point in &comparison.points {
        let recipe = RECIPES.iter().find(|(workload, _)| *workload == point.workload);
        let Some((_, recipe)) = recipe else { continue };
        let compared = point.rows.iter().filter(|row| row.role == Role::Entry);
        lines.extend(compared.filter_map(|row| line(row, point.name(), recipe, parts)));
    }
    lines.sort_by(|one, other| one.entry.cmp(&other.entry));
    lines
}

/// Nothing where a part was not measured.
fn line(row: &Row, point: String, recipe: &[Ingredient], parts: &Parts) -> Option<Line> {
    let implementation = row.entry.split('@').next().unwrap_or_default();
    let known = parts.get(implementation)?;
    let timed = |wanted: &[Ingredient]| -> Option<Vec<(&'static str, u64, u64)>> {
        let part = |(name, count): &Ingredient| Some((*name, *count, known.get(*name)? * count));
        wanted.iter().map(part).collect()
    };
    let heads = HEADS.iter().find_map(|heads| timed(heads));
    let headless = heads.is_none();
    let parts = [heads.unwrap_or_default(), timed(recipe)?].concat();
    if parts.is_empty() {
        return None;
    }
    let served_ns = row.figures.and_then(|it| it.server_cpu_ns).map(|cpu| cpu.median);
    Some(Line { entry: row.entry.clone(), point, parts, headless, served_ns })
}

/// With one decimal.
fn nanoseconds(time_ps: u64) -> String {
    let tenths = (time_ps + 50) / 100;
    format!("{}.{}", quantity::count(tenths / 10), tenths % 10)
}

/// How many times the parts a served request costs, with one decimal.
fn factor(served_ns: u64, sum_ps: u64) -> String {
    let tenths = u128::from(served_ns) * 10_000 / u128::from(sum_ps.max(1));
    format!("{}.{}x", tenths / 10, tenths % 10)
}
