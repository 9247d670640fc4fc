//! What is seen of a bench while it runs: how far it is and how long it will take, what runs now,
//! what came out last, the ranking so far, and what was said and warned of.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use httpdyno_loadgen::SecondReport;
use httpdyno_report::quantity;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style, Stylize};
use ratatui::text::Line;
use ratatui::widgets::{Gauge, Paragraph, Row, Sparkline, Table};

use super::in_words;
use super::ranking::Ranking;
use crate::load::{statuses, whole_percentile};
use crate::screen::{Scene, is_stopping};

/// How many results are kept in sight.
const RESULTS: usize = 3;

/// How many lines are kept in sight at most.
const LINES: u16 = 6;

pub(super) struct BenchScene {
    began: Instant,
    stage_began: Instant,
    /// Trials that are planned until now, those that are done, and those before this stage.
    planned: Option<u64>,
    done: u64,
    done_before: u64,
    load_time: Duration,
    now: String,
    /// The last second of what runs now, and the rates of all of them, right and failed.
    second: String,
    rates: Vec<u64>,
    failed: Vec<u64>,
    latest: VecDeque<String>,
    warnings: u32,
    last_warning: Option<String>,
    pub(super) ranking: Ranking,
    /// What stays when the screen is gone.
    pub(super) lines: Vec<String>,
}

impl BenchScene {
    pub(super) fn new() -> Self {
        Self {
            began: Instant::now(),
            stage_began: Instant::now(),
            planned: None,
            done: 0,
            done_before: 0,
            load_time: Duration::ZERO,
            now: String::new(),
            second: String::new(),
            rates: Vec::new(),
            failed: Vec::new(),
            latest: VecDeque::new(),
            warnings: 0,
            last_warning: None,
            ranking: Ranking::default(),
            lines: Vec::new(),
        }
    }

    /// So many trials are planned until now; those of the stage that begins have so much load.
    pub(super) fn planned(&mut self, trials: u64, load_time: Duration) {
        (self.planned, self.load_time) = (Some(trials), load_time);
        (self.stage_began, self.done_before) = (Instant::now(), self.done);
    }

    pub(super) fn now(&mut self, text: String) {
        self.now = text;
        self.second.clear();
        self.rates.clear();
        self.failed.clear();
    }

    /// A second of the trial under way.
    pub(super) fn second(&mut self, second: &SecondReport) {
        let at = |percent| whole_percentile(&second.latency, percent);
        let latency = match second.latency.is_empty() {
            true => String::new(),
            false => format!(", p50 {}, p99 {}", at(50), at(99)),
        };
        let failed = second.errors + second.mismatches;
        self.second = format!(
            "{} req/s{latency}, {} failed; status {}",
            quantity::count(second.ok),
            quantity::count(failed),
            statuses(&second.status_codes),
        );
        self.rates.push(second.ok);
        self.failed.push(failed);
    }

    /// A trial came to its end.
    pub(super) fn result(&mut self, text: String) {
        self.done += 1;
        self.latest.push_front(text);
        self.latest.truncate(RESULTS);
    }

    pub(super) fn warn(&mut self, text: &str) {
        self.warnings += 1;
        self.last_warning = Some(text.to_owned());
    }

    /// How far it is: the share that is done, and how that is said.
    fn progress(&self) -> (f64, String) {
        let Some(planned) = self.planned else {
            let passed = in_words(whole_seconds(self.began.elapsed()));
            let what = match self.done {
                0 => "preparing".to_owned(),
                done => format!("{done} trials"),
            };
            return (0.0, format!("{what}, {passed} until now"));
        };
        let passed = self.stage_began.elapsed();
        let of_stage = self.done - self.done_before;
        let left = match planned.saturating_sub(self.done) {
            0 => String::new(),
            // Until a trial of the stage has shown how long they are, only the load is known.
            _ if of_stage == 0 => {
                let of_load = whole_seconds(self.load_time.saturating_sub(passed));
                format!(", at least {} left", in_words(of_load))
            }
            more => {
                let each = passed.as_secs_f64() / of_stage as f64;
                let left = Duration::try_from_secs_f64(each * more as f64).unwrap_or_default();
                format!(", {} left", in_words(whole_seconds(left)))
            }
        };
        let share = self.done as f64 / planned.max(1) as f64;
        (share, format!("{} of {planned} trials{left}", self.done))
    }

