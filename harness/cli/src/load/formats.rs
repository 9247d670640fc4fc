//! `--output`: the result in a form that another tool reads.

mod k6;
mod oha;
mod otlp;
mod prometheus;

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::SystemTime;

use httpdyno_loadgen::{Histogram, LoadPlan, LoadReport};
use serde_json::Value;

use crate::exit::Failure;

/// A form, and where it is put; nowhere is the standard output, in place of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Output {
    form: Form,
    to: Option<PathBuf>,
}

/// The forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Json,
    K6,
    Oha,
    Prometheus,
    Otlp,
}

const FORMS: [(&str, Form); 5] = [
    ("json", Form::Json),
    ("k6", Form::K6),
    ("oha", Form::Oha),
    ("prometheus", Form::Prometheus),
    ("otlp", Form::Otlp),
];

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, to) = match text.split_once('=') {
            Some((_, "")) => return Err("no file stands behind the equals sign".to_owned()),
            Some((name, path)) => (name, Some(path).filter(|path| *path != "-")),
            None => (text, None),
        };
        let form = FORMS.iter().find(|(known, _)| *known == name).map(|(_, form)| *form);
        let names = FORMS.map(|(name, _)| name).join(", ");
        let form = form.ok_or_else(|| format!("no form `{name}`; there are {names}"))?;
        Ok(Self { form, to: to.map(PathBuf::from) })
    }
}

/// What a form is made of.
struct Measured<'a> {
    plan: &'a LoadPlan,
    report: &'a LoadReport,
    begun: SystemTime,
}

/// Files that are there before the load begins, and what goes to the standard output.
pub(super) struct Outputs {
    printed: Option<Form>,
    files: Vec<(Form, PathBuf, File)>,
}

impl Outputs {
    pub(super) fn create(asked: &[Output], json: bool) -> Result<Self, Failure> {
        let mut outputs = Self { printed: json.then_some(Form::Json), files: Vec::new() };
        for output in asked {
            match &output.to {
                None if outputs.printed.is_some() => {
                    return Err(Failure::new(
                        "two forms cannot both be printed; put one into a file, as \
                         `--output k6=summary.json`",
                    ));
                }
                None => outputs.printed = Some(output.form),
                Some(path) if outputs.files.iter().any(|(_, other, _)| other == path) => {
                    let path = path.display();
                    return Err(Failure::new(format!("--output names {path} twice")));
                }
                Some(path) => {
                    let file = File::create(path).map_err(|error| cannot(path, &error))?;
                    outputs.files.push((output.form, path.clone(), file));
                }
            }
        }
        Ok(outputs)
    }

    /// What is printed in place of the text, if anything is.
    pub(super) fn printed(
        &self,
        plan: &LoadPlan,
        report: &LoadReport,
        begun: SystemTime,
    ) -> Result<Option<String>, Failure> {
        let found = Measured { plan, report, begun };
        self.printed.map(|form| found.render(form)).transpose()
    }

    /// Writes the files, each whatever becomes of the others; the first failure is told.
    pub(super) fn write(
        self,
        plan: &LoadPlan,
        report: &LoadReport,
        begun: SystemTime,
    ) -> Result<(), Failure> {
        let found = Measured { plan, report, begun };
        let mut ending = Ok(());
        for (form, path, mut file) in self.files {
            let written = found.render(form).and_then(|text| {
                file.write_all(text.as_bytes()).map_err(|error| cannot(&path, &error))
            });
            ending = ending.and(written);
        }
        ending
    }
}

fn cannot(path: &std::path::Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot write {}: {error}", path.display()))
}

impl Measured<'_> {
    fn render(&self, form: Form) -> Result<String, Failure> {
        let document = match form {
            Form::Json => return Ok(serde_json::to_string_pretty(self.report)? + "\n"),
            Form::Prometheus => return Ok(prometheus::render(self.plan, self.report)),
            Form::K6 => k6::render(self.report),
            Form::Oha => oha::render(self.report),
            Form::Otlp => otlp::render(self.plan, self.report, self.begun),
        };
        Ok(serde_json::to_string_pretty(&document)? + "\n")
    }
}

