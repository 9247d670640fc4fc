//! What is seen of a load while it runs: how far it is, the figures of the last second and of all,
//! and how rate, latency and errors went over time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use httpdyno_loadgen::{Histogram, LoadPlan, Pacing, SecondReport, Started};
use httpdyno_report::quantity::{count, duration};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style, Stylize};
use ratatui::text::Line;
use ratatui::widgets::{Block, Gauge, Paragraph, Sparkline};

use super::super::shown;
use super::super::summary::{statuses, what};
use crate::screen::{Scene, is_stopping};

/// Seconds that are kept for the graphs: more than any terminal has columns.
const KEPT: usize = 1000;

/// What one second was.
#[derive(Clone, Copy, Debug, Default)]
struct Second {
    ok: u64,
    failed: u64,
    p99_ns: u64,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Connecting,
    WarmingUp,
    Measuring,
    /// What is under way is awaited.
    Ending,
}

pub(super) struct LoadScene {
    title: String,
    about: String,
    duration: Option<Duration>,
    requests: Option<u64>,
    stage: Stage,
    stage_began: Instant,
    seconds: Vec<Second>,
    last: SecondReport,
    ok: u64,
    failed: u64,
    statuses: BTreeMap<u16, u64>,
    latency: Histogram,
}

impl LoadScene {
    pub(super) fn new(plan: &LoadPlan) -> Self {
        let pace = match plan.pacing {
            Pacing::Closed { .. } => "closed loop",
            Pacing::Open { .. } => "open loop",
        };
        Self {
            title: what(plan),
            about: format!("{} connections, {pace}", count(plan.connections as u64)),
            duration: plan.stop.duration,
            requests: plan.stop.requests,
            stage: Stage::Connecting,
            stage_began: Instant::now(),
            seconds: Vec::new(),
            last: SecondReport::default(),
            ok: 0,
            failed: 0,
            statuses: BTreeMap::new(),
            latency: Histogram::new(),
        }
    }

    fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.stage_began = Instant::now();
    }

    pub(super) fn started(&mut self, started: &Started) {
        self.about = format!("{}, {}", self.about, started.engine);
        self.enter(Stage::WarmingUp);
    }

    pub(super) fn window_opened(&mut self) {
        self.enter(Stage::Measuring);
    }

    pub(super) fn window_closed(&mut self) {
        self.enter(Stage::Ending);
    }

    pub(super) fn second(&mut self, second: &SecondReport) {
        let failed = second.errors + second.mismatches;
        self.ok += second.ok;
        self.failed += failed;
        for (status, number) in &second.status_codes {
            *self.statuses.entry(*status).or_default() += number;
        }
        self.latency.merge(&second.latency);
        let p99_ns = second.latency.quantile_ns(0.99);
        if self.seconds.len() == KEPT {
            self.seconds.remove(0);
        }
        self.seconds.push(Second { ok: second.ok, failed, p99_ns });
        self.last = second.clone();
    }

    /// The share of the measurement that is done, and how it is said.
    fn progress(&self) -> (f64, String) {
        let passed = self.stage_began.elapsed();
        let done = self.ok + self.failed;
        let seconds = passed.as_secs();
        match (self.stage, self.duration, self.requests) {
            (Stage::Connecting, ..) => (0.0, "connecting".to_owned()),
            (Stage::WarmingUp, ..) => (0.0, format!("warming up, {seconds} s")),
            (Stage::Ending, ..) => (1.0, "waiting for what is under way".to_owned()),
            (Stage::Measuring, Some(whole), None) => {
                let share = passed.as_secs_f64() / whole.as_secs_f64().max(f64::EPSILON);
                let left = whole.saturating_sub(passed).as_secs();
                (share, format!("{seconds} s of {} s, {left} s left", whole.as_secs()))
            }
            (Stage::Measuring, _, Some(all)) => {
                let share = done as f64 / all.max(1) as f64;
                let left = match self.last.ok {
                    0 => String::new(),
                    rate => format!(", {} s left", all.saturating_sub(done).div_ceil(rate)),
                };
                (share, format!("{} of {} requests{left}", count(done), count(all)))
            }
            (Stage::Measuring, None, None) => (0.0, format!("{seconds} s")),
        }
    }

    fn figures(&self) -> Vec<Line<'static>> {
        let row = |name: &str, rate: String, histogram: &Histogram, failed: u64| {
            let at = |percent| shown::whole_percentile(histogram, percent);
            Line::raw(format!(
                "{name:<12} {rate:>11} {:>9} {:>9} {:>9} {:>9} {:>9}",
                at(50),
                at(90),
                at(99),
                shown::max(histogram),
                count(failed),
            ))
        };
        let head = format!(
            "{:<12} {:>11} {:>9} {:>9} {:>9} {:>9} {:>9}",
            "", "requests/s", "p50", "p90", "p99", "max", "failed"
        );
        let failed = self.last.errors + self.last.mismatches;
        let whole = self.seconds.len().max(1) as u64;
        vec![
            Line::raw(head).bold(),
            row("last second", count(self.last.ok), &self.last.latency, failed),
            row("all", count(self.ok / whole), &self.latency, self.failed),
        ]
    }

    fn graph(&self, frame: &mut Frame<'_>, area: Rect, what: &Graph) {
        let width = usize::from(area.width);
        let from = self.seconds.len().saturating_sub(width);
        let data: Vec<u64> = self.seconds[from..].iter().map(what.value).collect();
        let highest = data.iter().copied().max().unwrap_or(0);
        let title = format!("{}, at most {}", what.name, (what.words)(highest));
        let graph = Sparkline::default().data(&data).style(Style::new().fg(what.colour));
        frame.render_widget(graph.block(Block::new().title(title)), area);
    }
}

