//! What a person sees while a run goes on: a live view on a terminal, plain lines when piped.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use httpdyno_record::{CaseStatus, Design, TrialOutcome, TrialRecord};
use httpdyno_report::quantity;
use httpdyno_runner::{Event, Observer};
use indicatif::{ProgressBar, ProgressStyle};

/// Lines on standard error, and below them, on a terminal, a bar that shows what runs now.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    last_plain: Instant,
    trials: u32,
}

/// When piped, how often a line tells that the run goes on.
const BETWEEN_PLAIN_LINES: Duration = Duration::from_secs(5);

impl Progress {
    /// A live view where standard error is a terminal, plain lines elsewhere.
    pub(crate) fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { bar, last_plain: Instant::now(), trials: 0 }
    }

    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| anstream::eprintln!("{text}")),
            None => anstream::eprintln!("{text}"),
        }
    }

    fn now(&self, text: String) {
        if let Some(bar) = &self.bar {
            bar.set_message(text);
        }
    }

    fn start_trials(&mut self, trials: u32, load_time: Duration) {
        self.trials = trials;
        self.line(&format!("{trials} trials, at least {} of load", seconds(load_time)));
        if let Some(bar) = &self.bar {
            bar.set_length(u64::from(trials));
            let style = "{bar:30} {pos}/{len}  {eta} left  {msg}";
            bar.set_style(ProgressStyle::with_template(style).expect("a valid template"));
            bar.reset_eta();
        }
    }

    fn end_trial(&mut self, trial: &TrialRecord) {
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
        let what = format!(
            "{}, {}, {} connections, block {}",
            trial.entry,
            trial.workload,
            trial.connections,
            trial.block + 1
        );
        match &trial.outcome {
            TrialOutcome::Failed { stage, reason } => {
                self.line(&format!("{what}: failed at {stage}: {reason}"));
            }
            TrialOutcome::Measured(measured) if !measured.is_valid() => {
                let gates: Vec<&str> =
                    measured.failed_gates.iter().map(|failed| failed.gate.as_str()).collect();
                self.line(&format!("{what}: not a number (gate {})", gates.join(", ")));
            }
            TrialOutcome::Measured(measured) => {
                let rate = quantity::count(measured.responses_per_s());
                if self.bar.is_none() && self.last_plain.elapsed() >= BETWEEN_PLAIN_LINES {
                    let done = trial.trial + 1;
                    self.line(&format!("{done} of {} trials; {what}: {rate} req/s", self.trials));
                    self.last_plain = Instant::now();
                }
                self.now(format!("{what}: {rate} req/s"));
            }
        }
    }
}

impl Observer for Progress {
    fn observe(&mut self, event: &Event) {
        match event {
            Event::BuildStarted(id) => self.now(format!("building {id}")),
            Event::BuildFinished { implementation, result: Ok(version) } => {
                self.line(&format!("built {implementation} ({version})"));
            }
            Event::BuildFinished { implementation, result: Err(reason) } => {
                self.line(&format!("cannot build {implementation}: {reason}"));
            }
            Event::ConformanceStarted(entry) => self.now(format!("checking {entry}")),
            Event::CaseFinished { entry, case } if case.status == CaseStatus::Fail => {
                self.line(&format!("{entry}: {} failed: {}", case.case, case.observed));
            }
            Event::CaseFinished { .. } => {}
            Event::ConformanceFinished { entry, counts } => {
                self.line(&format!("checked {entry}: {counts}"));
            }
            Event::Excluded { entry, reason } => {
                self.line(&format!("not measured: {entry}: {reason}"))
            }
            Event::Designed(design) => self.line(&designed(design)),
            Event::MeasuringStarted { trials, load_time } => self.start_trials(*trials, *load_time),
            Event::TrialStarted(key) => self
                .now(format!("{}, {}, {} connections", key.entry, key.workload, key.connections)),
            Event::TrialFinished(trial) => self.end_trial(trial),
            Event::Warning(text) => self.line(&format!("warning: {text}")),
            Event::Finished { folder, .. } => {
                if let Some(bar) = &self.bar {
                    bar.finish_and_clear();
                }
                self.line(&format!("record: {}", folder.display()));
            }
        }
    }
}

fn seconds(duration: Duration) -> String {
    quantity::duration(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
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
