//! The terminal's other screen, for what is watched while it runs. However the program ends (its
//! work done, Ctrl-C, a panic), the terminal is as it was before.

mod terminal;

use std::io::{Stderr, stderr};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};

pub(crate) use terminal::{is_stopping, restore, tell_stopping};

/// Often enough for a clock that shows seconds.
const TICK: Duration = Duration::from_millis(250);

/// What is over sooner is not worth another screen.
const BEFORE_IT_OPENS: Duration = Duration::from_millis(300);

/// What there is to be seen; drawn again and again, with whatever is known by then.
pub(crate) trait Scene: Send + 'static {
    /// All of it, into the whole of the frame.
    fn draw(&self, frame: &mut Frame<'_>);
}

/// A scene that is shown on standard error until this is closed or dropped.
pub(crate) struct Screen<S: Scene> {
    scene: Arc<Mutex<S>>,
    /// Gone when it is to end.
    open: Option<Sender<()>>,
    painter: Option<JoinHandle<()>>,
}

impl<S: Scene> Screen<S> {
    /// Nothing where standard error is no terminal that can be drawn on, or one that is another
    /// program's at the moment.
    pub(crate) fn open(scene: S) -> Option<Self> {
        if !terminal::can_be_drawn_on() {
            return None;
        }
        let scene = Arc::new(Mutex::new(scene));
        let (open, closed) = channel();
        let shown = Arc::clone(&scene);
        let painter = std::thread::Builder::new().name("screen".into());
        let painter = painter.spawn(move || paint(&shown, &closed)).ok()?;
        Some(Self { scene, open: Some(open), painter: Some(painter) })
    }

    /// Something has happened; it is seen with the next tick.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut S) -> T) -> T {
        change(&mut lock(&self.scene))
    }
}

impl<S: Scene> Drop for Screen<S> {
    fn drop(&mut self) {
        self.open = None;
        if let Some(painter) = self.painter.take() {
            // A painter that panicked has restored the terminal by the hook.
            let _ = painter.join();
        }
    }
}

/// What a panic elsewhere left is shown all the same.
fn lock<S>(scene: &Mutex<S>) -> MutexGuard<'_, S> {
    scene.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Draws until the other side of `closed` is gone.
fn paint<S: Scene>(scene: &Mutex<S>, closed: &Receiver<()>) {
    if closed.recv_timeout(BEFORE_IT_OPENS) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    // A terminal that cannot be drawn on is none to report that to.
    let Ok(mut drawn) = terminal_of(terminal::size()) else { return };
    let mut size = terminal::size();
    if terminal::enter().is_err() {
        return;
    }
    while terminal::is_entered() {
        let now = terminal::size();
        if now != size {
            size = now;
            // Clears it, too.
            let _ = drawn.resize(size);
        }
        if drawn.draw(|frame| lock(scene).draw(frame)).is_err() {
            break;
        }
        if closed.recv_timeout(TICK) != Err(RecvTimeoutError::Timeout) {
            break;
        }
    }
    restore();
}

/// Of a size that is given, since asking a terminal for it may wait for an answer.
fn terminal_of(size: Rect) -> std::io::Result<Terminal<CrosstermBackend<Stderr>>> {
    let options = TerminalOptions { viewport: Viewport::Fixed(size) };
    Terminal::with_options(CrosstermBackend::new(stderr()), options)
}

/// A scene as text, on a terminal of so many columns and rows.
#[cfg(test)]
pub(crate) fn drawn(scene: &impl Scene, columns: u16, rows: u16) -> String {
    use ratatui::backend::TestBackend;
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("a terminal");
    terminal.draw(|frame| scene.draw(frame)).expect("drawn");
    terminal.backend().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use httpdyno_testkit::Terminal;
    use ratatui::text::Line;

    /// Draws a word, or panics.
    struct Word(&'static str);

    impl Scene for Word {
        fn draw(&self, frame: &mut Frame<'_>) {
            assert!(!self.0.is_empty(), "nothing to draw");
            frame.render_widget(Line::raw(self.0), frame.area());
        }
    }

    /// Set for the children of the test below, each of which is one of these tests on a terminal.
    const CHILD: &str = "HTTPDYNO_CHILD_ON_A_TERMINAL";

    fn is_child() -> bool {
        std::env::var_os(CHILD).is_some()
    }

    #[test]
    fn panics_while_it_is_drawn() {
        if !is_child() {
            return;
        }
        let _shown = Screen::open(Word("a word")).expect("a terminal");
        while !terminal::is_entered() {
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("by chance");
    }

    #[test]
    fn panics_in_drawing() {
        if !is_child() {
            return;
        }
        let screen = Screen::open(Word("")).expect("a terminal");
        while !screen.painter.as_ref().is_some_and(JoinHandle::is_finished) {
            std::thread::sleep(Duration::from_millis(5));
        }
        drop(screen);
        eprintln!("went on");
    }

    /// This very test program, on a terminal.
    fn on_a_terminal(test: &str) -> String {
        let program = std::env::current_exe().expect("this program");
        let program = program.to_str().expect("UTF-8");
        let test = format!("screen::tests::{test}");
        let child = format!("{CHILD}=1");
        let words = ["env", &child, program, "--exact", &test, "--nocapture"];
        let mut terminal = Terminal::run(std::path::Path::new("/"), &words, 24, 80);
        let mut shown = Vec::new();
        while let Some(more) = terminal.read(Duration::from_secs(60)) {
            shown.extend(more);
        }
        String::from_utf8_lossy(&shown).into_owned()
    }

    #[test]
    fn a_panic_gives_the_terminal_back_before_it_is_told() {
        for (test, words) in
            [("panics_while_it_is_drawn", "by chance"), ("panics_in_drawing", "nothing to draw")]
        {
            let shown = on_a_terminal(test);
            let place =
                |words: &str| shown.find(words).unwrap_or_else(|| panic!("{words}: {shown:?}"));
            let places = ["\u{1b}[?1049h", "\u{1b}[?25h\u{1b}[?1049l", words].map(place);
            assert!(places.is_sorted(), "{shown:?}");
            assert_eq!(shown.contains("went on"), test == "panics_in_drawing", "{shown:?}");
        }
    }
}