/// One figure over time.
struct Graph {
    name: &'static str,
    colour: Color,
    value: fn(&Second) -> u64,
    words: fn(u64) -> String,
}

const GRAPHS: [Graph; 3] = [
    Graph { name: "requests/s", colour: Color::Green, value: |s| s.ok, words: count },
    Graph { name: "p99", colour: Color::Yellow, value: |s| s.p99_ns, words: duration },
    Graph { name: "failed/s", colour: Color::Red, value: |s| s.failed, words: count },
];

impl Scene for LoadScene {
    fn draw(&self, frame: &mut Frame<'_>) {
        let [title, about, _, gauge, _, figures, status, _, graphs, foot] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Length(3),
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Min(0),
            Constraint::Length(1),
        ])
        .areas(frame.area());
        frame.render_widget(Line::raw(self.title.as_str()).bold(), title);
        frame.render_widget(Line::raw(self.about.as_str()), about);
        let (share, label) = self.progress();
        let bar = Gauge::default().gauge_style(Style::new().fg(Color::Cyan).bg(Color::DarkGray));
        frame.render_widget(bar.ratio(share.clamp(0.0, 1.0)).label(label), gauge);
        frame.render_widget(Paragraph::new(self.figures()), figures);
        frame
            .render_widget(Line::raw(format!("status       {}", statuses(&self.statuses))), status);
        let areas: [Rect; 3] = Layout::vertical([Constraint::Ratio(1, 3); 3]).areas(graphs);
        for (area, graph) in areas.into_iter().zip(&GRAPHS) {
            self.graph(frame, area, graph);
        }
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
    use super::*;
    use crate::screen::drawn;
    use httpdyno_loadgen::{Route, Stop};

    fn plan() -> LoadPlan {
        let target = std::net::SocketAddr::from(([127, 0, 0, 1], 8080));
        let stop = Stop { duration: Some(Duration::from_secs(30)), requests: None };
        LoadPlan { connections: 64, stop, ..LoadPlan::new(target, Route::get("/json")) }
    }

    fn second(number: u64, ok: u64) -> SecondReport {
        let mut latency = Histogram::new();
        (0..ok).for_each(|n| latency.record(1_000_000 + n * 10_000));
        let status_codes = BTreeMap::from([(200, ok), (503, number)]);
        SecondReport { second: number, ok, mismatches: number, errors: 0, status_codes, latency }
    }

    #[test]
    fn it_shows_rate_percentiles_status_codes_errors_and_how_far_it_is() {
        let mut scene = LoadScene::new(&plan());
        assert!(drawn(&scene, 100, 30).contains("connecting"));
        scene.started(&Started { engine: "epoll", established: 64, wanted: 64 });
        assert!(drawn(&scene, 100, 30).contains("warming up, 0 s"));
        scene.window_opened();
        (1..=3).for_each(|number| scene.second(&second(number, number * 100)));
        let seen = drawn(&scene, 100, 30);
        for words in [
            "GET http://127.0.0.1:8080/json",
            "64 connections, closed loop, epoll",
            "0 s of 30 s, 29 s left",
            "last second          300   2.49 ms   3.69 ms   3.96 ms   3.99 ms         3",
            "all                  200",
            "status       200: 600, 503: 6",
            "requests/s, at most 300",
            "p99, at most 3.9",
            "failed/s, at most 3",
            "Ctrl-C stops",
            "\u{2588}",
        ] {
            assert!(seen.contains(words), "{words}: {seen}");
        }
        scene.window_closed();
        assert!(drawn(&scene, 100, 30).contains("waiting for what is under way"));
    }

    #[test]
    fn with_a_number_of_requests_it_is_they_that_are_left() {
        let stop = Stop { duration: None, requests: Some(1000) };
        let mut scene = LoadScene::new(&LoadPlan { stop, ..plan() });
        scene.window_opened();
        scene.second(&second(0, 200));
        let seen = drawn(&scene, 100, 30);
        assert!(seen.contains("200 of 1 000 requests, 4 s left"), "{seen}");
    }

    #[test]
    fn it_fits_any_terminal() {
        let mut scene = LoadScene::new(&plan());
        scene.window_opened();
        (0..2 * KEPT as u64).for_each(|number| scene.second(&second(number, 3)));
        assert_eq!(scene.seconds.len(), KEPT);
        for (columns, rows) in [(1, 1), (20, 5), (40, 12), (400, 100)] {
            let seen = drawn(&scene, columns, rows);
            assert_eq!(seen.lines().count(), usize::from(rows), "{seen}");
        }
    }
}
