//! What a person sees while a run goes on: a screen on a terminal, plain lines when piped.

mod ranking;
mod scene;

use std::time::{Duration, Instant};

use httpdyno_record::{CaseRecord, Design, Figure, Measurement, TrialOutcome, TrialRecord};
use httpdyno_report::legible::one_line;
use httpdyno_report::quantity;
use httpdyno_runner::{Event, Observer, TrialKey};
use httpdyno_spec::id::EntryId;

use crate::screen::Screen;
use scene::BenchScene;

/// A screen of what goes on where standard error is a terminal, whose lines stay when it is gone;
/// plain lines elsewhere.
pub(crate) struct Progress {
    screen: Option<Screen<BenchScene>>,
    last_plain: Instant,
    /// Trials that are planned until now.
    trials: u32,
    /// Blocks, once they are known.
    blocks: Option<u32>,
    /// Cases of the entry that is checked.
    cases: u32,
    /// Whether one has come to its end.
    has_trials: bool,
}

/// When piped, how often a line tells that the run goes on.
const BETWEEN_PLAIN_LINES: Duration = Duration::from_secs(5);

impl Progress {
    /// Begins to show what it is told.
    pub(crate) fn new() -> Self {
        let screen = Screen::open(BenchScene::new());
        let (last_plain, has_trials) = (Instant::now(), false);
        Self { screen, last_plain, trials: 0, blocks: None, cases: 0, has_trials }
    }

    /// What servers write is in some of them, and must not steer the terminal.
    fn line(&self, text: &str) {
        let text = one_line(text);
        match &self.screen {
            Some(screen) => screen.change(|scene| scene.lines.push(text)),
            None => crate::output::remark!("{text}"),
        }
    }

    fn show(&self, change: impl FnOnce(&mut BenchScene)) {
        if let Some(screen) = &self.screen {
            screen.change(change);
        }
    }

    fn now(&self, text: String) {
        self.show(|scene| scene.now(one_line(&text)));
    }

    fn warn(&mut self, text: &str) {
        self.line(text);
        self.show(|scene| scene.warn(&one_line(text)));
    }

    /// The screen is gone; its lines stay.
    fn close(&mut self) {
        if let Some(screen) = self.screen.take() {
            let lines = screen.change(|scene| std::mem::take(&mut scene.lines));
            drop(screen);
            lines.iter().for_each(|line| crate::output::remark!("{line}"));
        }
    }

    fn start_trials(&mut self, trials: u32, blocks: u32, load_time: Duration) {
        self.trials += trials;
        self.blocks = Some(blocks);
        self.line(&format!("{trials} trials, at least {} of load", in_words(load_time)));
        self.show(|scene| scene.planned(self.trials.into(), load_time));
    }

    fn check(&mut self, entry: &str) {
        self.now(format!("checking {entry}: {} cases until now", self.cases));
        self.cases += 1;
    }

    fn end_trial(&mut self, trial: &TrialRecord) {
        self.has_trials = true;
        let what = what(
            &trial.entry,
            &trial.workload,
            trial.connections,
            trial.offered_per_s,
            &self.block(trial.block),
        );
        let came = match &trial.outcome {
            TrialOutcome::Failed { stage, reason } => {
                let text = format!("{what}: failed at {stage}: {reason}");
                self.warn(&text);
                text
            }
            TrialOutcome::Measured(measured) if !measured.is_valid() => {
                let gates: Vec<&str> =
                    measured.failed_gates.iter().map(|failed| failed.gate.as_str()).collect();
                let voided = voided(measured);
                let text = format!("{what}: {voided} (gate {})", gates.join(", "));
                self.warn(&text);
                text
            }
            TrialOutcome::Measured(measured) => {
                let rate = quantity::count(measured.responses_per_s());
                if self.screen.is_none() && self.last_plain.elapsed() >= BETWEEN_PLAIN_LINES {
                    let done = trial.trial + 1;
                    // A search does not know how many it will take.
                    let of = if self.trials == 0 {
                        String::new()
                    } else {
                        format!(" of {}", self.trials)
                    };
                    self.line(&format!("{done}{of} trials; {what}: {rate} req/s"));
                    self.last_plain = Instant::now();
                }
                let cpu = quantity::duration(measured.server_cpu_ns_per_response());
                let p99 = quantity::duration(measured.latency.p99_ns);
                format!("{rate} req/s, {cpu} of CPU each, p99 {p99}: {what}")
            }
        };
        self.show(|scene| {
            scene.ranking.add(trial);
            scene.result(one_line(&came));
        });
    }

    /// `block 2 of 3`.
    fn block(&self, block: u32) -> String {
        let of = self.blocks.map(|blocks| format!(" of {blocks}")).unwrap_or_default();
        format!("block {}{of}", block + 1)
    }
}

