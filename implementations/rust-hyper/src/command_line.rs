//! The arguments of the program.

/// What the command line asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    Version,
    Serve(RuntimeKind),
}

/// How worker threads are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RuntimeKind {
    /// A current-thread runtime and a listener for each worker.
    PerWorker,
    /// One runtime whose workers steal tasks from each other.
    WorkStealing,
}

/// The command line can not be understood.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unexpected argument {0:?}: usage: rust-hyper [--version | --runtime KIND], where KIND is \
         per-worker or work-stealing"
)]
pub(crate) struct UsageError(String);

/// Reads the arguments after the program's name.
pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let arguments: Vec<String> = arguments.collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] | ["--runtime", "per-worker"] => Ok(Command::Serve(RuntimeKind::PerWorker)),
        ["--runtime", "work-stealing"] => Ok(Command::Serve(RuntimeKind::WorkStealing)),
        ["--version"] => Ok(Command::Version),
        ["--runtime", unknown, ..] | [unknown, ..] => Err(UsageError(unknown.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, UsageError> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn the_default_is_a_runtime_per_worker() {
        assert_eq!(parsed(""), Ok(Command::Serve(RuntimeKind::PerWorker)));
        assert_eq!(parsed("--runtime per-worker"), parsed(""));
        assert_eq!(
            parsed("--runtime work-stealing"),
            Ok(Command::Serve(RuntimeKind::WorkStealing))
        );
        assert_eq!(parsed("--version"), Ok(Command::Version));
    }

    #[test]
    fn anything_else_is_refused_by_name() {
        assert_eq!(parsed("--runtime green"), Err(UsageError("green".to_owned())));
        assert_eq!(parsed("--help"), Err(UsageError("--help".to_owned())));
        assert_eq!(parsed("--runtime"), Err(UsageError("--runtime".to_owned())));
    }
}
