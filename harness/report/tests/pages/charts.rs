//! The charts of the page, mark by mark, against the record that it was made from.

use httpdyno_record::Figure;
use httpdyno_report::Comparison;
use httpdyno_report::scale::ScaleStep;
use serde_json::{Value, json};

use crate::chromium::Page;
use crate::reading::{opened, opened_record};
use crate::synthetic::{self, Shape};
use crate::truth::{Mark, Truth};

/// A figure of the page, and the marks in it that stand for data.
struct Chart {
    section: &'static str,
    number: usize,
    marks: &'static str,
}

/// Dashed rules, and lines of less than full strength, are there for orientation.
const INTERVALS: &str = "g[aria-label=rule]:not([stroke-dasharray]) line";
const LINES: &str = "g[aria-label=line]:not([stroke-opacity]) path";
const DOTS: &str = "g[aria-label=dot] :is(circle, path)";

const fn chart(section: &'static str, number: usize, marks: &'static str) -> Chart {
    Chart { section, number, marks }
}

impl Chart {
    fn eval(&self, page: &mut Page, expression: &str) -> Vec<Mark> {
        let svg = format!(
            "document.querySelectorAll('#{}-result figure svg')[{}]",
            self.section, self.number
        );
        let value = page.eval(&format!("((svg) => {expression})({svg})"));
        serde_json::from_value(value).expect("marks")
    }

    /// Where each mark is drawn: the ends of a rule, the corners of a line, the middle of a dot.
    fn drawn(&self, page: &mut Page) -> Vec<Mark> {
        let numbers = "(text) => text.match(/-?[\\d.]+/g).map(Number)";
        self.eval(
            page,
            &format!(
                "[...svg.querySelectorAll('{}')].map((it) => {{ \
                     const of = (...names) => names.map((name) => Number(it.getAttribute(name))); \
                     if (it.tagName === 'line') return [of('x1', 'y1'), of('x2', 'y2')]; \
                     if (it.tagName === 'circle') return [of('cx', 'cy')]; \
                     const moved = it.getAttribute('transform'); \
                     const all = ({numbers})(moved ?? it.getAttribute('d')); \
                     return d3.range(0, all.length, 2).map((at) => all.slice(at, at + 2)); \
                 }})",
                self.marks
            ),
        )
    }

    /// Where `wanted` belongs by the scales of the chart. A band is given by its beginning: the
    /// group that a mark is in moves it to the middle.
    fn placed(&self, page: &mut Page, wanted: &[Mark]) -> Vec<Mark> {
        let at = "([x, y]) => [svg.scale('x').apply(x), svg.scale('y').apply(y)]";
        self.eval(page, &format!("{}.map((mark) => mark.map({at}))", json!(wanted)))
    }

    /// Every mark of `wanted` is drawn where it belongs, to a pixel, and no other is.
    fn assert_is(&self, page: &mut Page, wanted: &[Mark]) {
        let mut drawn = self.drawn(page);
        for (mark, place) in wanted.iter().zip(self.placed(page, wanted)) {
            let found = drawn.iter().position(|one| is_near(one, &place));
            let found = found.unwrap_or_else(|| {
                panic!("{} {}: {mark:?} is not at {place:?}", self.section, self.marks)
            });
            drawn.swap_remove(found);
        }
        assert_eq!(drawn, Vec::<Mark>::new(), "{} {}: too much", self.section, self.marks);
    }
}

fn is_near(one: &Mark, other: &Mark) -> bool {
    let is_near = |(one, other): (&[f64; 2], &[f64; 2])| {
        (0..2).all(|axis| (one[axis] - other[axis]).abs() <= 1.0)
    };
    one.len() == other.len() && one.iter().zip(other).all(is_near)
}

/// The entries whose boxes are ticked, whether they are shown or not.
fn picked(page: &mut Page) -> Vec<String> {
    let names = page.eval(
        "[...document.querySelectorAll('#picker input:checked')] \
         .map((it) => it.closest('label').querySelector('bdi').title)",
    );
    serde_json::from_value(names).expect("names")
}

