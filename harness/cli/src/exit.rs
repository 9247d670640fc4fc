//! Exit codes, documented once.

use std::fmt;
use std::process::ExitCode;

use httpdyno_report::legible::legible;

/// How the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// Something under test failed.
    UnderTestFailed,
    /// Wrong usage, or an environment in which the command cannot run.
    UsageOrEnvironment,
    /// A gate made a result invalid.
    Invalid,
    /// Somebody stopped it.
    Interrupted,
}

/// The exit codes, for `--help`.
pub(crate) const HELP: &str = "Exit codes: 0 done, 1 something under test failed, 2 usage or \
    environment, 3 a gate made a result invalid, 130 interrupted";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::UnderTestFailed => 1,
            Exit::UsageOrEnvironment => 2,
            Exit::Invalid => 3,
            Exit::Interrupted => 130,
        })
    }
}

/// Why a command could not do its work; always a matter of usage or environment, since what
/// fails under test is a result.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    /// A failure with its message.
    pub(crate) fn new(message: impl fmt::Display) -> Self {
        Self(message.to_string())
    }

    /// The exit code it leads to.
    pub(crate) fn exit(&self) -> Exit {
        Exit::UsageOrEnvironment
    }
}

impl Failure {
    /// As it is printed.
    pub(crate) fn styled(&self) -> String {
        let style = anstyle::AnsiColor::Red.on_default().bold();
        format!("{style}error:{style:#} {self}")
    }
}

/// The message alone, so that it may be part of another one. What others wrote, in a file or an
/// argument, may be in it: a terminal is given no control characters.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&legible(&self.0))
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}
