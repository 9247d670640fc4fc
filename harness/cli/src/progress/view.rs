//! The live view of a run on a terminal: how far it is and how long it will take, what runs now,
//! what came out last, and what was warned of. Lines that are to stay go above it.

use std::collections::VecDeque;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::in_words;

/// How many results are kept in sight.
const RESULTS: usize = 3;

/// Often enough for a clock that shows seconds.
const TICK: Duration = Duration::from_millis(200);

pub(super) struct View {
    all: MultiProgress,
    /// How far the run is.
    head: ProgressBar,
    now: ProgressBar,
    /// The latest first.
    results: [ProgressBar; RESULTS],
    latest: VecDeque<String>,
    warned: ProgressBar,
    warnings: u32,
}

impl View {
    pub(super) fn new(target: ProgressDrawTarget) -> Self {
        let all = MultiProgress::with_draw_target(target);
        let line = |name: &str| {
            let bar = all.add(ProgressBar::no_length());
            // A line of its own that is cut at the edge of the terminal.
            bar.set_style(style(&format!("  {name:<9}{{wide_msg}}")));
            bar
        };
        let head = all.add(ProgressBar::no_length());
        head.set_style(style("{spinner} preparing, {elapsed} until now"));
        let now = line("now");
        let results = [line("last"), line(""), line("")];
        let warned = line("warnings");
        warned.set_message("none");
        head.enable_steady_tick(TICK);
        Self { all, head, now, results, latest: VecDeque::new(), warned, warnings: 0 }
    }

    /// So many trials are planned until now; those of the stage that begins have so much load.
    pub(super) fn planned(&self, trials: u64, load_time: Duration) {
        self.head.set_length(trials);
        self.head.reset_elapsed();
        self.head.reset_eta();
        let done_before = self.head.position();
        let left = move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            // Until a trial of the stage has shown how long they are, only the load is known.
            let _ = if state.pos() <= done_before {
                let of_load = load_time.saturating_sub(state.elapsed());
                write!(out, "at least {} left", in_words(of_load))
            } else {
                write!(out, "{} left", in_words(state.eta()))
            };
        };
        let template = "{spinner} {pos} of {len} trials  {bar:30}  {left}";
        self.head.set_style(style(template).with_key("left", left));
    }

    pub(super) fn now(&self, text: String) {
        self.now.set_message(text);
    }

    /// A trial came to its end.
    pub(super) fn result(&mut self, text: String) {
        self.head.inc(1);
        if self.head.length().is_none() {
            self.head.set_style(style("{spinner} {pos} trials, {elapsed} until now"));
        }
        self.latest.push_front(text);
        self.latest.truncate(RESULTS);
        for (bar, text) in self.results.iter().zip(&self.latest) {
            bar.set_message(text.clone());
        }
    }

    pub(super) fn warn(&mut self, text: &str) {
        self.warnings += 1;
        self.warned.set_message(format!("{}, the last: {text}", self.warnings));
    }

    /// Makes room for lines above the view.
    pub(super) fn above(&self, write: impl FnOnce()) {
        self.all.suspend(write);
    }

    #[cfg(test)]
    fn draw(&self) {
        self.head.force_draw();
    }
}

impl Drop for View {
    fn drop(&mut self) {
        let lines = [&self.head, &self.now].into_iter().chain(&self.results);
        lines.chain([&self.warned]).for_each(ProgressBar::finish_and_clear);
    }
}

/// The templates are constants that are known to be right.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

#[cfg(test)]
mod tests {
    use super::View;
    use indicatif::{InMemoryTerm, ProgressDrawTarget};
    use std::time::Duration;

    fn view(columns: u16) -> (View, InMemoryTerm) {
        let terminal = InMemoryTerm::new(20, columns);
        (View::new(ProgressDrawTarget::term_like(Box::new(terminal.clone()))), terminal)
    }

    #[test]
    fn it_shows_how_far_what_now_what_last_and_what_was_warned_of() {
        let (mut view, terminal) = view(100);
        view.planned(8, Duration::from_secs(90));
        view.draw();
        assert!(terminal.contents().contains("0 of 8 trials"), "{}", terminal.contents());
        assert!(terminal.contents().contains("at least 1m "), "{}", terminal.contents());
        for number in 1..=4 {
            view.now(format!("server-{number}, json, block 2 of 3"));
            view.result(format!("server-{number}: {number} 000 req/s"));
        }
        view.now("server-5, json, block 2 of 3".to_owned());
        view.warn("the disk is full");
        view.warn("a core is shared");
        view.draw();
        let seen = terminal.contents();
        let place = |words: &str| seen.find(words).unwrap_or_else(|| panic!("{words}: {seen}"));
        let order = [
            "4 of 8 trials",
            "now      server-5, json, block 2 of 3",
            "last     server-4: 4 000 req/s",
            "server-3: 3 000 req/s",
            "server-2: 2 000 req/s",
            "warnings 2, the last: a core is shared",
        ];
        assert!(order.map(place).is_sorted(), "{seen}");
        assert!(!seen.contains("server-1") && !seen.contains("at least"), "{seen}");
        drop(view);
        assert_eq!(terminal.contents(), "");
    }

    #[test]
    fn on_a_narrow_terminal_lines_are_cut_and_not_broken() {
        let (mut view, terminal) = view(40);
        view.now("x".repeat(200));
        view.result("y".repeat(200));
        view.draw();
        let seen = terminal.contents();
        assert_eq!(seen.lines().count(), 4, "{seen}");
        assert!(seen.lines().all(|line| line.chars().count() <= 40), "{seen}");
    }
}
