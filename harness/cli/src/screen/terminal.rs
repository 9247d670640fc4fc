//! Entering and leaving the other screen, once each, from whatever thread.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};

use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::execute;
use ratatui::crossterm::style::ResetColor;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen};
use ratatui::layout::Rect;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr};

/// Without a size that the terminal tells.
const USUAL: (u16, u16) = (80, 24);

static ENTERED: AtomicBool = AtomicBool::new(false);
static STOPPING: AtomicBool = AtomicBool::new(false);

/// As the terminal was before.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// Standard error is a terminal, can do more than print, and belongs to this program now.
pub(super) fn can_be_drawn_on() -> bool {
    let is_plain = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
    stderr().is_terminal() && !is_plain && !is_in_background()
}

/// Run with `&`, in a shell: a program that changed the terminal then would be stopped. Only a
/// controlling terminal has a foreground.
fn is_in_background() -> bool {
    tcgetpgrp(stderr()).is_ok_and(|foreground| foreground != rustix::process::getpgrp())
}

pub(super) fn size() -> Rect {
    let size = terminal_size::terminal_size_of(stderr());
    let (columns, rows) = size.map_or(USUAL, |(columns, rows)| (columns.0, rows.0));
    Rect::new(0, 0, columns.max(1), rows.max(1))
}

pub(super) fn is_entered() -> bool {
    ENTERED.load(Ordering::SeqCst)
}

pub(super) fn enter() -> std::io::Result<()> {
    restore_on_panic();
    // What is typed is not to be seen. Ctrl-C stays a signal.
    if let Ok(before) = tcgetattr(stderr()) {
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        if tcsetattr(stderr(), OptionalActions::Now, &silent).is_ok() {
            *before_lock() = Some(before);
        }
    }
    ENTERED.store(true, Ordering::SeqCst);
    execute!(stderr(), EnterAlternateScreen, Hide)
}

/// The terminal is as it was before; does nothing when it is already.
pub(crate) fn restore() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    // Nobody is left to whom a failure could be told.
    let _ = execute!(stderr(), ResetColor, Show, LeaveAlternateScreen);
    let _ = stderr().flush();
    if let Some(before) = before_lock().take() {
        let _ = tcsetattr(stderr(), OptionalActions::Now, &before);
    }
}

fn before_lock() -> std::sync::MutexGuard<'static, Option<Termios>> {
    BEFORE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Before the panic is told, so that it can be read.
fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            usual(panic);
        }));
    });
}

/// Somebody wants the run to end: a screen that is up shows it. False where none is.
pub(crate) fn tell_stopping() -> bool {
    STOPPING.store(true, Ordering::SeqCst);
    is_entered()
}

/// Whether somebody wants the run to end.
pub(crate) fn is_stopping() -> bool {
    STOPPING.load(Ordering::SeqCst)
}
