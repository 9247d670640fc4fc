//! Commands of a manifest: argument lists with placeholders, never a shell.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// What the placeholders of a manifest's commands stand for, and where they run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandContext {
    /// The repository root: the working directory of every command.
    pub root: PathBuf,
    /// `{cargo_target}`.
    pub cargo_target: PathBuf,
    /// `{folder}`: the entry's own folder.
    pub folder: PathBuf,
    /// How long a build or a version command may take.
    pub build_within: Duration,
    /// Variables of their environment beside those that are there.
    pub environment: Vec<(String, String)>,
}

/// How long a build may take where no profile says it: a large one, on few cores, with everything to
/// be fetched.
const BUILD_WITHIN: Duration = Duration::from_secs(1800);

impl CommandContext {
    /// The context of the entry in `folder`. What it builds is in `CARGO_TARGET_DIR`, else in `target`
    /// of the root, whatever cargo's configuration says.
    #[must_use]
    pub fn new(root: &Path, folder: &Path) -> Self {
        let cargo_target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |set| root.join(set));
        Self {
            root: root.to_owned(),
            cargo_target,
            folder: folder.to_owned(),
            build_within: BUILD_WITHIN,
            environment: Vec::new(),
        }
    }

    /// `argument` with its placeholders replaced.
    #[must_use]
    pub fn resolve(&self, argument: &str) -> String {
        argument
            .replace("{cargo_target}", &self.cargo_target.to_string_lossy())
            .replace("{folder}", &self.folder.to_string_lossy())
    }

    /// The command that `arguments` describe. `arguments` is never empty: the manifest's reader
    /// refuses that.
    pub(crate) fn command(&self, arguments: &[String]) -> Command {
        let mut words = arguments.iter().map(|argument| self.resolve(argument));
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).current_dir(&self.root);
        // Else cargo's configuration could have it build elsewhere, and an old program would be run.
        command.env("CARGO_TARGET_DIR", &self.cargo_target);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// `arguments` as a person would type them.
#[must_use]
pub(crate) fn shown(arguments: &[String]) -> String {
    arguments.join(" ")
}

#[cfg(test)]
mod tests {
    use super::CommandContext;
    use std::path::PathBuf;
    use std::time::Duration;

    #[test]
    fn placeholders_are_replaced_wherever_they_stand() {
        let context = CommandContext {
            root: PathBuf::from("/r"),
            cargo_target: PathBuf::from("/t"),
            folder: PathBuf::from("/r/implementations/x"),
            build_within: Duration::ZERO,
            environment: Vec::new(),
        };
        assert_eq!(context.resolve("{cargo_target}/release/x"), "/t/release/x");
        assert_eq!(context.resolve("--app={folder}/app.py"), "--app=/r/implementations/x/app.py");
        assert_eq!(context.resolve("--plain"), "--plain");
    }

    #[test]
    fn cargo_builds_where_programs_are_run_from() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = |name: &str| root.path().join(name).to_str().expect("UTF-8").to_owned();
        for (name, text) in [
            ("Cargo.toml", "[package]\nname = \"x\"\n[workspace]\n"),
            (".cargo/config.toml", "[build]\ntarget-dir = \"elsewhere\"\n"),
            ("src/lib.rs", ""),
        ] {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, text).expect("written");
        }
        let context = CommandContext {
            root: root.path().to_owned(),
            cargo_target: folder("here").into(),
            folder: root.path().to_owned(),
            build_within: Duration::ZERO,
            environment: Vec::new(),
        };
        let ask = ["cargo", "metadata", "--offline", "--no-deps", "--format-version", "1"];
        let output = context.command(&ask.map(str::to_owned)).output().expect("cargo runs");
        let told = String::from_utf8(output.stdout).expect("UTF-8");
        let named = format!("\"target_directory\":\"{}\"", folder("here"));
        assert!(told.contains(&named), "{named} in {told}");
    }
}
