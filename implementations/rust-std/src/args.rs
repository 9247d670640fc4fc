//! The command line.

/// Which queue hands connections to threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Queue {
    #[default]
    Mutex,
    LockFree,
}

/// What the command line asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    Serve(Queue),
    Version,
    Help,
}

/// How to use the program.
pub(crate) const USAGE: &str = "\
usage: rust-std [--queue mutex|lock-free] | --version | --help

Serves HTTP/1.1 as spec/contract.md says, with the variables HOST, PORT, WORKERS,
STATIC_DIR, DATABASE_URL and DATABASE_POOL of the environment.";

/// Understands the arguments after the program's name.
///
/// # Errors
/// The text says what was given and what is expected.
pub(crate) fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Command, String> {
    let mut queue = Queue::default();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--version" => return Ok(Command::Version),
            "--help" => return Ok(Command::Help),
            "--queue" => {
                let value =
                    arguments.next().ok_or("--queue has no value: expected mutex or lock-free")?;
                queue = match value.as_str() {
                    "mutex" => Queue::Mutex,
                    "lock-free" => Queue::LockFree,
                    other => {
                        return Err(format!("--queue is {other:?}: expected mutex or lock-free"));
                    }
                };
            }
            other => {
                return Err(format!(
                    "unknown argument {other:?}: expected --queue, --version or --help"
                ));
            }
        }
    }
    Ok(Command::Serve(queue))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Command, String> {
        parse(arguments.iter().map(ToString::to_string))
    }

    #[test]
    fn queues_have_names() {
        assert_eq!(parsed(&[]), Ok(Command::Serve(Queue::Mutex)));
        assert_eq!(parsed(&["--queue", "mutex"]), Ok(Command::Serve(Queue::Mutex)));
        assert_eq!(parsed(&["--queue", "lock-free"]), Ok(Command::Serve(Queue::LockFree)));
        assert_eq!(parsed(&["--version"]), Ok(Command::Version));
    }

    #[test]
    fn mistakes_are_named() {
        assert!(parsed(&["--queue", "fair"]).unwrap_err().contains("\"fair\""));
        assert!(parsed(&["--queue"]).unwrap_err().contains("no value"));
        assert!(parsed(&["-q"]).unwrap_err().contains("\"-q\""));
    }
}