/// Each chart holds what `truth` does; gives back how many marks those are.
fn all_charts(page: &mut Page, truth: &Truth<'_>) -> Vec<usize> {
    let rate = |step: &ScaleStep| Some(step.throughput_per_s?.median as f64);
    let efficiency = |step: &ScaleStep| Some(step.efficiency_ppm? as f64 / 1e6);
    let spread = |figure| truth.by_connections(figure);
    let (ratios, ends) = truth.ranking();
    let lines = |(lines, _): (Vec<Mark>, Vec<Mark>)| lines;
    let bars = |(_, bars): (Vec<Mark>, Vec<Mark>)| bars;
    let (valid, void) = truth.trials();
    let wanted = [
        (chart("ranking", 0, DOTS), ratios),
        (chart("ranking", 0, INTERVALS), ends),
        (chart("connections", 0, LINES), lines(spread(Figure::Throughput))),
        (chart("connections", 0, INTERVALS), bars(spread(Figure::Throughput))),
        (chart("connections", 1, LINES), lines(spread(Figure::Cost))),
        (chart("connections", 1, INTERVALS), bars(spread(Figure::Cost))),
        (chart("load", 0, LINES), truth.loads()),
        (chart("load", 0, DOTS), dots(&truth.loads())),
        (chart("scale", 0, LINES), truth.scales(rate)),
        (chart("scale", 0, DOTS), dots(&truth.scales(rate))),
        (chart("scale", 1, LINES), truth.scales(efficiency)),
        (chart("trials", 0, "g[aria-label=dot] circle"), valid),
        (chart("trials", 0, "g[aria-label=dot] path"), void),
    ];
    let counts = wanted.iter().map(|(chart, marks)| {
        chart.assert_is(page, marks);
        marks.len()
    });
    counts.collect()
}

fn dots(lines: &[Mark]) -> Vec<Mark> {
    lines.iter().flatten().map(|point| vec![*point]).collect()
}

/// The lines of the percentiles have more corners than a reader would compute; they pass through
/// those that everybody quotes, and end before the values do.
fn assert_percentiles(page: &mut Page, truth: &Truth<'_>) -> usize {
    let chart = chart("latency", 0, LINES);
    let drawn = chart.drawn(page);
    let wanted = truth.percentiles();
    assert_eq!(drawn.len(), wanted.len(), "a line for each drawn entry");
    for (mark, place) in wanted.iter().zip(chart.placed(page, &wanted)) {
        let passes = |line: &&Mark| {
            place.iter().all(|point| line.iter().any(|one| is_near(&vec![*one], &vec![*point])))
        };
        assert!(drawn.iter().any(|line| passes(&line)), "no line passes through {mark:?}");
    }
    drawn.len()
}

#[test]
fn every_chart_draws_what_the_record_holds_and_less_when_filtered() {
    let Some((_folder, record, mut page)) = opened(12) else { return };
    let comparison = Comparison::of(&record).expect("histograms");
    let mut truth = Truth::new(&record, &comparison, picked(&mut page));
    let mut counts = Vec::new();
    for (connections, text) in [(64, ""), (256, "java")] {
        (truth.connections, truth.text) = (connections, text);
        page.choose("text", text);
        let option = page.eval(&format!(
            "[...document.getElementById('connections').options] \
             .find((it) => it.text === '{connections}').value"
        ));
        page.choose("connections", option.as_str().expect("a value"));
        let mut here = all_charts(&mut page, &truth);
        here.push(assert_percentiles(&mut page, &truth));
        counts.push(here);
    }
    assert_eq!(counts[1][0], 2, "Netty and Undertow");
    for (all, filtered) in counts[0].iter().zip(&counts[1]) {
        assert!((1..*all).contains(filtered), "{counts:?}");
    }
    assert_eq!(page.complaints(), Vec::<String>::new());
}

