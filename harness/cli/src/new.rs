//! `httpdyno new`: the folder of a new implementation, and nothing outside it.

mod language;

use std::path::Path;

use clap::Args;
use httpdyno_spec::id::ImplementationId;

use crate::Outcome;
use crate::exit::{Exit, Failure};
use crate::new::language::Language;
use crate::root;

#[derive(Args)]
pub(crate) struct Options {
    /// Its permanent name, and that of its folder under implementations/: lower-case letters, digits
    /// and single `-`, starting with a letter, e.g. `go-fiber`
    #[arg(value_name = "ID")]
    id: ImplementationId,
    /// The language of the server to start from
    #[arg(long, value_enum)]
    language: Language,
}

pub(crate) fn run(options: &Options, asked_root: Option<&Path>) -> Outcome {
    let root = root::find(asked_root)?;
    let id = options.id.as_str();
    let folder = root.join("implementations").join(id);
    let refused = |what: &str, error: &dyn std::fmt::Display| {
        Failure::new(format!("cannot {what} {}: {error}", folder.display()))
    };
    if options.language.depends_on(id) {
        return Err(refused("make", &"the server to start from depends on a crate of that name"));
    }
    std::fs::create_dir(&folder).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            refused("make", &"it is there already; choose another id, or remove it first")
        }
        _ => refused("make", &error),
    })?;
    if let Err(error) = options.language.write(&folder, id) {
        // Only what was made here a moment ago.
        let _ = std::fs::remove_dir_all(&folder);
        return Err(refused("write", &error));
    }
    crate::output::text!("{}", next_steps(options.language, id));
    Ok(Exit::Done)
}

fn next_steps(language: Language, id: &str) -> String {
    let files: Vec<&str> = language.files().iter().map(|(name, _)| *name).collect();
    format!(
        "implementations/{id}/: {files}\n\
         It answers /plaintext and /json; nothing outside this folder was touched. Next:\n  \
         httpdyno conform --impl {id}                    # build it, start it, and say what is missing, case by case\n  \
         httpdyno conform --impl {id} --write-snapshot   # once it passes: write conformance.snap\n  \
         httpdyno bench --impl {id}                      # measure it\n\
         spec/contract.md says what a server must do, CONTRIBUTING.md what reviewers look at.\n",
        files = files.join(", ")
    )
}
