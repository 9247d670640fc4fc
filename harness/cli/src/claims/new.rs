//! `httpdyno claims new`: the file of anybody's own claim, to be filled in.

use std::io::Write as _;
use std::path::Path;

use clap::Args;
use httpdyno_spec::id::ClaimId;

use crate::Outcome;
use crate::exit::{Exit, Failure};
use crate::root;

#[derive(Args)]
pub(crate) struct Options {
    /// Its permanent name, and that of its file under spec/claims/: lower-case letters, digits and
    /// single `-`, starting with a letter, e.g. `my-framework-1`
    #[arg(value_name = "ID")]
    id: ClaimId,
}

/// What there is to start from, where the claim is called `new-claim`.
const TEMPLATE: &str = include_str!("../../templates/claim.yaml");

pub(crate) fn run(options: &Options, asked_root: Option<&Path>) -> Outcome {
    let root = root::find(asked_root)?;
    let id = options.id.as_str();
    let file = root.join("spec/claims").join(format!("{id}.yaml"));
    let refused = |error: std::io::Error| {
        let why = match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                "it is there already; choose another id".to_owned()
            }
            _ => error.to_string(),
        };
        Failure::new(format!("cannot write {}: {why}", file.display()))
    };
    std::fs::create_dir_all(root.join("spec/claims")).map_err(refused)?;
    let mut new = std::fs::File::create_new(&file).map_err(refused)?;
    new.write_all(TEMPLATE.replace("new-claim", id).as_bytes()).map_err(refused)?;
    crate::output::text!(
        "spec/claims/{id}.yaml: every field is explained in it. Fill it in *before* the run, and commit \
         it: the record holds its digest, and a claim that was changed later is shown as such. Next:\n  \
         httpdyno claims --list         # is it read, and is anything wrong with it\n  \
         httpdyno claims {id} --dry-run # trials, time, and the difference that would be found\n  \
         httpdyno claims {id}           # run it\n"
    );
    Ok(Exit::Done)
}
