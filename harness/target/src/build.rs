//! Building an entry, and asking it for the version of what is really running.

use std::io;
use std::process::{Command, Output, Stdio};

use httpdyno_spec::manifest::Manifest;

use crate::command::{CommandContext, shown};
use crate::container::ContextError;

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
    /// Somebody stopped it.
    #[error("`{command}` was interrupted")]
    Stopped {
        /// The command as typed.
        command: String,
    },
}

/// Builds what the entry's `run` command needs; returns at once where nothing is to be built.
///
/// # Errors
/// When the build command cannot be run or fails.
pub fn build(manifest: &Manifest, context: &CommandContext) -> Result<(), BuildError> {
    if manifest.process.build.is_empty() {
        return Ok(());
    }
    run(context.command(&manifest.process.build), &manifest.process.build).map(drop)
}

/// The first line that the entry's `version` command prints.
///
/// # Errors
/// When the command cannot be run or fails.
pub fn version(manifest: &Manifest, context: &CommandContext) -> Result<String, BuildError> {
    let output = run(context.command(&manifest.process.version), &manifest.process.version)?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}

fn run(mut command: Command, arguments: &[String]) -> Result<Output, BuildError> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|source| BuildError::NotRunnable { command: shown(arguments), source })?;
    if output.status.success() {
        return Ok(output);
    }
    Err(BuildError::Failed {
        command: shown(arguments),
        status: output.status.to_string(),
        tail: last_lines(&String::from_utf8_lossy(&output.stderr), 12),
    })
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
