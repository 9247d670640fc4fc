//! Building an entry, and asking it for the version of what is really running.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use httpdyno_spec::manifest::Manifest;

use crate::accounting::members_of_group;
use crate::built::{self, Programs};
use crate::command::{CommandContext, shown};
use crate::container::ContextError;
use crate::leftovers::{self, Marker, Watcher};
use crate::output::OutputTail;

/// Why an entry cannot be built or does not tell its version.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The command is not there.
    #[error("cannot run `{command}`: {source}; is it installed and on the PATH?")]
    NotRunnable {
        /// The command as typed.
        command: String,
        /// What the system says.
        source: io::Error,
    },
    /// The command ran and failed.
    #[error("`{command}` failed ({status}); its last lines:\n{tail}")]
    Failed {
        /// The command as typed.
        command: String,
        /// How it ended.
        status: String,
        /// The last lines it wrote.
        tail: String,
    },
    /// It is to run in a container, and there is nothing to build an image from.
    #[error(
        "`{implementation}` has no Dockerfile (`container` in its manifest), so it cannot run in a \
         container"
    )]
    NoDockerfile {
        /// The implementation.
        implementation: String,
    },
    /// The build context of an image cannot be made.
    #[error(transparent)]
    Context(#[from] ContextError),
    /// It takes longer than it may.
    #[error(
        "`{command}` did not end within {limit_s} s (`build_timeout` in the profile) and was \
         killed; its last lines:\n{tail}"
    )]
    TooLong {
        /// The command as typed.
        command: String,
        /// How long it may take.
        limit_s: u64,
        /// The last lines it wrote.
        tail: String,
    },
    /// Cargo put it elsewhere, and it cannot be brought to where it is run from.
    #[error(
        "cannot put what `{command}` built at {run}, where it is run from: {source}; an old program \
         may lie there"
    )]
    NotInPlace {
        /// The command as typed.
        command: String,
        /// What the manifest runs.
        run: String,
        /// What the system says.
        source: io::Error,
    },
    /// What it is made of is not to be had on this machine.
    #[error("cannot be had here: {what} ({why}); somebody who has it can start it by hand: --url")]
    CannotBeHad {
        /// What is missing.
        what: String,
        /// What the check of it said.
        why: String,
    },
    /// Somebody stopped it.
    #[error("`{command}` was interrupted")]
    Stopped {
        /// The command as typed.
        command: String,
    },
}

/// How long the check of something that an entry needs may take.
const CHECKED_WITHIN: Duration = Duration::from_secs(60);

/// Builds what the entry's `run` command needs; returns at once where nothing is to be built. What
/// the command leaves running is ended. `stop` ends it early. What cargo's configuration has it
/// build elsewhere lies where it is run from afterwards: an old program is never measured.
///
/// # Errors
/// When something that the entry needs cannot be had, or the build command cannot be run, fails, or
/// takes longer than `context.build_within`.
pub fn build(
    manifest: &Manifest,
    context: &CommandContext,
    stop: &AtomicBool,
) -> Result<(), BuildError> {
    can_be_had(manifest, context, stop)?;
    if manifest.process.build.is_empty() {
        return Ok(());
    }
    let arguments = &manifest.process.build;
    let Some(telling) = built::telling(arguments) else {
        return run(context, arguments, stop).map(drop);
    };
    let command = context.resolve(&shown(arguments));
    let built = run_to_end(context, &command, &telling, stop, Running::start_telling)?;
    let programs = built.programs.map_or_else(Vec::new, |programs| programs.all(LAST_WORDS));
    let run = manifest.process.run.first().map(|program| context.resolve(program));
    let Some(run) = run.filter(|program| program.contains('/')) else { return Ok(()) };
    built::put_in_place(&programs, &context.root.join(&run))
        .map_err(|source| BuildError::NotInPlace { command, run, source })
}

/// Whether all that the manifest says the entry needs can be had on this machine.
///
/// # Errors
/// The first of it that cannot, or that somebody stopped it.
pub fn can_be_had(
    manifest: &Manifest,
    context: &CommandContext,
    stop: &AtomicBool,
) -> Result<(), BuildError> {
    let context = CommandContext { build_within: CHECKED_WITHIN, ..context.clone() };
    for needed in &manifest.process.needs {
        let why = match run(&context, &needed.check, stop) {
            Ok(_) => continue,
            Err(stopped @ BuildError::Stopped { .. }) => return Err(stopped),
            Err(BuildError::Failed { command, status, tail }) => {
                let said = tail.lines().last().map_or_else(String::new, |line| format!(": {line}"));
                format!("`{command}` ended with {status}{said}")
            }
            Err(BuildError::NotRunnable { command, source }) => format!("`{command}`: {source}"),
            Err(other) => other.to_string(),
        };
        return Err(BuildError::CannotBeHad { what: needed.what.clone(), why });
    }
    Ok(())
}