/// Which figures of a trial are no numbers, and the rate or the CPU time where that is one.
fn voided(measured: &Measurement) -> String {
    let figures = [Figure::Throughput, Figure::Cost, Figure::Latency, Figure::Tail];
    let (valid, void): (Vec<Figure>, Vec<Figure>) =
        figures.into_iter().partition(|&figure| measured.is_valid_for(figure));
    let left = match valid[..] {
        [Figure::Throughput, ..] => {
            format!("{} req/s, ", quantity::count(measured.responses_per_s()))
        }
        [Figure::Cost, ..] => {
            format!("CPU {}, ", quantity::duration(measured.server_cpu_ns_per_response()))
        }
        [] => return "not a number".to_owned(),
        _ => String::new(),
    };
    // Without a median there is no tail either.
    let void =
        void.iter().filter(|figure| **figure != Figure::Tail || valid.contains(&Figure::Latency));
    let void: Vec<String> = void.map(Figure::to_string).collect();
    format!("{left}no {}", void.join(" or "))
}

/// Which trial: `rust-may, json, 16 connections, 20 000 req/s offered, block 2 of 3`.
fn what(
    entry: &str,
    workload: &str,
    connections: u32,
    offered_per_s: Option<u64>,
    block: &str,
) -> String {
    let rate = offered_per_s.map(|rate| format!(", {} req/s offered", quantity::count(rate)));
    format!("{entry}, {workload}, {connections} connections{}, {block}", rate.unwrap_or_default())
}

/// How a case that counts against its entry ended, what was seen, and the first line of why that
/// is wrong.
fn against(entry: &EntryId, case: &CaseRecord) -> String {
    let reason = case.reason.lines().next().map(|why| format!(": {why}")).unwrap_or_default();
    format!("{entry}: {}: {}: {}{reason}", case.case, case.status, case.observed)
}

impl Observer for Progress {
    fn observe(&mut self, event: &Event) {
        match event {
            Event::BuildStarted(id) => self.now(format!("building {id}")),
            Event::BuildFinished { implementation, result: Ok(version) } => {
                self.line(&format!("built {implementation} ({version})"));
            }
            Event::BuildFinished { implementation, result: Err(reason) } => {
                self.warn(&format!("cannot build {implementation}: {reason}"));
            }
            Event::ConformanceStarted(entry) => self.now(format!("checking {entry}")),
            Event::CaseFinished { entry, case } => {
                if case.status.fails_entry() {
                    self.warn(&against(entry, case));
                }
                self.check(&entry.to_string());
            }
            Event::ConformanceFinished { entry, counts } => {
                self.line(&format!("checked {entry}: {counts}"));
            }
            Event::Excluded { entry, reason } => {
                self.warn(&format!("not measured: {entry}: {reason}"));
            }
            Event::Designed(design) => self.line(&designed(design)),
            Event::MeasuringStarted { trials, blocks, load_time } => {
                self.start_trials(*trials, *blocks, *load_time);
            }
            Event::TrialStarted(key) => {
                let TrialKey { entry, workload, connections, offered_per_s, block, .. } = key;
                let (entry, workload) = (entry.to_string(), workload.to_string());
                let block = self.block(*block);
                self.now(what(&entry, &workload, *connections, *offered_per_s, &block));
            }
            Event::SecondFinished(second) => self.show(|scene| scene.second(second)),
            Event::TrialFinished(trial) => self.end_trial(trial),
            Event::Warning(text) => self.warn(&format!("warning: {text}")),
            Event::Finished { folder, .. } => {
                self.close();
                // Without a trial none is left.
                if self.has_trials {
                    self.line(&format!("record: {}", folder.display()));
                }
            }
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.close();
    }
}

/// A time in words: `350 ms`, `42 s`, `2m 5s`, `1h 12m`.
fn in_words(duration: Duration) -> String {
    match duration.as_secs() {
        0..60 => quantity::duration(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)),
        seconds @ 60..3600 => format!("{}m {}s", seconds / 60, seconds % 60),
        seconds => format!("{}h {}m", seconds / 3600, seconds % 3600 / 60),
    }
}

/// What an experiment of so many blocks can show.
fn designed(design: &Design) -> String {
    let percent = |ppm: u64| format!("{}.{:02} %", ppm / 10_000, ppm % 10_000 / 100);
    let noise = design.noise_ppm.map(percent).unwrap_or_default();
    match design.detectable_ppm {
        Some(ppm) => format!(
            "{} blocks, {} of them the pilot; at a noise of {noise} per block, a difference of {} \
             is found in 8 of 10 such runs",
            design.blocks,
            design.pilot_blocks,
            percent(ppm)
        ),
        None => format!("{} blocks; the pilot holds no pair to compare", design.blocks),
    }
}