/// Everybody's throughput is the offered rate, so that it is the cost that is ranked.
#[test]
fn at_an_offered_rate_the_ranking_is_said_to_be_of_cpu_time() {
    let folder = tempfile::tempdir().expect("folder");
    let record = synthetic::record(folder.path(), Shape { rates: 1, ..Shape::of(6) });
    let Some(mut page) = opened_record(&record) else { return };
    let chart = chart("ranking", 0, DOTS);
    for (point, word) in [("16, 5", "CPU per request"), ("16", "throughput")] {
        let option = page.eval(&format!(
            "[...document.getElementById('connections').options] \
             .find((it) => it.text.startsWith('{point}') && it.text.includes('offered') === {}).value",
            point.contains(',')
        ));
        page.choose("connections", option.as_str().expect("a value"));
        let shown = page.eval("document.getElementById('ranking-measure').selectedOptions[0].text");
        assert_eq!(shown, format!("{word} relative to the baseline"));
        let axis =
            "document.querySelector('#ranking-result [aria-label=\"x-axis label\"]').textContent";
        assert_eq!(page.eval(axis), format!("Relative {word} →"));
        assert_eq!(chart.drawn(&mut page).len(), 5, "the sixth was not measured");
    }
}

#[test]
fn axes_of_latency_are_logarithmic_and_their_ticks_in_order() {
    let Some((_folder, _, mut page)) = opened(12) else { return };
    for (section, axis, least) in [("latency", "x", 3), ("latency", "y", 2), ("load", "y", 2)] {
        let svg = format!("document.querySelector('#{section}-result figure svg')");
        let kind = page.eval(&format!("{svg}.scale('{axis}').type"));
        assert_eq!(kind, "log", "{section} {axis}");
        // Ten times as much is as far apart everywhere: what a reader of the chart relies on.
        let steps = page.eval(&format!(
            "(({{ apply }}) => [1, 10, 100].map((it) => apply(10 * it) - apply(it)))({svg}.scale('{axis}'))"
        ));
        let steps: Vec<f64> = serde_json::from_value(steps).expect("numbers");
        assert!(steps.iter().all(|it| (it - steps[0]).abs() < 0.01), "{section}: {steps:?}");
        let ticks = page.eval(&format!(
            "[...{svg}.querySelectorAll('g[aria-label=\"{axis}-axis tick label\"] text')] \
             .filter((it) => it.textContent).map((it) => [it.getBoundingClientRect().{axis}, it.textContent])"
        ));
        let ticks: Vec<(f64, String)> = serde_json::from_value(ticks).expect("ticks");
        let mut values: Vec<(f64, f64)> =
            ticks.iter().map(|(place, text)| (*place, number(text))).collect();
        values.sort_by(|one, other| one.0.total_cmp(&other.0));
        if axis == "y" {
            values.reverse();
        }
        assert!(values.len() >= least, "{section} {axis}: {ticks:?}");
        assert!(values.is_sorted_by(|one, other| one.1 < other.1), "{section} {axis}: {ticks:?}");
    }
}

/// What a tick says: a percentile, or a time in nanoseconds.
fn number(tick: &str) -> f64 {
    let parse = |text: &str| text.parse().unwrap_or_else(|_| panic!("{tick:?} is no number"));
    if let Some(percentile) = tick.strip_prefix('p') {
        return parse(percentile);
    }
    let (value, unit) = tick.split_once(' ').unwrap_or_else(|| panic!("{tick:?} has no unit"));
    let units = [("ns", 1.0), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)];
    let (_, ns) = units.into_iter().find(|(name, _)| *name == unit).expect("a unit of time");
    parse(value) * ns
}

/// Where few trials are valid for the tail, the median is what there is to be seen.
#[test]
fn the_load_is_shown_by_its_median_where_few_tails_are_valid() {
    let shown = |page: &mut Page| -> Value {
        page.eval("document.getElementById('load-percentile').value")
    };
    let Some((_folder, mut record, mut page)) = opened(3) else { return };
    assert_eq!(shown(&mut page), "p99", "all tails are valid");
    let loads = crate::truth::void_tails(&mut record);
    let Some(mut page) = opened_record(&record) else { return };
    assert_eq!(shown(&mut page), "p50", "of {loads} trials at a rate every second has a tail");
    let dots = chart("load", 0, DOTS);
    assert_eq!(dots.drawn(&mut page).len(), loads, "each has a median");
    page.choose("load-percentile", "p99");
    let valid = record.trials.iter().filter(|trial| trial.offered_per_s.is_some());
    let valid = valid.filter(|trial| trial.valid_for(Figure::Tail).is_some()).count();
    assert!((1..loads / 2).contains(&valid), "{valid} of {loads}");
    assert_eq!(dots.drawn(&mut page).len(), valid, "void tails are not drawn");
}