/// A whole number of the unit's `places`-th decimal place, as a decimal fraction: 1500 with 3 is `1.5`.
fn decimal(number: u64, places: usize) -> String {
    let digits = format!("{number:0>width$}", width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    let mut text = format!("{whole}.{part}");
    text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    text
}

/// The same as JSON, which has no other fractions than these.
fn fraction(number: u64, places: usize) -> Value {
    decimal(number, places).parse::<f64>().map_or(Value::Null, Value::from)
}

/// Nanoseconds in seconds.
fn seconds(ns: u64) -> Value {
    fraction(ns, 9)
}

/// So much in the window, per second.
fn per_second(amount: u64, report: &LoadReport) -> Value {
    let milli = u128::from(amount) * 1_000_000_000_000 / u128::from(report.elapsed_ns.max(1));
    fraction(u64::try_from(milli).unwrap_or(u64::MAX), 3)
}

/// A part of a whole, from 0 to 1.
fn share(part: u64, whole: u64) -> Value {
    let millionths = u128::from(part) * 1_000_000_000 / u128::from(whole.max(1));
    fraction(u64::try_from(millionths).unwrap_or(u64::MAX), 9)
}

/// The mean, in whole nanoseconds.
fn mean_ns(histogram: &Histogram) -> u64 {
    if histogram.is_empty() { 0 } else { histogram.mean_ns().round() as u64 }
}

/// All values together.
fn sum_ns(histogram: &Histogram) -> u64 {
    if histogram.is_empty() {
        return 0;
    }
    (histogram.mean_ns() * histogram.count() as f64).round() as u64
}

/// A percentile in hundredths of a per cent, and nothing of nothing.
fn quantile_ns(histogram: &Histogram, hundredths: u32) -> u64 {
    if histogram.is_empty() { 0 } else { histogram.quantile_ns(f64::from(hundredths) / 10_000.0) }
}

/// The upper bounds that are usual for durations: 1, 2.5 and 5 of each decade from 10 us to 50 s.
fn bounds_ns() -> impl Iterator<Item = u64> {
    (4..11).flat_map(|power| [10, 25, 50].map(|tenths| tenths * 10_u64.pow(power - 1)))
}

/// How many values are up to each bound, and beyond the one before; the last is of those beyond all.
fn in_bounds(histogram: &Histogram) -> Vec<u64> {
    let bounds: Vec<u64> = bounds_ns().collect();
    let mut counts = vec![0; bounds.len() + 1];
    for (lowest, _, count) in histogram.iter() {
        let at = bounds.iter().position(|bound| lowest <= *bound).unwrap_or(bounds.len());
        counts[at] += count;
    }
    counts
}

/// What came to nothing or to something wrong, by cause.
fn failures(report: &LoadReport) -> Vec<(String, u64)> {
    let wrong = report.total.mismatches.by_cause().into_iter();
    let wrong = wrong.filter(|(_, count)| *count > 0).map(|(name, count)| (name.to_owned(), count));
    wrong.chain(report.total.errors.iter().map(|(cause, count)| (cause.clone(), *count))).collect()
}

/// Joins lines; writing to a text cannot fail.
fn push_line(out: &mut String, line: &str) {
    let _ = writeln!(out, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_written_in_full() {
        for (number, places, text) in [
            (0, 9, "0"),
            (1, 9, "0.000000001"),
            (1_500_000_000, 9, "1.5"),
            (60_000_000_000, 9, "60"),
            (1_234, 3, "1.234"),
            (100, 3, "0.1"),
        ] {
            assert_eq!(decimal(number, places), text);
        }
    }

    #[test]
    fn every_value_is_in_one_step_and_the_steps_grow() {
        let bounds: Vec<u64> = bounds_ns().collect();
        assert_eq!((bounds[0], bounds[bounds.len() - 1]), (10_000, 50_000_000_000));
        assert!(bounds.windows(2).all(|pair| pair[0] < pair[1]), "{bounds:?}");
        let mut histogram = Histogram::new();
        for value in [1, 10_000, 10_100, 1_000_000, 59_000_000_000] {
            histogram.record(value);
        }
        let counts = in_bounds(&histogram);
        assert_eq!(counts.iter().sum::<u64>(), 5);
        assert_eq!((counts[0], counts[1], counts[counts.len() - 1]), (2, 1, 1));
    }

    #[test]
    fn an_output_is_a_form_and_may_be_a_file() {
        let read = |text: &str| text.parse::<Output>();
        let of = |form, to: Option<&str>| Ok(Output { form, to: to.map(PathBuf::from) });
        assert_eq!(read("k6"), of(Form::K6, None));
        assert_eq!(read("oha=a=b.json"), of(Form::Oha, Some("a=b.json")));
        assert_eq!(read("otlp=-"), of(Form::Otlp, None));
        for (wrong, words) in [("k7", "there are json, k6"), ("k6=", "no file"), ("", "no form")] {
            let error = read(wrong).expect_err(wrong);
            assert!(error.contains(words), "{error}");
        }
    }
}