    fn table(&self, frame: &mut Frame<'_>, area: Rect) {
        let Some((point, places)) = self.ranking.latest() else { return };
        let [title, area] =
            Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(area);
        frame.render_widget(Line::raw(format!("ranking so far: {point}")).bold(), title);
        let or_dash = |ns: Option<u64>| ns.map_or_else(|| "-".to_owned(), quantity::duration);
        let best = places.first().map_or(1, |place| place.rate_per_s).max(1);
        let rows = places.iter().enumerate().map(|(n, place)| {
            let bar = "\u{2588}".repeat((place.rate_per_s * 20 / best) as usize);
            Row::new([
                format!("{}", n + 1),
                place.entry.clone(),
                quantity::count(place.rate_per_s),
                or_dash(place.cpu_ns),
                or_dash(place.p99_ns),
                quantity::count(place.errors),
                place.trials.to_string(),
                bar,
            ])
        });
        let widths = [3, 28, 11, 9, 9, 9, 6, 20].map(Constraint::Length);
        let head = ["", "entry", "req/s", "CPU each", "p99", "failed", "trials", ""];
        let table = Table::new(rows, widths).header(Row::new(head).bold());
        frame.render_widget(table, area);
    }
}

fn whole_seconds(duration: Duration) -> Duration {
    Duration::from_secs(duration.as_secs())
}

/// A bar for each second, the latest at the right, behind their name.
fn over_time(frame: &mut Frame<'_>, area: Rect, name: &str, seconds: &[u64], colour: Color) {
    let width = u16::try_from(name.len()).unwrap_or(u16::MAX);
    let [head, bars] =
        Layout::horizontal([Constraint::Length(width), Constraint::Min(0)]).areas(area);
    frame.render_widget(Line::raw(name), head);
    let from = seconds.len().saturating_sub(usize::from(bars.width));
    let graph = Sparkline::default().data(&seconds[from..]).style(Style::new().fg(colour));
    frame.render_widget(graph, bars);
}

impl Scene for BenchScene {
    fn draw(&self, frame: &mut Frame<'_>) {
        let shown = u16::try_from(self.lines.len()).unwrap_or(LINES).min(LINES);
        let [gauge, _, now, second, rates, failed, last, warned, _, table, said, foot] =
            Layout::vertical([
                Constraint::Length(1),
                Constraint::Length(1),
                Constraint::Length(1),
                Constraint::Length(1),
                Constraint::Length(1),
                Constraint::Length(u16::from(self.failed.iter().any(|number| *number > 0))),
                Constraint::Length(RESULTS as u16),
                Constraint::Length(1),
                Constraint::Length(1),
                Constraint::Min(0),
                Constraint::Length(shown),
                Constraint::Length(1),
            ])
            .areas(frame.area());
        let (share, label) = self.progress();
        let bar = Gauge::default().gauge_style(Style::new().fg(Color::Cyan).bg(Color::DarkGray));
        frame.render_widget(bar.ratio(share.clamp(0.0, 1.0)).label(label), gauge);
        frame.render_widget(Line::raw(format!("now      {}", self.now)).bold(), now);
        frame.render_widget(Line::raw(format!("second   {}", self.second)), second);
        over_time(frame, rates, "", &self.rates, Color::Cyan);
        // No line where there is nothing to see.
        over_time(frame, failed, "failed   ", &self.failed, Color::Red);
        let names = std::iter::once("last").chain(std::iter::repeat(""));
        let results = self.latest.iter().zip(names);
        let results: Vec<Line<'_>> =
            results.map(|(text, name)| Line::raw(format!("{name:<9}{text}"))).collect();
        frame.render_widget(Paragraph::new(results), last);
        let warnings = match &self.last_warning {
            Some(text) => format!("warnings {}, the last: {text}", self.warnings),
            None => "warnings none".to_owned(),
        };
        frame.render_widget(Line::raw(warnings), warned);
        self.table(frame, table);
        let from = self.lines.len() - usize::from(shown);
        let lines: Vec<Line<'_>> =
            self.lines[from..].iter().map(|line| Line::raw(line.as_str()).dim()).collect();
        frame.render_widget(Paragraph::new(lines), said);
        let words = if is_stopping() {
            "stopping; what was measured is kept (Ctrl-C again ends at once)"
        } else {
            "Ctrl-C stops and keeps what was measured"
        };
        frame.render_widget(Line::raw(words).dim(), foot);
    }
}

