//! `httpdyno schema`: the JSON Schemas that editors complete and check the YAML with, and those
//! that readers of records, of `load --json` and of `history --format json` go by. The table of gates
//! in METHODOLOGY.md goes with them.

use std::path::Path;

use clap::Args;
use httpdyno_record::files::write_whole;
use httpdyno_record::gate;
use httpdyno_report::history::forms;
use httpdyno_spec::schema;

use crate::Outcome;
use crate::exit::Exit;
use crate::load;
use crate::root;

#[derive(Args)]
pub(crate) struct Options {
    /// Write spec/schema anew instead of checking it
    #[arg(long)]
    write: bool,
}

pub(crate) fn run(options: &Options, asked_root: Option<&Path>) -> Outcome {
    let tree = root::load(asked_root)?;
    let folder = root::find(asked_root)?.join("spec/schema");
    let of_tree = schema::of_tree(&tree);
    let others = [
        (folder.join("history"), vec![("report.schema.json", forms::schema())]),
        (folder.join("record"), httpdyno_record::schema::all()),
        (folder.join("load"), vec![("report.schema.json", load::schema())]),
    ];
    let methodology = root::find(asked_root)?.join("METHODOLOGY.md");
    // What was installed carries no such text.
    let told = std::fs::read_to_string(&methodology).unwrap_or_default();
    let gates = gate::written_into(&told).filter(|anew| *anew != told);
    if options.write {
        if let Some(anew) = gates {
            write_whole(&methodology, anew)?;
        }
        schema::write_schemas(&folder, &of_tree)?;
        for (folder, schemas) in &others {
            schema::write_schemas(folder, schemas)?;
        }
        return Ok(Exit::Done);
    }
    let mut drifts = schema::drift_of_schemas(&folder, &of_tree);
    drifts.extend(others.iter().flat_map(|(folder, them)| schema::drift_of_schemas(folder, them)));
    for drift in &drifts {
        crate::output::remark!("{drift}");
    }
    if gates.is_some() {
        crate::output::remark!("METHODOLOGY.md: its table of gates is not that of `record::gate`");
    }
    if drifts.is_empty() && gates.is_none() {
        return Ok(Exit::Done);
    }
    crate::output::remark!("files differ from their types; run `httpdyno schema --write`");
    Ok(Exit::UnderTestFailed)
}
