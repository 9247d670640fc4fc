//! What is printed, on outputs that may be gone or full.

use std::io::{ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::exit::Failure;

/// Prints to standard output. A reader that has gone (`| head`) has all that it wanted; a disk that
/// is full is a failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Whether something that was to be printed could not be.
static IS_CUT: AtomicBool = AtomicBool::new(false);

/// The same where the command goes on without what was printed; it is told once.
pub(crate) fn put(text: &str) {
    if let Err(failure) = print(text)
        && !IS_CUT.swap(true, Ordering::SeqCst)
    {
        tell(&failure.styled());
    }
}

/// Whether something that was to be printed could not be: then the command was no success.
pub(crate) fn is_cut() -> bool {
    IS_CUT.load(Ordering::SeqCst)
}

/// As `print!`.
macro_rules! text {
    ($($argument:tt)*) => { $crate::output::put(&format!($($argument)*)) };
}

/// As `println!`.
macro_rules! line {
    ($($argument:tt)*) => { $crate::output::put(&(format!($($argument)*) + "\n")) };
}

/// As `eprintln!`, which would end the run where standard error has gone.
macro_rules! remark {
    ($($argument:tt)*) => { $crate::output::tell(&format!($($argument)*)) };
}

pub(crate) use {line, remark, text};

/// Prints to standard error. There is nobody to be told when that can not be written.
pub(crate) fn tell(text: &str) {
    let mut out = anstream::stderr().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// What somebody typed, with control characters as escapes: a terminal obeys some of them.
pub(crate) fn shown(text: &str) -> String {
    text.chars().fold(String::new(), |mut shown, one| {
        if one.is_control() {
            shown.extend(one.escape_default());
        } else {
            shown.push(one);
        }
        shown
    })
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn control_characters_are_shown_and_letters_of_any_script_stay() {
        assert_eq!(shown("h\u{fc}\u{1b}[31m\r\n\u{9b}"), "h\u{fc}\\u{1b}[31m\\r\\n\\u{9b}");
    }
}