#[cfg(test)]
mod tests {
    use super::{BenchScene, SecondReport};
    use crate::progress::ranking::tests::trial;
    use crate::screen::drawn;
    use httpdyno_loadgen::Histogram;
    use std::time::Duration;

    #[test]
    fn it_shows_how_far_what_now_what_last_who_leads_and_what_was_warned_of() {
        let mut scene = BenchScene::new();
        assert!(drawn(&scene, 120, 30).contains("preparing, 0 ns until now"));
        scene.planned(8, Duration::from_secs(90));
        let seen = drawn(&scene, 120, 30);
        assert!(seen.contains("0 of 8 trials, at least 1m "), "{seen}");
        for number in 1..=4 {
            scene.now(format!("server-{number}, json, block 2 of 3"));
            scene.ranking.add(&trial(&format!("server-{number}"), number * 1000));
            scene.result(format!("server-{number}: {number} 000 req/s"));
        }
        scene.second(&SecondReport::default());
        scene.now("server-5, json, block 2 of 3".to_owned());
        let mut latency = Histogram::new();
        (0..10).for_each(|_| latency.record(2_000_000));
        let status_codes = [(200, 1_234), (503, 5)].into();
        let (ok, errors) = (1_234, 5);
        scene.second(&SecondReport {
            ok,
            errors,
            status_codes,
            latency,
            ..SecondReport::default()
        });
        scene.warn("the disk is full");
        scene.warn("a core is shared");
        scene.lines.push("checked server-1: all well".to_owned());
        let seen = drawn(&scene, 120, 30);
        let place = |words: &str| seen.find(words).unwrap_or_else(|| panic!("{words}: {seen}"));
        let order = [
            "4 of 8 trials, ",
            " left",
            "now      server-5, json, block 2 of 3",
            "second   1 234 req/s, p50 2",
            // Of ten there is none.
            ", p99 -, 5 failed; status 200: 1 234, 503: 5",
            "failed   \u{2588}",
            "last     server-4: 4 000 req/s",
            "server-3: 3 000 req/s",
            "server-2: 2 000 req/s",
            "warnings 2, the last: a core is shared",
            "ranking so far: json, 16 connections",
            "1   server-4",
            "2   server-3",
            "4   server-1",
            "checked server-1: all well",
            "Ctrl-C stops",
        ];
        assert!(order.map(place).is_sorted(), "{seen}");
        assert!(!seen.contains("at least"), "{seen}");
    }

    #[test]
    fn on_a_narrow_terminal_lines_are_cut_and_not_broken() {
        let mut scene = BenchScene::new();
        scene.now("x".repeat(200));
        scene.result("y".repeat(200));
        for (columns, rows) in [(40, 12), (1, 1), (20, 3)] {
            let seen = drawn(&scene, columns, rows);
            assert_eq!(seen.lines().count(), usize::from(rows), "{seen}");
        }
        let seen = drawn(&scene, 40, 12);
        assert_eq!(seen.lines().filter(|line| line.contains("xxx")).count(), 1, "{seen}");
    }
}
