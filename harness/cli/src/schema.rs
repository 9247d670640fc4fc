//! `httpdyno schema`: the JSON Schemas that editors complete and check the YAML with, and those
//! that readers of records go by.

use std::path::Path;

use clap::Args;
use httpdyno_spec::schema;

use crate::Outcome;
use crate::exit::Exit;
use crate::root;

#[derive(Args)]
pub(crate) struct Options {
    /// Write spec/schema anew instead of checking it
    #[arg(long)]
    write: bool,
}

pub(crate) fn run(options: &Options, asked_root: Option<&Path>) -> Outcome {
    let folder = root::find(asked_root)?.join("spec/schema");
    let (record_folder, of_record) = (folder.join("record"), httpdyno_record::schema::all());
    if options.write {
        schema::write(&folder)?;
        schema::write_schemas(&record_folder, &of_record)?;
        return Ok(Exit::Done);
    }
    let mut drifts = schema::drift(&folder);
    drifts.extend(schema::drift_of_schemas(&record_folder, &of_record));
    for drift in &drifts {
        anstream::eprintln!("{drift}");
    }
    if drifts.is_empty() {
        return Ok(Exit::Done);
    }
    anstream::eprintln!("spec/schema differs from the types; run `httpdyno schema --write`");
    Ok(Exit::UnderTestFailed)
}
