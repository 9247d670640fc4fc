//! `httpdyno scale`: the same entries on 1, 2, 4, ... cores.

use std::path::Path;

use clap::Args;
use httpdyno_record::Record;
use httpdyno_report::scale::{Scaling, render};
use httpdyno_runner::{ScalePlan, scale};

use crate::bench::{self, single_block};
use crate::planning::Common;
use crate::progress::Progress;
use crate::{Outcome, interrupt, report, root};

#[derive(Args)]
pub(crate) struct Options {
    /// Entries, as `implementation` or `implementation@variant`
    /// [default: every implementation in its default variant]
    #[arg(value_name = "ENTRY")]
    entries: Vec<String>,
    #[command(flatten)]
    common: Common,
    /// Blocks (repetitions of everything) in place of the profile's
    #[arg(long, value_name = "N")]
    blocks: Option<u32>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(options: &Options, asked_root: Option<&Path>) -> Outcome {
    let tree = root::load(asked_root)?;
    let (mut bench, connections) = options.common.plan(&tree, &options.entries, options.blocks)?;
    bench.warnings.extend(single_block(false, bench.profile.blocks));
    let stop = interrupt::watch()?;
    let plan = ScalePlan { bench, connections };
    let summary = scale(&tree, &plan, &mut Progress::new(), &stop)?;
    let record = Record::read_decided(&summary.folder)?;
    let scalings = Scaling::of(&record);
    if options.json {
        crate::output::line!("{}", serde_json::to_string_pretty(&scalings)?);
    } else {
        crate::output::text!("\n{}", render(&record, &scalings));
    }
    if let Some(page) = report::publish(&record, &report::comparison(&record, None)?)? {
        crate::output::remark!("the whole report: {}", page.display());
    }
    Ok(bench::exit(&summary))
}
