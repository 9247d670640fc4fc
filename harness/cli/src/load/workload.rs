//! `--workload`: what a suite's workload asks, and checks, as the load on one URL.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use httpdyno_loadgen::LoadPlan;
use httpdyno_runner::load_plan::{LoadSettings, load_plan};
use httpdyno_spec::suite::Suite;

use super::Options;
use super::fields::say_close;
use crate::exit::Failure;
use crate::{asked, root};

/// The suite around the current folder, where a workload is asked for.
pub(super) fn suite(options: &Options) -> Result<Option<Suite>, Failure> {
    if options.workload.is_some() { root::suite(None) } else { Ok(None) }
}

/// The plan with the requests of the workload that was asked for, if one was.
pub(super) fn of_workload(
    mut plan: LoadPlan,
    options: &Options,
    suite: Option<&Suite>,
    target: SocketAddr,
) -> Result<LoadPlan, Failure> {
    let Some(named) = &options.workload else { return Ok(plan) };
    let built_in = root::load(None)?;
    let tree = suite.map_or_else(|| built_in.clone(), |suite| suite.tree(&built_in));
    let is_file = asked::is_file(named);
    if suite.is_none() && !is_file {
        return Err(Failure::new(format!(
            "--workload `{named}` is a name, and there is no suite here that has it; name a file, as \
             `--workload {named}.yaml`, or write a suite with `httpdyno init`"
        )));
    }
    let workload = asked::workload(named, true, &tree)?;
    // What lies beside a file is meant by its bodies; of a suite, its payloads.
    let beside = Path::new(named).parent().filter(|_| is_file).map(Path::to_owned);
    let made = load_plan(
        &workload,
        &LoadSettings {
            target,
            connections: 1,
            cores: Vec::new(),
            alone: false,
            warmup: Duration::ZERO,
            measure: Duration::ZERO,
            seed: options.seed,
            payloads: beside.map_or_else(|| tree.payloads(), |folder| folder.join("../payloads")),
            verified: BTreeMap::new(),
        },
    )?;
    (plan.routes, plan.values) = (made.routes, made.values);
    if options.disable_keepalive {
        plan.routes.iter_mut().for_each(|route| say_close(&mut route.request.headers));
    }
    if options.rate.is_none() && options.think.is_none() {
        plan.pacing = made.pacing;
    }
    Ok(plan)
}