/// The first line that the entry's `version` command prints; nothing where it has none.
///
/// # Errors
/// When the command cannot be run, fails, or takes longer than `context.build_within`.
pub fn version(manifest: &Manifest, context: &CommandContext) -> Result<String, BuildError> {
    if manifest.process.version.is_empty() {
        return Ok(String::new());
    }
    let output = run(context, &manifest.process.version, &AtomicBool::new(false))?;
    Ok(output.lines().next().unwrap_or_default().trim().to_owned())
}

/// Runs a command to its end; the first kilobytes of its standard output.
fn run(
    context: &CommandContext,
    arguments: &[String],
    stop: &AtomicBool,
) -> Result<String, BuildError> {
    let command = context.resolve(&shown(arguments));
    Ok(run_to_end(context, &command, arguments, stop, Running::start)?.output)
}

/// What a command that has come to its end said on its standard output.
struct Said {
    output: String,
    programs: Option<Programs>,
}

/// `command` is how it is called in messages.
fn run_to_end(
    context: &CommandContext,
    command: &str,
    arguments: &[String],
    stop: &AtomicBool,
    start: fn(Command) -> io::Result<Running>,
) -> Result<Said, BuildError> {
    let (command, limit) = (command.to_owned(), context.build_within);
    let not_runnable = |source| BuildError::NotRunnable { command: command.clone(), source };
    let mut running = start(context.command(arguments)).map_err(not_runnable)?;
    let deadline = Instant::now() + limit;
    let mut pause = Duration::from_millis(1);
    let status = loop {
        if let Some(status) = running.child.try_wait().map_err(not_runnable)? {
            break status;
        }
        if stop.load(Ordering::SeqCst) {
            return Err(BuildError::Stopped { command });
        }
        if Instant::now() >= deadline {
            let (limit_s, tail) = (limit.as_secs(), last_lines(&running.errors.text(), 12));
            return Err(BuildError::TooLong { command, limit_s, tail });
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    };
    running.settle();
    if status.success() {
        let output = running.output.as_ref().map(OutputTail::text).unwrap_or_default();
        return Ok(Said { output, programs: running.programs.take() });
    }
    let tail = last_lines(&running.errors.text(), 12);
    Err(BuildError::Failed { command, status: status.to_string(), tail })
}

/// How long the last words of a command that has ended may take: a child that lives on may hold the
/// pipe open.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A command under way. Dropping it ends it with all that it has started.
struct Running {
    child: Child,
    marker: Marker,
    /// What it says on its standard output, in one of two forms.
    output: Option<OutputTail>,
    programs: Option<Programs>,
    errors: OutputTail,
    _watcher: Watcher,
}

impl Running {
    fn start(command: Command) -> io::Result<Self> {
        let mut running = Self::spawn(command)?;
        running.output = running.child.stdout.take().map(OutputTail::first_of);
        Ok(running)
    }

    /// One that tells of the programs that it builds.
    fn start_telling(command: Command) -> io::Result<Self> {
        let mut running = Self::spawn(command)?;
        running.programs = running.child.stdout.take().map(Programs::told_in);
        Ok(running)
    }

    fn spawn(mut command: Command) -> io::Result<Self> {
        leftovers::prepare();
        let marker = Marker::new();
        marker.put_on(&mut command);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Of its own, so that it is ended as a whole; Ctrl-C reaches it through the harness.
        command.process_group(0);
        let watcher = Watcher::start(&marker, &[])?;
        let mut child = command.spawn()?;
        let errors = OutputTail::drain(child.stderr.take().expect("stderr is piped"));
        let (output, programs) = (None, None);
        Ok(Self { child, marker, output, programs, errors, _watcher: watcher })
    }

    /// Waits for its last words; what then holds its pipes is not waited for.
    fn settle(&self) {
        if let Some(output) = &self.output {
            output.settle(LAST_WORDS);
        }
        self.errors.settle(LAST_WORDS);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let group = self.child.id();
        leftovers::end_all(|| {
            let mut left = self.marker.bearers();
            left.extend(members_of_group(group));
            left
        });
    }
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
